"""Our post-norm Transformer's weights in a MarianMT model: the same function, to rounding."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.peers.decoder import PAD
from benchmarks.peers.marian import build
from benchmarks.peers.trainer import Size
from lengthwise.contracts import Autoregressive

Named = Iterator[tuple[str, Tensor]]


def marian_of(model: Autoregressive) -> Any:
    """A MarianMT model that computes what `model` does; SystemExit for architectures that Marian does not have."""
    config: Any = model.config
    if config.norm_placement != "post":
        raise SystemExit("The run must be of a post-norm Transformer (`transformer.paper_base`).")
    embedding: Tensor = model.get_parameter("target_embedding.weight").detach()
    size = Size(
        vocab=len(embedding),
        d_model=config.d_model,
        num_encoder_layers=config.num_encoder_layers,
        num_decoder_layers=config.num_decoder_layers,
        num_heads=config.num_heads,
        d_ff=config.d_ff,
    )
    marian = build(size).eval()
    state = marian.state_dict()
    unset = {name for name, parameter in marian.named_parameters() if parameter.requires_grad}
    for name, value in _named(model, embedding, config):
        state[name].copy_(value)
        unset.discard(name)
    assert all(name.endswith("bias") for name in unset), f"not converted: {sorted(unset)}"
    for name in unset:
        state[name].zero_()
    for module in marian.modules():
        if isinstance(module, nn.LayerNorm):
            module.eps = 1e-6
    marian.generation_config.bad_words_ids = None
    marian.generation_config.pad_token_id = PAD
    return marian


def _named(model: Autoregressive, embedding: Tensor, config: Any) -> Named:
    """Marian's names and values.

    Marian has the sines in the first half of the channels and the cosines in the second, we have them in turns: all
    that the residual stream touches is permuted.
    """
    order = torch.cat([torch.arange(0, config.d_model, 2), torch.arange(1, config.d_model, 2)])
    for name in ("model.shared.weight", "lm_head.weight"):
        yield name, embedding[:, order]
    state = {name: value.detach() for name, value in model.state_dict().items()}
    for side in ("encoder", "decoder"):
        for layer in range(config.num_encoder_layers):
            ours, theirs = f"{side}.{layer}.", f"model.{side}.layers.{layer}."
            for name, value in _block(state, ours, order):
                yield theirs + name, value


def _block(state: dict[str, Tensor], prefix: str, order: Tensor) -> Named:
    block = {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}
    stacks = {
        "self_attn": block["attention.projection.weight"],
        "encoder_attn": torch.cat([block[name] for name in CROSS]) if CROSS[0] in block else None,
    }
    for attention, stack in stacks.items():
        if stack is not None:
            for name, weight in zip("qkv", stack.chunk(3), strict=True):
                yield f"{attention}.{name}_proj.weight", weight[:, order]
    for ours, theirs in OUTWARD.items():
        if f"{ours}.weight" in block:
            yield from ((f"{theirs}.{kind}", block[f"{ours}.{kind}"][order]) for kind in _kinds(block, ours))
    yield "fc1.weight", block["feed_forward.inner.weight"][:, order]
    if "feed_forward.inner.bias" in block:
        yield "fc1.bias", block["feed_forward.inner.bias"]


CROSS = ("cross_attention.queries.weight", "cross_attention.keys_values.weight")
OUTWARD = {
    "attention.output": "self_attn.out_proj",
    "cross_attention.output": "encoder_attn.out_proj",
    "feed_forward.outer": "fc2",
    "around_attention.norm": "self_attn_layer_norm",
    "around_cross_attention.norm": "encoder_attn_layer_norm",
    "around_feed_forward.norm": "final_layer_norm",
}
"""Modules whose outputs (rows) are channels of the residual stream: ours -> Marian's."""


def _kinds(block: dict[str, Tensor], module: str) -> list[str]:
    return [kind for kind in ("weight", "bias") if f"{module}.{kind}" in block]

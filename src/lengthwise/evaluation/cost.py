"""What a training step costs, counted on a model without memory."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from lengthwise.contracts import Batch, Features, ModelConfig


@dataclass(frozen=True)
class Cost:
    """Counts for one batch."""

    num_parameters: int
    num_embedding_parameters: int
    flops: int
    """Of forward and backward: a multiplication and an addition are two; the backward pass is twice the forward."""
    state_bytes: int
    """Weights, gradients and two moments in fp32."""
    activation_bytes: int
    """What the forward pass keeps for the backward one."""


def cost(model: ModelConfig, features: Features, rows: int, length: int, dtype: torch.dtype) -> Cost:
    """Count a batch of `rows` examples with `length` tokens a side, activations in `dtype`."""
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage()._cdata] = tensor.untyped_storage().nbytes()
        alive.append(tensor)
        return tensor

    alive: list[Tensor] = []
    with torch.device("meta"):
        built = model.build(features)
        tokens = torch.ones(rows, length, dtype=torch.long)
        batch = Batch(None if features.inputs is None else tokens, tokens)
    built = built.to(dtype)
    with FlopCounterMode(display=False) as counter, torch.autograd.graph.saved_tensors_hooks(keep, lambda x: x):
        output = built(batch)
        output.head(output.hidden)
    weights = {p.untyped_storage()._cdata for p in built.parameters()}
    embeddings = {id(m.weight): m.weight.numel() for m in built.modules() if isinstance(m, nn.Embedding)}
    activations = sum(size for storage, size in kept.items() if storage not in weights)
    count = sum(p.numel() for p in built.parameters())
    return Cost(count, sum(embeddings.values()), 3 * counter.get_total_flops(), 16 * count, activations)

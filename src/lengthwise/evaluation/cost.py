"""What a training step costs, counted on a model without memory."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from lengthwise.contracts import Batch, Features, ModelConfig
from lengthwise.data.batching import BatchConfig
from lengthwise.runtime import Runtime


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


Group = tuple[int, int]
"""(rows, length): a part of a batch that is computed apart."""


def longest_batch(batch: BatchConfig, length: int, *, is_computed: bool, num_sides: int = 2) -> list[Group]:
    """The batch of examples of up to `length` tokens a side, EOS included; computed ones may have several at once."""
    if is_computed and batch.lengths:
        return [(rows, each + 1) for each, rows in batch.rows_by_length(1, length - 1).items()]
    return [(min(batch.max_rows, max(1, batch.budget // (num_sides * length))), length)]


def refuse_too_large(model: ModelConfig, features: Features, groups: Sequence[Group], runtime: Runtime) -> None:
    """Raise ValueError where a training step on this batch would not fit in memory, or the model refuses its length."""
    counted = [cost(model, features, *group, runtime.compute_dtype) for group in groups]
    needed, has = counted[0].state_bytes + sum(each.activation_bytes for each in counted), runtime.memory
    if needed > has:
        rows, length = groups[-1]
        raise ValueError(
            f"A training step must fit in memory, but one of {rows} x {length:,} tokens needs about "
            f"{needed / 2**30:,.0f} GiB and this machine has {has / 2**30:,.0f}. Lower `data.max_length`, `batch` or "
            "the model's sizes."
        )


def cost(model: ModelConfig, features: Features, rows: int, length: int, dtype: torch.dtype) -> Cost:
    """Count a batch of `rows` examples with `length` tokens a side, activations in `dtype`."""
    if (known := model.count(features, rows, length)) is not None:
        flops, num_kept = known
        with torch.device("meta"):
            built = model.build(features)
        count, num_embeddings = _parameters(built)
        return Cost(count, num_embeddings, 3 * flops, 16 * count, dtype.itemsize * num_kept)
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage()._cdata] = tensor.untyped_storage().nbytes()
        alive.append(tensor)
        return tensor

    alive: list[Tensor] = []
    with torch.device("meta"):
        built = model.build(features)
        batch = example_batch(features, rows, length)
    built = built.to(dtype)
    with FlopCounterMode(display=False) as counter, torch.autograd.graph.saved_tensors_hooks(keep, lambda x: x):
        output = built(batch)
        output.head(output.hidden)
    weights = {p.untyped_storage()._cdata for p in built.parameters()}
    activations = sum(size for storage, size in kept.items() if storage not in weights)
    count, num_embeddings = _parameters(built)
    return Cost(count, num_embeddings, 3 * counter.get_total_flops(), 16 * count, activations)


def example_batch(features: Features, rows: int, length: int) -> Batch:
    """Examples of these features, `length` tokens or frames a side, on the device that tensors are made on."""
    targets = torch.ones(rows, 1 if features.targets.modality == "label" else length, dtype=torch.long)
    feature = features.inputs
    if feature is None or feature.is_ids:
        return Batch(None if feature is None else torch.ones(rows, length, dtype=torch.long), targets)
    if feature.modality == "image":
        return Batch(torch.ones(rows, *feature.shape, feature.size), targets)
    # The last channel says which frames are real.
    return Batch(torch.ones(rows, length, feature.size + 1), targets)


def _parameters(built: nn.Module) -> tuple[int, int]:
    """How many there are, and how many of them are embeddings."""
    embeddings = {id(m.weight): m.weight.numel() for m in built.modules() if isinstance(m, nn.Embedding)}
    return sum(p.numel() for p in built.parameters()), sum(embeddings.values())

"""Many sources to outputs: sorted by length, batched by memory, answered in the order they came."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor

from lengthwise.contracts import EOS, PAD, Autoregressive, Model, OneShot
from lengthwise.decoding.beam import beam_search
from lengthwise.decoding.config import DecodeConfig
from lengthwise.decoding.greedy import greedy
from lengthwise.decoding.hypothesis import Hypothesis
from lengthwise.decoding.one_shot import one_shot
from lengthwise.decoding.sampling import sample, seed_of_row
from lengthwise.decoding.stopping import max_length, max_lengths
from lengthwise.runtime import Runtime

Report = Callable[[str, int, int | None], None]
"""(what is being done, how many are done, of how many)."""


def decode_sequences(
    model: Model,
    sources: Sequence[Sequence[int]],
    config: DecodeConfig,
    runtime: Runtime,
    report: Report | None = None,
) -> list[Hypothesis]:
    """The output for each source (ids that end in `EOS`), in their order; an empty source has an empty output."""
    answers = [Hypothesis([]) for _ in sources]
    num_done = sum(_is_empty(source) for source in sources)
    was_training = model.training
    model.eval()
    try:
        # One context for all: autocast keeps the weights it has cast until it is left.
        with torch.inference_mode(), _autocast(model, runtime):
            for rows in batches([len(source) for source in sources], config):
                rows = [row for row in rows if not _is_empty(sources[row])]
                found = _decode([sources[row] for row in rows], rows, model, config, runtime) if rows else []
                for row, answer in zip(rows, found, strict=True):
                    answers[row] = answer
                num_done += len(rows)
                if report:
                    report("decode", num_done, len(sources))
    finally:
        model.train(was_training)
    return answers


def _autocast(model: Model, runtime: Runtime) -> AbstractContextManager[object]:
    """Costs every operation something: left out where the model already is in the type it computes in."""
    types = {parameter.dtype for parameter in model.parameters()}
    return nullcontext() if types == {runtime.compute_dtype} else runtime.autocast()


def batches(lengths: Sequence[int], config: DecodeConfig) -> Iterator[list[int]]:
    """Rows of similar length, longest first, as many as `batch_tokens` allows but at least one."""
    batch: list[int] = []
    longest = 0
    for row in sorted(range(len(lengths)), key=lambda row: -lengths[row]):
        if batch and (len(batch) + 1) * longest > config.batch_tokens:
            yield batch
            batch = []
        if not batch:
            longest = config.width * (lengths[row] + max_length(lengths[row], config.max_length))
        batch.append(row)
    if batch:
        yield batch


def _is_empty(source: Sequence[int]) -> bool:
    return len(source) == 0 or source[0] == EOS


def _decode(
    sources: list[Sequence[int]], rows: list[int], model: Model, config: DecodeConfig, runtime: Runtime
) -> list[Hypothesis]:
    inputs = _padded(sources).to(runtime.device)
    if isinstance(model, OneShot):
        return one_shot(model, inputs)
    if not isinstance(model, Autoregressive):
        raise ValueError(f"`model` must be Autoregressive or OneShot to decode, but is a {type(model).__name__}.")
    limits = max_lengths([len(source) for source in sources], config.max_length).to(runtime.device)
    if config.method == "greedy":
        return greedy(model, inputs, limits, length_penalty=config.length_penalty)
    if config.method == "sampling":
        return sample(model, inputs, limits, [seed_of_row(config.seed, row) for row in rows], config)
    return beam_search(
        model, inputs, limits, beam=config.beam, alpha=config.length_penalty, num_return=config.num_return
    )


def _padded(sources: Sequence[Sequence[int]]) -> Tensor:
    rows = [torch.tensor(source, dtype=torch.long) for source in sources]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=PAD)

"""Many sources to outputs: sorted by length, batched by memory, answered in the order they came.

On the CPU every thread decodes a batch of its own: a step of a search is many operations too small to be shared.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch

from lengthwise.contracts import EOS, PAD, Autoregressive, Constraint, Model, OneShot
from lengthwise.data.loader import stacked
from lengthwise.decoding.beam import beam_search
from lengthwise.decoding.config import DecodeConfig
from lengthwise.decoding.constrained import Constrained
from lengthwise.decoding.ctc import Continuations, ctc_greedy
from lengthwise.decoding.greedy import greedy
from lengthwise.decoding.hypothesis import Hypothesis
from lengthwise.decoding.joint import joint_search
from lengthwise.decoding.one_shot import one_shot
from lengthwise.decoding.rows import Prefixes
from lengthwise.decoding.sampling import sample, seed_of_row
from lengthwise.decoding.stopping import max_length, max_lengths
from lengthwise.decoding.stops import ends_of
from lengthwise.runtime import Runtime

CONTINUATION = 256
"""Tokens that a text is continued by unless a config says otherwise."""
MAX_WORKERS = 8
"""Batches decoded at a time: each needs memory for its caches."""

Source = Sequence[int] | np.ndarray
"""Ids that end in `EOS`; the array of an image or a sound."""
Report = Callable[[str, int, int | None], None]
"""(what is being done, how many are done, of how many)."""


def decode_sequences(
    model: Model,
    sources: Sequence[Source],
    config: DecodeConfig,
    runtime: Runtime,
    report: Report | None = None,
    *,
    read: Callable[[list[int]], str] | None = None,
    constraint: Constraint | None = None,
    continuations: Continuations | None = None,
) -> list[Hypothesis]:
    """The output for each source, in their order; an empty source has an empty output.

    With `read`, which tells what tokens stand for, sources are what the outputs begin with, without `EOS`, and may be
    empty. `continuations`: of models that align their inputs, what a language model adds.
    """
    answers = [Hypothesis([]) for _ in sources]
    rows = [row for row, source in enumerate(sources) if read or not _is_empty(source)]
    num_done = len(sources) - len(rows)
    was_training = model.training
    model.eval()

    def decode(batch: list[int]) -> list[Hypothesis]:
        # Inference mode and autocast belong to the thread that enters them.
        with torch.inference_mode(), _autocast(model, runtime):
            chosen = [sources[row] for row in batch]
            if read:
                return _continue(chosen, batch, model, config, runtime, read)
            guides = constraint if config.constrained else None, continuations
            return _decode(chosen, batch, model, config, runtime, *guides)

    try:
        num_threads = torch.get_num_threads() if runtime.device.type == "cpu" else 1
        cut = batches([len(sources[row]) for row in rows], config, min(num_threads, MAX_WORKERS))
        work = [[rows[place] for place in batch] for batch in cut]
        for batch, found in _in_threads(decode, work, num_threads):
            for row, answer in zip(batch, found, strict=True):
                answers[row] = answer
            num_done += len(batch)
            if report:
                report("decode", num_done, len(sources))
    finally:
        model.train(was_training)
    return answers


def _in_threads(
    decode: Callable[[list[int]], list[Hypothesis]], work: list[list[int]], num_threads: int
) -> Iterator[tuple[list[int], list[Hypothesis]]]:
    """Decode the batches, each in one of at most `num_threads` threads, which share the cores; in any order."""
    num_workers = min(num_threads, MAX_WORKERS, len(work))
    if num_workers <= 1:
        yield from ((batch, decode(batch)) for batch in work)
        return
    pool = ThreadPoolExecutor(num_workers, "decode", torch.set_num_threads, (num_threads // num_workers,))
    try:
        futures = {pool.submit(decode, batch): batch for batch in work}
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        pool.shutdown(cancel_futures=True)
        # The last number that a thread has set is the one that new threads begin with.
        torch.set_num_threads(num_threads)


def _autocast(model: Model, runtime: Runtime) -> AbstractContextManager[object]:
    """Costs every operation something: left out where the model already is in the type it computes in."""
    types = {parameter.dtype for parameter in model.parameters()}
    return nullcontext() if types == {runtime.compute_dtype} else runtime.autocast()


def batches(
    lengths: Sequence[int], config: DecodeConfig, num_workers: int = 1, growth: tuple[int, int] | None = None
) -> Iterator[list[int]]:
    """Rows of similar length, longest first, as many as `batch_tokens` and an equal share allow but at least one."""
    sizes = [config.width * (length + max_length(length, config.max_length, growth)) for length in lengths]
    budget = min(config.batch_tokens, math.ceil(sum(sizes) / num_workers))
    batch: list[int] = []
    longest = 0
    for row in sorted(range(len(sizes)), key=lambda row: -sizes[row]):
        if batch and (len(batch) + 1) * longest > budget:
            yield batch
            batch = []
        if not batch:
            longest = sizes[row]
        batch.append(row)
    if batch:
        yield batch


def _is_empty(source: Source) -> bool:
    return len(source) == 0 or (np.ndim(source) == 1 and int(source[0]) == EOS)


def _decode(
    sources: list[Source],
    rows: list[int],
    model: Model,
    config: DecodeConfig,
    runtime: Runtime,
    constraint: Constraint | None,
    continuations: Continuations | None,
) -> list[Hypothesis]:
    inputs = stacked([np.asarray(source) for source in sources]).to(runtime.device)
    if inputs.is_floating_point():
        inputs = inputs.to(next(model.parameters()).dtype)
    if isinstance(model, OneShot):
        return one_shot(model, inputs)
    if not isinstance(model, Autoregressive):
        raise ValueError(f"`model` must be Autoregressive or OneShot to decode, but is a {type(model).__name__}.")
    if config.method != "sampling" and (alignment := model.align(inputs)) is not None:
        if config.method == "greedy":
            return ctc_greedy(alignment.log_probs, alignment.lengths, blank=PAD)
        return joint_search(
            model,
            inputs,
            alignment,
            beam=config.beam,
            num_return=config.num_return,
            ctc_weight=config.ctc_weight,
            continuations=continuations,
        )
    if continuations is not None:
        raise ValueError(
            "`decode.language_model` must be empty for a search without frames to fuse it with, but is given. Leave it "
            "out, or decode a model of speech with `decode.method=beam`."
        )
    limits = max_lengths([len(source) for source in sources], config.max_length, model.growth).to(runtime.device)
    if constraint is not None:
        model = Constrained(model, constraint, limits)
    if config.method == "greedy":
        return greedy(model, inputs, limits, length_penalty=config.length_penalty)
    if config.method == "sampling":
        return sample(model, inputs, limits, [seed_of_row(config.seed, row) for row in rows], config)
    return beam_search(
        model, inputs, limits, beam=config.beam, alpha=config.length_penalty, num_return=config.num_return
    )


def _continue(
    sources: list[Source],
    rows: list[int],
    model: Model,
    config: DecodeConfig,
    runtime: Runtime,
    read: Callable[[list[int]], str],
) -> list[Hypothesis]:
    if not isinstance(model, Autoregressive) or config.method == "beam":
        found = f"`decode.method` is {config.method}, the model a {type(model).__name__}"
        raise ValueError(
            f"A text must be continued by method=sampling or greedy and an Autoregressive model, but {found}."
        )
    lengths = torch.tensor([len(source) for source in sources])
    limits = (lengths + (config.max_length or CONTINUATION)).to(runtime.device)
    tokens = stacked([np.asarray(source, dtype=np.int64) for source in sources]).to(runtime.device)
    prefixes = Prefixes(tokens, ends_of(config.stops, read))
    if config.method == "greedy":
        return greedy(model, prefixes, limits, length_penalty=config.length_penalty)
    return sample(model, prefixes, limits, [seed_of_row(config.seed, row) for row in rows], config)

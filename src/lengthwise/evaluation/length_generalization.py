"""Trained short, tested long: exact match and symbol accuracy by length, on random and on adversarial inputs."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lengthwise.data.sources.generated.task import LENGTHS_SEED, RANDOM, Task
from lengthwise.metrics.accuracy import exact_match, symbol_accuracy

NUM_EXAMPLES, NUM_LONG_EXAMPLES, LONG = 512, 64, 1000
"""Examples of a length, and of one above `LONG`."""
MULTIPLES = (0.25, 0.5, 1, 2, 4, 10, 20, 50, 100, 200, 500, 1000)

Decode = Callable[[Sequence[str]], list[str]]


@dataclass(frozen=True, kw_only=True)
class LengthScore:
    """One run on inputs of one length and kind."""

    run: str
    length: int
    """Tokens of the longer side, without EOS."""
    inputs: str
    """`random` or the adversarial kind."""
    examples: int
    """Different ones: some kinds have few."""
    exact_match: float
    """Share of outputs that are right from end to end, 0 to 1."""
    symbol_accuracy: float
    """Share of right symbols, 0 to 1."""


def default_lengths(trained: int, longest: int) -> list[int]:
    """Around and beyond the longest length trained on: 11, 21, 41, 81, 161, 401, 801, 2001 for 41."""
    found = {round((trained - 1) * multiple) + 1 for multiple in MULTIPLES}
    return sorted({length for length in found if length < longest} | {longest})


def length_scores(
    run: str, decode: Decode, task: Task, lengths: Sequence[int], num_examples: int = NUM_EXAMPLES, seed: int = 0
) -> Iterator[LengthScore]:
    """Scores on fresh examples, the same for every run with this seed; one at a time, shortest first."""
    for length in sorted(lengths):
        for kind in task.inputs:
            examples = _examples(task, length, kind, num_examples, seed)
            if not examples:
                continue
            inputs, targets = zip(*examples, strict=True)
            outputs = decode(inputs)
            yield LengthScore(
                run=run,
                length=length,
                inputs=kind,
                examples=len(examples),
                exact_match=exact_match(outputs, targets).value / 100,
                symbol_accuracy=symbol_accuracy(outputs, targets).value / 100,
            )


def _examples(task: Task, length: int, kind: str, num_examples: int, seed: int) -> list[tuple[str, str]]:
    """Different examples of a kind; random ones are all kept, as they are a sample."""
    if length < task.min_length:
        return []
    random = np.random.default_rng([seed, LENGTHS_SEED, length, *kind.encode()])
    number = num_examples if length <= LONG else min(num_examples, NUM_LONG_EXAMPLES)
    drawn = [task.example(length, random, kind) for _ in range(number)]
    return drawn if kind == RANDOM else list(dict.fromkeys(drawn))

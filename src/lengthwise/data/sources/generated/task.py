"""A task whose examples are computed: inputs of any length, random or adversarial, and the one right answer to each."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from lengthwise.contracts import Example, Places
from lengthwise.data.problem import Report, Source

Draw = Callable[[int, np.random.Generator], str]
"""(most tokens of the longer side, generator) -> inputs that come as near to that length as the task allows."""

RANDOM = "random"
VALIDATION_SEED, TEST_SEED, LENGTHS_SEED = 1, 2, 3
"""Beside the user's seed in a generator's, so that no two purposes draw the same examples. Training has 0."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a family of examples is made of."""

    name: str
    answer: Callable[[str], str]
    """The targets of any well-formed inputs; ValueError in one line for others."""
    inputs: Mapping[str, Draw]
    """`random` and, beside it, the kinds of adversarial inputs."""
    growth: tuple[int, int] = (1, 0)
    """(a, b): inputs of n tokens have at most a·n + b target tokens."""
    min_length: int = 1
    places: Places | None = "index"
    """Which input a target depends on most."""
    training: Draw | None = None
    """What is trained on, where random inputs hardly ever show what must be learned."""

    def of(self, kinds: Iterable[str]) -> "Task":
        """The same with these kinds of inputs only; ValueError where it has no such kind."""
        wanted = list(dict.fromkeys(kinds))
        if unknown := next((kind for kind in wanted if kind not in self.inputs), None):
            raise ValueError(
                f"The inputs of {self.name} must be of {', '.join(self.inputs)}, but {unknown!r} is asked for."
            )
        return replace(self, inputs={kind: self.inputs[kind] for kind in wanted})

    def example(self, length: int, random: np.random.Generator, kind: str = RANDOM) -> tuple[str, str]:
        """Inputs whose longer side has at most `length` tokens, and their targets."""
        inputs = self.inputs[kind](length, random)
        return inputs, self.answer(inputs)

    def training_example(self, length: int, random: np.random.Generator) -> tuple[str, str]:
        """The same, drawn as training wants them."""
        inputs = (self.training or self.inputs[RANDOM])(length, random)
        return inputs, self.answer(inputs)


@dataclass(frozen=True, kw_only=True)
class Generated(Source):
    """Endless fresh examples of a task for training; rows of validation and test drawn once."""

    task: Task
    min_length: int
    max_length: int
    """Of the longer side, in tokens without EOS."""
    seed: int = 0
    num_rows: int = 1000
    """Of validation and of test."""
    name: str = field(init=False, default="")
    licence: str = field(init=False, default="none: computed")
    is_endless: bool = field(init=False, default=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.task.name)
        least = self.task.min_length
        if not least <= self.min_length <= self.max_length:
            raise ValueError(
                f"`data.min_length` and `data.max_length` must be at least {least} for {self.name} and in this order, "
                f"but are {self.min_length} and {self.max_length}."
            )

    def fetch(self, report: Report | None = None) -> None:
        """Nothing to fetch."""

    def checksums(self) -> dict[str, str]:
        """Nothing was read: the code that draws counts in the fingerprint."""
        return {"settings": f"{self.min_length} {self.max_length} {self.seed} {self.num_rows}"}

    def code(self) -> Iterable[object]:
        """What answers and draws, wherever it is from."""
        return self.task.answer, *self.task.inputs.values()

    def read(self) -> Iterator[Example]:
        """The rows of validation and test, over all lengths alike; training rows are drawn when asked for."""
        for split, purpose in (("validation", VALIDATION_SEED), ("test", TEST_SEED)):
            random = np.random.default_rng([self.seed, purpose])
            for length in random.integers(self.min_length, self.max_length, size=self.num_rows, endpoint=True):
                inputs, targets = self.task.example(int(length), random)
                yield {"inputs": inputs, "targets": targets, "split": split}

"""A story in the making: what was said so far, and who plays in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from lengthwise.data.sources.generated.held_out import share
from lengthwise.data.sources.generated.stories.sentences import SENTENCES

Question = tuple[str, str]
"""A question and its answer."""
T = TypeVar("T")

TEST_SHARE, VALIDATION_SHARE = 0.1, 0.1


def split_of(cast: Sequence[str]) -> str:
    """The split whose stories may have exactly these in them, in whatever order."""
    position = share(cast)
    return "test" if position < TEST_SHARE else "validation" if position < TEST_SHARE + VALIDATION_SHARE else "train"


@dataclass
class Story:
    """Sentences, and the draws that a kind of story makes."""

    random: Random
    split: str
    sentences: list[str] = field(default_factory=list)

    def cast(self, names: Sequence[str], size: int) -> list[str]:
        """Different names; no other split has a story with the same ones."""
        while split_of(chosen := self.random.sample(names, size)) != self.split:
            pass
        return chosen

    def some(self, options: Sequence[T], size: int) -> list[T]:
        """Different ones, any, in any order."""
        return self.random.sample(options, size)

    def mixed(self, options: Sequence[T]) -> list[T]:
        """All of them in any order."""
        return self.random.sample(options, len(options))

    def one(self, options: Sequence[T]) -> T:
        """Any of them."""
        return self.random.choice(options)

    def between(self, least: int, most: int) -> int:
        """Both included."""
        return self.random.randint(least, most)

    def phrase(self, act: str, **names: str) -> str:
        """One way to say it."""
        return self.one(SENTENCES[act]).format(**names)

    def tell(self, act: str, **names: str) -> None:
        """Say it."""
        self.sentences.append(self.phrase(act, **names))

    def tell_all(self, facts: Sequence[tuple[str, dict[str, str]]]) -> None:
        """Say facts that have no order in any order."""
        for act, names in self.mixed(facts):
            self.tell(act, **names)

"""Prose without meaning, of which every text differs."""

import random
from collections.abc import Callable

import pytest

STOP_WORDS = "the of and to that with a in is it".split()


class Prose:
    """Sentences of words that are drawn as unevenly as those of languages are."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        letters = ("bcdfglmnprstvz", "aeiou")
        self.words = ["".join(self.random.choice(letters[i % 2]) for i in range(4 + n % 5)) for n in range(5000)]
        self.weights = [1 / (rank + 20) for rank in range(len(self.words))]

    def text(self, num_words: int = 120) -> str:
        """Some sentences."""
        drawn = iter(self.random.choices(self.words, self.weights, k=num_words))
        found = [
            self.random.choice(STOP_WORDS) if self.random.random() < 0.4 else next(drawn) for _ in range(num_words)
        ]
        return "".join(word + (". " if place % 12 == 11 else " ") for place, word in enumerate(found)).strip() + "."

    def altered(self, text: str, num_words: int) -> str:
        """The text with some of its words replaced."""
        words = text.split()
        for place in self.random.sample(range(len(words)), num_words):
            words[place] = self.random.choice(self.words)
        return " ".join(words)


@pytest.fixture
def prose() -> Callable[[int], Prose]:
    """By seed."""
    return Prose

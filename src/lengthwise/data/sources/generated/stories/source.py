"""Stories with a question of twenty kinds of reasoning, after "Towards AI-complete question answering" (bAbI).

Weston et al., 2015 (https://arxiv.org/abs/1502.05698): the kinds are theirs, the world and every sentence our own.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from lengthwise.contracts import Example
from lengthwise.data.problem import Report, Source
from lengthwise.data.rows import SPLITS
from lengthwise.data.sources.generated.stories import moving, relating
from lengthwise.data.sources.generated.stories.story import Question, Story

KINDS: Sequence[Callable[[Story], Question | None]] = (
    moving.single_fact,
    moving.two_facts,
    moving.three_facts,
    relating.relation,
    moving.gifts,
    moving.yes_or_no,
    moving.counting,
    moving.lists,
    moving.negation,
    moving.indefinite,
    moving.coreference,
    moving.conjunction,
    moving.compound_coreference,
    moving.time,
    relating.deduction,
    relating.induction,
    relating.positions,
    relating.sizes,
    relating.paths,
    relating.motives,
)
"""Number 1 comes first."""
NUM_EVALUATION = 1000
"""Questions of a kind in validation and in test."""


@dataclass(frozen=True, kw_only=True)
class Stories(Source):
    """Different questions of one kind, or of all, which then follow each other in every split.

    No two splits have a story of the same people (in kinds 4 and 19: places; 17: blocks; 18: containers): the set of
    those that play in it, of which each is known from training, decides by its hash.
    """

    kind: int = 0
    """1 to 20, or 0 for all."""
    num_questions: int = 10_000
    """Of a kind, in train."""
    num_evaluation: int = NUM_EVALUATION
    seed: int = 0
    name: str = field(init=False, default="stories")
    licence: str = field(init=False, default="none: computed")
    is_split_exact: bool = field(init=False, default=True)

    def __post_init__(self) -> None:
        if not 0 <= self.kind <= len(KINDS):
            raise ValueError(f"`data.kind` must be from 1 to {len(KINDS)}, or 0 for all, but is {self.kind}.")
        if self.num_questions < 1:
            raise ValueError(f"`data.num_questions` must be at least 1, but is {self.num_questions}.")

    @property
    def parts(self) -> tuple[str, ...]:
        """The kinds of a joint source by number and name; empty where there is one."""
        return () if self.kind else tuple(f"{n} {each.__name__}" for n, each in enumerate(KINDS, start=1))

    def fetch(self, report: Report | None = None) -> None:
        """Nothing to fetch."""

    def checksums(self) -> dict[str, str]:
        """Nothing was read: the code counts in the fingerprint."""
        return {"settings": f"{self.kind} {self.num_questions} {self.num_evaluation} {self.seed}"}

    def read(self) -> Iterator[Example]:
        """Train, validation and test, and in each of them the kinds by number."""
        for split in SPLITS:
            size = self.num_questions if split == "train" else self.num_evaluation
            for kind in [self.kind] if self.kind else range(1, len(KINDS) + 1):
                for number, (inputs, targets) in enumerate(self._questions(kind, split, size), start=1):
                    where = f"kind {kind}, {split} question {number}"
                    part = f"{kind} {KINDS[kind - 1].__name__}"
                    yield {"inputs": inputs, "targets": targets, "split": split, "where": where, "part": part}

    def _questions(self, kind: int, split: str, size: int) -> Iterator[Question]:
        random, told = Random(f"{self.seed} {kind} {split}"), set[str]()
        while len(told) < size:
            story = Story(random, split)
            found = KINDS[kind - 1](story)
            if found is None:
                continue
            inputs = " ".join([*story.sentences, found[0]])
            if inputs not in told:
                told.add(inputs)
                yield inputs, found[1]

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from lengthwise.contracts import Example
from lengthwise.data.codecs.words import Words
from lengthwise.data.problem import Problem, Rejected, Report, Source
from lengthwise.data.sources.generated.stories.source import Stories
from lengthwise.evaluation.baselines import bag_of_words_baseline, majority_baseline, source_baselines
from lengthwise.problems.question_answering import stories

TRAIN = [("a b", "yes"), ("b c", "yes"), ("a d", "no"), ("d e", "no"), ("c b", "yes")]


def test_the_majority_is_the_most_frequent_target_of_train():
    assert majority_baseline(TRAIN, [("", "yes"), ("", "no"), ("", "no"), ("", "other")]).value == 25


def test_of_equally_frequent_targets_the_first_in_the_alphabet_is_guessed():
    assert majority_baseline([("", "b"), ("", "a")], [("", "a")]).value == 100


def test_words_that_go_with_a_target_give_it_away():
    assert bag_of_words_baseline(TRAIN, [("d a", "no"), ("e d", "no"), ("b", "yes"), ("c b b", "yes")]).value == 100


def test_the_order_of_words_tells_a_bag_nothing():
    pairs = [("a before b", "a"), ("b before a", "b")] * 10
    assert bag_of_words_baseline(pairs, pairs[:2]).value == 50


def test_words_that_train_does_not_have_are_left_out():
    assert bag_of_words_baseline(TRAIN, [("x y z b", "yes"), ("x y d", "no")]).value == 100


def test_without_a_telling_word_the_bag_goes_by_frequency():
    train = [("a", "no"), ("b", "yes"), ("c", "yes"), ("d", "yes")]
    assert bag_of_words_baseline(train, [("x", "yes")]).value == 100


def test_a_likelihood_by_hand():
    # P(no) is 2/3; with smoothing 1, "a" speaks for yes: 1/3 · 2/3 = .222 against 2/3 · 1/4 = .167.
    train = [("a", "yes"), ("b", "no"), ("b", "no")]
    both = [("a b", "?")]
    # "a b": yes 1/3 · 2/3 · 1/3 = .074, no 2/3 · 1/4 · 3/4 = .125.
    assert bag_of_words_baseline(train, [("a b", "no")], smoothing=1.0).value == 100
    assert bag_of_words_baseline(train, [("a", "yes")], smoothing=1.0).value == 100
    assert bag_of_words_baseline(train, both, smoothing=1.0).value == 0


@dataclass(frozen=True)
class Rows(Source):
    name: str = "rows"
    licence: str = "none"
    is_split_exact: bool = True

    def fetch(self, report: Report | None = None) -> None: ...

    def checksums(self) -> dict[str, str]:
        return {}

    def read(self) -> Iterator[Example | Rejected]:
        yield Rejected(reason="broken", where="1")
        yield from ({"inputs": inputs, "targets": targets, "split": "train"} for inputs, targets in TRAIN)
        yield {"inputs": "d", "targets": "no", "split": "test"}
        yield {"inputs": "d", "targets": "yes", "split": "validation"}


def of(source: Source, parts: tuple[str, ...] = ()) -> Problem:
    words = Words(("a", "b"))
    return Problem(source=source, inputs=words, targets=words, parts=parts)


def values(scores):
    return {part: {name: score.value for name, score in found.items()} for part, found in scores.items()}


def test_a_source_is_learned_from_train_and_scored_on_the_split():
    assert values(source_baselines(of(Rows()), "test")) == {"": {"majority": 0, "bag of words": 100}}
    assert values(source_baselines(of(Rows()), "validation")) == {"": {"majority": 100, "bag of words": 0}}


@pytest.mark.slow
def test_every_part_is_guessed_from_its_own_rows():
    found = source_baselines(stories(num_questions=40), "test")
    alone = source_baselines(stories(kind=6, num_questions=40), "test")
    assert len(found) == 21 and values(found)["6 yes_or_no"] == values(alone)[""]


def test_a_source_whose_splits_are_made_later_is_refused():
    with pytest.raises(ValueError, match="need a source that fixes its splits, but `rows` does not"):
        source_baselines(of(Rows(is_split_exact=False)), "test")


@pytest.mark.parametrize("kind", range(1, 21))
def test_no_kind_of_story_is_guessed(kind):
    found = source_baselines(of(Stories(kind=kind, num_questions=1000, num_evaluation=400)), "test")[""]
    assert found["majority"].value < 60 and found["bag of words"].value < 60

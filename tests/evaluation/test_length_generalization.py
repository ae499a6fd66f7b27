import pytest

from lengthwise.data.sources.generated import counting, sequences
from lengthwise.evaluation.length_generalization import NUM_LONG_EXAMPLES, default_lengths, length_scores


def test_lengths_are_those_that_were_published():
    assert default_lengths(41, 401) == [11, 21, 41, 81, 161, 401]
    assert default_lengths(41, 2000) == [11, 21, 41, 81, 161, 401, 801, 2000]


def test_a_perfect_decoder_is_right_on_every_kind_and_one_that_fails_beyond_a_length_is_seen():
    task = sequences.reverse(12)
    right = list(length_scores("r", lambda texts: [text[::-1] for text in texts], task, [5, 30], 20))
    assert {score.inputs for score in right} == set(task.inputs)
    assert all(score.exact_match == score.symbol_accuracy == 1 for score in right)
    short = list(length_scores("r", lambda texts: [text[::-1][:20] for text in texts], task, [5, 30], 20))
    assert {score.exact_match for score in short if score.length == 30} == {0.0}
    assert all(score.symbol_accuracy == pytest.approx(2 / 3) for score in short if score.length == 30)


def test_adversarial_examples_are_all_different_and_random_ones_as_many_as_asked_for():
    scores = {score.inputs: score.examples for score in length_scores("r", list, sequences.copy(12), [8], 100)}
    assert scores["random"] == 100
    assert scores["zeros"] == 1 and scores["equal"] == 12


def test_long_inputs_are_fewer():
    scores = length_scores("r", list, counting.prefix_sums(2), [1001], 512)
    assert next(scores).examples == NUM_LONG_EXAMPLES


def test_every_run_is_asked_the_same():
    asked: list[list[str]] = []
    for _ in range(2):
        decoder = lambda texts: asked.append(list(texts)) or list(texts)  # noqa: E731
        list(length_scores("r", decoder, sequences.copy(12), [6], 10))
    assert asked[: len(asked) // 2] == asked[len(asked) // 2 :]

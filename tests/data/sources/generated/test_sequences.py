import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.data.sources.generated import sequences
from lengthwise.data.sources.generated.draws import DIGITS

TASKS = [
    sequences.copy(12),
    sequences.reverse(12),
    sequences.duplicate(12),
    sequences.sort(12),
    sequences.shift(12, 3),
    sequences.sort_pairs(6),
    sequences.search(6),
]
WORDS = st.text("abcdefghijkl", min_size=1, max_size=40)


@given(WORDS, st.integers(-50, 50))
def test_answers_are_those_of_python(text, places):
    assert sequences.copy(12).answer(text) == text
    assert sequences.reverse(12).answer(text) == "".join(reversed(text))
    assert sequences.duplicate(12).answer(text) == text + text
    assert sequences.sort(12).answer(text) == "".join(sorted(text))
    rotated = [text[(at + places) % len(text)] for at in range(len(text))]
    assert sequences.shift(12, places).answer(text) == "".join(rotated)


@pytest.mark.parametrize(
    ("task", "inputs", "targets"),
    [
        (sequences.shift(12, 1), "abcd", "bcda"),
        (sequences.sort_pairs(6), "c1a2c0", "a2c1c0"),
        (sequences.search(6), "a1b2a3?a", "3"),
        (sequences.search(6), "a1b2a3?b", "2"),
        (sequences.search(6), "a1b2?c", "-"),
        (sequences.search(6), "?c", "-"),
    ],
)
def test_examples_worked_out_by_hand(task, inputs, targets):
    assert task.answer(inputs) == targets


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(DIGITS))))
def test_equal_keys_keep_their_order(pairs):
    found = sequences.sort_pairs(6).answer("".join(map("".join, pairs)))
    expected = [(key, value) for wanted in "abcdef" for key, value in pairs if key == wanted]
    assert found == "".join(map("".join, expected))


@given(st.sampled_from(TASKS), st.integers(4, 120), st.integers(0, 2**32))
def test_every_kind_comes_near_the_length_asked_for_and_keeps_the_growth(task, length, seed):
    for kind in task.inputs:
        inputs, targets = task.example(length, np.random.default_rng(seed), kind)
        assert length - 1 <= max(len(inputs), len(targets)) <= length
        assert len(targets) <= task.growth[0] * len(inputs) + task.growth[1]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_every_kind_can_be_as_short_as_the_task_says_and_not_shorter(task):
    for kind in task.inputs:
        inputs, targets = task.example(task.min_length, np.random.default_rng(0), kind)
        assert inputs and targets and max(len(inputs), len(targets)) <= task.min_length


def test_searches_are_what_their_kind_says():
    task = sequences.search(6)
    for seed in range(50):
        drawn = {kind: task.example(20, np.random.default_rng(seed), kind) for kind in task.inputs}
        assert drawn["absent"][1] == "-"
        assert drawn["random"][1] in DIGITS and drawn["first"][1] in DIGITS
        assert drawn["first"][0][0] == drawn["first"][0][-1]


@pytest.mark.parametrize(
    ("task", "inputs"),
    [
        (sequences.sort_pairs(6), "a1b"),
        (sequences.search(6), "a1b2"),
        (sequences.search(6), "a1b2?"),
        (sequences.search(6), "a1b2?ab"),
        (sequences.search(6), "a1b?a"),
    ],
)
def test_ill_formed_inputs_are_refused_in_one_line(task, inputs):
    with pytest.raises(ValueError) as caught:
        task.answer(inputs)
    assert "\n" not in str(caught.value) and repr(inputs.partition("?")[0])[:-1] in str(caught.value)


@pytest.mark.parametrize("num_symbols", [1, 27])
def test_alphabets_that_cannot_be_are_refused(num_symbols):
    with pytest.raises(ValueError, match=f"or `data.num_keys` must be from 2 to 26, but is {num_symbols}"):
        sequences.copy(num_symbols)

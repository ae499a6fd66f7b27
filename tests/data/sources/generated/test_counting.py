from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.data.sources.generated import counting

TASKS = [
    counting.parity(),
    counting.counting(3),
    counting.prefix_sums(2),
    counting.prefix_sums(10),
    counting.brackets(2),
]


@given(st.text("01", min_size=1, max_size=60))
def test_parity_is_that_of_the_sum(text):
    assert counting.parity().answer(text) == str(sum(map(int, text)) % 2)


@given(st.text("abc", min_size=1, max_size=200))
def test_the_first_symbol_is_counted_in_as_many_digits_as_the_length_has(text):
    expected = str(sum(letter == text[0] for letter in text)).zfill(len(str(len(text))))
    assert counting.counting(3).answer(text) == expected


@given(st.integers(2, 10), st.data())
def test_prefix_sums_are_pythons(base, data):
    digits = data.draw(st.lists(st.integers(0, base - 1), min_size=1, max_size=60))
    expected = "".join(str(total % base) for total in accumulate(digits))
    assert counting.prefix_sums(base).answer("".join(map(str, digits))) == expected


@pytest.mark.parametrize(
    ("inputs", "marks"),
    [
        ("()", "++"),
        ("(()[", "-++-"),
        ("([])", "++++"),
        ("([)]", "----"),
        (")(", "--"),
        ("(()", "-++"),
        ("())", "++-"),
        ("[(])()", "----++"),
        ("]][]", "--++"),
    ],
)
def test_brackets_worked_out_by_hand(inputs, marks):
    assert counting.brackets(2).answer(inputs) == marks


def shrinks_to_nothing(text: str) -> bool:
    """Whether taking away `()`, `[]`, `{}` and `<>` leaves nothing: the oldest test for Dyck words."""
    while (shorter := text.replace("()", "").replace("[]", "").replace("{}", "").replace("<>", "")) != text:
        text = shorter
    return not text


@given(st.integers(1, 4), st.data())
def test_all_brackets_have_partners_exactly_in_dyck_words(num_kinds, data):
    text = data.draw(st.text(counting.BRACKETS[: 2 * num_kinds], min_size=1, max_size=12))
    assert ("-" not in counting.brackets(num_kinds).answer(text)) == shrinks_to_nothing(text)


@given(st.integers(1, 4), st.integers(2, 60), st.integers(0, 2**32))
def test_bracket_kinds_are_what_they_say(num_kinds, length, seed):
    task = counting.brackets(num_kinds)
    drawn = {kind: task.example(length, np.random.default_rng(seed), kind) for kind in task.inputs}
    assert set(drawn["balanced"][1]) == set(drawn["nested"][1]) == {"+"}
    assert "-" in drawn["broken"][1]
    assert set(drawn["open"][1]) == {"-"} and drawn["open"][0] == length * "("
    half = length // 2
    assert set(drawn["nested"][0][:half]) <= set("([{<") and set(drawn["nested"][0][half:]) <= set(")]}>")


def test_half_of_the_random_brackets_are_balanced():
    task, random = counting.brackets(2), np.random.default_rng(0)
    balanced = sum("-" not in task.example(20, random)[1] for _ in range(400))
    assert 160 < balanced < 240


@given(st.sampled_from(TASKS), st.integers(2, 120), st.integers(0, 2**32))
def test_every_kind_comes_near_the_length_asked_for_and_keeps_the_growth(task, length, seed):
    for kind in task.inputs:
        inputs, targets = task.example(length, np.random.default_rng(seed), kind)
        assert length - 1 <= max(len(inputs), len(targets)) <= length
        assert len(targets) <= task.growth[0] * len(inputs) + task.growth[1]


@given(st.integers(1, 60), st.integers(0, 2**32))
def test_the_single_kind_has_one_odd_symbol(length, seed):
    for task, symbols in ((counting.parity(), "01"), (counting.counting(3), "ab"), (counting.prefix_sums(2), "01")):
        inputs, _ = task.example(length, np.random.default_rng(seed), "single")
        assert len(inputs) == length and inputs.count(symbols[1]) == 1 and inputs.count(symbols[0]) == length - 1


@pytest.mark.parametrize("num_kinds", [0, 5])
def test_brackets_that_there_are_not_are_refused(num_kinds):
    with pytest.raises(ValueError, match=f"`data.num_kinds` must be from 1 to 4, but is {num_kinds}"):
        counting.brackets(num_kinds)

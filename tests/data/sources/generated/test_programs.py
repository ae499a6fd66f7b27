import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.data.sources.generated import programs
from lengthwise.data.sources.generated.task import RANDOM

FAMILIES = ("program", "control", "addition")
MEMORY = (programs.copy(), programs.double(), programs.reverse())
SEEDS = st.integers(0, 2**32)


@pytest.mark.parametrize(("task", "expected"), list(zip(MEMORY, ("1203", "12031203", "3021"), strict=True)))
def test_digits_are_memorised_as_the_paper_has_it(task, expected):
    assert task.answer("1203") == expected


@pytest.mark.parametrize("text", ["", "12a", "1 2", "-1", "²"])
@pytest.mark.parametrize("task", MEMORY, ids=lambda task: task.name)
def test_other_than_digits_is_refused(task, text):
    with pytest.raises(ValueError, match="The inputs must be digits"):
        task.answer(text)


@given(st.sampled_from(MEMORY), st.integers(2, 200), SEEDS)
def test_digits_are_of_the_length_asked_for(task, length, seed):
    for kind in task.inputs:
        inputs, targets = task.example(length, np.random.default_rng(seed), kind)
        assert length - 1 <= max(len(inputs), len(targets)) <= length
        assert len(targets) <= task.growth[0] * len(inputs) + task.growth[1]


@given(st.sampled_from(FAMILIES), st.integers(1, 25), st.integers(1, 40), SEEDS)
def test_no_program_is_longer_than_the_longest_and_no_output_longer_than_its_program(family, nesting, digits, seed):
    task = programs.execution(family, nesting, digits, "mix")
    longest = programs.longest_program(family, nesting, digits)
    for kind in task.inputs:
        inputs, targets = task.example(10**6, np.random.default_rng(seed), kind)
        assert len(targets) <= len(inputs) <= longest
        assert set(inputs) <= set(programs.ALPHABET) and set(targets) <= set(programs.ALPHABET)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_longest_program_is_drawn_now_and_then(family):
    task, random = programs.execution(family, 1, 3, "naive"), np.random.default_rng(0)
    drawn = [len(task.example(10**6, random)[0]) for _ in range(300)]
    assert max(drawn) == programs.longest_program(family, 1, 3)


@given(st.sampled_from(FAMILIES), st.integers(8, 120), SEEDS)
def test_programs_are_cut_down_to_the_length_asked_for(family, length, seed):
    task = programs.execution(family, 5, 6, "naive")
    for kind in task.inputs:
        assert len(task.example(length, np.random.default_rng(seed), kind)[0]) <= length


def operations(program: str) -> int:
    """How often something is done to the value: each way has a sign of its own."""
    return (
        sum(program.count(sign) for sign in "+-*")
        + program.count(" if ")
        + program.count("=")
        - 2 * program.count("for")
    )


def test_nesting_counts_the_operations():
    random = np.random.default_rng(0)
    for nesting in (1, 2, 7):
        task = programs.execution("program", nesting, 3, "naive")
        found = {operations(task.example(10**6, random)[0]) for _ in range(50)}
        assert found == {nesting}


def test_mixed_programs_have_from_one_to_all_operations_and_digits():
    task, random = programs.execution("addition", 3, 4, "mix"), np.random.default_rng(0)
    drawn = [task.example(10**6, random)[0] for _ in range(300)]
    assert {program.count("+") for program in drawn} == {1, 2, 3}
    assert {len(program.strip("print()").partition("+")[0].strip("()")) for program in drawn} == {1, 2, 3, 4}


@pytest.mark.parametrize(
    ("family", "has", "has_not"),
    [
        ("program", ("+", "-", "*", "if", "for"), ()),
        ("control", ("if", "for"), ("*",)),
        ("addition", ("+",), ("-", "*", "if", "for", "=")),
    ],
)
def test_a_family_has_its_operations_and_no_others(family, has, has_not):
    task, random = programs.execution(family, 3, 4, "mix"), np.random.default_rng(0)
    text = "".join(task.example(10**6, random)[0] for _ in range(200))
    assert all(sign in text for sign in has) and not any(sign in text for sign in has_not)


def test_the_deepest_programs_have_all_operations_where_random_ones_are_mixed():
    task, random = programs.execution("addition", 4, 3, "mix"), np.random.default_rng(0)
    assert {task.example(10**6, random, "deepest")[0].count("+") for _ in range(20)} == {4}
    assert {task.example(10**6, random, RANDOM)[0].count("+") for _ in range(100)} == {1, 2, 3, 4}


def test_sums_of_nines_carry():
    task = programs.execution("addition", 2, 3, "naive")
    inputs, targets = task.example(100, np.random.default_rng(0), "carry")
    assert inputs.count("999") == 3 and targets == "2997"


@pytest.mark.parametrize("seed", [0, 1])
def test_the_same_seed_draws_the_same_programs(seed):
    task = programs.execution("program", 3, 4, "mix")
    first, second = (np.random.default_rng(seed) for _ in range(2))
    assert [task.example(99, first) for _ in range(20)] == [task.example(99, second) for _ in range(20)]


@pytest.mark.parametrize(("nesting", "digits"), [(0, 5), (26, 5), (2, 0), (2, 101)])
def test_what_cannot_be_drawn_is_refused(nesting, digits):
    with pytest.raises(ValueError, match="`data.nesting` must be from 1 to 25 and `data.length` from 1 to 100"):
        programs.execution("program", nesting, digits, "mix")

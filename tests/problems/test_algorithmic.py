from pathlib import Path

import numpy as np
import pytest

from lengthwise import catalog
from lengthwise.data.prepare import prepare
from lengthwise.data.sources.generated.task import Generated
from lengthwise.problems import algorithmic

NAMES = sorted(name for name in catalog.names("problems") if name.startswith("algorithmic."))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("length", [None, 8, 100])
def test_every_kind_of_every_problem_survives_the_codecs_and_keeps_its_promises(name, length):
    problem = catalog.find("problems", name)(**({} if length is None else {"max_length": length}))
    assert isinstance(problem.source, Generated) and problem.inputs is not None and problem.growth is not None
    a, b = problem.growth
    for kind in problem.source.task.inputs:
        random = np.random.default_rng(0)
        for wanted in (problem.source.min_length, problem.source.max_length):
            inputs, targets = problem.source.task.example(wanted, random, kind)
            tokens, answer = problem.inputs.encode(inputs), problem.targets.encode(targets)
            assert problem.inputs.decode(tokens) == inputs and problem.targets.decode(answer) == targets
            assert max(len(tokens), len(answer)) <= wanted < problem.max_length
            assert len(answer) <= a * len(tokens) + b


def test_all_problems_of_the_family_are_in_the_catalogue():
    tasks = "copy reverse duplicate sort shift sort_pairs search addition aligned_addition subtraction multiplication"
    assert {
        f"algorithmic.{name}" for name in (*tasks.split(), "increment", "parity", "count", "prefix_sums", "brackets")
    } == {*NAMES}


@pytest.mark.parametrize(
    ("problem", "inputs", "targets"),
    [
        (algorithmic.addition(), "21+43", "640"),
        (algorithmic.addition(order="human"), "12+34", "046"),
        (algorithmic.addition(base=2), "11+10", "001"),
        (algorithmic.shift(places=2), "abcd", "cdab"),
        (algorithmic.search(), "a1b2a3?a", "3"),
        (algorithmic.count(), "abaa", "3"),
        (algorithmic.brackets(num_kinds=1), "(()", "-++"),
    ],
)
def test_parameters_reach_the_task(problem, inputs, targets):
    assert problem.source.task.answer(inputs) == targets


def test_only_equal_codecs_share_their_vocabulary():
    assert algorithmic.addition().is_shared
    assert not algorithmic.aligned_addition().is_shared and not algorithmic.brackets().is_shared


@pytest.mark.parametrize("name", ["algorithmic.addition", "algorithmic.reverse"])
def test_validation_and_test_are_prepared_and_training_is_not(name, tmp_path: Path):
    prepared = prepare(name, catalog.find("problems", name)(), {}, cache=tmp_path)
    assert set(prepared.manifest["splits"]) == {"validation", "test"}
    assert len(prepared.split("test")) > 900
    assert max(prepared.split("test").target_lengths.max(), prepared.split("test").input_lengths.max()) <= 42


@pytest.mark.parametrize(
    "change", [{"min_length": 2}, {"max_length": 2}, {"base": 1}, {"base": 11}, {"min_length": 9, "max_length": 8}]
)
def test_wrong_parameters_are_refused_by_name(change):
    with pytest.raises(ValueError, match=f"`data.{next(iter(change))}`"):
        algorithmic.addition(**change)

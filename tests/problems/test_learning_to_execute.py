from pathlib import Path

import numpy as np
import pytest

from lengthwise import catalog
from lengthwise.data.prepare import prepare
from lengthwise.data.sources.generated.task import Generated
from lengthwise.problems import learning_to_execute

NAMES = ("copy", "double", "reverse", "program", "control", "addition")


@pytest.mark.parametrize("name", NAMES)
def test_every_task_is_a_problem_whose_examples_survive_the_codec_and_fit(name):
    problem = catalog.find("problems", f"learning_to_execute.{name}")(length=7)
    assert isinstance(problem.source, Generated)
    random = np.random.default_rng(0)
    for kind in problem.source.task.inputs:
        inputs, targets = problem.source.task.example(problem.source.max_length, random, kind)
        for text in (inputs, targets):
            tokens = problem.targets.encode(text)
            assert problem.targets.decode(tokens) == text and len(tokens) < problem.max_length


def test_lengths_count_digits():
    for name in ("copy", "double", "reverse"):
        problem = catalog.find("problems", f"learning_to_execute.{name}")(length=55)
        lengths = {len(str(row["inputs"])) for row in problem.source.read()}
        assert (min(lengths), max(lengths)) == (1, 55)


@pytest.mark.parametrize("name", NAMES[3:])
def test_validation_and_test_programs_are_never_cut_down(name):
    problem = catalog.find("problems", f"learning_to_execute.{name}")(nesting=3, length=4, strategy="naive")
    programs = [str(row["inputs"]) for row in problem.source.read()]
    lengths = [max(map(len, filter(str.isdecimal, split_at_signs(program)))) for program in programs]
    assert len(programs) == 2000 and set(lengths) == {4}


def split_at_signs(program: str) -> list[str]:
    return "".join(character if character.isalnum() else " " for character in program).split()


def test_a_strategy_changes_what_is_drawn():
    mixed, naive = (learning_to_execute.program(strategy=strategy) for strategy in ("mix", "naive"))
    assert list(mixed.source.read()) != list(naive.source.read())


def test_validation_and_test_are_prepared(tmp_path: Path):
    prepared = prepare("toy", learning_to_execute.program(), {}, cache=tmp_path)
    assert len(prepared.split("test")) > 900
    inputs, targets = prepared.split("test").texts(0)
    assert inputs.endswith(")") and "print(" in inputs and targets.lstrip("-").isdecimal()

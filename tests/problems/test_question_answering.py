from itertools import islice
from pathlib import Path

import pytest

from lengthwise import catalog
from lengthwise.data.prepare import prepare
from lengthwise.data.sources.generated.stories.source import NUM_EVALUATION
from lengthwise.problems.question_answering import stories


@pytest.mark.parametrize("kind", range(1, 21))
def test_every_story_survives_the_codec_and_fits(kind):
    problem = catalog.find("problems", "question_answering.stories")(kind=kind, num_questions=200)
    assert problem.inputs is not None and problem.growth is not None
    for row in islice(problem.source.read(), 400):
        inputs, targets = (problem.targets.encode(str(row[side])) for side in ("inputs", "targets"))
        assert problem.targets.decode(inputs) == row["inputs"] and problem.targets.decode(targets) == row["targets"]
        assert len(targets) <= problem.growth[0] * len(inputs) + problem.growth[1]
        assert len(inputs) < problem.max_length


def test_preparing_keeps_every_row_though_answers_stand_in_train(tmp_path: Path):
    prepared = prepare("stories", stories(kind=6, num_questions=500), {}, cache=tmp_path)
    assert [len(prepared.split(name)) for name in ("train", "validation", "test")] == [500, 1000, 1000]
    assert prepared.manifest["rejected"] == {}


def test_all_kinds_have_one_vocabulary():
    assert stories(kind=1).targets == stories(kind=20, seed=3).targets == stories().targets


@pytest.mark.slow
def test_the_joint_test_holds_each_kinds_own_a_thousand_after_each_other(tmp_path: Path):
    joint = prepare("joint", stories(num_questions=50), {}, cache=tmp_path).split("test")
    assert len(joint) == 20 * NUM_EVALUATION
    for kind in (1, 8, 20):
        alone = prepare("alone", stories(kind=kind, num_questions=50), {"kind": kind}, cache=tmp_path).split("test")
        first = (kind - 1) * NUM_EVALUATION
        assert all(joint.texts(first + i) == alone.texts(i) for i in range(NUM_EVALUATION))

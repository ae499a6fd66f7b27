from pathlib import Path

import pytest

from lengthwise import catalog
from lengthwise.data.prepare import prepare
from lengthwise.data.sources.generated.scan import Scan, commands
from lengthwise.problems import scan


@pytest.mark.parametrize("name", ["simple", "length", "add_jump"])
def test_every_command_and_its_actions_survive_the_codecs_and_fit(name):
    problem = catalog.find("problems", f"scan.{name}")()
    assert problem.inputs is not None and problem.growth is not None
    for row in problem.source.read():
        inputs, targets = problem.inputs.encode(str(row["inputs"])), problem.targets.encode(str(row["targets"]))
        assert problem.inputs.decode(inputs) == " ".join(str(row["inputs"]).split())
        assert problem.targets.decode(targets) == row["targets"]
        assert len(targets) <= problem.growth[0] * len(inputs) + problem.growth[1]
        assert max(len(inputs), len(targets)) < problem.max_length


def test_preparing_drops_and_marks_no_row(tmp_path: Path):
    prepared = prepare("scan", scan.add_jump(), {}, cache=tmp_path)
    tested = prepared.split("test")
    assert (len(prepared.split("train")), len(tested)) == (13_957, 7_706)
    assert prepared.manifest["rejected"] == {}
    assert not tested.is_near_duplicate.any()
    assert {tested.texts(i)[0] for i in range(len(tested))} == {
        command for command in commands() if "jump" in command and command != "jump"
    }


def test_half_of_the_simple_test_shares_its_actions_with_train_and_must_stay():
    source = scan.simple().source
    assert isinstance(source, Scan)
    rows = list(source.read())
    known = {row["targets"] for row in rows if row["split"] == "train"}
    assert sum(row["targets"] in known for row in rows if row["split"] == "test") > 2_000
    assert source.is_split_exact

import json
from pathlib import Path

import pytest

from lengthwise.launch.launchers import Job, described
from lengthwise.launch.process import FAILED, main
from lengthwise.run import experiment_of


def test_an_error_is_one_line_and_a_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "other.txt").touch()
    job = Job(experiment=experiment_of("algorithmic.reverse", None, None, {}), path=tmp_path / "run")
    (tmp_path / "job.json").write_text(json.dumps(described(job)))
    assert main(str(tmp_path / "job.json")) == FAILED
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("lengthwise: ") and "holds other files" in line

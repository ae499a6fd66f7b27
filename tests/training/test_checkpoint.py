import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from small_run import save, trained_state

from lengthwise.training import tensor_file
from lengthwise.training.checkpoint import (
    WEIGHTS,
    CheckpointError,
    Progress,
    average,
    load_progress,
    save_average,
)


@pytest.mark.parametrize("name", ["adamw", "muon"])
def test_a_checkpoint_brings_back_weights_optimizer_and_random_numbers(tmp_path: Path, name: str):
    state = trained_state(name)
    progress = Progress(step=7, total_steps=9, seconds=0.1 + 0.2, best_step=5, best_score=-1 / 3, window_loss=1e-17)
    save(tmp_path / "step-7", state, progress)
    expected = torch.rand(4)
    other = trained_state(name)
    other.restore(tmp_path / "step-7")
    assert torch.equal(torch.rand(4), expected)
    assert load_progress(tmp_path / "step-7") == progress
    for one, two in (
        (state.model.state_dict(), other.model.state_dict()),
        (state.optimizer.state(), other.optimizer.state()),
    ):
        assert one.keys() == two.keys()
        assert all(torch.equal(one[key], two[key]) for key in one)


def test_nothing_in_a_checkpoint_is_a_pickle(tmp_path: Path):
    save(tmp_path / "c", trained_state(), Progress(step=1))
    files = sorted(str(path.relative_to(tmp_path / "c")) for path in (tmp_path / "c").rglob("*") if path.is_file())
    assert files == ["meta.json", "state/optimizer.safetensors", "state/random.safetensors", "weights.safetensors"]


@pytest.mark.parametrize("file", [WEIGHTS, "state/optimizer.safetensors", "state/random.safetensors", "meta.json"])
@pytest.mark.parametrize("damage", ["truncated", "garbage", "missing"])
def test_damage_is_found_and_the_file_named(tmp_path: Path, file: str, damage: str):
    path = tmp_path / "c"
    save(path, trained_state(), Progress(step=1))
    data = (path / file).read_bytes()
    if damage == "missing":
        (path / file).unlink()
    else:
        (path / file).write_bytes(data[: len(data) // 2] if damage == "truncated" else b"\x93" * len(data))
    with pytest.raises(CheckpointError, match=Path(file).name):
        load_progress(path)


def test_an_empty_directory_or_foreign_json_is_no_checkpoint(tmp_path: Path):
    with pytest.raises(CheckpointError, match="missing"):
        load_progress(tmp_path)
    for text in ("[]", "{}", '{"files": {}, "progress": 3}', "null"):
        (tmp_path / "meta.json").write_text(text)
        with pytest.raises(CheckpointError):
            load_progress(tmp_path)


def test_progress_of_a_later_version_is_still_read(tmp_path: Path):
    save(tmp_path / "c", trained_state(), Progress(step=3))
    meta = json.loads((tmp_path / "c" / "meta.json").read_text())
    meta["progress"]["of_the_future"] = 1
    (tmp_path / "c" / "meta.json").write_text(json.dumps(meta))
    assert load_progress(tmp_path / "c").step == 3


def test_the_average_is_the_mean_and_integers_are_the_last(tmp_path: Path):
    paths = [tmp_path / str(index) for index in range(3)]
    for index, path in enumerate(paths):
        path.mkdir()
        tensor_file.write(path / WEIGHTS, {"w": torch.tensor([1.0, 2.0]) * index, "count": torch.tensor(index)})
    mean = average(paths)
    assert mean["w"].tolist() == [1.0, 2.0]
    assert mean["w"].dtype == torch.float32
    assert mean["count"].item() == 2
    for _ in range(2):
        save_average(tmp_path / "averaged", paths, Progress(step=2))
    assert load_progress(tmp_path / "averaged").step == 2


FULL_DISK = """
import resource, sys
from pathlib import Path
import test_checkpoint as t
state = t.trained_state()
path = Path(sys.argv[1])
t.save(path / "step-1", state, t.Progress(step=1))
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
try:
    t.save(path / "step-2", state, t.Progress(step=2))
except t.CheckpointError as error:
    print(error)
"""


def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path):
    # A limit on the size of files fails in the same calls as a full disk.
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)], cwd=Path(__file__).parent, capture_output=True, text=True
    )
    assert "could not be written" in done.stdout and "earlier ones are kept" in done.stdout, done.stderr
    assert len(done.stdout.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["step-1"]
    assert load_progress(tmp_path / "step-1").step == 1

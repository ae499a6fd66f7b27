import importlib.util
import json
from pathlib import Path

import pytest
from test_launchers import WORDS, lengthwise

HAS_RAY = importlib.util.find_spec("ray") is not None
needs_ray = pytest.mark.skipif(not HAS_RAY, reason="ray is not installed: pip install 'lengthwise[ray]'")


@pytest.mark.slow
@needs_ray
def test_a_training_runs_on_two_workers(tmp_path: Path):
    done = lengthwise("train", *WORDS, "--run", str(tmp_path / "run"), "--launcher", "ray", "--workers", "2")
    assert done.returncode == 0, done.stderr
    meta = json.loads((tmp_path / "run" / "checkpoints" / "step-00000004" / "meta.json").read_text())
    assert meta["progress"]["step"] == 4


@pytest.mark.slow
@needs_ray
def test_a_sweep_runs_side_by_side(tmp_path: Path):
    words = ["sweep", *WORDS, "seed=0,1", "--run", str(tmp_path / "sweep"), "--launcher", "ray", "--workers", "2"]
    done = lengthwise(*words)
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "sweep" / "sweep.json").read_text())
    assert sorted(row["settings"]["seed"] for row in rows) == ["0", "1"] and all(row["step"] == 4 for row in rows)


@pytest.mark.slow
@needs_ray
def test_ray_prepares_the_same_data(tmp_path: Path):
    """More rows than one part has, so that their order could go wrong."""
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("".join(f"number {n} is here\t{n} ist hier\n" for n in range(25_000)))
    found = {}
    for engine in ("local", "ray"):
        words = ["translation.files", f"data.source={pairs}", "data.vocabulary_size=300", "--engine", engine]
        done = lengthwise("prepare", *words, cache=tmp_path / engine)
        assert done.returncode == 0, done.stderr
        folder = Path(done.stdout.splitlines()[-1])
        found[engine] = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == ".arrow"}
    assert found["local"] == found["ray"] and len(found["ray"]) == 3


@pytest.mark.skipif(HAS_RAY, reason="ray is installed")
def test_without_ray_the_extra_is_named(tmp_path: Path):
    done = lengthwise("train", *WORDS, "--run", str(tmp_path / "run"), "--launcher", "ray", "--workers", "2")
    assert done.returncode == 2 and "pip install 'lengthwise[ray]'" in done.stderr

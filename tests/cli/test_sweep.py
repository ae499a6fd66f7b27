import json
import subprocess
import sys
from pathlib import Path

WORDS = [
    "--problem", "algorithmic.copy", "--model", "transformer.tiny", "model.d_model=16", "model.d_ff=16",
    "model.num_heads=2", "data.max_length=6", "batch.tokens=64", "precision=fp32", "train.steps=4",
    "train.validate_every=4", "train.validate_rows=2",
]  # fmt: skip


def sweep(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "lengthwise", "sweep", *words], capture_output=True, text=True)


def test_a_sweep_trains_every_combination_and_prints_the_best_first(tmp_path: Path):
    done = sweep(*WORDS, "train.optimizer.learning_rate=1e-3,1e30", "--run", str(tmp_path / "sweep"))
    assert done.returncode == 0, done.stderr
    head, best, worst = done.stdout.splitlines()[:3]
    assert head.split() == ["score", "steps", "train.optimizer.learning_rate"]
    assert best.split()[1:] == ["4", "1e-3"]
    assert worst.split()[1:] in (["4", "1e30"], ["failed", "1e30"])
    rows = json.loads((tmp_path / "sweep" / "sweep.json").read_text())
    assert Path(rows[0]["run"]).name == "learning_rate=1e-3"


def test_a_wrong_value_is_refused_before_anything_is_trained(tmp_path: Path):
    done = sweep(*WORDS, "train.accumulate=1,0", "--run", str(tmp_path / "sweep"))
    assert done.returncode == 2 and "`train.accumulate` must be at least 1" in done.stderr
    assert not (tmp_path / "sweep").exists()

"""The Transformer beside what it replaced and what came of it: the same problem, the same minutes, one after the other.

`python benchmarks/architectures.py [--problem NAME] [--minutes 8] [--only NAME;NAME] [--runs DIR] [--json FILE]`
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The packages by name, whatever the directory that this file was started from.
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.table import machine_facts, show, write  # noqa: E402
from benchmarks.turns import environment  # noqa: E402

CONTENDERS = {
    "transformer": ("transformer.tiny",),
    "universal_transformer": ("universal_transformer.tiny", "model.d_model=256", "model.d_ff=1024"),
    "convolutional": ("convolutional.tiny",),
    "recurrent": ("recurrent.tiny",),
}
"""Width 256 for all, each with the training that its model asks for."""
SHARED = (
    "data.vocabulary_size=4000",
    "decode.length_penalty=1.5",
    "train.log_every=25",
    "train.validate_every=500",
    "train.save_every=1000",
)
"""Those of the demo's recipe that are not the model's."""


def main() -> None:
    """Train and score each, print the table, draw the curves."""
    parser = argparse.ArgumentParser(description="Architectures on one problem, equal minutes.")
    parser.add_argument("--problem", default="translation.libreoffice_en_de")
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--only", default=";".join(CONTENDERS), help="names with semicolons between them")
    parser.add_argument("--runs", type=Path, default=Path("runs/architectures"))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    given = parser.parse_args()
    names = given.only.split(";")
    if unknown := next((name for name in names if name not in CONTENDERS), None):
        parser.error(f"--only must be of {', '.join(CONTENDERS)}, but {unknown!r} is asked for")
    facts = machine_facts(2)
    rows = [_row(name, given.problem, given.minutes, given.runs / name) for name in names]
    show(f"{given.problem}, {given.minutes:g} minutes each, {facts}", rows)
    write(given.json, {"machine": facts, "problem": given.problem, "minutes": given.minutes, "rows": rows})
    if given.plot is not None:
        draw({name: _steps(given.runs / name) for name in names}, given.plot)


def _row(name: str, problem: str, minutes: float, run: Path) -> dict[str, object]:
    model, *changes = CONTENDERS[name]
    scores = run / "scores.json"
    _call("train", "--problem", problem, "--model", model, "--run", run, f"train.minutes={minutes}", *changes, *SHARED)
    _call("evaluate", run, "--split", "test", "--json", scores)
    logged = _steps(run)
    found = json.loads(scores.read_text(encoding="utf-8"))
    rates = sorted(row["tokens_per_second"] for row in logged)
    return {
        "model": name,
        "test BLEU": next(score["value"] for score in found["scores"] if score["name"] == "BLEU"),
        "steps": logged[-1]["step"],
        "tokens/s": rates[len(rates) // 2],
        "nll of the last steps": sum(row["nll"] for row in logged[-8:]) / len(logged[-8:]),
    }


def _call(*words: object) -> None:
    command = [sys.executable, "-m", "lengthwise", *map(str, words)]
    print("$", *command[1:], flush=True)
    subprocess.run(command, check=True, env=environment(2))


def _steps(run: Path) -> list[dict[str, float]]:
    lines = (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if "nll" in row]


def draw(runs: Mapping[str, Sequence[Mapping[str, float]]], path: Path) -> None:
    """Training loss against steps and against minutes of steps, as a PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4), dpi=150, layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for name, rows in runs.items():
        nll = [row["nll"] for row in rows]
        left.plot([row["step"] for row in rows], nll, label=name)
        right.plot([row["seconds"] / 60 for row in rows], nll, label=name)
    left.set(xlabel="steps", ylabel="training loss (nats per target token)")
    right.set(xlabel="minutes of steps")
    for axes in (left, right):
        axes.grid(alpha=0.3)
    right.legend(fontsize=8)
    figure.savefig(path, metadata={"Software": None})


if __name__ == "__main__":
    main()

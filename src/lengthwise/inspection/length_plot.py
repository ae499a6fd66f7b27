"""Accuracy by length as a picture: one line per run, a band from the worst to the best of its seeds."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from lengthwise.data.sources.generated.task import RANDOM
from lengthwise.evaluation.length_generalization import LengthScore

MISSING = "Plots need matplotlib, which is not installed. Install it with `pip install 'lengthwise[plots]'`."


def check_installed() -> None:
    """ValueError with the command that installs it where matplotlib is missing."""
    if find_spec("matplotlib") is None:
        raise ValueError(MISSING)


def draw(groups: Mapping[str, Sequence[LengthScore]], path: Path) -> None:
    """Write a PNG: exact match over length, on random inputs solid, on the worst adversarial kind dotted."""
    check_installed()
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), dpi=150, layout="constrained")
    axes = figure.subplots()
    for number, (name, scores) in enumerate(groups.items()):
        colour = f"C{number}"
        lengths, *bounds = _course([score for score in scores if score.inputs == RANDOM])
        axes.plot(lengths, bounds[1], "o-", color=colour, markersize=4, label=name)
        axes.fill_between(lengths, bounds[0], bounds[2], color=colour, alpha=0.2, linewidth=0)
        if adversarial := [score for score in scores if score.inputs != RANDOM]:
            lengths, worst, *_ = _course(adversarial)
            axes.plot(lengths, worst, ":", color=colour, label=f"{name}, worst adversarial kind and seed")
    axes.set(xscale="log", xlabel="length (tokens of the longer side)", ylabel="exact match", ylim=(-0.02, 1.02))
    marks = sorted({score.length for scores in groups.values() for score in scores})
    axes.set_xticks(marks, [f"{mark:,}" for mark in marks], rotation=45)
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    figure.savefig(path, metadata={"Software": None})


def _course(scores: Sequence[LengthScore]) -> tuple[list[int], list[float], list[float], list[float]]:
    """Lengths, and the lowest, median and highest exact match at each."""
    lengths = sorted({score.length for score in scores})
    values = [[score.exact_match for score in scores if score.length == length] for length in lengths]
    return lengths, list(map(min, values)), list(map(median, values)), list(map(max, values))

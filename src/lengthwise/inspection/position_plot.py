"""The loss by position in the context as a picture: one line per run, a band for its 95 % interval."""

from collections.abc import Mapping
from pathlib import Path

from lengthwise.evaluation.by_position import Curve
from lengthwise.inspection.length_plot import check_installed


def draw(curves: Mapping[str, Curve], path: Path) -> None:
    """Write a PNG: nats per token over the position, on a logarithmic axis."""
    check_installed()
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), dpi=150, layout="constrained")
    axes = figure.subplots()
    for name, curve in curves.items():
        places = [begin + 1 for begin in curve.begins]
        low, high = ([n + sign * m for n, m in zip(curve.nll, curve.margins, strict=True)] for sign in (-1, 1))
        axes.plot(places, curve.nll, "o-", markersize=4, label=name)
        axes.fill_between(places, low, high, alpha=0.2, linewidth=0)
    axes.set(xlabel="position (first of each bin, from 1)", ylabel="nats per token")
    axes.set_xscale("log", base=2)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    figure.savefig(path, metadata={"Software": None})

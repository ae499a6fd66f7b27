"""Mixtures: one model for several problems of text."""

from lengthwise import catalog
from lengthwise.data.codecs.text import Subwords
from lengthwise.data.mixture import Mixture
from lengthwise.data.problem import Problem
from lengthwise.data.sources.mixed import Mixed


def text(
    *,
    problems: list[str],
    rates: list[float] | None = None,
    temperature: float = 1.0,
    vocabulary_size: int = 8000,
    max_length: int = 256,
) -> Problem:
    """Problems of text, mixed by rate or size, with one vocabulary: problems=[translation.debian_en_de,scan.simple].

    Every update is of one problem. Inputs begin with the problem's name: `translation.debian_en_de: Good morning`.
    """
    if not problems or len(set(problems)) < len(problems):
        raise ValueError(f"`data.problems` must be different problems, but is {list(problems)}.")
    members = {name: catalog.find("problems", name)() for name in problems}
    mixture = Mixture(rates=tuple(rates or ()), temperature=temperature)
    mixture.shares([1] * len(members))
    codec = Subwords(size=vocabulary_size)
    return Problem(
        source=Mixed(sources={name: member.source for name, member in members.items()}),
        inputs=codec,
        targets=codec,
        max_length=max_length,
        parts=tuple(members),
        mixture=mixture,
        part_metrics={name: member.metrics for name, member in members.items()},
        licence="; ".join(sorted({member.licence for member in members.values()} - {""})),
    )

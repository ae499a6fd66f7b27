import pytest

from lengthwise.evaluation.length_generalization import LengthScore
from lengthwise.inspection import length_plot


def score(run: str, length: int, kind: str, exact: float) -> LengthScore:
    return LengthScore(run=run, length=length, inputs=kind, examples=8, exact_match=exact, symbol_accuracy=exact)


SCORES = [
    score(run, length, kind, 1 - length / 500) for run in "ab" for length in (41, 401) for kind in ("random", "carry")
]


def test_a_picture_is_drawn(tmp_path):
    pytest.importorskip("matplotlib")
    length_plot.draw({"first": SCORES, "second": SCORES[:2]}, tmp_path / "plot.png")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


def test_the_course_is_the_lowest_median_and_highest_of_each_length():
    scores = [score("a", 5, "random", value) for value in (0.2, 0.9, 0.4)]
    assert length_plot._course(scores) == ([5], [0.2], [0.4], [0.9])


def test_without_matplotlib_the_command_that_installs_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(length_plot, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"pip install 'lengthwise\[plots\]'"):
        length_plot.draw({"first": SCORES}, tmp_path / "plot.png")

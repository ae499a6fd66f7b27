"""The guide's file: a problem and a model from outside the package."""

from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_guides_example_learns(lengthwise, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    names = ("--problem", "examples.reversed_words:words", "--model", "examples.reversed_words:tiny")
    lengthwise("train", *names, "data.count=4000", "train.steps=300", "train.validate_every=0", "--run", tmp_path / "r")
    answer = lengthwise("decode", tmp_path / "r", stdin=b"abcd\n").stdout.strip()
    assert sorted(answer)[:2] == ["a", "b"]

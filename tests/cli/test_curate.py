import json

import pytest

from lengthwise.cli.curate import command

TEXTS = [
    f"This is the number {i} of some texts that are kept with the others, word {i * i} to {i**3}." for i in range(30)
]
SETTINGS = ["quality.min_words=10", "near=none"]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "texts").mkdir()
    for number, text in enumerate(TEXTS):
        (tmp_path / "texts" / f"{number:02d}.md").write_text(text)
    (tmp_path / "texts" / "copy.md").write_text(TEXTS[0].upper())
    return tmp_path / "texts"


def curate(*words, output, **options):
    values = {"ending": "", "column": "text", "rates": "", "format": "jsonl", "processes": 1}
    command([str(word) for word in words], output=output, **(values | options))


def test_a_folder_is_cleaned_and_counted(folder, tmp_path, capsys):
    curate(folder, *SETTINGS, output=tmp_path / "out", ending=".md")
    shown = capsys.readouterr().out
    assert "kept 30 of 31 texts" in shown and "left out    1 x exact copy (such as copy.md)" in shown
    assert " MB/s\n" in shown and f"data.source={tmp_path / 'out'} data.ending=.jsonl" in shown
    assert json.loads((tmp_path / "out" / "counts.json").read_text())["settings"]["near"] is None


def test_several_inputs_are_mixed_by_rates_in_several_processes(folder, tmp_path, capsys):
    (tmp_path / "more.jsonl").write_text("".join(json.dumps({"content": f"More: {text}"}) + "\n" for text in TEXTS))
    words = [folder, tmp_path / "more.jsonl", *SETTINGS]
    curate(*words, output=tmp_path / "out", rates="2,1", processes=2, format="parquet", column="content")
    shown = capsys.readouterr().out
    assert shown.count("kept") == 2 and (tmp_path / "out" / "part-00000.parquet").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["near=none"], "Different inputs must be named"),
        (["x", "x"], "Different inputs must be named"),
        (["no-such-folder"], "`no-such-folder` does not exist"),
        (["quality.min_word=3", "x"], "Did you mean `min_words`"),
        (["near=2", "x.txt"], "`near` must be between 0.3 and 1"),
        (["against=[language_modeling.pyton]", "x.txt"], "Did you mean `language_modeling.python`"),
        (["languages=[english]", "x.txt"], "`english` is none of"),
        (["image_classification.mnist"], "must be a problem of texts, but is one of image to label"),
        (["against=[image_classification.mnist]", "x.txt"], "must be a problem of texts"),
    ],
)
def test_a_mistake_is_said(words, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.txt").write_text(TEXTS[0])
    with pytest.raises(ValueError, match=message):
        curate(*words, output=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_format_that_there_is_not_is_refused(folder, tmp_path):
    with pytest.raises(ValueError, match="`--format` must be one of `jsonl` or `parquet`"):
        curate(folder, output=tmp_path / "out", format="csv")

import pytest

from lengthwise.cli.prepare import command


def test_splits_and_rejections_are_counted(tiny_pairs, tmp_path, capsys):
    pairs = tmp_path / "pairs.tsv"
    lines = tiny_pairs.read_text().splitlines()
    pairs.write_text("\n".join([*lines, lines[0], lines[1], "\t\t"]) + "\n")
    command(["translation.files", f"data.source={pairs}", "data.vocabulary_size=300"])
    shown = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in shown[:3]] == ["train", "validation", "test"]
    assert "num_rows" in shown[0]
    copies = next(line for line in shown if "copy of another pair" in line)
    assert copies.startswith("left out    2 x copy of another pair (such as ") and "pairs.tsv" in copies
    assert "prepared" in shown[-1]


def test_the_second_time_says_the_same(tiny_pairs, capsys):
    words = ["translation.files", f"data.source={tiny_pairs}", "data.vocabulary_size=300"]
    command(words)
    first = capsys.readouterr()
    command(words)
    assert capsys.readouterr() == (first.out, "")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["data.source=x.tsv"], "A problem must be named"),
        (["translation.files", "source=x.tsv"], "`source` must be a `data.` parameter"),
        (["translation.files", "data.sorce=x.tsv"], "Did you mean `source`"),
        (["translation.files"], "needs `data.source`"),
        (["translation.demo"], "not a problem but a recipe"),
        (["translation.fils"], "Did you mean `translation.files`"),
    ],
)
def test_a_mistake_is_said(words, message):
    with pytest.raises(ValueError, match=message):
        command(words)


def test_an_engine_that_there_is_not_is_refused(tiny_pairs):
    with pytest.raises(ValueError, match="`--engine` must be local or ray, but is `spark`"):
        command(["translation.files", f"data.source={tiny_pairs}"], engine="spark")

from pathlib import Path

from lengthwise.training.tracking.json_lines import JsonLines, read_json_lines


def test_rows_are_appended_and_exact(tmp_path: Path):
    for step in (1, 2):
        lines = JsonLines(tmp_path / "m.jsonl")
        lines.log(step, {"loss": 0.1 + 0.2})
        lines.close()
    assert list(read_json_lines(tmp_path / "m.jsonl")) == [{"step": s, "loss": 0.1 + 0.2} for s in (1, 2)]


def test_a_cut_drops_later_rows_and_a_torn_line_and_goes_on(tmp_path: Path):
    path = tmp_path / "m.jsonl"
    lines = JsonLines(path)
    for step in (1, 2, 3):
        lines.log(step, {"loss": 1.0})
    lines.close()
    with path.open("a") as file:
        file.write('{"step": 2, "lo')
    lines = JsonLines(path)
    lines.cut(2)
    lines.log(3, {"loss": 2.0})
    lines.flush()
    lines.close()
    assert [(row["step"], row["loss"]) for row in read_json_lines(path)] == [(1, 1.0), (2, 1.0), (3, 2.0)]


def test_no_file_has_no_rows(tmp_path: Path):
    assert list(read_json_lines(tmp_path / "none")) == []

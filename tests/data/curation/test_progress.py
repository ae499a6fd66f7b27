import pytest

from lengthwise.data.curation.progress import Progress, Tally, progress_of
from lengthwise.data.problem import Rejected


def saved(folder, settings):
    with progress_of(folder, settings, ["a"]) as progress:
        progress.tallies["a"].num_read, progress.num_parts = 7, 1
        progress.tallies["a"].rejections.add(Rejected(reason="invalid JSON", where="a:3"))
        (folder / "part-00000.jsonl").write_text("whole")
        (folder / "part-00001.jsonl").write_text("hal")
        progress.save()
    return progress


def test_a_later_call_goes_on_where_the_last_file_is_whole(tmp_path):
    before = saved(tmp_path / "x", {"near": 0.7})
    with progress_of(tmp_path / "x", {"near": 0.7}, ["a"]) as progress:
        assert progress == before and progress is not before
        assert [path.name for path in (tmp_path / "x").glob("part-*")] == ["part-00000.jsonl"]
        progress.finish(tmp_path / "y")
    assert [path.name for path in (tmp_path / "y").iterdir()] == ["part-00000.jsonl"]


def test_other_settings_begin_anew(tmp_path):
    saved(tmp_path / "x", {"near": 0.7})
    with progress_of(tmp_path / "x", {"near": 0.8}, ["a", "b"]) as progress:
        assert progress == Progress(tmp_path / "x", {"near": 0.8}, {"a": Tally(), "b": Tally()})
        assert not list((tmp_path / "x").glob("part-*"))


def test_two_at_once_are_refused(tmp_path):
    with progress_of(tmp_path / "x", {}, ["a"]), pytest.raises(ValueError, match="is being written by another process"):
        with progress_of(tmp_path / "x", {}, ["a"]):
            pass


@pytest.mark.parametrize("num_parts", [0, 1])
def test_what_fails_leaves_only_whole_files(tmp_path, num_parts):
    with pytest.raises(KeyboardInterrupt), progress_of(tmp_path / "x", {}, ["a"]) as progress:
        progress.num_parts = num_parts
        raise KeyboardInterrupt
    assert (tmp_path / "x").exists() == bool(num_parts)

import pytest

from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.folder import files_of


def test_files_are_sorted_by_name_and_chosen_by_their_ending(tmp_path):
    (tmp_path / "b").mkdir()
    for name in ("b/2.TXT", "a.txt", "c.md"):
        (tmp_path / name).touch()
    assert [name for name, _ in files_of(tmp_path, (".txt",))] == ["a.txt", "b/2.TXT"]
    assert [name for name, _ in files_of(tmp_path)] == ["a.txt", "b/2.TXT", "c.md"]


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "a.txt").touch()
    with pytest.raises(SourceError, match="must be a folder"):
        files_of(tmp_path / "a.txt")

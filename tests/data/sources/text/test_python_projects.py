from importlib.metadata import distributions
from itertools import islice
from pathlib import Path

import pytest

from lengthwise.data.problem import Rejected
from lengthwise.data.sources.text import python_projects
from lengthwise.data.sources.text.python_projects import PythonProjects, fault_of, rows_of

LONG = "".join(f"def f{number}(x):\n    return x + {number}\n\n\n" for number in range(200)).encode()


def install(folder: Path, name: str, **files: bytes) -> None:
    """Write a package as installers do: its files, and what they are called."""
    (folder / name).mkdir()
    (folder / f"{name}-1.0.dist-info").mkdir()
    for file, text in files.items():
        (folder / name / f"{file}.py").write_bytes(text)
    listed = "".join(f"{name}/{file}.py,sha256={len(text)},{len(text)}\n" for file, text in files.items())
    (folder / f"{name}-1.0.dist-info" / "METADATA").write_text(f"Name: {name}\nVersion: 1.0\n")
    (folder / f"{name}-1.0.dist-info" / "RECORD").write_text(listed)


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Two packages and nothing else."""
    install(
        tmp_path,
        "Beta",
        one=LONG,
        two=b"# do not edit\nx = 1\n",
        three=b"",
        four=b"x = 1  # \xe9\n",
        five=b"x = 5\n",
    )
    (tmp_path / "Beta" / "five.py").unlink()
    install(tmp_path, "alpha", one=b"def alone():\n    pass\n", data=b"x = [" + b"1, " * 900 + b"]\n")
    install(tmp_path, "lengthwise", one=b"x = 1\n")
    monkeypatch.setattr(python_projects, "distributions", lambda: distributions(path=[str(tmp_path)]))
    monkeypatch.setattr(python_projects.python_source, "files", list)
    return tmp_path


def test_a_project_is_a_document_and_each_file_left_out_is_told(installed):
    rows = list(PythonProjects().read())
    kept = [row for row in rows if not isinstance(row, Rejected)]
    assert {row["document"] for row in kept} == {"alpha", "beta"}
    texts = [str(row["targets"]) for row in kept if row["document"] == "beta"]
    assert "".join(texts) == LONG.decode()
    assert len(texts) > 2 and all(text.startswith("def f") and len(text) <= 2560 for text in texts)
    assert {(row.reason, row.where) for row in rows if isinstance(row, Rejected)} == {
        ("generated file", "beta/Beta/two.py"),
        ("empty file", "beta/Beta/three.py"),
        ("file not in its declared encoding", "beta/Beta/four.py"),
        ("file that is no longer there", "beta/Beta/five.py"),
        ("file of long lines", "alpha/alpha/data.py"),
    }


def test_what_is_installed_counts(installed):
    before = PythonProjects().checksums()
    assert {"alpha 1.0", "Beta 1.0"} < set(before) and "lengthwise 1.0" not in before
    (installed / "alpha-1.0.dist-info" / "RECORD").write_text("")
    assert PythonProjects().checksums() != before


def test_the_standard_library_comes_first():
    first = next(row for row in PythonProjects().read() if not isinstance(row, Rejected))
    assert str(first["document"]).startswith("python 3.")
    names = {name for name, _ in PythonProjects().projects()}
    assert {"torch", "numpy"} <= names and len(names) <= 1 + len(list(distributions()))


@pytest.mark.parametrize("wheel", ["toolz", "toolz>=1", "../x==1", "a b==1"])
def test_a_wheel_needs_its_version(wheel):
    with pytest.raises(ValueError, match="must be written like name==version"):
        PythonProjects((wheel,))


def test_a_named_wheel_is_read_and_never_run(monkeypatch):
    monkeypatch.setattr(python_projects, "distributions", list)
    monkeypatch.setattr(python_projects.python_source, "files", lambda: [])
    source = PythonProjects(("toolz==1.0.0",))
    source.fetch()
    rows = list(islice(source.read(), 3))
    assert all(not isinstance(row, Rejected) and row["document"] == "toolz" for row in rows)
    assert any(name.startswith("toolz-1.0.0") for name in source.checksums())


def test_rows_lose_nothing_but_blank_ends():
    text = "import a\n\n\n" + "class B:\n" + "    x = 1\n" * 100 + "\n\ndef c(\n    d,\n):\n    pass\n" + "y" * 900
    rows = list(rows_of(text, 300))
    assert "".join(rows) == text and max(map(len, rows)) <= 300
    assert list(rows_of("x\n" + " \n" * 200, 300)) == ["x\n" + " \n" * 149]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("x = 1\n", None),
        ("\n \n", "empty file"),
        ("#!python\n# This file is auto-generated.\nx = 1\n", "generated file"),
        ("x = 1\n" * 6 + "# DO NOT EDIT the line above\n", None),
        ("x" * 1001 + "\n" + "y = 1\n" * 99, "file of long lines"),
        (("x" * 150 + "\n") * 5, "file of long lines"),
        ("[((((), [])), {{}})]\n" * 9, "file of few letters and digits"),
    ],
)
def test_what_people_did_not_write_is_left_out(text, fault):
    assert fault_of(text) == fault

"""The tests mirror the source, file for file."""

from pathlib import Path

ROOT = Path(__file__).parents[2]


def missing_tests(src: Path, tests: Path) -> list[str]:
    files = [file.relative_to(src) for file in sorted(src.rglob("*.py")) if file.stem not in ("__init__", "__main__")]
    return [str(file) for file in files if not (tests / file.with_name(f"test_{file.name}")).exists()]


def test_every_module_has_a_test_file_at_the_same_place():
    assert missing_tests(ROOT / "src" / "lengthwise", ROOT / "tests") == []


def test_a_module_without_tests_is_caught(tmp_path: Path):
    for file in ("src/a/__init__.py", "src/a/b.py", "src/a/c.py", "tests/a/test_b.py", "tests/test_c.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    assert missing_tests(tmp_path / "src", tmp_path / "tests") == ["a/c.py"]

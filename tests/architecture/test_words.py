"""Names say what a thing is, and everything public says what it does."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src" / "lengthwise"

EMPTY_WORDS = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers"}
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)}


def empty_names(src: Path) -> list[str]:
    found = []
    for file in sorted(src.rglob("*.py")):
        name = file.relative_to(src)
        found += [f"{name}" for part in name.with_suffix("").parts if words(part) & EMPTY_WORDS]
        classes = (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ClassDef))
        found += [f"{name}: {node.name}" for node in classes if words(node.name) & EMPTY_WORDS]
    return found


def public_definitions(tree: ast.Module) -> Iterator[Definition]:
    """Of the module, and the methods of classes without a base: an override is documented where it is declared."""
    for node in tree.body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef) and all(ast.unparse(base) == "ABC" for base in node.bases):
                yield from (
                    each for each in node.body if isinstance(each, Definition) and not each.name.startswith("_")
                )


def undocumented(src: Path) -> list[str]:
    found = []
    for file in sorted(src.rglob("*.py")):
        tree, name = ast.parse(file.read_text(encoding="utf-8")), file.relative_to(src)
        if tree.body and not ast.get_docstring(tree):
            found.append(f"{name}")
        found += [
            f"{name}:{each.lineno}: {each.name}" for each in public_definitions(tree) if not ast.get_docstring(each)
        ]
    return found


def test_nothing_has_an_empty_name():
    assert empty_names(SRC) == []


def test_everything_public_is_documented():
    assert undocumented(SRC) == []


@pytest.mark.parametrize("file", ["utils.py", "data/text_helpers.py", "common/x.py", "cache_manager.py"])
def test_an_empty_module_name_is_caught(tmp_path: Path, file):
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).touch()
    assert empty_names(tmp_path) != []


def test_an_empty_class_name_is_caught(tmp_path: Path):
    (tmp_path / "x.py").write_text("class CacheManager: ...\nclass Commonplace: ...\n")
    assert empty_names(tmp_path) == ["x.py: CacheManager"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("x = 1", 1),
        ('"""M."""\ndef f(): ...\nclass A: ...', 2),
        ('"""M."""\ndef _f(): ...', 0),
        ('"""M."""\nclass A(ABC):\n    """A."""\n    def f(self): ...\n    def _g(self): ...', 1),
        ('"""M."""\nclass A(Base):\n    """A."""\n    def f(self): ...', 0),
    ],
)
def test_what_is_not_documented_is_caught(tmp_path: Path, text, count):
    (tmp_path / "x.py").write_text(text)
    assert len(undocumented(tmp_path)) == count

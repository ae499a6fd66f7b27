"""Imports go one way: a module imports its own room or a lower floor, siblings never."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src" / "lengthwise"

ROOMS_BY_FLOOR = {
    6: "cli",
    5: "inspection serving launch",
    4: "run",
    3: "evaluation recipes",
    2: "problems models decoding training",
    1: "data metrics sandbox layers losses parallel",
    # Floor 0 has an order of its own.
    0.4: "catalog",
    0.3: "config",
    0.2: "contracts",
    0.1: "literals",
    0.0: "runtime names",
    -0.1: "world trees",
}
FLOORS = {room: floor for floor, rooms in ROOMS_BY_FLOOR.items() for room in rooms.split()}
DOORS = ("__init__", "__main__")
LAZY = {"load": "run", "__version__": "names"}


def room_of(file: Path, src: Path) -> str:
    return file.relative_to(src).with_suffix("").parts[0]


def imported_modules(file: Path, src: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything imported from the package, inside functions too."""
    package = ["lengthwise", *file.relative_to(src).parent.parts]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{stem}.{name.name}") for name in node.names)


def violations(src: Path) -> list[str]:
    found = []
    for file in sorted(src.rglob("*.py")):
        room = room_of(file, src)
        if room in DOORS:
            continue
        if room not in FLOORS:
            found.append(f"{file.relative_to(src)}: room `{room}` stands on no floor")
            continue
        for line, name in imported_modules(file, src):
            top, _, rest = name.partition(".")
            target = LAZY.get(rest, rest.partition(".")[0])
            if top == "lengthwise" and target != room and not FLOORS.get(target, 99) < FLOORS[room]:
                where = f"floor {FLOORS.get(target, 'unknown')}"
                found.append(
                    f"{file.relative_to(src)}:{line}: `{room}` (floor {FLOORS[room]}) imports `{name}` ({where})"
                )
    return found


def test_imports_only_go_down():
    assert violations(SRC) == []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("models/net.py", "from lengthwise.training.loop import train"),
        ("models/net.py", "import lengthwise.run"),
        ("models/net.py", "def f():\n    from lengthwise import cli"),
        ("data/x/y.py", "from ...metrics import bleu"),
        ("data/x/y.py", "from lengthwise import load"),
        ("names.py", "from lengthwise.runtime import resolve"),
        ("contracts.py", "from lengthwise.config import override"),
        ("config.py", "from lengthwise.no_room import x"),
        ("attic/x.py", ""),
    ],
)
def test_a_wrong_import_is_caught(tmp_path: Path, file, text):
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(text)
    assert len(violations(tmp_path)) == 1


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("models/net.py", "from lengthwise.layers.attention import Attention\nimport torch"),
        ("data/x/y.py", "from ..z import w\nfrom . import v\nfrom lengthwise.contracts import PAD"),
        ("config.py", "from lengthwise.names import nearest"),
        ("__init__.py", "from lengthwise.run import load"),
        ("cli/train.py", "from lengthwise import __version__, run, load"),
    ],
)
def test_a_right_import_is_not(tmp_path: Path, file, text):
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(text)
    assert violations(tmp_path) == []

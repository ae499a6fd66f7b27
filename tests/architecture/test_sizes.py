"""Files, functions, argument lists and the whole stay readable."""

import ast
import io
import tokenize
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src" / "lengthwise"

MAX_FILE, MAX_FUNCTION, MAX_ARGUMENTS, MAX_ALL = 400, 45, 8, 15_000
APART = {"data/sources": 6_000, "sandbox": 1_500}

EMPTY = {
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER
}  # fmt: skip

Function = ast.FunctionDef | ast.AsyncFunctionDef


def num_lines(function: Function) -> int:
    """From `def` to the end, without the docstring."""
    first = function.body[0]
    is_documented = ast.get_docstring(function, clean=False) is not None
    documented = (first.end_lineno or 0) - first.lineno + 1 if is_documented else 0
    return (function.end_lineno or 0) - function.lineno + 1 - documented


def num_arguments(function: Function) -> int:
    """Without `self` and `cls`."""
    arguments = function.args.posonlyargs + function.args.args + function.args.kwonlyargs
    return sum(argument.arg not in ("self", "cls") for argument in arguments)


def oversized(src: Path) -> list[str]:
    found = []
    for file in sorted(src.rglob("*.py")):
        text, name = file.read_text(encoding="utf-8"), file.relative_to(src)
        if (lines := len(text.splitlines())) > MAX_FILE:
            found.append(f"{name}: {lines} lines (at most {MAX_FILE})")
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, Function):
                continue
            if (lines := num_lines(node)) > MAX_FUNCTION:
                found.append(f"{name}:{node.lineno}: `{node.name}` has {lines} lines (at most {MAX_FUNCTION})")
            if (count := num_arguments(node)) > MAX_ARGUMENTS:
                found.append(f"{name}:{node.lineno}: `{node.name}` has {count} arguments (at most {MAX_ARGUMENTS})")
    return found


def test_files_functions_and_argument_lists_are_short():
    assert oversized(SRC) == []


def num_lines_of_code(text: str) -> int:
    """Without blank lines, comments and docstrings (decision 0016)."""
    documented = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or 0) + 1)
    }
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    held = {line for each in tokens if each.type not in EMPTY for line in range(each.start[0], each.end[0] + 1)}
    return len(held - documented)


def test_the_library_and_what_is_read_apart_from_it_stay_within_their_budgets():
    """Decisions 0021 and 0024."""
    left = {file: num_lines_of_code(file.read_text(encoding="utf-8")) for file in SRC.rglob("*.py")}
    for room, most in APART.items():
        assert sum(left.pop(file) for file in list(left) if file.is_relative_to(SRC / room)) <= most, room
    assert sum(left.values()) <= MAX_ALL


def test_lines_of_code_are_those_that_do_something():
    text = '"""What.\n\nMore.\n"""\n\nx = [\n    1,\n]  # y\n\n# z\ndef f():\n    """W."""\n    return """a\nb"""\n'
    assert num_lines_of_code(text) == 3 + 1 + 2


def body(lines: int) -> str:
    return "\n".join(["    x = 1"] * lines)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("x = 1\n" * 400, 0),
        ("x = 1\n" * 401, 1),
        (f"def f():\n{body(44)}", 0),
        (f"def f():\n{body(45)}", 1),
        ('def f():\n    """One.\n\n    Two.\n    """\n' + body(44), 0),
        (f"class A:\n    async def f(self):\n    {body(45).replace(chr(10), chr(10) + '    ')}", 1),
        ("def f(self, a, b, c, d, /, e, f, *, g, h): ...", 0),
        ("def f(a, b, c, d, /, e, f, *, g, h, i): ...", 1),
    ],
)
def test_what_is_one_too_many_is_caught(tmp_path: Path, text, count):
    (tmp_path / "x.py").write_text(text)
    assert len(oversized(tmp_path)) == count

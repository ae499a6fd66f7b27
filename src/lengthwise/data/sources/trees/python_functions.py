"""Functions of Python's standard library and their syntax trees."""

import ast
import hashlib
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from lengthwise.contracts import Example
from lengthwise.data.curation.deduplicate import near_duplicates
from lengthwise.data.problem import Rejected, Report, Source
from lengthwise.data.sources.text import python_source
from lengthwise.data.sources.trees import python_tree

SHARE = 0.05
"""Of the modules, for validation and for test."""


@dataclass(frozen=True)
class PythonFunctions(Source):
    """Every function and method that stands in no other one; a module's are in one split.

    Those outside train that are nearly in train, or in the other one, are left out.
    """

    is_anonymous: bool = False
    """Whether names and constants are left out of the trees."""
    max_words: int = 320
    """Functions of more lexemes are left out of all splits."""
    name: str = "functions of python's standard library"
    licence: str = "PSF-2.0"
    is_split_exact: bool = True

    def fetch(self, report: Report | None = None) -> None:
        """It is there."""

    def checksums(self) -> dict[str, str]:
        """Of all files together, under Python's version."""
        return python_source.StandardLibrary().checksums()

    def code(self) -> Iterable[object]:
        """What reads and writes the trees."""
        return (python_tree.tree_of, python_source.StandardLibrary)

    def read(self) -> Iterator[Example | Rejected]:
        """File by file, by name."""
        found: list[Example] = []
        for name, path in python_source.files():
            try:
                with tokenize.open(path) as file:
                    text = file.read()
                    module = ast.parse(text)
            except (SyntaxError, UnicodeDecodeError, ValueError):
                yield Rejected(reason="not Python", where=name)
                continue
            for node in _outermost(module):
                example = _example(node, text, f"{name}:{node.lineno}", _split_of(name), self.is_anonymous)
                if isinstance(example, Rejected):
                    yield example
                elif str(example["inputs"]).count(" ") >= self.max_words:
                    reason = f"function over {self.max_words} lexemes"
                    yield Rejected(reason=reason, where=str(example["where"]), is_bad=False)
                else:
                    found.append(example)
        yield from _apart(found)


Function = ast.FunctionDef | ast.AsyncFunctionDef


def _outermost(module: ast.AST) -> Iterator[Function]:
    for node in ast.iter_child_nodes(module):
        if isinstance(node, Function):
            yield node
        elif isinstance(node, ast.ClassDef | ast.If | ast.Try | ast.With | ast.ExceptHandler):
            yield from _outermost(node)


def _example(node: Function, text: str, where: str, split: str, is_anonymous: bool) -> Example | Rejected:
    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    lines = python_tree.lines_of(text)[first - 1 : node.end_lineno]
    try:
        # Not `textwrap.dedent`: comments and lines of strings may stand further left.
        source = "".join(line.removeprefix(lines[0][: node.col_offset]) for line in lines)
        function = ast.parse(source).body[0]
        source = _without_docstrings(function, source)
        function = ast.parse(source).body[0]
        python_tree.with_written_constants(function, source)
        words, tree = python_tree.words_of(source), python_tree.tree_of(function)
    except (SyntaxError, IndentationError, tokenize.TokenError, RecursionError, ValueError):
        return Rejected(reason="a function that can't stand alone", where=where)
    if is_anonymous:
        tree = python_tree.anonymous(tree)
    return {"inputs": " ".join(words), "targets": str(tree), "split": split, "where": where}


def _without_docstrings(function: ast.AST, source: str) -> str:
    """The source with `pass` where a body was only a docstring, and no docstring else."""
    lines = python_tree.lines_of(source)
    for node in ast.walk(function):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and ast.get_docstring(node, False):
            first = node.body[0]
            assert first.end_lineno is not None and first.end_col_offset is not None
            head = lines[first.lineno - 1].encode()[: first.col_offset].decode()
            tail = lines[first.end_lineno - 1].encode()[first.end_col_offset :].decode()
            lines[first.lineno - 1 : first.end_lineno] = [f"{head}pass{tail}"] + ["\n"] * (
                first.end_lineno - first.lineno
            )
            if len(node.body) > 1 and node.body[1].lineno > first.end_lineno and not head.strip():
                lines[first.lineno - 1] = "\n"
    return "".join(lines)


def _apart(rows: list[Example]) -> Iterator[Example | Rejected]:
    """Train, then what is like nothing before it."""
    splits = {name: [row for row in rows if row["split"] == name] for name in ("train", "validation", "test")}
    yield from splits["train"]
    known = [str(row["inputs"]) for row in splits["train"]]
    for name in ("validation", "test"):
        texts = [str(row["inputs"]) for row in splits[name]]
        is_near = near_duplicates(texts, known) if texts else np.zeros(0, dtype=np.bool_)
        for row, is_dropped in zip(splits[name], is_near, strict=True):
            reason = f"{name} function like one of another split"
            yield Rejected(reason=reason, where=str(row["where"]), is_bad=False) if is_dropped else row
        known += texts


def _split_of(name: str) -> str:
    share = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") / 2**64
    return "train" if share < 1 - 2 * SHARE else "validation" if share < 1 - SHARE else "test"

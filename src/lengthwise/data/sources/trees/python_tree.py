"""A Python function as words on one line, and its abstract syntax tree as a bracketed tree over some of them.

Words of a tree stand in the order of the source: names, constants, and one word for what would have none (`pass`).
Comments and docstrings, which have no structure, are on neither side.
"""

import ast
import io
import keyword
import tokenize
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from lengthwise.trees import Tree, escaped

BLOCKS = {tokenize.NEWLINE: "⏎", tokenize.INDENT: "⇥", tokenize.DEDENT: "⇤"}
"""End of a statement, and of one that is followed by a block or ends one."""
SKIPPED = (tokenize.COMMENT, tokenize.NL, tokenize.ENDMARKER, tokenize.ENCODING)
SPACES = str.maketrans({" ": "␣", "\n": "␤", "\t": "␉", "\r": "␍", "\f": "␌"})
"""White space in words."""


def words_of(source: str) -> list[str]:
    """The lexemes of a source; line ends and indentation are words of their own."""
    found: list[str] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in BLOCKS:
            # A line end that opens or closes a block goes without saying.
            if token.type != tokenize.NEWLINE and found and found[-1] == BLOCKS[tokenize.NEWLINE]:
                found.pop()
            found.append(BLOCKS[token.type])
        elif token.type not in SKIPPED:
            found.append(_word(token.string))
    return found


def tree_of(node: ast.AST) -> Tree:
    """The tree of a syntax node."""
    if isinstance(node, ast.Name):
        return Tree("Name", words=(_leaf(node.id),))
    if isinstance(node, ast.Constant):
        return Tree("Constant", words=tuple(map(_leaf, _constant(node))))
    label, children = type(node).__name__, tuple(_children(node))
    if isinstance(node, ast.BinOp | ast.UnaryOp | ast.BoolOp | ast.AugAssign):
        label = f"{label}:{type(node.op).__name__}"
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        label = f"Compare:{type(node.ops[0]).__name__}"
    return Tree(label, children) if children else Tree(label, words=(_placeholder(node),))


def anonymous(tree: Tree) -> Tree:
    """The same tree without its names and constants: a leaf's word is its label, in lower case."""
    if tree.children:
        return Tree(tree.label, tuple(map(anonymous, tree.children)))
    return Tree(tree.label, words=(tree.label.lower(),))


def _children(node: ast.AST) -> Iterator[Tree]:
    special = SPECIAL.get(type(node))
    if special is not None:
        yield from special(node)
    elif isinstance(node, ast.Compare) and len(node.ops) > 1:
        yield tree_of(node.left)
        for operator, operand in zip(node.ops, node.comparators, strict=True):
            yield Tree(type(operator).__name__, (tree_of(operand),))
    else:
        yield from _fields(node)


def _fields(node: ast.AST) -> Iterator[Tree]:
    """Every field in the grammar's order, which is the source's here; blocks beside the first have a bracket."""
    for name, value in ast.iter_fields(node):
        if name in ("ctx", "op", "ops", "type_comment", "kind", "simple", "conversion", "level", "type_ignores"):
            continue
        if name in ("orelse", "finalbody") and value:
            yield Tree(name, tuple(map(tree_of, value))) if isinstance(value, list) else tree_of(value)
        elif isinstance(value, str):
            yield Tree(name, words=_dotted(value))
        elif isinstance(value, list):
            yield from (Tree(name, words=(_leaf(each),)) if isinstance(each, str) else tree_of(each) for each in value)
        elif isinstance(value, ast.AST):
            yield tree_of(value)


def _definition(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Iterator[Tree]:
    yield from (Tree("decorator", (tree_of(each),)) for each in node.decorator_list)
    yield Tree("name", words=(_leaf(node.name),))
    if isinstance(node, ast.ClassDef):
        yield from map(tree_of, (*node.bases, *node.keywords))
    else:
        if arguments := tuple(_arguments(node.args)):
            yield Tree("arguments", arguments)
        if node.returns is not None:
            yield Tree("returns", (tree_of(node.returns),))
    yield from map(tree_of, node.body)


def _arguments(node: ast.arguments) -> Iterator[Tree]:
    positional = [*node.posonlyargs, *node.args]
    defaults = [None] * (len(positional) - len(node.defaults)) + list(node.defaults)
    for number, (argument, default) in enumerate(zip(positional, defaults, strict=True), start=1):
        yield _argument(argument, default)
        if number == len(node.posonlyargs):
            yield Tree("slash", words=("/",))
    if node.vararg:
        yield Tree("vararg", (_argument(node.vararg, None),))
    elif node.kwonlyargs:
        yield Tree("star", words=("*",))
    yield from map(_argument, node.kwonlyargs, node.kw_defaults)
    if node.kwarg:
        yield Tree("kwarg", (_argument(node.kwarg, None),))


def _dictionary(node: ast.Dict) -> Iterator[Tree]:
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            yield Tree("DoubleStarred", (tree_of(value),))
        else:
            yield from (tree_of(key), tree_of(value))


def _call(node: ast.Call) -> Iterator[Tree]:
    yield tree_of(node.func)
    yield from map(tree_of, sorted((*node.args, *node.keywords), key=lambda each: (each.lineno, each.col_offset)))


def _choice(node: ast.IfExp) -> Iterator[Tree]:
    yield from map(tree_of, (node.body, node.test, node.orelse))


def _slice(node: ast.Slice) -> Iterator[Tree]:
    for name in ("lower", "upper", "step"):
        if (bound := getattr(node, name)) is not None:
            yield Tree(name, (tree_of(bound),))


def _argument(node: ast.arg, default: ast.AST | None) -> Tree:
    found = Tree("arg", words=(_leaf(node.arg),))
    if node.annotation is not None:
        found = Tree("annotated", (found, tree_of(node.annotation)))
    return found if default is None else Tree("default", (found, tree_of(default)))


def _placeholder(node: ast.AST) -> str:
    """The word of a node without a name or constant: the keyword or bracket that it is written with."""
    marks = {"List": "[", "Tuple": "-LRB-", "Dict": "{", "Slice": ":", "JoinedStr": "f", "arguments": ":"}
    name = type(node).__name__
    return marks.get(name, name.lower())


def _constant(node: ast.Constant) -> Iterable[str]:
    # Where a word of the source is known it is what is copied; values inside of an f-string have none.
    return getattr(node, "written", None) or (repr(node.value),)


def lines_of(source: str) -> list[str]:
    """As Python counts them: `str.splitlines` also breaks at form feeds and at marks inside of strings."""
    return io.StringIO(source).readlines()


def with_written_constants(function: ast.AST, source: str) -> None:
    """Note at each constant the words that write it in the source."""
    lines = lines_of(source)
    tokens = [
        token
        for token in tokenize.generate_tokens(iter([*lines, ""]).__next__)
        if token.type in (tokenize.STRING, tokenize.NUMBER) or keyword.iskeyword(token.string) or token.string == "..."
    ]
    by_line: dict[int, list[tokenize.TokenInfo]] = {}
    for token in tokens:
        by_line.setdefault(token.start[0], []).append(token)
    inside = {id(value) for node in ast.walk(function) if isinstance(node, ast.JoinedStr) for value in ast.walk(node)}
    for node in ast.walk(function):
        if isinstance(node, ast.Constant) and id(node) not in inside and node.end_lineno is not None:
            begin, end = _place(node, lines)
            found = [
                token.string
                for line in range(node.lineno, node.end_lineno + 1)
                for token in by_line.get(line, ())
                if begin <= token.start and token.end <= end
            ]
            if found:
                node.written = found  # type: ignore[attr-defined]


def _place(node: ast.Constant, lines: list[str]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where a node begins and ends in characters, of which `ast` counts the bytes."""
    places = ((node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0))
    begin, end = (
        (line, len(lines[line - 1].encode()[:offset].decode(errors="ignore")))
        if not lines[line - 1].isascii()
        else (line, offset)
        for line, offset in places
    )
    return begin, end


def _dotted(name: str) -> tuple[str, ...]:
    """`os.path` as the lexemes that it is written with."""
    return tuple(_leaf(part) for part in " . ".join(name.split(".")).split()) if name != "." else (".",)


def _leaf(text: str) -> str:
    return escaped(_word(text))


def _word(text: str) -> str:
    return text.translate(SPACES)


SPECIAL: Mapping[type[ast.AST], Callable[[Any], Iterator[Tree]]] = {
    ast.FunctionDef: _definition,
    ast.AsyncFunctionDef: _definition,
    ast.ClassDef: _definition,
    ast.arguments: _arguments,
    ast.Dict: _dictionary,
    ast.Call: _call,
    ast.IfExp: _choice,
    ast.Slice: _slice,
}
"""Nodes whose fields don't stand in the order of the source, or don't tell themselves apart."""

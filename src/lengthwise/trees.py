"""Bracketed trees: `(S (NP (DT the) (NN cat)) (VP (VBZ sleeps)))`; a node has children or words, never both."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKENS = re.compile(r"[()]|[^\s()]+")
ESCAPES = (("(", "-LRB-"), (")", "-RRB-"))
"""How words write round brackets, as the Penn Treebank does."""


@dataclass(frozen=True)
class Tree:
    """A label over children, or over words where it is a leaf; `str` writes it on one line."""

    label: str
    children: tuple["Tree", ...] = ()
    words: tuple[str, ...] = ()
    """Escaped, of a leaf."""

    def __str__(self) -> str:
        parts: list[str] = []
        # By hand, as programs are nested deeper than Python recurses.
        stack: list[Tree | str] = [self]
        while stack:
            item = stack.pop()
            if isinstance(item, str):
                parts.append(item)
            elif item.children:
                parts.append(f" ({item.label}")
                stack += [")", *reversed(item.children)]
            else:
                parts.append(f" ({' '.join((item.label, *item.words))})")
        return "".join(parts).lstrip()

    def leaves(self) -> Iterator["Tree"]:
        """Those nodes that have words, from left to right."""
        stack: list[Tree] = [self]
        while stack:
            node = stack.pop()
            if node.children:
                stack += reversed(node.children)
            else:
                yield node


def escaped(word: str) -> str:
    """A word as trees write it, without round brackets."""
    for plain, written in ESCAPES:
        word = word.replace(plain, written)
    return word


def unescaped(word: str) -> str:
    """A word as texts write it."""
    for plain, written in ESCAPES:
        word = word.replace(written, plain)
    return word


def is_tree(text: str) -> bool:
    """Whether a text is written as a tree: `(S ...`, where a sentence's first word would be `( S`."""
    return re.match(r"\([^\s()]", text) is not None


def parse_trees(text: str) -> list[Tree]:
    """All trees of a text; brackets without a label around a tree, as in treebank files, are left out.

    ValueError where the text is no trees: the reason, short and the same for all texts with the same fault.
    """
    found: list[Tree] = []
    # Open nodes: label, children, words.
    stack: list[tuple[str | None, list[Tree], list[str]]] = []
    is_label = False
    for token in TOKENS.findall(text):
        if token == "(":
            stack.append((None, [], []))
        elif token == ")":
            _close(stack, found)
        elif is_label:
            stack[-1] = (token, *stack[-1][1:])
        elif stack:
            stack[-1][2].append(token)
        else:
            raise ValueError("words outside of brackets")
        is_label = token == "("
    if stack:
        raise ValueError("a bracket that is never closed")
    return found


def parse_tree(text: str) -> Tree:
    """The one tree of a text; ValueError as `parse_trees`."""
    found = parse_trees(text)
    if len(found) != 1:
        raise ValueError("not one tree")
    return found[0]


def _close(stack: list[tuple[str | None, list[Tree], list[str]]], found: list[Tree]) -> None:
    if not stack:
        raise ValueError("a bracket that is closed but was never opened")
    label, children, words = stack.pop()
    if children and words:
        raise ValueError("a word beside a bracket")
    if not (children or words):
        raise ValueError("a bracket without words")
    nodes = children if label is None else [Tree(label, tuple(children), tuple(words))]
    if stack:
        stack[-1][1].extend(nodes)
    else:
        found.extend(nodes)

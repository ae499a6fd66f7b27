"""Bracketed trees ↔ tokens in order: a node's first child, its label, its other children, a bracket that closes it.

"In-order Transition-based Constituent Parsing" (Liu and Zhang 2017, arXiv 1707.05000): a label is written when its
first child is known. Trees written label first are as long ("Grammar as a Foreign Language", arXiv 1412.7449).
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import SupportsInt

from lengthwise.contracts import EOS, PAD, START, Constraint, Feature
from lengthwise.data.codecs.codec import Codec, Unreadable
from lengthwise.data.codecs.text import Subwords
from lengthwise.data.codecs.well_formed import WellFormed
from lengthwise.trees import Tree, escaped, is_tree, parse_tree, unescaped


@dataclass(frozen=True)
class Trees(Codec):
    """Trees and the sentences they are of in one vocabulary, so that a word is the same tokens on both sides.

    A leaf is its label and its words' subwords, and closes itself.
    """

    size: int = 4000
    """At most so many subwords; labels come on top."""
    subwords: Subwords | None = None
    leaf_labels: tuple[str, ...] = ()
    node_labels: tuple[str, ...] = ()

    @property
    def is_fitted(self) -> bool:
        return self.subwords is not None

    @property
    def feature(self) -> Feature:
        if self.subwords is None:
            return Feature(size=self.size)
        return Feature(size=self._close + 1 + len(self.leaf_labels) + len(self.node_labels))

    def fit(self, texts: Iterator[str]) -> "Trees":
        leaf_labels, node_labels = set[str](), set[str]()

        def words() -> Iterator[str]:
            for text in texts:
                if not is_tree(text):
                    yield text
                    continue
                try:
                    tree = parse_tree(text)
                except ValueError:
                    continue
                for node in _nodes(tree):
                    (node_labels if node.children else leaf_labels).add(node.label)
                yield " ".join(_plain(leaf) for leaf in tree.leaves())

        subwords = Subwords(self.size).fit(words())
        return Trees(self.size, subwords, tuple(sorted(leaf_labels)), tuple(sorted(node_labels)))

    def encode(self, text: str) -> list[int]:
        found = self.encode_batch([text])[0]
        if isinstance(found, Unreadable):
            raise found
        return found

    def encode_batch(self, texts: Sequence[str]) -> list[list[int] | Unreadable]:
        subwords, cache = self._fitted(), dict[str, list[int]]()
        sentences = [row for row, text in enumerate(texts) if not is_tree(text)]
        encoded = dict(zip(sentences, subwords.encode_batch([texts[row] for row in sentences]), strict=True))
        return [encoded[row] if row in encoded else self._linear(text, cache) for row, text in enumerate(texts)]

    def decode(self, tokens: Iterable[SupportsInt]) -> str:
        found = []
        for token in map(int, tokens):
            if token == EOS:
                break
            if token not in (PAD, START):
                found.append(token)
        if all(token < self._close for token in found):
            return self._fitted().decode(found)
        tree = self._tree(found)
        # What is no tree is shown as it was written.
        return " ".join(map(self._shown, found)) if tree is None else str(tree)

    @property
    def constraint(self) -> Constraint | None:
        return WellFormed(self._close, len(self.leaf_labels), len(self.node_labels))

    def save(self, path: Path) -> None:
        self._fitted().save(path)
        content = {
            "type": self.type_name(),
            "size": self.size,
            "subwords": json.loads(path.read_text(encoding="utf-8")),
            "leaf_labels": self.leaf_labels,
            "node_labels": self.node_labels,
        }
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Trees":
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            subwords = Subwords.from_state(content["subwords"])
            return cls(content["size"], subwords, tuple(content["leaf_labels"]), tuple(content["node_labels"]))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"`{path}` must be a saved Trees codec, but can't be read as one ({error}).") from None

    def _fitted(self) -> Subwords:
        if self.subwords is None:
            raise ValueError("`Trees` must be fitted before use, but is not. Call `fit` or `load`.")
        return self.subwords

    @cached_property
    def _close(self) -> int:
        """Id of the bracket that closes a node; labels of leaves and then of nodes follow."""
        return self._fitted().feature.size

    @cached_property
    def _ids(self) -> dict[tuple[str, bool], int]:
        """By label and whether it is a leaf's."""
        labels = [(label, True) for label in self.leaf_labels] + [(label, False) for label in self.node_labels]
        return {label: id for id, label in enumerate(labels, start=self._close + 1)}

    @cached_property
    def _labels(self) -> dict[int, tuple[str, bool]]:
        return {id: label for label, id in self._ids.items()}

    def _linear(self, text: str, cache: dict[str, list[int]]) -> "list[int] | Unreadable":
        subwords, found = self._fitted(), list[int]()
        try:
            stack: list[Tree | int] = [parse_tree(text)]
            while stack:
                item = stack.pop()
                if isinstance(item, int):
                    found.append(item)
                    continue
                label = self._ids[item.label, not item.children]
                if item.children:
                    stack += [self._close, *reversed(item.children[1:]), label, item.children[0]]
                    continue
                if (plain := _plain(item)) not in cache:
                    cache[plain] = subwords.encode(plain)
                found += [label, *cache[plain]]
        except ValueError as fault:
            return Unreadable(f"tree with {fault}")
        except KeyError:
            return Unreadable("tree with a label that train has not")
        return found

    def _tree(self, tokens: Sequence[int]) -> Tree | None:
        """The tree of well-formed tokens; None where they are not."""
        # What is open: a label and the children so far; the first is what surrounds the tree.
        stack: list[tuple[str, list[Tree]]] = [("", [])]
        place = 0
        while place < len(tokens):
            token = tokens[place]
            place += 1
            label, is_leaf = self._labels.get(token, ("", False))
            if is_leaf:
                end = next((i for i in range(place, len(tokens)) if tokens[i] >= self._close), len(tokens))
                words = self._fitted().decode(tokens[place:end]).split()
                stack[-1][1].append(Tree(label, words=tuple(map(escaped, words)) or ("�",)))
                if end == place:
                    return None
                place = end
            elif token == self._close:
                if len(stack) == 1:
                    return None
                label, children = stack.pop()
                stack[-1][1].append(Tree(label, tuple(children)))
            elif not label or not stack[-1][1]:
                return None
            else:
                stack.append((label, [stack[-1][1].pop()]))
        return stack[0][1][0] if len(stack) == len(stack[0][1]) == 1 else None

    def _shown(self, token: int) -> str:
        if token < self._close:
            return self._fitted().decode([token])
        return ")" if token == self._close else f"({self._labels[token][0]}"


def _plain(leaf: Tree) -> str:
    return " ".join(map(unescaped, leaf.words))


def _nodes(tree: Tree) -> Iterator[Tree]:
    stack = [tree]
    while stack:
        yield (node := stack.pop())
        stack += node.children

"""Your own treebank: .mrg files in the Penn Treebank's brackets."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lengthwise.contracts import Example
from lengthwise.data.problem import Rejected, Report, Source
from lengthwise.data.sources.cache import SourceError, sha256
from lengthwise.data.sources.folder import files_of
from lengthwise.trees import Tree, parse_trees, unescaped

ENDING = ".mrg"
FEW = 20
"""Below so many files each tree is a document of its own; else whole files are."""
EMPTY = "-NONE-"
"""Part of speech of what is not written: traces."""


@dataclass(frozen=True)
class TreebankFiles(Source):
    """Sentences and their trees, without traces, functions (`NP-SBJ` is `NP`) and the bracket around each tree."""

    paths: tuple[str, ...]
    name: str = "treebank files"
    licence: str = "your own"

    def fetch(self, report: Report | None = None) -> None:
        """Check that there are files."""
        self._files()

    def checksums(self) -> dict[str, str]:
        """Sha256 by path."""
        return {str(path): sha256(path) for _, path in self._files() if isinstance(path, Path)}

    def read(self) -> Iterator[Example | Rejected]:
        """File by file, by name."""
        files = self._files()
        for name, path in files:
            if isinstance(path, Rejected):
                yield path
            else:
                yield from _rows(path, name, None if len(files) < FEW else name)

    def _files(self) -> list[tuple[str, Path | Rejected]]:
        found: list[tuple[str, Path | Rejected]] = []
        for path in map(Path, self.paths):
            if not path.exists():
                raise SourceError(f"`{path}` does not exist. Check the path; it counts from {Path.cwd()}.")
            found += files_of(path, (ENDING,)) if path.is_dir() else [(path.name, path)]
        return found


def _rows(path: Path, name: str, document: str | None) -> Iterator[Example | Rejected]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        yield Rejected(reason="invalid UTF-8", where=name)
        return
    except OSError:
        yield Rejected(reason="can't be read", where=name)
        return
    for number, part in enumerate(_parts(text), start=1):
        where = f"{name}:{number}"
        try:
            trees = [tree for found in parse_trees(part) if (tree := plain(found)) is not None]
        except ValueError as fault:
            yield Rejected(reason=str(fault), where=where)
            continue
        for tree in trees:
            words = [unescaped(word) for leaf in tree.leaves() for word in leaf.words]
            yield {"inputs": " ".join(words), "targets": str(tree), "where": where, "document": document}


def plain(tree: Tree) -> Tree | None:
    """The tree as parsers are taught it; None where nothing of it is written."""
    if tree.label == EMPTY:
        return None
    label = next((tree.label[:end] for end, sign in enumerate(tree.label) if end and sign in "-=|"), tree.label)
    if not tree.children:
        # Parts of speech such as -LRB- begin with the sign.
        return Tree(tree.label if tree.label.startswith("-") else label, words=tree.words)
    children = tuple(child for node in tree.children if (child := plain(node)) is not None)
    return Tree(label, children) if children else None


def _parts(text: str) -> Iterator[str]:
    """The text of one tree after the other, so that a broken one spoils no other: a tree begins at a line's start."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("(") and any(map(str.strip, lines)):
            yield "\n".join(lines)
            lines = []
        lines.append(line)
    if any(map(str.strip, lines)):
        yield "\n".join(lines)

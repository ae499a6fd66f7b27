"""Labelled bracket F1 of parsers as EVALB counts it (Sekine and Collins 1997), exact trees, and well-formed ones."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from lengthwise.metrics.score import Score, check_pairs, mean_score, ratio_score
from lengthwise.trees import Tree, parse_tree, parse_trees


@dataclass(frozen=True, kw_only=True)
class Evalb:
    """EVALB's parameters; the defaults are `COLLINS.prm`, with which figures on the Penn Treebank are published."""

    deleted: tuple[str, ...] = ("TOP", "-NONE-", ",", ":", "``", "''", ".")
    """Labels that don't count; words with such a part of speech are left out."""
    equal: tuple[tuple[str, str], ...] = (("ADVP", "PRT"),)
    """Labels that are taken for each other."""
    equal_words: tuple[tuple[str, str], ...] = ()
    """Words that are."""
    has_functions: bool = False
    """Whether a label's `-SBJ` or `=1` counts."""

    def label(self, label: str) -> str:
        """As it is compared."""
        if not self.has_functions:
            ends = [end for sign in "-=" if (end := label.find(sign)) > 0]
            label = label[: min(ends, default=len(label))]
        return next((first for first, second in self.equal if label == second), label)

    def word(self, word: str) -> str:
        """As it is compared."""
        return next((first for first, second in self.equal_words if word == second), word)


WHOLE = Evalb(deleted=(), equal=(), has_functions=True)
"""Every bracket and word counts."""


@dataclass(frozen=True)
class Counts:
    """Of one sentence."""

    matched: int = 0
    gold: int = 0
    found: int = 0
    words: int = 0
    right_tags: int = 0
    crossing: int = 0
    is_error: bool = False
    """Whether the trees have different words, which EVALB leaves out of its figures."""
    is_skipped: bool = False
    """Whether there is no word, which it leaves out too."""


def compare(hypothesis: str, reference: str, parameters: Evalb | None = None) -> Counts:
    """What EVALB says of a sentence; an error where the words differ or the hypothesis is no tree."""
    parameters = parameters or Evalb()
    gold = _Spans.of(parse_trees(reference), parameters)
    missed = Counts(gold=len(gold.brackets), words=len(gold.words), is_error=True)
    try:
        found = _Spans.of(parse_trees(hypothesis), parameters)
    except ValueError:
        return missed
    if not found.words or not gold.words:
        return replace(missed, is_error=False, is_skipped=True)
    if found.words != gold.words:
        return missed
    return Counts(
        matched=_num_shared(found.brackets, gold.brackets),
        gold=len(gold.brackets),
        found=len(found.brackets),
        words=len(gold.words),
        right_tags=sum(map(str.__eq__, found.tags, gold.tags)),
        crossing=sum(_is_crossing(bracket, gold.brackets) for bracket in found.brackets),
    )


def aligned(hypothesis: str, reference: str, parameters: Evalb | None = None) -> Counts:
    """The same where a parser writes the words itself, and may write wrong ones.

    Words are aligned (equal ones alone): a bracket is right if its first and last words are those of one with its label
    in the reference. What is no tree has no bracket.
    """
    parameters = parameters or WHOLE
    gold = _Spans.of([parse_tree(reference)], parameters)
    try:
        found = _Spans.of([parse_tree(hypothesis)], parameters)
    except ValueError:
        return Counts(gold=len(gold.brackets), words=len(gold.words), is_error=True)
    brackets = found.brackets
    if found.words != gold.words:
        places = _alignment(found.words, gold.words)
        ends = [(label, places.get(begin), places.get(end - 1)) for label, begin, end in brackets]
        brackets = [(label, b, e + 1) for label, b, e in ends if b is not None and e is not None]
    return Counts(
        matched=_num_shared(brackets, gold.brackets),
        gold=len(gold.brackets),
        found=len(found.brackets),
        words=len(gold.words),
    )


def bracket_f1(hypotheses: Sequence[str], references: Sequence[str], *, has_interval: bool = True) -> Score:
    """F1 of all brackets above the leaves, by `aligned`, 0 to 100; names of functions (`-SBJ`) count."""
    return _f1(hypotheses, references, WHOLE, "brackets:all|words:aligned", has_interval)


def evalb_f1(hypotheses: Sequence[str], references: Sequence[str], *, has_interval: bool = True) -> Score:
    """The same without punctuation, `TOP` and functions, as figures on the Penn Treebank are."""
    return _f1(hypotheses, references, Evalb(), "brackets:COLLINS.prm|words:aligned", has_interval)


def well_formed(hypotheses: Sequence[str], references: Sequence[str], *, has_interval: bool = True) -> Score:
    """Share of outputs that are one tree, 0 to 100."""
    check_pairs(hypotheses, references)
    return mean_score("well-formed", [_is_tree(text) for text in hypotheses], has_interval=has_interval)


def exact_tree(hypotheses: Sequence[str], references: Sequence[str], *, has_interval: bool = True) -> Score:
    """Share of outputs that equal their reference, words, labels and all, 0 to 100."""
    check_pairs(hypotheses, references)
    is_right = [hypothesis == reference for hypothesis, reference in zip(hypotheses, references, strict=True)]
    return mean_score("exact match", is_right, has_interval=has_interval)


def _f1(
    hypotheses: Sequence[str], references: Sequence[str], parameters: Evalb, signature: str, has_interval: bool
) -> Score:
    check_pairs(hypotheses, references)
    rows = [aligned(*pair, parameters) for pair in zip(hypotheses, references, strict=True)]
    matched, brackets = [2 * row.matched for row in rows], [row.gold + row.found for row in rows]
    return ratio_score("bracket F1", matched, brackets, signature, has_interval=has_interval)


Bracket = tuple[str, int, int]
"""Label, first word, behind the last word."""


@dataclass(frozen=True)
class _Spans:
    """A tree as the brackets above its leaves, over the words that count."""

    brackets: list[Bracket]
    words: list[str]
    tags: list[str]

    @classmethod
    def of(cls, trees: Sequence[Tree], parameters: Evalb) -> "_Spans":
        brackets, words, tags = list[Bracket](), list[str](), list[str]()
        stack: list[tuple[Tree, int | None]] = [(tree, None) for tree in reversed(trees)]
        while stack:
            node, begin = stack.pop()
            if begin is not None:
                label = parameters.label(node.label)
                if label not in parameters.deleted and begin < len(words):
                    brackets.append((label, begin, len(words)))
            elif node.children:
                stack.append((node, len(words)))
                stack += [(child, None) for child in reversed(node.children)]
            elif node.label not in parameters.deleted:
                words += map(parameters.word, node.words)
                tags += [parameters.label(node.label)] * len(node.words)
        return cls(brackets, words, tags)


def _num_shared(some: Iterable[Bracket], others: Iterable[Bracket]) -> int:
    return (Counter(some) & Counter(others)).total()


def _is_crossing(bracket: Bracket, others: Iterable[Bracket]) -> bool:
    _, begin, end = bracket
    return any(b < begin < e < end or begin < b < end < e for _, b, e in others)


def _alignment(words: Sequence[str], others: Sequence[str]) -> dict[int, int]:
    """Place of each word of `words` that has an equal one in `others`, in order."""
    blocks = SequenceMatcher(None, words, others, autojunk=False).get_matching_blocks()
    return {block.a + offset: block.b + offset for block in blocks for offset in range(block.size)}


def _is_tree(text: str) -> bool:
    try:
        parse_tree(text)
    except ValueError:
        return False
    return True

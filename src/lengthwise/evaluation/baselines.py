"""How far guessing goes: what a model must beat before it has understood anything."""

from collections.abc import Sequence

import numpy as np

from lengthwise.data.problem import Problem, Rejected
from lengthwise.data.shards import Split
from lengthwise.metrics.accuracy import exact_match
from lengthwise.metrics.score import Score

Pairs = Sequence[tuple[str, str]]
"""(inputs, targets) of every row."""


def source_baselines(problem: Problem, split: str) -> dict[str, dict[str, Score]]:
    """Both baselines over all rows ("") and within each part of the problem: learned from train, scored on the split.

    ValueError where the source does not fix its splits.
    """
    source = problem.source
    if not source.is_split_exact or source.is_endless:
        raise ValueError(f"`--baselines` need a source that fixes its splits, but `{source.name}` does not.")
    read: dict[str, dict[str, list[tuple[str, str]]]] = {
        name: {part: [] for part in ("", *problem.parts)} for name in ("train", split)
    }
    for row in source.read():
        if not isinstance(row, Rejected) and row.get("split") in read:
            parts = read[str(row["split"])]
            for part in {"", str(row.get("part", ""))} & parts.keys():
                parts[part].append((str(row["inputs"]), str(row["targets"])))
    found = {}
    for part in ("", *problem.parts):
        train, test = read["train"][part], read[split][part]
        found[part] = {
            "majority": majority_baseline(train, test),
            "bag of words": bag_of_words_baseline(train, test),
        }
    return found


def rule_baselines(problem: Problem, split: Split) -> dict[str, dict[str, Score]]:
    """What the problem's own rules reach on a split by its first metric."""
    pairs = [split.texts(row) for row in range(len(split))]
    sources, references = [source for source, _ in pairs], [target for _, target in pairs]
    metric = next(iter(problem.metrics.values()))
    return {"": {name: metric(rule(sources), references) for name, rule in problem.baselines.items()}}


def majority_baseline(train: Pairs, test: Pairs) -> Score:
    """Always the most frequent target of train; of equally frequent ones the first in the alphabet."""
    answers, counts = np.unique([targets for _, targets in train], return_counts=True)
    answer = str(answers[counts.argmax()])
    return exact_match([answer] * len(test), [targets for _, targets in test])


def bag_of_words_baseline(train: Pairs, test: Pairs, smoothing: float = 0.1) -> Score:
    """The most likely target given which words the inputs have, in whatever order: naive Bayes (Bernoulli)."""
    words = {word: column for column, word in enumerate(sorted({word for row in train for word in row[0].split()}))}
    answers, labels = np.unique([targets for _, targets in train], return_inverse=True)
    counts = np.zeros((len(answers), len(words)))
    np.add.at(counts, labels, _presence(train, words))
    sizes = np.bincount(labels)[:, None]
    present = (counts + smoothing) / (sizes + 2 * smoothing)
    prior = np.log(sizes[:, 0]) + np.log1p(-present).sum(axis=1)
    likelihoods = _presence(test, words) @ (np.log(present) - np.log1p(-present)).T + prior
    guesses = [str(answer) for answer in answers[likelihoods.argmax(axis=1)]]
    return exact_match(guesses, [targets for _, targets in test])


def _presence(rows: Pairs, words: dict[str, int]) -> np.ndarray:
    """Which row has which word: `[num_rows, num_words]`, 0 or 1; words that train doesn't have are left out."""
    found = np.zeros((len(rows), len(words)))
    for row, (inputs, _) in zip(found, rows, strict=True):
        row[[words[word] for word in set(inputs.split()) if word in words]] = 1
    return found

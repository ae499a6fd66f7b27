"""From a problem to shards on disk: once, and whole or not at all."""

import fcntl
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from lengthwise.contracts import EOS
from lengthwise.data.blob import Blob
from lengthwise.data.codecs.codec import Codec, Unreadable
from lengthwise.data.fingerprint import fingerprint
from lengthwise.data.prepared import MANIFEST, Prepared
from lengthwise.data.problem import Problem, Rejected, Report, Source
from lengthwise.data.rejections import Rejections
from lengthwise.data.rows import SPLITS, Row, read_rows
from lengthwise.data.shards import Encoded, write_shards
from lengthwise.data.sources.cache import cache_root, whole_directory
from lengthwise.data.splits import assign_splits, copies_of_train, near_copies_of_train

# Validation and test keep rows this many times as long as train does: they are decoded as they are.
EVALUATION_LENGTHS = 4
ENCODE_AT_ONCE = 10_000
BLOBS_AT_ONCE = 1_000
"""Of images and sounds, which are larger."""

Tokens = list[Any]
"""Of many rows: ids, closed by EOS, or an array, or why there is none (`Unreadable`)."""
Values = Sequence[Sequence[str | Blob]]
Work = Callable[[Values], list[Tokens]]
"""What each side is made of to what each side is encoded as."""
Engine = Callable[[Work, Iterable[Values]], Iterator[list[Tokens]]]
"""Does some work for every item, anywhere, and gives the results in the order of the items, as `map` does."""


def prepare(
    name: str,
    problem: Problem,
    parameters: Mapping[str, object],
    *,
    cache: Path | None = None,
    report: Report | None = None,
    engine: Engine = map,
) -> Prepared:
    """Fetch, read, split, encode and write a problem's examples, or open what an earlier call wrote.

    `parameters` are the problem function's: another value is another data set. Raises ValueError in one line where more
    than 5 % of the rows are bad or a split is empty; neither that nor a killed process leaves anything half done.
    """
    report = report or _silent
    problem.source.fetch(report)
    mark = fingerprint(problem, parameters)
    target = (cache or cache_root()) / "prepared" / _folder(name) / str(mark["fingerprint"])
    if not (target / MANIFEST).is_file():
        with _alone(target, report):
            if not (target / MANIFEST).is_file():
                with whole_directory(target) as directory:
                    _write(directory, problem, {"name": name, **mark}, report, engine)
    return Prepared.open(target)


def _write(directory: Path, problem: Problem, manifest: dict[str, object], report: Report, engine: Engine) -> None:
    rejections = Rejections()
    rows, marks = _divided(problem.source, read_rows(problem, rejections, report), rejections, report)
    problem = _fitted(problem, rows["train"], report)
    splits = {}
    for split in [split for split in SPLITS if split != "train" or not problem.source.is_endless]:
        tokens = _tokens_of(problem, split, rows[split], report, engine)
        encoded = _encoded(problem, split, rows[split], tokens, marks[split], rejections)
        if not encoded.targets:
            raise ValueError(
                f"`{manifest['name']}` must have {split} rows, but has none left ("
                f"{', '.join(f'{split} {len(rows[split]):,}' for split in SPLITS)} before the cut at `max_length`)."
                f"{rejections.hint()} Add rows or documents, or name the split of each row."
            )
        splits[split] = {**_summary(encoded), "files": write_shards(directory, split, encoded)}
    rejections.check(sum(map(len, rows.values())))
    manifest |= {
        "source": {"name": problem.source.name, "licence": problem.source.licence},
        "codecs": _save_codecs(problem, directory),
        "growth": problem.growth,
        "places": problem.places,
        "splits": splits,
        "rejected": rejections.to_json(),
    }
    (directory / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False), encoding="utf-8")


def _divided(
    source: Source, rows: list[Row], rejections: Rejections, report: Report
) -> tuple[dict[str, list[Row]], dict[str, list[bool]]]:
    """Rows by split, and which of them have a near-duplicate in train; copies of train rows are gone."""
    report("splitting", 0, len(rows))
    splits, is_near = assign_splits(rows), np.zeros(len(rows), dtype=np.bool_)
    if not source.is_split_exact:
        rows, splits = _without_copies(rows, splits, rejections)
        is_near = near_copies_of_train(rows, splits)
    report("splitting", len(rows), len(rows))
    chosen = {name: [i for i, split in enumerate(splits) if split == name] for name in SPLITS}
    return (
        {name: [rows[i] for i in chosen[name]] for name in SPLITS},
        {name: [bool(is_near[i]) for i in chosen[name]] for name in SPLITS},
    )


def _without_copies(rows: list[Row], splits: list[str], rejections: Rejections) -> tuple[list[Row], list[str]]:
    is_copy = copies_of_train(rows, splits)
    for i in np.flatnonzero(is_copy).tolist():
        reason = f"{splits[i]} row whose source or target stands in train"
        rejections.add(Rejected(reason=reason, where=rows[i].where, is_bad=False))
    kept = np.flatnonzero(~is_copy).tolist()
    return [rows[i] for i in kept], [splits[i] for i in kept]


def _fitted(problem: Problem, train: list[Row], report: Report) -> Problem:
    """The problem with codecs that have learned from train alone, both sides together where they share."""

    def texts(*sides: str) -> Iterator[str]:
        for number, row in enumerate(train, start=1):
            yield from (str(getattr(row, side)) for side in sides)
            if number % 1000 == 0 or number == len(train):
                report("learning the vocabulary", number, len(train))

    def fit(codec: Codec, *sides: str) -> Codec:
        return codec if codec.is_fitted else codec.fit(texts(*sides))

    if problem.inputs is None:
        return replace(problem, targets=fit(problem.targets, "targets"))
    if problem.is_shared:
        shared = fit(problem.targets, "inputs", "targets")
        return replace(problem, inputs=shared, targets=shared)
    return replace(problem, inputs=fit(problem.inputs, "inputs"), targets=fit(problem.targets, "targets"))


def _tokens_of(
    problem: Problem, split: str, rows: list[Row], report: Report, engine: Engine
) -> Iterator[tuple[Any, Any]]:
    """What both sides of every row are encoded as; computed part by part."""
    has_blobs = any(isinstance(side, Blob) for row in rows[:1] for side in (row.inputs, row.targets))
    size = BLOBS_AT_ONCE if has_blobs else ENCODE_AT_ONCE
    begins = range(0, len(rows), size)
    cut = (rows[begin : begin + size] for begin in begins)
    parts = ([[row.inputs for row in part], [row.targets for row in part]] for part in cut)
    for begin, sides in zip(begins, engine(partial(_tokens, (problem.inputs, problem.targets)), parts), strict=True):
        yield from zip(*sides, strict=True)
        report(f"encoding {split}", min(begin + size, len(rows)), len(rows))


def _encoded(
    problem: Problem,
    split: str,
    rows: list[Row],
    tokens: Iterable[tuple[Any, Any]],
    marks: list[bool],
    rejections: Rejections,
) -> Encoded:
    """What is written of the rows; those that are too long are left out."""
    limit = problem.max_length * (1 if split == "train" else EVALUATION_LENGTHS)
    inputs, targets, kept = [], [], []
    for i, (source, target) in enumerate(tokens):
        unreadable = next((side for side in (source, target) if isinstance(side, Unreadable)), None)
        if unreadable is not None:
            rejections.add(Rejected(reason=str(unreadable), where=rows[i].where))
        elif max(_length(source), _length(target)) > limit and not problem.is_cut:
            reason = f"{split} row over {limit} tokens"
            rejections.add(Rejected(reason=reason, where=rows[i].where, is_bad=False))
        else:
            inputs.append(source)
            targets.append(target)
            kept.append(i)
    is_evaluation = split != "train"
    return Encoded(
        inputs=None if problem.inputs is None else inputs,
        targets=targets,
        texts=[(str(rows[i].inputs), str(rows[i].targets)) for i in kept] if is_evaluation else None,
        is_near_duplicate=[marks[i] for i in kept] if is_evaluation else None,
        parts=[problem.parts.index(str(rows[i].part)) for i in kept] if problem.parts else None,
    )


def _tokens(codecs: Sequence[Codec | None], sides: Values) -> list[Tokens]:
    """Of each side; nothing where it has no codec."""
    return [
        [[] for _ in values] if codec is None else [_closed(codec, found) for found in codec.encode_batch(list(values))]
        for codec, values in zip(codecs, sides, strict=True)
    ]


def _closed(codec: Codec, found: Any) -> Any:
    return [*found, EOS] if codec.is_closed and not isinstance(found, Unreadable) else found


def _length(encoded: Any) -> int:
    """In tokens or frames; of an image, which its codec bounds, none."""
    return 0 if isinstance(encoded, np.ndarray) and encoded.ndim == 3 else len(encoded)


def _summary(rows: Encoded) -> dict[str, int]:
    lengths = {"inputs": list(map(_length, rows.inputs or [])), "targets": list(map(_length, rows.targets))}
    return {
        "num_rows": len(rows.targets),
        "num_near_duplicates": sum(rows.is_near_duplicate or []),
        **{f"num_{side}_tokens": sum(counts) for side, counts in lengths.items()},
        **{f"max_{side}_length": max(counts, default=0) for side, counts in lengths.items()},
    }


def _save_codecs(problem: Problem, directory: Path) -> dict[str, str]:
    sides = {"targets": problem.targets} | ({} if problem.inputs is None else {"inputs": problem.inputs})
    is_one = problem.inputs is problem.targets
    names = {side: "codec.json" if is_one else f"{side}.json" for side in sides}
    for side, codec in sides.items():
        codec.save(directory / names[side])
    return names


@contextmanager
def _alone(target: Path, report: Report) -> Iterator[None]:
    """Hold the data set's lock, which a killed process gives back, and clear away what such a one left."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / f".{target.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("waiting for another process that prepares the same data", 0, None)
            fcntl.flock(lock, fcntl.LOCK_EX)
        for left in target.parent.glob(f".{target.name}.*.part"):
            shutil.rmtree(left, ignore_errors=True)
        yield


def _folder(name: str) -> str:
    return "".join(character if character.isalnum() or character in "._-" else "_" for character in name)


def _silent(task: str, done: int, total: int | None) -> None:
    """Report nothing."""

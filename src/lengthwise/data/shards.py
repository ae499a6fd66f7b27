"""Prepared examples on disk: Arrow files of flat tokens and offsets, memory mapped, read row by row."""

import json
import math
import operator
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from pathlib import Path
from typing import SupportsIndex

import numpy as np
import pyarrow as pa

from lengthwise.data.codecs.symbols import FIRST

SHAPE = b"shape"
"""What a column's metadata calls the shape of its arrays."""
# Bounds the memory of writing; a shard's offsets are 32-bit, so its rows may have 2**31 tokens together.
ROWS_PER_SHARD = 100_000
MAX_NUMBERS = 2**29
"""Of images or sounds in a shard."""


Side = Sequence[Sequence[int] | np.ndarray]
"""Of each row: token ids, or an array, whose first dimension alone may differ from row to row."""


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """Rows ready to write; token ids end in EOS, `texts` and `is_near_duplicate` are for validation and test."""

    inputs: Side | None
    targets: Side
    texts: Sequence[tuple[str, str]] | None = None
    is_near_duplicate: Sequence[bool] | None = None
    parts: Sequence[int] | None = None
    """Number of the problem's part that each row is of."""

    def cut(self, begin: int, end: int) -> "Encoded":
        """Rows `begin` to `end`."""
        return Encoded(
            inputs=None if self.inputs is None else self.inputs[begin:end],
            targets=self.targets[begin:end],
            texts=None if self.texts is None else self.texts[begin:end],
            is_near_duplicate=None if self.is_near_duplicate is None else self.is_near_duplicate[begin:end],
            parts=None if self.parts is None else self.parts[begin:end],
        )


def write_shards(directory: Path, split: str, rows: Encoded, rows_per_shard: int = ROWS_PER_SHARD) -> dict[str, int]:
    """Write `<split>-00000.arrow` and on; returns the size in bytes of each file by name."""
    sizes, largest = {}, max((np.size(side[0]) for side in (rows.inputs, rows.targets) if side), default=1)
    rows_per_shard = min(rows_per_shard, max(1, MAX_NUMBERS // largest))
    for number, begin in enumerate(range(0, len(rows.targets), rows_per_shard)):
        path = directory / f"{split}-{number:05d}.arrow"
        batch = _record_batch(rows.cut(begin, begin + rows_per_shard))
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, batch.schema) as writer:
            writer.write_batch(batch)
        sizes[path.name] = path.stat().st_size
    return sizes


class Split:
    """Random access to the rows of one split; opening reads offsets, not tokens."""

    def __init__(self, directory: Path, sizes: dict[str, int]) -> None:
        """Map files; ValueError in one line where one is missing, cut short or not ours."""
        self.shards = [_Shard(directory / name, size) for name, size in sizes.items()]
        self.begins = [0, *accumulate(shard.num_rows for shard in self.shards)]
        self.input_lengths = self._joined("input_lengths", np.int32)
        """Int32 `[num_rows]`, EOS included; zeros where the problem has no inputs."""
        self.target_lengths = self._joined("target_lengths", np.int32)
        """Int32 `[num_rows]`, EOS included."""
        self.is_near_duplicate = self._joined("is_near_duplicate", np.bool_)
        """Bool `[num_rows]`: rows of validation and test that have a near-duplicate in train."""
        self.parts = self._joined("parts", np.int16)
        """Int16 `[num_rows]`: which part of the problem each row is of; zeros where it has none."""

    def __len__(self) -> int:
        return self.begins[-1]

    @property
    def has_inputs(self) -> bool:
        """Whether the problem has inputs."""
        return bool(self.shards) and self.shards[0].inputs is not None

    @property
    def has_texts(self) -> bool:
        """Whether raw texts are kept: in validation and test."""
        return bool(self.shards) and self.shards[0].texts is not None

    def tokens(self, row: SupportsIndex) -> tuple[np.ndarray, np.ndarray]:
        """Int32 ids of both sides, closed by EOS, as read-only views; the first is empty where there are no inputs.

        Of an image or a sound as inputs the array that its codec made.
        """
        shard, local = self._find(row)
        inputs = shard.targets.tokens(local)[:0] if shard.inputs is None else shard.inputs.tokens(local)
        return inputs, shard.targets.tokens(local)

    def texts(self, row: SupportsIndex) -> tuple[str, str]:
        """The raw source and target."""
        shard, local = self._find(row)
        if shard.texts is None:
            raise ValueError("`split` must be validation or test to have raw texts, but is train.")
        inputs, targets = shard.texts
        return inputs[local].as_py(), targets[local].as_py()

    def _find(self, index: SupportsIndex) -> tuple["_Shard", int]:
        row = operator.index(index)
        if not 0 <= row < len(self):
            raise IndexError(f"`row` must be between 0 and {len(self) - 1}, but is {row}.")
        number = bisect_right(self.begins, row) - 1
        return self.shards[number], row - self.begins[number]

    def _joined(self, name: str, dtype: type) -> np.ndarray:
        return np.concatenate([np.zeros(0, dtype), *(getattr(shard, name) for shard in self.shards)]).astype(dtype)


class _Column:
    """Flat ids or numbers of a side and where each row's begin."""

    def __init__(self, array: pa.Array, metadata: dict[bytes, bytes] | None) -> None:
        self.shape: tuple[int, ...] = tuple(json.loads(metadata[SHAPE])) if metadata else ()
        self.values = array.values.to_numpy(zero_copy_only=True)
        self.offsets = array.offsets.to_numpy(zero_copy_only=True)
        if len(self.values) < self.offsets[-1]:
            raise pa.ArrowInvalid("offsets point behind the tokens")

    def tokens(self, row: int) -> np.ndarray:
        found = self.values[self.offsets[row] : self.offsets[row + 1]]
        return found.reshape(-1, *self.shape) if self.shape else found

    @property
    def lengths(self) -> np.ndarray:
        """Tokens or frames of each row; an image is one position."""
        numbers = np.diff(self.offsets)
        return np.ones_like(numbers) if len(self.shape) == 2 else numbers // math.prod(self.shape)


class _Targets(_Column):
    """Of images the intensities row by row, as ids."""

    def tokens(self, row: int) -> np.ndarray:
        found = super().tokens(row)
        return found.ravel().astype(np.int32) + FIRST if len(self.shape) == 2 else found

    @property
    def lengths(self) -> np.ndarray:
        return np.diff(self.offsets) if len(self.shape) == 2 else super().lengths


class _Shard:
    def __init__(self, path: Path, size: int) -> None:
        try:
            found = path.stat().st_size
            if found != size:
                raise ValueError(f"it has {found:,} bytes instead of {size:,}")
            batch = pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0)
            columns = dict(zip(batch.schema.names, batch.columns, strict=True))
            shapes = {field.name: field.metadata for field in batch.schema}
            self.inputs = _Column(columns["inputs"], shapes["inputs"]) if "inputs" in columns else None
            self.targets = _Targets(columns["targets"], shapes["targets"])
        except (OSError, ValueError, KeyError, AttributeError) as error:  # ArrowInvalid is a ValueError
            reason = str(error).splitlines()[0].rstrip(".")
            raise ValueError(
                f"`{path}` must be a whole shard, but is not ({reason}). Delete {path.parent} and prepare again."
            ) from None
        self.num_rows = batch.num_rows
        self.target_lengths = self.targets.lengths
        self.input_lengths = self.inputs.lengths if self.inputs else np.zeros_like(self.target_lengths)
        self.texts = (columns["input_texts"], columns["target_texts"]) if "input_texts" in columns else None
        marks = columns.get("is_near_duplicate")
        self.is_near_duplicate = (
            np.zeros(self.num_rows, np.bool_) if marks is None else marks.to_numpy(zero_copy_only=False)
        )
        self.parts = columns["parts"].to_numpy() if "parts" in columns else np.zeros(self.num_rows, np.int16)


def _record_batch(rows: Encoded) -> pa.RecordBatch:
    columns: dict[str, pa.Array] = {}
    if rows.inputs is not None:
        columns["inputs"] = _flat(rows.inputs)
    columns["targets"] = _flat(rows.targets)
    if rows.texts is not None:
        columns["input_texts"] = pa.array([source for source, _ in rows.texts], pa.large_string())
        columns["target_texts"] = pa.array([target for _, target in rows.texts], pa.large_string())
    if rows.is_near_duplicate is not None:
        columns["is_near_duplicate"] = pa.array(rows.is_near_duplicate, pa.bool_())
    if rows.parts is not None:
        columns["parts"] = pa.array(rows.parts, pa.int16())
    fields = [pa.field(name, column.type, metadata=_shape(rows, name)) for name, column in columns.items()]
    return pa.RecordBatch.from_arrays(list(columns.values()), schema=pa.schema(fields))


def _shape(rows: Encoded, name: str) -> dict[bytes, bytes] | None:
    """Of a row's array without its first dimension."""
    side = {"inputs": rows.inputs, "targets": rows.targets}.get(name)
    if not side or not isinstance(side[0], np.ndarray):
        return None
    return {SHAPE: json.dumps(side[0].shape[1:]).encode()}


def _flat(rows: Side) -> pa.Array:
    lengths: Iterator[int] = map(np.size, rows)
    offsets = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum(np.fromiter(lengths, dtype=np.int64, count=len(rows)), out=offsets[1:])
    if offsets[-1] >= 2**31:
        raise ValueError(f"A shard must have fewer than 2**31 tokens, but has {offsets[-1]:,}. Cut longer documents.")
    if rows and isinstance(rows[0], np.ndarray):
        values = np.concatenate([np.ravel(row) for row in rows])
    else:
        values = np.fromiter(chain.from_iterable(rows), dtype=np.int32, count=int(offsets[-1]))
    return pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), pa.array(values))

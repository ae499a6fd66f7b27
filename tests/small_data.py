"""Ninety made-up rows in the place of a problem's source, so that anything made for it can be tried in seconds."""

import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lengthwise.contracts import Example
from lengthwise.data.blob import Blob
from lengthwise.data.codecs.codec import Codec
from lengthwise.data.codecs.trees import Trees
from lengthwise.data.problem import Problem, Source
from lengthwise.data.sources.generated.task import Generated

SPLITS = ["train"] * 70 + ["validation"] * 10 + ["test"] * 10
WORDS = "a cat and a dog or the fish see hear like every other old new small house tree river".split()


def put_in_place(problem: Problem, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the problem's sources, but for those that compute their rows, give these rows and nothing to fetch."""

    def read(self: Source) -> Iterator[Example]:
        # Sources that are joined give different rows.
        return rows_of(problem, folder, sum(map(ord, type(self).__name__)))

    for kind in {type(source) for source in _leaves(problem.source)}:
        if not issubclass(kind, Generated):
            monkeypatch.setattr(kind, "fetch", lambda self, report=None: None)
            monkeypatch.setattr(kind, "checksums", lambda self: {"made up": "0"})
            monkeypatch.setattr(kind, "read", read)


def _leaves(source: Source) -> Iterator[Source]:
    inner = getattr(source, "sources", None)
    if inner is None:
        yield source
    else:
        for each in inner.values():
            yield from _leaves(each)


def rows_of(problem: Problem, folder: Path, first: int = 0) -> Iterator[Example]:
    """What the problem's codecs can read, with a little to learn: targets depend on the row's number modulo three."""
    for number, split in enumerate(SPLITS, start=first):
        row: Example = {
            "split": split,
            "document": f"d{number}",
            "where": f"row {number}",
            "targets": _value(problem.targets, number, folder, is_tree=True),
        }
        if problem.inputs is not None:
            row["inputs"] = _value(problem.inputs, number, folder, is_tree=False)
        yield row


def _value(codec: Codec, number: int, folder: Path, is_tree: bool) -> Any:
    random = np.random.default_rng(number)
    words = [WORDS[(number % 3 + place) % len(WORDS)] for place in range(4)] + [
        WORDS[each] for each in random.integers(18, size=4)
    ]
    modality = codec.feature.modality
    if modality == "label":
        return f"class {number % 3}"
    if modality == "spectrogram":
        return _sound(folder / f"{number}.wav", 200.0 * (1 + number % 3) + number % 97)
    if modality in ("image", "pixels"):
        height, width = codec.feature.shape[:2]
        return _image(folder / f"{number}.raw", (height, width, 3 if codec.feature.size == 3 else 1), number)
    if isinstance(codec, Trees) and is_tree:
        return f"(S (N {words[0]}) (V (W {words[5]}) (N {words[6]})))"
    return " ".join(words)


def _image(path: Path, shape: tuple[int, int, int], number: int) -> Blob:
    pixels = np.random.default_rng(number).integers(60, size=shape, dtype=np.uint8)
    pixels[:, number % 3 :: number % 3 + 2] += 190
    path.write_bytes(pixels.tobytes())
    return Blob(str(path), shape=shape)


def _sound(path: Path, pitch: float) -> Blob:
    wave_form = 8000 * np.sin(2 * np.pi * pitch * np.arange(8000) / 16000)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(wave_form.astype("<i2").tobytes())
    return Blob(str(path))

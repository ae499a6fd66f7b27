"""The language model that a decoding is fused with: n-grams of the texts that its settings name."""

from collections.abc import Iterator
from pathlib import Path

from lengthwise.data.codecs.codec import Codec
from lengthwise.decoding.config import DecodeConfig
from lengthwise.decoding.ctc import Continuations
from lengthwise.decoding.ngrams import Ngrams
from lengthwise.recipes.experiment import Experiment
from lengthwise.run.experiments import prepare_data

TRAIN = "train"


def continuations_of(decode: DecodeConfig, experiment: Experiment, codec: Codec) -> Continuations | None:
    """What `decode.language_model` adds in a search; None where it is empty or weighs nothing."""
    if not decode.language_model or decode.language_weight == 0:
        return None
    names = [name.strip() for name in decode.language_model.split(",")]
    rows = (row for name in names for row in _rows(name, experiment, codec))
    return Ngrams(rows, codec.feature.size).continuations(decode.language_weight, decode.language_bonus)


def _rows(name: str, experiment: Experiment, codec: Codec) -> Iterator[list[int]]:
    if name == TRAIN:
        split = prepare_data(experiment).split(TRAIN)
        yield from (split.tokens(row)[1][:-1].tolist() for row in range(len(split)))
        return
    if not Path(name).is_file():
        raise ValueError(f"`decode.language_model` must name text files or be `train`, but `{name}` is neither.")
    with Path(name).open(encoding="utf-8", errors="replace") as lines:
        yield from (codec.encode(text) for line in lines if (text := line.strip()))

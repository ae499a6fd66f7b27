"""Every kind of problem in small: what a model must know of it, and batches."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor

from lengthwise import catalog
from lengthwise.contracts import EOS, PAD, Batch, Feature, Features, ModelConfig

VOCAB = 23


@dataclass(frozen=True)
class Kind:
    """`draw(random, rows)`: a batch of so many rows, of uneven lengths where lengths can differ."""

    features: Features
    draw: Callable[[torch.Generator, int], Batch]
    families: str
    """The problems that are of this kind."""

    def batch(self, seed: int = 0, rows: int = 4) -> Batch:
        """In fp64."""
        return self.draw(torch.Generator().manual_seed(seed), rows)


def text(random: torch.Generator, rows: int) -> Tensor:
    lengths = torch.randint(2, 8, (rows,), generator=random)
    ids = torch.randint(3, VOCAB, (rows, int(lengths.max())), generator=random)
    ids[torch.arange(rows), lengths - 1] = EOS
    ids[torch.arange(ids.shape[1]) >= lengths[:, None]] = PAD
    return ids


def image(random: torch.Generator, rows: int) -> Tensor:
    return torch.rand(rows, 8, 8, 1, generator=random, dtype=torch.double)


def label(random: torch.Generator, rows: int) -> Tensor:
    return torch.randint(3, VOCAB, (rows, 1), generator=random)


def pixels(random: torch.Generator, rows: int) -> Tensor:
    """Of four intensities, as images are of few."""
    return 3 + 80 * torch.randint(0, 4, (rows, 64), generator=random)


def sound(random: torch.Generator, rows: int) -> Tensor:
    lengths = torch.randint(9, 30, (rows,), generator=random)
    is_real = torch.arange(int(lengths.max())) < lengths[:, None]
    frames = torch.randn(rows, is_real.shape[1], 5, generator=random, dtype=torch.double)
    return torch.cat([frames * is_real[:, :, None], is_real[:, :, None]], dim=-1)


TOKENS = Feature(size=VOCAB, digits=(5, 6, 7, 8, 9, 10))
LABEL = Feature(modality="label", size=VOCAB)
IMAGE = Feature(modality="image", size=1, shape=(8, 8))
SOUND = Feature(modality="spectrogram", size=5)
PIXELS = Feature(modality="pixels", size=259, shape=(8, 8, 1))

KINDS = {
    "text to text": Kind(
        Features(inputs=TOKENS, targets=TOKENS, is_shared=True, growth=(1, 1), places="index"),
        lambda random, rows: _copied(text(random, rows)),
        "translation, summarization, parsing, question_answering, algorithmic, scan, learning_to_execute, mixture",
    ),
    "text": Kind(
        Features(inputs=None, targets=TOKENS),
        lambda random, rows: Batch(None, text(random, rows)),
        "language_modeling, code",
    ),
    "text to class": Kind(
        Features(inputs=TOKENS, targets=LABEL, growth=(0, 0)),
        lambda random, rows: _both(text, label, random, rows),
        "text_classification",
    ),
    "image to class": Kind(
        Features(inputs=IMAGE, targets=LABEL, growth=(0, 0)),
        lambda random, rows: _both(image, label, random, rows),
        "image_classification",
    ),
    "class to image": Kind(
        Features(inputs=LABEL, targets=PIXELS, growth=(0, 63)),
        lambda random, rows: _both(label, pixels, random, rows),
        "image_generation",
    ),
    "image to text": Kind(
        Features(inputs=IMAGE, targets=TOKENS),
        lambda random, rows: _both(image, text, random, rows),
        "captioning",
    ),
    "sound to text": Kind(
        Features(inputs=SOUND, targets=TOKENS),
        lambda random, rows: _both(sound, text, random, rows),
        "speech_recognition, speech_translation",
    ),
}

SMALL = {
    "d_model": 32, "d_ff": 48, "num_heads": 4, "num_encoder_layers": 2, "num_decoder_layers": 2, "dropout": 0.0,
    "num_steps": 2, "num_maps": 9, "num_relaxed": 2, "num_key_heads": 2, "num_layers": 2, "widths": (8, 16),
}  # fmt: skip


def shrunk(preset: str) -> ModelConfig:
    """The preset's architecture in a size for tests."""
    return small(catalog.find("models", preset)())


def small(full: ModelConfig) -> ModelConfig:
    """An architecture in a size for tests."""
    names = {field.name for field in fields(full)}
    return replace(full, **{name: value for name, value in SMALL.items() if name in names})


def kind_of(config: ModelConfig) -> Kind:
    """The first kind that it takes."""
    return next(kind for kind in KINDS.values() if config.refuses(kind.features) is None)


Draw = Callable[[torch.Generator, int], Tensor]


def _copied(inputs: Tensor) -> Batch:
    return Batch(inputs, inputs.clone())


def _both(inputs: Draw, targets: Draw, random: torch.Generator, rows: int) -> Batch:
    return Batch(inputs(random, rows), targets(random, rows))

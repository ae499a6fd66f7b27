"""What a model reads inputs of each kind with, and writes pixels with: bottoms make vectors, tops probabilities."""

import math
from abc import ABC, abstractmethod
from itertools import pairwise

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from lengthwise.contracts import START, Distribution, Feature, Modality
from lengthwise.layers.masks import HIDDEN
from lengthwise.layers.residual_blocks import Block, Convolution
from lengthwise.layers.subsampling import Subsampling

CENTRE, SPREAD = 0.5, 0.25
"""Of an image's intensities, roughly: vectors of unit size come out."""
NUM_STEPS = 256
"""Intensities there are."""
SMALLEST_LOG_SCALE = -7.0
"""Of a logistic distribution over intensities from -1 to 1."""


STEM_WIDTH = 32
"""Channels that an image is first seen with; twice as many at each half of its resolution."""
MOST_PATCHES = 64
"""Of an image that is read as a sequence, unless a model says how large they are."""


class Bottom(nn.Module, ABC):
    """What makes a sequence of vectors of inputs that are no tokens."""

    @abstractmethod
    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """`[batch, positions, d_model]`, and ids `[batch, positions]` that are `PAD` where nothing is."""


def bottom_of(feature: Feature, d_model: int) -> nn.Module:
    """What a model of sequences reads inputs of this kind with."""
    if feature.is_ids:
        return nn.Embedding(feature.size, d_model)
    if feature.modality == "image":
        height, width = feature.shape
        return ImageBottom((height, width), feature.size, d_model)
    return SoundBottom(feature.size, d_model)


BOTTOMS: tuple[Modality, ...] = ("image", "spectrogram")
"""The kinds that `bottom_of` knows beside tokens."""


def read(bottom: nn.Module, inputs: Tensor | None, rows: int = 1) -> tuple[Tensor, Tensor]:
    """What a model of sequences begins with: vectors of about unit size, and ids that are `PAD` where nothing is.

    `[batch, positions, d_model]` and `[batch, positions]`. Where a problem has no inputs, each of `rows` is `START`.
    """
    if isinstance(bottom, nn.Embedding):
        if inputs is None:
            inputs = torch.full((rows, 1), START, device=bottom.weight.device)
        return bottom(inputs) * bottom.embedding_dim**0.5, inputs
    return bottom(inputs)


def seen(bottom: nn.Module, inputs: Tensor) -> tuple[Tensor, Tensor]:
    """The same with embeddings as they are, for models that scale them their own way."""
    return (bottom(inputs), inputs) if isinstance(bottom, nn.Embedding) else bottom(inputs)


class ImagePatches(nn.Module):
    """Square patches of an image, each projected to a vector (Dosovitskiy et al. 2021, arXiv 2010.11929)."""

    def __init__(self, shape: tuple[int, int], channels: int, patch: int, d_model: int) -> None:
        super().__init__()
        height, width = shape
        if height % patch or width % patch:
            raise ValueError(f"`model.patch` must divide images of {height} x {width}, but is {patch}.")
        self.patch, self.num_patches = patch, (height // patch) * (width // patch)
        self.projection = nn.Linear(patch * patch * channels, d_model)

    def forward(self, images: Float[Tensor, "batch height width channels"]) -> Float[Tensor, "batch patches d_model"]:
        """Row by row, from the top left."""
        batch, height, width, channels = images.shape
        p = self.patch
        cut = images.view(batch, height // p, p, width // p, p, channels).transpose(2, 3)
        return self.projection((cut.reshape(batch, self.num_patches, p * p * channels) - CENTRE) / SPREAD)


class ImageBottom(Bottom):
    """An image as a sequence of at most 64 squares, each with what is learned of its place.

    Convolutions look at them first: with few images to learn from they see more than a projection does (Xiao et al.
    2021, arXiv 2106.14881).
    """

    def __init__(self, shape: tuple[int, int], channels: int, d_model: int) -> None:
        super().__init__()
        height, width = shape
        sizes = [size for size in range(1, min(shape) + 1) if height % size == width % size == 0]
        patch = next((size for size in sizes if height * width // size**2 <= MOST_PATCHES), sizes[-1])
        num_halvings = max(0, (patch & -patch).bit_length() - 2)
        stride = patch >> num_halvings
        self.stem = Convolution(channels, STEM_WIDTH, 2 * stride + 1, stride)
        widths = [STEM_WIDTH << number for number in range(num_halvings + 1)]
        self.blocks = nn.ModuleList(Block(*pair, stride=2, is_separable=False) for pair in pairwise(widths))
        self.projection = nn.Linear(widths[-1], d_model)
        self.norm = nn.LayerNorm(d_model)
        self.places = nn.Embedding((height // patch) * (width // patch), d_model)

    def forward(
        self, inputs: Float[Tensor, "batch height width channels"]
    ) -> tuple[Float[Tensor, "batch patches d_model"], Int[Tensor, "batch patches"]]:
        """Row by row, from the top left; no square is padding."""
        x = self.stem(channels_first(inputs))
        for block in self.blocks:
            x = block(x)
        x = self.norm(self.projection(F.relu(x).flatten(2).transpose(1, 2))) + self.places.weight
        return x, torch.full(x.shape[:2], START, device=x.device)


class SoundBottom(Bottom):
    """A sound's frames at a quarter of their rate."""

    def __init__(self, channels: int, d_model: int) -> None:
        super().__init__()
        self.subsampling = Subsampling(channels, d_model)
        self.norm = nn.LayerNorm(d_model)

    def forward(
        self, inputs: Float[Tensor, "batch frames channels_and_mask"]
    ) -> tuple[Float[Tensor, "batch quarter d_model"], Int[Tensor, "batch quarter"]]:
        """What lies behind a sound's end is as silent as what lies before its beginning."""
        x, is_real = self.subsampling(inputs)
        return self.norm(x), START * is_real.long()


def channels_first(
    images: Float[Tensor, "batch height width channels"],
) -> Float[Tensor, "batch channels height width"]:
    """Images as convolutions read them, around 0."""
    return (images.permute(0, 3, 1, 2) - CENTRE) / SPREAD


def pooled(x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch channels"]:
    """The mean over an image."""
    return F.adaptive_avg_pool2d(x, 1).flatten(1)


class IntensityMixture(Distribution):
    """A mixture of logistic distributions over intensities, cut into 256 steps (Salimans et al. 2017, PixelCNN++).

    Each intensity has a mixture of its own, given all before it: the channels of a pixel need no coupling of their own.
    """

    def __init__(self, d_model: int, num_components: int, vocab: int) -> None:
        super().__init__()
        self.num_special = vocab - NUM_STEPS
        self.projection = nn.Linear(d_model, 3 * num_components)

    @torch.no_grad()
    def spread_out(self) -> None:
        """Begin with the components' means evenly over all intensities, each as wide as they lie apart."""
        count = len(self.projection.bias) // 3
        self.projection.bias.view(3, count)[1] = torch.linspace(-1, 1, count)
        self.projection.bias.view(3, count)[2] = -math.log(count)

    @property
    def weight(self) -> Tensor:
        """Of the projection."""
        return self.projection.weight

    def forward(self, hidden: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch vocab"]:
        """Log-probabilities of all intensities; other tokens have none."""
        steps = torch.arange(NUM_STEPS, device=hidden.device)
        found = self._log_probs(hidden[..., None, :], steps)
        return F.pad(found, (self.num_special, 0), value=HIDDEN)

    def log_probs(
        self, hidden: Float[Tensor, "positions d_model"], targets: Int[Tensor, " positions"]
    ) -> Float[Tensor, " positions"]:
        """Of the intensity at each position."""
        return self._log_probs(hidden, targets - self.num_special)

    def _log_probs(self, hidden: Tensor, steps: Tensor) -> Tensor:
        device = "cpu" if hidden.is_meta else hidden.device.type
        with torch.autocast(device, enabled=False):
            exact = torch.promote_types(hidden.dtype, torch.float32)
            found = F.linear(hidden.to(exact), self.weight.to(exact), self.projection.bias.to(exact))
        weights, means, log_scales = found.chunk(3, dim=-1)
        half = 1 / (NUM_STEPS - 1)
        centred = (2 * half * steps - 1)[..., None] - means
        inverse = torch.exp(-log_scales.clamp(min=SMALLEST_LOG_SCALE))
        upper, lower = inverse * (centred + half), inverse * (centred - half)
        # log(σ(u) − σ(l)) = log σ(u) + log σ(−l) + log(1 − e^(l − u)), which no difference of near numbers spoils.
        inside = F.logsigmoid(upper) + F.logsigmoid(-lower) + torch.log(-torch.expm1(lower - upper))
        steps = steps[..., None]
        inside = torch.where(steps == 0, F.logsigmoid(upper), inside)
        inside = torch.where(steps == NUM_STEPS - 1, F.logsigmoid(-lower), inside)
        return torch.logsumexp(weights.log_softmax(-1) + inside, dim=-1)

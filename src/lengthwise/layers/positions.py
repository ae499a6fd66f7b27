"""Where a token stands, and how a model learns of it: ten schemes behind one word of a config."""

from dataclasses import dataclass
from typing import Any, Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from lengthwise.contracts import PAD, Features

Scheme = Literal[
    "sinusoid", "learned", "none", "rotary", "sinusoid_rotary", "relative", "alibi", "random", "abacus", "coupled"
]
"""`sinusoid`, `learned`: an embedding per index is added. `none`: nothing, causal masks tell enough (Kazemnejad 2023).
`rotary`: queries and keys turn with the index (Su 2021). `sinusoid_rotary`:
both, so that attention between targets and inputs knows indices too. `relative`: a bias per bucket of distances (T5,
Raffel 2020).
`alibi`: a bias that falls with the distance (Press 2022). `random`: sinusoids of random increasing indices (Ruoss
2023). `abacus`: an embedding per place in a number (McLeish 2024). `coupled`: inputs count as places of the targets
that depend on them (Cho 2024), seen by biases that fall as `alibi`'s do, also between targets and inputs."""

SINUSOIDS = ("sinusoid", "sinusoid_rotary", "random")
NUM_PLACES = 2048
"""Indices that `learned` and `abacus` have embeddings for, and that `random` draws from."""
LONGEST_RANDOM = 512
"""Tokens that `random` has room for: outside training its indices are spread evenly."""
NUM_BUCKETS = 32
COUPLED_DISTANCE, COUPLED_SLOPE = 16, 4.0
"""From where on `coupled` distances share a bucket, few enough that training meets them all; and how much faster
their biases fall with the distance than `alibi`'s, so that what is far stays out however much there is of it."""
NOWHERE = -1
"""The place of an input that no single target depends on."""


_OTHER = "Choose another `model.positions` for sequences of this length."


@dataclass(frozen=True)
class Relation:
    """What a scheme adds to attention, by the places of queries and keys."""

    bias: Tensor | None = None
    """Added to the scores of self-attention, `[rows, heads, query_len, key_len]`."""
    rotation: tuple[Tensor, Tensor] | None = None
    """Cosines and sines of the queries' and keys' places."""
    between: Tensor | None = None
    """Added to the scores of cross-attention."""


NO_RELATION = Relation()


class Positions(nn.Module):
    """A scheme for the inputs and the targets of one model."""

    def __init__(
        self,
        scheme: Scheme,
        d_model: int,
        num_heads: int,
        features: Features,
        *,
        max_offset: int = 0,
        max_distance: int = 128,
    ) -> None:
        """`max_offset`: in training, indices begin at a random one up to it; `max_distance`: from which all are far."""
        super().__init__()
        self.scheme, self.features = scheme, features
        self.d_model, self.num_heads = d_model, num_heads
        self.max_offset, self.max_distance = max_offset, max_distance
        self.table: Tensor
        self.embedding = nn.Embedding(NUM_PLACES, d_model) if scheme in ("learned", "abacus") else None
        self.biases = nn.Embedding(3 * (NUM_BUCKETS + 1), num_heads) if scheme in ("relative", "coupled") else None
        if scheme in SINUSOIDS:
            self.register_buffer("table", sinusoids(512, d_model), persistent=False)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Embeddings as the tokens' after their multiplication by √d_model; no bias at first."""
        if self.embedding is not None:
            nn.init.normal_(self.embedding.weight, std=self.d_model**-0.5)
        if self.biases is not None:
            nn.init.zeros_(self.biases.weight)

    def offset(self) -> int:
        """Where indices begin: anywhere up to `max_offset` in training, at 0 else."""
        return int(torch.randint(self.max_offset + 1, ())) if self.training and self.max_offset else 0

    def of_inputs(self, inputs: Int[Tensor, "batch length"], offset: int = 0) -> Int[Tensor, "rows length"]:
        """The place of each input; `rows` is 1 where all rows have the same."""
        index = torch.arange(inputs.shape[1], device=inputs.device)[None]
        self._reserve(offset + inputs.shape[1])
        if self.scheme == "random":
            return self._spread(index)
        if self.scheme == "abacus" or (self.scheme == "coupled" and self.features.places == "in_number"):
            return self._in_number(inputs, offset)
        if self.scheme == "coupled" and self.features.places == "from_end":
            # The EOS that closes the inputs belongs to no target.
            from_end = (inputs != PAD).sum(1, keepdim=True) - 2 - index
            return torch.where(from_end < 0, NOWHERE, from_end + offset)
        return index + offset

    def of_targets(self, length: int, device: torch.device, offset: int = 0, start: int = 0) -> Int[Tensor, "1 length"]:
        """The place of each target from `start` on."""
        index = torch.arange(start, start + length, device=device)[None]
        self._reserve(offset + start + length)
        return self._spread(index) if self.scheme == "random" else index + offset

    def of_targets_after(
        self, num_inputs: Int[Tensor, " batch"], length: int, offset: int = 0
    ) -> Int[Tensor, "rows length"]:
        """The place of each target in a sequence that begins with so many inputs; outside training where `random`.

        Schemes that couple inputs and targets, or count within numbers, count targets alone.
        """
        if self.scheme in ("abacus", "coupled"):
            return self.of_targets(length, num_inputs.device, offset)
        index = num_inputs[:, None] + torch.arange(length, device=num_inputs.device)
        self._reserve(offset + (0 if index.is_meta else int(num_inputs.max())) + length)
        return self._spread(index) if self.scheme == "random" else index + offset

    def of_documents(self, documents: Int[Tensor, "batch length"]) -> Int[Tensor, "batch length"]:
        """Where each target stands in its own document (as numbered in `Batch.documents`)."""
        index = torch.arange(documents.shape[1], device=documents.device).expand_as(documents)
        is_first = F.pad(documents[:, 1:] != documents[:, :-1], (1, 0), value=True)
        places = index - torch.where(is_first, index, 0).cummax(1).values
        self._reserve(documents.shape[1])
        if self.scheme == "random" and self.training:
            return _random_places(documents.shape[1], documents.device)[places]
        return self._spread(places) if self.scheme == "random" else places

    def of_both(
        self, inputs: Int[Tensor, "batch source_len"], length: int, offset: int = 0
    ) -> Int[Tensor, "batch source_and_length"]:
        """The places of the inputs and of `length` targets in one sequence."""
        num_inputs = (inputs != PAD).sum(1)
        if self.scheme == "random" and self.training:
            first = torch.arange(inputs.shape[1], device=inputs.device).expand_as(inputs)
            index = torch.cat((first, num_inputs[:, None] + torch.arange(length, device=inputs.device)), 1)
            return _random_places(index.shape[1], inputs.device)[index]
        places = self.of_inputs(inputs, offset), self.of_targets_after(num_inputs, length, offset)
        return torch.cat([each.expand(len(inputs), -1) for each in places], 1)

    def _reserve(self, end: int) -> None:
        """Have embeddings for all indices below `end`."""
        if self.scheme == "random":
            if end > LONGEST_RANDOM:
                raise ValueError(f"`random` positions must be at most {LONGEST_RANDOM}, but are {end}. {_OTHER}")
            end = NUM_PLACES
        elif self.embedding is not None and end >= NUM_PLACES:
            raise ValueError(f"`{self.scheme}` positions must be fewer than {NUM_PLACES}, but are {end}. {_OTHER}")
        if self.scheme in SINUSOIDS and end > len(self.table):
            longer = sinusoids(max(2 * len(self.table), end), self.d_model, self.table.device)
            self.table = longer.to(self.table.dtype)

    def _spread(self, index: Int[Tensor, "rows length"]) -> Int[Tensor, "rows length"]:
        """Increasing random indices in training; evenly spread ones else, so that a step at a time sees the same."""
        if not self.training:
            return index * (NUM_PLACES // LONGEST_RANDOM)
        return _random_places(index.shape[1], index.device)[None]

    def _in_number(self, inputs: Int[Tensor, "batch length"], offset: int) -> Int[Tensor, "batch length"]:
        """0 on the first digit of a number, 1 on the second; `NOWHERE` on what is no digit."""
        assert self.features.inputs is not None
        digits = torch.tensor(self.features.inputs.digits, device=inputs.device, dtype=inputs.dtype)
        is_digit = torch.isin(inputs, digits)
        index = torch.arange(inputs.shape[1], device=inputs.device)[None].expand_as(inputs)
        last_other = torch.where(is_digit, -1, index).cummax(1).values
        return torch.where(is_digit, index - last_other - 1 + offset, NOWHERE)

    def add(self, x: Float[Tensor, "batch length d_model"], places: Int[Tensor, "rows length_or_one"]) -> Tensor:
        """Embeddings with what the scheme adds to them."""
        if self.scheme in SINUSOIDS:
            return x + self.table[places]
        if self.embedding is None:
            return x
        return x + self.embedding(places - NOWHERE) * self.d_model**0.5

    def relate(
        self,
        queries: Int[Tensor, "rows query_len"],
        keys: Int[Tensor, "rows_ key_len"],
        memory: Int[Tensor, "rows__ memory_len"] | None = None,
        *,
        is_encoder: bool = False,
    ) -> "Relation":
        """What attention between these places needs; `memory`: the places that cross-attention reads.

        Biases are learned apart for the encoder's, the decoder's and the attention between them.
        """
        between = None if memory is None or self.scheme != "coupled" else self._bias(queries, memory, table=2)
        return Relation(self._bias(queries, keys, table=0 if is_encoder else 1), self._rotation(queries), between)

    def _rotation(self, places: Int[Tensor, "rows length"]) -> tuple[Tensor, Tensor] | None:
        """Cosines and sines by which `rotary` turns queries and keys, `[rows, 1, length, d_head / 2]`."""
        if self.scheme not in ("rotary", "sinusoid_rotary"):
            return None
        d_head = self.d_model // self.num_heads
        frequency = 10_000.0 ** (-torch.arange(0, d_head, 2, device=places.device, dtype=torch.float32) / d_head)
        angle = places[:, None, :, None] * frequency
        return angle.cos(), angle.sin()

    def _bias(
        self, queries: Int[Tensor, "rows query_len"], keys: Int[Tensor, "rows_ key_len"], table: int
    ) -> Float[Tensor, "rows__ heads query_len key_len"] | None:
        """What `relative`, `alibi` and `coupled` add to the scores of attention, by the places of both."""
        if self.scheme == "alibi":
            distance = (keys[:, None, None] - queries[:, None, :, None]).abs()
            return -distance * alibi_slopes(self.num_heads, keys.device)[:, None, None]
        if self.biases is None:
            return None
        distance = keys[:, None] - queries[:, :, None]
        bucket = relative_bucket(distance, COUPLED_DISTANCE if self.scheme == "coupled" else self.max_distance)
        if self.scheme == "coupled":
            is_nowhere = (keys == NOWHERE)[:, None] | (queries == NOWHERE)[:, :, None]
            bucket, distance = bucket.masked_fill(is_nowhere, NUM_BUCKETS), distance.masked_fill(is_nowhere, 0)
        # As large as embeddings: an optimizer's steps would need thousands for biases of several units.
        bias = self.biases(bucket + table * (NUM_BUCKETS + 1)).permute(0, 3, 1, 2) * self.d_model**0.5
        if self.scheme == "coupled":
            slopes = COUPLED_SLOPE * alibi_slopes(self.num_heads, keys.device)
            bias = bias - distance.abs()[:, None] * slopes[:, None, None]
        return bias


def refuses_positions(scheme: Scheme, features: Features, *, has_encoder: bool) -> str | None:
    """Why a scheme can't tell a model of a problem where its tokens stand; None if it can."""
    if scheme == "none" and has_encoder:
        return (
            "`model.positions` must not be `none` in a model with an encoder, to which its inputs would have no order. "
            "Use a model without one, such as `universal_transformer.decoder`."
        )
    if scheme == "abacus" and (features.inputs is None or not features.inputs.digits):
        return "The inputs must have digits for `abacus` positions, but have none."
    if scheme == "coupled" and features.places is None:
        return "Targets must belong to one input each for `coupled` positions, but the problem declares no `places`."
    return None


def _random_places(count: int, device: torch.device) -> Int[Tensor, " count"]:
    """Increasing random places within a random span: as dense as outside training, up to as sparse as there is room."""
    least = min(NUM_PLACES, count * (NUM_PLACES // LONGEST_RANDOM))
    span = int(torch.randint(least, NUM_PLACES + 1, ()))
    return torch.randperm(span, device=device)[:count].sort().values


def sinusoids(length: int, d_model: int, device: torch.device | None = None) -> Float[Tensor, "length d_model"]:
    """Sines on even and cosines on odd channels, wavelengths 2π to 10000·2π (Vaswani et al. 2017, section 3.5)."""
    position = torch.arange(length, device=device, dtype=torch.float32)[:, None]
    frequency = 10_000.0 ** (-torch.arange(0, d_model, 2, device=device, dtype=torch.float32) / d_model)
    angle = position * frequency
    return torch.stack((angle.sin(), angle.cos()), dim=-1).reshape(length, -1)[:, :d_model]


def rotated(x: Float[Tensor, "batch heads length d_head"], rotation: tuple[Tensor, Tensor] | None) -> Tensor:
    """Channel i and channel i + d_head / 2 turned together as a point of the plane."""
    if rotation is None:
        return x
    cosine, sine = (each.to(x.dtype) for each in rotation)
    if x.device.type == "cpu" and not torch.compiler.is_compiling():
        turned = Turning.apply(x, cosine, sine)
        assert isinstance(turned, Tensor)
        return turned
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cosine - second * sine, second * cosine + first * sine), dim=-1)


class Turning(torch.autograd.Function):
    """The same in fewer passes over memory, for CPUs; its gradient is turned back."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:  # type: ignore[override]
        """Shapes as in `rotated`."""
        ctx.save_for_backward(cosine, sine)
        return _turned(x, cosine, sine, 1)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:  # type: ignore[override]
        """Of the first argument."""
        cosine, sine = ctx.saved_tensors
        return _turned(gradient, cosine, sine, -1), None, None


def _turned(x: Tensor, cosine: Tensor, sine: Tensor, direction: int) -> Tensor:
    turned = torch.empty_like(x)
    (first, second), (new_first, new_second) = x.chunk(2, dim=-1), turned.chunk(2, dim=-1)
    torch.mul(first, cosine, out=new_first).addcmul_(second, sine, value=-direction)
    torch.mul(second, cosine, out=new_second).addcmul_(first, sine, value=direction)
    return turned


def alibi_slopes(num_heads: int, device: torch.device) -> Float[Tensor, " heads"]:
    """2^(-8/h), 2^(-16/h), ... for h heads."""
    return 2.0 ** (-8.0 / num_heads * torch.arange(1, num_heads + 1, device=device, dtype=torch.float32))


def relative_bucket(distance: Int[Tensor, "*shape"], max_distance: int) -> Int[Tensor, "*shape"]:
    """Buckets 0 to 31 of signed distances: 8 exact ones each way, then logarithmic ones, one from `max_distance` on."""
    half, exact = NUM_BUCKETS // 2, NUM_BUCKETS // 4
    size = distance.abs()
    growth = torch.log(size.clamp(min=exact) / exact) / torch.log(torch.tensor(max(max_distance, exact + 1) / exact))
    large = (exact + growth * (half - exact)).long().clamp(max=half - 1)
    return torch.where(size < exact, size, large) + half * (distance > 0)

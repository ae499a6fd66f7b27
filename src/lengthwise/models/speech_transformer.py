"""The Speech-Transformer (Dong et al. 2018) with joint CTC and attention (Watanabe et al. 2017).

Convolutions bring the frames to a quarter of their rate, an encoder reads them, and two tops write: a decoder token by
token, and a classifier of stretches whose loss (Graves et al. 2006) teaches the encoder where tokens are.
"""

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from lengthwise.contracts import EOS, PAD, Aligner, AuxLoss, Batch, Features, Output
from lengthwise.layers.masks import Mask
from lengthwise.models.transformer import Transformer, TransformerConfig


@dataclass(frozen=True, kw_only=True)
class SpeechTransformerConfig(TransformerConfig):
    """A Transformer's, and how much the alignment counts."""

    ctc_weight: float = 1.0
    """Of the loss of the alignment beside that of the decoder; 0 leaves it out, as for translation."""

    def build(self, features: Features) -> "SpeechTransformer":
        """A freshly initialised Speech-Transformer."""
        if reason := self.refuses(features):
            raise ValueError(reason)
        return SpeechTransformer(self, features)

    def refuses(self, features: Features) -> str | None:
        """It reads sounds and writes tokens."""
        if features.inputs is None or features.inputs.modality != "spectrogram":
            found = "absent" if features.inputs is None else f"of kind {features.inputs.modality}"
            return f"The inputs of a problem for `speech_transformer` must be of kind spectrogram, but are {found}."
        return super().refuses(features)

    def training_defaults(self) -> dict[str, object]:
        """A Transformer's, with larger batches: four frames are one position."""
        return super().training_defaults() | {"batch.tokens": 16384}


def tiny() -> SpeechTransformerConfig:
    """Six encoder layers and one decoder layer of width 192."""
    return SpeechTransformerConfig(
        d_model=192, d_ff=768, num_heads=4, num_encoder_layers=6, num_decoder_layers=1, dropout=0.1, positions="rotary"
    )


def base() -> SpeechTransformerConfig:
    """Twelve encoder layers and six decoder layers of width 256, as usual for a hundred hours."""
    return replace(tiny(), d_model=256, d_ff=2048, num_encoder_layers=12, num_decoder_layers=6)


class SpeechTransformer(Transformer, Aligner):
    """A Transformer whose memory also says by itself which token each stretch stands for."""

    def __init__(self, config: SpeechTransformerConfig, features: Features) -> None:
        super().__init__(config, features)
        self.ctc_weight, self.aligns = config.ctc_weight, config.ctc_weight > 0
        if self.aligns:
            self.ctc_head = nn.Linear(config.d_model, features.targets.size)

    def forward(self, batch: Batch) -> Output:
        """Teacher-forced, with the loss of the alignment beside."""
        assert batch.inputs is not None
        offset = self.positions.offset()
        encoded = self.encode(batch.inputs, offset)
        output = Output(self.decode(batch.targets, encoded, offset), self.head)
        if self.aligns and self.training:
            log_probs, lengths = self._aligned(encoded[0], encoded[1])
            loss = alignment_loss(log_probs, lengths, batch.targets)
            output.aux_losses["ctc"] = AuxLoss(self.ctc_weight * loss, "targets")
        return output

    @torch.no_grad()
    def align(self, inputs: Tensor) -> tuple[Float[Tensor, "batch stretches vocab"], Int[Tensor, " batch"]]:
        """Of every stretch of four frames."""
        memory, mask, _ = self.encode(inputs)
        return self._aligned(memory, mask)

    def _aligned(self, memory: Tensor, mask: Mask) -> tuple[Tensor, Tensor]:
        rows, length = memory.shape[:2]
        lengths = torch.full((rows,), length, device=memory.device) if mask.keys is None else mask.keys.sum(1)
        return self.ctc_head(memory).float().log_softmax(-1), lengths


def alignment_loss(
    log_probs: Float[Tensor, "batch stretches vocab"],
    lengths: Int[Tensor, " batch"],
    targets: Int[Tensor, "batch target_len"],
) -> Float[Tensor, ""]:
    """Minus the log-probability of each row's targets over all alignments, summed; 0 for what has no alignment."""
    if log_probs.is_meta:
        return log_probs.sum()  # torch 2.13 can't count this loss without numbers
    is_token = (targets != PAD) & (targets != EOS)
    return F.ctc_loss(
        log_probs.transpose(0, 1),
        targets,
        lengths,
        is_token.sum(1),
        blank=PAD,
        reduction="sum",
        zero_infinity=True,
    )

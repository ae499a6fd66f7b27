"""Hugging Face MarianMT from scratch, trained as its Seq2SeqTrainer does."""

from typing import Any

import torch
from torch import Tensor

from benchmarks.peers.decoder import EOS, PAD, START, Decoder
from benchmarks.peers.trainer import Size, TorchOptimizer, Trainer, linear_with_warmup, shift_right

try:
    from transformers import MarianConfig, MarianMTModel
    from transformers.trainer_pt_utils import LabelSmoother
except ImportError as error:
    raise SystemExit("This peer needs Hugging Face transformers: pip install transformers accelerate") from error

IGNORED = -100
"""What transformers' collators write over padding in the labels."""


def marian_config(size: Size, attention: str = "sdpa") -> MarianConfig:
    """The configuration of the opus-mt models (ReLU for swish, so that all trainers have it) at another size."""
    layers = {"encoder": size.num_encoder_layers, "decoder": size.num_decoder_layers}
    sides = {"attention_heads": size.num_heads, "ffn_dim": size.d_ff}
    return MarianConfig(
        **{f"{side}_{name}": value for side in layers for name, value in sides.items()},
        **{f"{side}_layers": count for side, count in layers.items()},
        vocab_size=size.vocab,
        d_model=size.d_model,
        max_position_embeddings=size.max_positions,
        dropout=size.dropout,
        activation_function="relu",
        scale_embedding=True,
        tie_word_embeddings=True,
        share_encoder_decoder_embeddings=True,
        pad_token_id=PAD,
        eos_token_id=EOS,
        forced_eos_token_id=None,
        decoder_start_token_id=START,
        attn_implementation=attention,  # pyright: ignore[reportCallIssue] - transformers hides it
    )


def build(size: Size, attention: str = "sdpa") -> Any:
    """A freshly initialised MarianMT; `Any`, since transformers' own annotations contradict its methods."""
    return MarianMTModel(marian_config(size, attention))


class Marian(Trainer):
    """AdamW at 5e-4 with warm-up and linear decay, label smoothing by transformers' own class."""

    learning_rate = 5e-4
    warmup_steps = 200

    def __init__(self, size: Size, attention: str = "sdpa") -> None:
        self.model = build(size, attention).train()
        self.forward: Any = self.model
        self.smoother = LabelSmoother(epsilon=size.label_smoothing)

    def loss(self, inputs: Tensor, targets: Tensor) -> Tensor:
        labels = targets.masked_fill(targets == PAD, IGNORED)
        mask = (inputs != PAD).long()
        output = self.forward(input_ids=inputs, attention_mask=mask, decoder_input_ids=shift_right(targets))
        return self.smoother(output, labels)

    def use_recommended(self) -> None:
        parameters = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
        adamw = torch.optim.AdamW(parameters, lr=self.learning_rate, weight_decay=0.0, fused=True)
        self.use(TorchOptimizer(adamw), linear_with_warmup(self.warmup_steps))

    def decoder(self) -> Decoder:
        from benchmarks.peers.marian_decoder import MarianDecoder

        return MarianDecoder(self.model, batch_sizes=(64,))


def sdpa(size: Size) -> Trainer:
    """With scaled_dot_product_attention, transformers' default."""
    return Marian(size, "sdpa")


def eager(size: Size) -> Trainer:
    """With plain matmul attention."""
    return Marian(size, "eager")


def compiled(size: Size) -> Trainer:
    """The default under `torch.compile` for any length."""
    trainer = Marian(size, "sdpa")
    trainer.forward = torch.compile(trainer.model, dynamic=True)
    return trainer

"""Decoder-only peers: Hugging Face's Llama, x-transformers, and a GPT as a tutorial writes it in plain PyTorch."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from benchmarks.peers.trainer import Size, TorchOptimizer, Trainer, linear_with_warmup, shift_right


class LanguageModel(Trainer):
    """AdamW at 1e-3 with warm-up and linear decay; rows have no padding."""

    learning_rate = 1e-3
    warmup_steps = 100
    forward: Any

    def loss(self, inputs: Tensor, targets: Tensor) -> Tensor:
        logits = self.forward(shift_right(targets))
        return F.cross_entropy(logits.flatten(0, 1).float(), targets.flatten())

    def use_recommended(self) -> None:
        adamw = torch.optim.AdamW(self.model.parameters(), lr=self.learning_rate, weight_decay=0.1, fused=True)
        self.use(TorchOptimizer(adamw), linear_with_warmup(self.warmup_steps))

    def compile(self) -> "LanguageModel":
        """Under `torch.compile`."""
        self.forward = torch.compile(self.forward)
        return self


class HuggingFace(LanguageModel):
    """`LlamaForCausalLM` with the loss of its own `forward`, as transformers' Trainer calls it."""

    def __init__(self, size: Size) -> None:
        try:
            from transformers import LlamaConfig, LlamaForCausalLM
        except ImportError as error:
            raise SystemExit("This peer needs Hugging Face transformers: pip install transformers") from error
        config = LlamaConfig(
            vocab_size=size.vocab,
            hidden_size=size.d_model,
            intermediate_size=2 * size.d_ff // 3,
            num_hidden_layers=size.num_decoder_layers,
            num_attention_heads=size.num_heads,
            max_position_embeddings=size.max_positions,
            tie_word_embeddings=True,
        )
        self.model = LlamaForCausalLM(config).train()
        self.forward = self.model

    def loss(self, inputs: Tensor, targets: Tensor) -> Tensor:
        # Its model shifts the labels itself: the last prediction of a row is lost.
        read = shift_right(targets)
        return self.forward(input_ids=read, labels=read, use_cache=False).loss


class XTransformers(LanguageModel):
    """`TransformerWrapper` with rotary positions, RMSNorm and a gated network, as its README's options name them."""

    def __init__(self, size: Size) -> None:
        try:
            from x_transformers import Decoder, TransformerWrapper
        except ImportError as error:
            raise SystemExit("This peer needs x-transformers: pip install x-transformers") from error
        layers = Decoder(
            dim=size.d_model,
            depth=size.num_decoder_layers,
            heads=size.num_heads,
            attn_dim_head=size.d_model // size.num_heads,
            attn_flash=True,
            rotary_pos_emb=True,
            use_rmsnorm=True,
            ff_glu=True,
            ff_swish=True,
            ff_no_bias=True,
            ff_mult=2 * size.d_ff / (3 * size.d_model),
        )
        self.model = TransformerWrapper(
            num_tokens=size.vocab,
            max_seq_len=size.max_positions,
            attn_layers=layers,
            use_abs_pos_emb=False,
            tie_embedding=True,
        ).train()
        self.forward = self.model


class PlainBlock(nn.Module):
    """Pre-norm attention and a GELU network."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.num_heads = size.num_heads
        self.attention_norm, self.network_norm = nn.LayerNorm(size.d_model), nn.LayerNorm(size.d_model)
        self.queries_keys_values = nn.Linear(size.d_model, 3 * size.d_model)
        self.output = nn.Linear(size.d_model, size.d_model)
        self.network = nn.Sequential(nn.Linear(size.d_model, size.d_ff), nn.GELU(), nn.Linear(size.d_ff, size.d_model))

    def forward(self, x: Tensor) -> Tensor:
        batch, length, width = x.shape
        heads = self.queries_keys_values(self.attention_norm(x)).view(batch, length, 3, self.num_heads, -1)
        queries, keys, values = heads.permute(2, 0, 3, 1, 4)
        read = F.scaled_dot_product_attention(queries, keys, values, is_causal=True)
        x = x + self.output(read.transpose(1, 2).reshape(batch, length, width))
        return x + self.network(self.network_norm(x))


class PlainModel(nn.Module):
    """Learned positions, blocks, one matrix for embeddings and output."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.tokens = nn.Embedding(size.vocab, size.d_model)
        self.places = nn.Embedding(size.max_positions, size.d_model)
        self.blocks = nn.Sequential(*(PlainBlock(size) for _ in range(size.num_decoder_layers)))
        self.norm = nn.LayerNorm(size.d_model)
        for parameter in self.parameters():
            if parameter.ndim == 2:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.tokens(tokens) + self.places.weight[: tokens.shape[1]]
        return F.linear(self.norm(self.blocks(x)), self.tokens.weight)


class Plain(LanguageModel):
    """GPT-2's architecture, written out."""

    def __init__(self, size: Size) -> None:
        self.model = PlainModel(size).train()
        self.forward = self.model


def hugging_face(size: Size) -> Trainer:
    """As it comes."""
    return HuggingFace(size)


def hugging_face_compiled(size: Size) -> Trainer:
    """Under `torch.compile`."""
    return HuggingFace(size).compile()


def x_transformers(size: Size) -> Trainer:
    """As it comes."""
    return XTransformers(size)


def x_transformers_compiled(size: Size) -> Trainer:
    """Under `torch.compile`."""
    return XTransformers(size).compile()


def plain(size: Size) -> Trainer:
    """As it is written."""
    return Plain(size)


def plain_compiled(size: Size) -> Trainer:
    """Under `torch.compile`."""
    return Plain(size).compile()

"""torch.nn.Transformer with the embeddings and the loop of PyTorch's own translation tutorial, embeddings tied."""

import torch
from torch import Tensor, nn

from benchmarks.peers.decoder import PAD, Decoder
from benchmarks.peers.trainer import Size, TorchOptimizer, Trainer, linear_with_warmup, shift_right, sinusoids


class TorchTransformer(nn.Module):
    """Embeddings × √d, sinusoids, `nn.Transformer`, and the embeddings again as the projection."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.scale = size.d_model**0.5
        self.embedding = nn.Embedding(size.vocab, size.d_model, padding_idx=PAD)
        nn.init.normal_(self.embedding.weight, std=size.d_model**-0.5)
        self.positions: Tensor
        self.register_buffer("positions", sinusoids(size.max_positions, size.d_model))
        self.dropout = nn.Dropout(size.dropout)
        self.transformer = nn.Transformer(
            size.d_model,
            size.num_heads,
            size.num_encoder_layers,
            size.num_decoder_layers,
            size.d_ff,
            size.dropout,
            batch_first=True,
        )
        for module in self.modules():
            if isinstance(module, nn.MultiheadAttention):
                # For Muon, which must not mix queries, keys and values; nothing else reads it.
                module.num_blocks = 3

    def embed(self, tokens: Tensor) -> Tensor:
        return self.dropout(self.embedding(tokens) * self.scale + self.positions[: tokens.shape[1]])

    def forward(self, inputs: Tensor, decoder_inputs: Tensor) -> Tensor:
        """Logits `[batch, target_len, vocab]`."""
        return self.project(self.read(decoder_inputs, self.encode(inputs), inputs))

    def encode(self, inputs: Tensor) -> Tensor:
        return self.transformer.encoder(self.embed(inputs), src_key_padding_mask=inputs == PAD)

    def read(self, decoder_inputs: Tensor, memory: Tensor, inputs: Tensor) -> Tensor:
        """Hidden states of the decoder; causal, blind to the padding of `inputs`."""
        length = decoder_inputs.shape[1]
        mask = torch.ones(length, length, dtype=torch.bool).triu(1)
        return self.transformer.decoder(
            self.embed(decoder_inputs),
            memory,
            tgt_mask=mask,
            tgt_is_causal=True,
            memory_key_padding_mask=inputs == PAD,
        )

    def project(self, hidden: Tensor) -> Tensor:
        return nn.functional.linear(hidden, self.embedding.weight)


class TorchTransformerTrainer(Trainer):
    """Adam with the rate, the warm-up and the decay of `Marian`: the paper's schedule with 400 steps of warm-up did not
    learn (BLEU 0.2), and the 1e-4 of torch's own tutorial is slower still."""

    learning_rate = 5e-4
    warmup_steps = 200

    def __init__(self, size: Size) -> None:
        self.size = size
        self.model: TorchTransformer = TorchTransformer(size).train()
        self.criterion = nn.CrossEntropyLoss(ignore_index=PAD, label_smoothing=size.label_smoothing)

    def loss(self, inputs: Tensor, targets: Tensor) -> Tensor:
        logits = self.model(inputs, shift_right(targets))
        return self.criterion(logits.flatten(0, 1), targets.flatten())

    def use_recommended(self) -> None:
        parameters = self.model.parameters()
        adam = torch.optim.Adam(parameters, lr=self.learning_rate, betas=(0.9, 0.98), eps=1e-9, fused=True)
        self.use(TorchOptimizer(adam), linear_with_warmup(self.warmup_steps))

    def decoder(self) -> Decoder:
        from benchmarks.peers.torch_decoder import TorchDecoder

        return TorchDecoder(self.model)


def default(size: Size) -> Trainer:
    """As it comes."""
    return TorchTransformerTrainer(size)

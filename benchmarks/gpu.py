"""Mode `gpu`: one model of a published size on one GPU, through the calls of `lengthwise train`."""

import argparse
import statistics
import time

import torch
from torch import nn

from benchmarks.table import show
from lengthwise import runtime
from lengthwise.contracts import Batch, Counts, Feature, Features, Model, ModelConfig
from lengthwise.losses import LossSum, sequence_loss
from lengthwise.models.decoder import DecoderConfig
from lengthwise.models.transformer import big
from lengthwise.training.config import OptimizerConfig
from lengthwise.training.objective import Objective
from lengthwise.training.optimizers import Optimizer
from lengthwise.training.step import train_step

PEAK = 989e12
"""Dense bf16 FLOP/s of one H100 (SXM), by its data sheet."""
VOCAB = 32_000
WARMUP = 10


def decoder_350m() -> DecoderConfig:
    """346 million parameters without embeddings: 24 layers of width 1,024 with gated networks."""
    return DecoderConfig(d_model=1024, d_ff=3328, num_heads=16, num_key_heads=16, num_layers=24)


def measure(options: argparse.Namespace) -> dict[str, object]:
    """Tokens/s and MFU = tokens/s × (6N + 12·layers·d_model·length) / peak, N without embeddings; median step."""
    machine = runtime.resolve("cuda", "bf16")
    is_decoder = options.model == "decoder"
    config: ModelConfig = decoder_350m() if is_decoder else big()
    side = Feature(size=VOCAB)
    features = Features(inputs=None if is_decoder else side, targets=side, is_shared=True)
    model = config.build(features).to(machine.device).train()
    count = sum(p.numel() for p in model.parameters()) - sum(
        m.weight.numel() for m in model.modules() if isinstance(m, nn.Embedding)
    )
    if not options.no_compile:
        model.compile()
    rule = Optimizer(model, OptimizerConfig(name="adamw"))
    tokens = torch.randint(3, VOCAB, (options.rows, options.length))
    batch = Batch(None if is_decoder else tokens, tokens)
    seconds = []
    for step in range(WARMUP + options.steps):
        torch.cuda.synchronize()
        began = time.perf_counter()
        train_step(Objective(model, _loss), [batch], rule, machine, 1.0, step + 1)
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - began)
    step_time = statistics.median(seconds[WARMUP:])
    if is_decoder:
        assert isinstance(config, DecoderConfig)
        flops = 6 * count + 12 * config.num_layers * config.d_model * options.length
        per_step = flops * options.rows * options.length
    else:
        # Each side goes through its own layers: the formula for half of the parameters at a time, plus cross-attention.
        sizes = big()
        attention = 12 * sizes.d_model * options.length * (sizes.num_encoder_layers + 2 * sizes.num_decoder_layers)
        per_step = (6 * count + attention) * options.rows * options.length
    row = {
        "model": options.model,
        "parameters without embeddings": count,
        "rows x length": f"{options.rows} x {options.length}",
        "tokens/s": batch.num_tokens / step_time,
        "MFU": f"{per_step / step_time / PEAK:.1%}",
        "memory MB": round(torch.cuda.max_memory_allocated() / 2**20),
    }
    show(f"{torch.cuda.get_device_name()}, torch {torch.__version__}", [row])
    return {"device": torch.cuda.get_device_name(), "row": row, "seconds": seconds}


def _loss(model: Model, batch: Batch, counts: Counts) -> LossSum:
    return sequence_loss(model(batch), batch, 0.0, counts)

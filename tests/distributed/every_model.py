"""As a program: some updates of small models, on as many processes as it is started as; writes what came of them."""

import json
import sys
import traceback
from dataclasses import fields, replace
from pathlib import Path

import torch
from torch import Tensor

from lengthwise import catalog, runtime
from lengthwise.contracts import EOS, PAD, Batch, Counts, Feature, Features, Model, ModelConfig
from lengthwise.losses import LossSum, sequence_loss
from lengthwise.parallel.config import ParallelConfig
from lengthwise.parallel.spread import shares, spread
from lengthwise.parallel.tensors import whole
from lengthwise.training import tensor_file
from lengthwise.training.config import OptimizerConfig
from lengthwise.training.objective import Objective
from lengthwise.training.optimizers import Optimizer
from lengthwise.training.step import train_step
from lengthwise.world import Share, joined

VOCAB = 23
SMALL = {
    "d_model": 32, "d_ff": 48, "num_heads": 4, "num_encoder_layers": 2, "num_decoder_layers": 2, "dropout": 0.0,
    "num_steps": 2, "num_maps": 9, "num_relaxed": 2, "num_key_heads": 2, "num_layers": 2, "widths": (8, 16),
}  # fmt: skip
ACCUMULATE = 4


TOKENS = Feature(size=VOCAB, digits=(5, 6, 7, 8, 9, 10))
TEXTS = Features(inputs=TOKENS, targets=TOKENS, is_shared=True, growth=(1, 1), places="index")
IMAGES = Features(inputs=Feature(modality="image", size=1, shape=(8, 8)), targets=Feature(modality="label", size=VOCAB))
SOUNDS = Features(inputs=Feature(modality="spectrogram", size=6), targets=Feature(size=VOCAB))


def shrunk(preset: str) -> ModelConfig:
    full = catalog.find("models", preset)()
    names = {field.name for field in fields(full)}
    return replace(full, **{name: value for name, value in SMALL.items() if name in names})


def batch(index: int, features: Features = TEXTS) -> Batch:
    """Rows of uneven length: 1 to 5 of them, so that some shares are empty."""
    random = torch.Generator().manual_seed(index)
    num_rows = 1 + index % 5
    if features is IMAGES:
        classes = torch.randint(3, VOCAB, (num_rows, 1), generator=random)
        return Batch(torch.rand(num_rows, 8, 8, 1, generator=random, dtype=torch.double), classes)

    def side() -> Tensor:
        lengths = torch.randint(2, 8, (num_rows,), generator=random)
        ids = torch.randint(3, VOCAB, (num_rows, int(lengths.max())), generator=random)
        ids[torch.arange(num_rows), lengths - 1] = EOS
        ids[torch.arange(ids.shape[1]) >= lengths[:, None]] = PAD
        return ids

    inputs = side()
    if features is SOUNDS:
        # Eight frames for every token.
        frames = torch.nn.functional.one_hot(inputs, VOCAB)[..., :6].double().repeat_interleave(8, 1)
        is_real = (inputs != PAD).double().repeat_interleave(8, 1)[..., None]
        return Batch(torch.cat((frames * is_real, is_real), -1), inputs)
    return Batch(inputs, inputs.clone())


def loss(model: Model, batch: Batch, counts: Counts) -> LossSum:
    return sequence_loss(model(batch), batch, 0.1, counts)


def trained(preset: str, parallel: ParallelConfig, optimizer: OptimizerConfig, num_steps: int) -> dict[str, Tensor]:
    """The losses, the gradients of the first update, and the weights after the last."""
    machine = runtime.resolve("cpu", "fp32")
    torch.manual_seed(0)
    config = shrunk(preset)
    features = next(each for each in (TEXTS, IMAGES, SOUNDS) if config.refuses(each) is None)
    model = config.build(features).double().train()
    module = spread(Objective(model, loss), parallel, machine.world)
    rule = Optimizer(model, optimizer, machine.world)
    losses, found = [], {}
    for step in range(num_steps):
        mine: list[tuple[int, Share]] = shares(machine.world, ACCUMULATE)
        batches = [batch(step * ACCUMULATE + index, features).shared(share) for index, share in mine]
        report = train_step(module, batches, rule, machine, clip_norm=1.0, step=step + 1)
        model.after_step(report.nll, rule.learning_rate, report.statistics)
        losses.append(report.loss)
        if step == 0:
            found = {f"gradient/{name}": whole(p.grad) for name, p in model.named_parameters() if p.grad is not None}
    weights = {f"weight/{name}": whole(tensor) for name, tensor in model.state_dict().items()}
    return {"losses": torch.tensor(losses, dtype=torch.double), **found, **weights}


def main(out: str, presets: str, parallel: str, optimizer: str, num_steps: str) -> None:
    """Each model in turn; what fails is written too."""
    world = runtime.resolve("cpu", "fp32").world
    torch.set_num_threads(1)
    with joined(world):
        for preset in presets.split(","):
            try:
                found = trained(
                    preset,
                    ParallelConfig(**json.loads(parallel)),
                    OptimizerConfig(**json.loads(optimizer)),
                    int(num_steps),
                )
            except Exception:
                if world.is_main:
                    Path(out, f"{preset}.error").write_text(traceback.format_exc())
                if world.size > 1:
                    raise
                continue
            if world.is_main:
                tensor_file.write(Path(out) / preset, found)


if __name__ == "__main__":
    main(*sys.argv[1:])

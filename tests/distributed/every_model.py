"""As a program: some updates of small models, on as many processes as it is started as; writes what came of them."""

import json
import sys
import traceback
from dataclasses import replace
from pathlib import Path

# Beside pytest's own way to it, for when this is the program.
sys.path.append(str(Path(__file__).parents[1]))

import torch
from kinds import KINDS, Kind, kind_of, shrunk
from torch import Tensor

from lengthwise import runtime
from lengthwise.contracts import Batch, Counts, Distribution, Model
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

ACCUMULATE = 4


def batch(index: int, kind: Kind = KINDS["text to text"]) -> Batch:
    """Rows of uneven length: 1 to 5 of them, so that some shares are empty."""
    return kind.batch(index, 1 + index % 5)


def loss(model: Model, batch: Batch, counts: Counts) -> LossSum:
    output = model(batch)
    return sequence_loss(output, batch, 0.0 if isinstance(output.head, Distribution) else 0.1, counts)


def trained(preset: str, parallel: ParallelConfig, optimizer: OptimizerConfig, num_steps: int) -> dict[str, Tensor]:
    """The losses, the gradients of the first update, and the weights after the last."""
    machine = runtime.resolve("cpu", "fp32")
    torch.manual_seed(0)
    config = shrunk(preset)
    kind = kind_of(config)
    model = config.build(kind.features).double().train()
    # Models without a list of layers have nothing to recompute, and say so.
    has_layers = any(isinstance(part, torch.nn.ModuleList) for part in model.modules())
    parallel = replace(parallel, recompute=parallel.recompute and has_layers)
    module = spread(Objective(model, loss), parallel, machine.world, machine.device)
    rule = Optimizer(model, optimizer, machine.world)
    losses, found = [], {}
    for step in range(num_steps):
        mine: list[tuple[int, Share]] = shares(machine.world, ACCUMULATE)
        batches = [batch(step * ACCUMULATE + index, kind).shared(share) for index, share in mine]
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

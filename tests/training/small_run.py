"""A small model, its data and its run, for the tests of training; as a program, a run that can be killed."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from lengthwise import config as configs
from lengthwise.contracts import Batch, Counts, Model, Output
from lengthwise.runtime import Runtime, seed_everything
from lengthwise.training.checkpoint import Progress
from lengthwise.training.config import OptimizerConfig, TrainConfig
from lengthwise.training.directory import RunDirectory
from lengthwise.training.loop import Batches, Job, Outcome, train
from lengthwise.training.objective import Loss
from lengthwise.training.optimizers import Optimizer
from lengthwise.training.saving import Saver
from lengthwise.training.state import TrainingState
from lengthwise.world import ALONE, WHOLE, Share

RUNTIME = Runtime(device=torch.device("cpu"), compute_dtype=torch.float32, seed=0)
VOCAB = 12


@dataclass(frozen=True)
class Summed:
    total: Tensor
    nll: Tensor
    num_tokens: int
    statistics: dict[str, Tensor] = field(default_factory=dict)


class Copier(Model):
    """Predicts each target from the input at its place; dropout makes it need the random generator."""

    def __init__(self, width: int = 8, dropout: float = 0.2) -> None:
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, width)
        self.norm = nn.LayerNorm(width)
        self.hidden = nn.Linear(width, 4 * width)
        self.out = nn.Linear(4 * width, width)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(width, VOCAB, bias=False)
        self.head.weight = self.embedding.weight

    def forward(self, batch: Batch) -> Output:
        assert batch.inputs is not None
        x = self.embedding(batch.inputs)
        return Output(x + self.dropout(self.out(self.hidden(self.norm(x)).relu())), self.head)


def summed_loss(model: Model, batch: Batch, counts: Counts | None = None) -> Summed:
    logits = model(batch).logits
    total = nn.functional.cross_entropy(logits.flatten(0, 1), batch.targets.flatten(), ignore_index=0, reduction="sum")
    return Summed(total, total.detach(), batch.num_target_tokens)


def batches(index: int, share: Share = WHOLE, rows: int = 4) -> Batch:
    """Random rows of uneven length, a pure function of the index."""
    generator = torch.Generator().manual_seed(index)
    length = int(torch.randint(3, 9, (), generator=generator))
    ids = torch.randint(1, VOCAB, (rows, length), generator=generator)
    lengths = torch.randint(1, length + 1, (rows, 1), generator=generator)
    ids[torch.arange(length) >= lengths] = 0
    return Batch(ids, ids).shared(share)


def score(model: Model, step: int) -> dict[str, float]:
    """A validation that draws random numbers, as sampling would."""
    torch.rand(3)
    assert not model.training
    loss = summed_loss(model, batches(10**6)).total.item()
    return {"score": -loss}


def trained_state(name: str = "muon") -> TrainingState:
    model = Copier()
    optimizer = Optimizer(model, OptimizerConfig(name=name))  # pyright: ignore[reportArgumentType]
    summed_loss(model, batches(0)).total.backward()
    optimizer.step()
    return TrainingState(model, optimizer)


def save(path: Path, state: TrainingState, progress: Progress, done: Callable[[], None] = lambda: None) -> None:
    saver = Saver(ALONE)
    saver.begin(path, state, progress, done)
    saver.wait()


def run(
    directory: Path | str,
    config: TrainConfig,
    *,
    evaluate: Callable[[Model, int], dict[str, float]] | None = score,
    loss: Loss = summed_loss,
    data: Batches = batches,
) -> Outcome:
    seed_everything(0)
    return train(
        Job(
            model=Copier(),
            loss=loss,
            batches=data,
            config=config,
            runtime=RUNTIME,
            directory=RunDirectory(directory),
            evaluate=evaluate,
        )
    )


if __name__ == "__main__":
    run(sys.argv[1], configs.override(TrainConfig(), json.loads(sys.argv[2])))

"""A trainer in its own process: obeys `run FIRST COUNT` and `memory` on stdin, answers each with a line of JSON."""

import json
import sys
import time
from dataclasses import asdict

import torch
from torch import Tensor

from benchmarks.machine import peak_memory_mb, resident_memory_mb
from benchmarks.peers.decoder import PAD
from benchmarks.peers.trainer import Size, Trainer, find

Batches = list[tuple[Tensor, Tensor]]


def run(trainer: Trainer, batches: Batches, first: int, count: int) -> dict[str, float]:
    """Train on `count` batches from number `first`; seconds, real tokens, last loss."""
    chosen = [batches[i % len(batches)] for i in range(first, first + count)]
    num_tokens = sum(int((side != PAD).sum()) for batch in chosen for side in batch)
    loss = 0.0
    began = time.perf_counter()
    for inputs, targets in chosen:
        loss = trainer.step(inputs, targets)
    return {"seconds": time.perf_counter() - began, "tokens": num_tokens, "loss": loss}


def main(path: str, size: str, batches_file: str, num_threads: str) -> None:
    """Build the trainer of `path` and obey until stdin closes."""
    torch.set_num_threads(int(num_threads))
    torch.manual_seed(0)
    factory = find(path)
    batches: Batches = torch.load(batches_file, weights_only=True)
    before = resident_memory_mb()
    trainer = factory(Size(**json.loads(size)))
    trainer.use_recommended()
    parameters = sum(parameter.numel() for parameter in trainer.model.parameters() if parameter.requires_grad)
    _answer({"ready": path, "parameters": parameters})
    for line in sys.stdin:
        order, *numbers = line.split()
        if order == "run":
            _answer(run(trainer, batches, *map(int, numbers)))
        else:
            _answer({"peak_mb": peak_memory_mb(), "libraries_mb": before})


def _answer(reply: dict) -> None:
    # Libraries print to stdout too, so the answers carry a mark.
    print("@" + json.dumps(reply), flush=True)


def start_arguments(path: str, size: Size, batches_file: str, num_threads: int) -> list[str]:
    """The command line of a worker."""
    module = [sys.executable, "-m", "benchmarks.peers.worker"]
    return [*module, path, json.dumps(asdict(size)), batches_file, str(num_threads)]


if __name__ == "__main__":
    main(*sys.argv[1:])

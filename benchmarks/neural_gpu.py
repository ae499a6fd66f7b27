"""A diagonal Neural GPU's training step beside its equations, one call of PyTorch per operation, in turns.

`python benchmarks/neural_gpu.py [--maps 48] [--keep 0.9] [--rounds 10] [--json FILE]`
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The packages by name, whatever the directory that this file was started from.
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

import numpy as np  # noqa: E402
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from torch import Tensor  # noqa: E402

from benchmarks.table import machine_facts, show, write  # noqa: E402
from lengthwise.contracts import EOS, Batch, Features  # noqa: E402
from lengthwise.losses import sequence_loss  # noqa: E402
from lengthwise.models.diagonal_neural_gpu import LENGTH_BINS, DiagonalNeuralGPU, DiagonalNeuralGPUConfig  # noqa: E402
from lengthwise.problems.algorithmic import reverse  # noqa: E402
from lengthwise.training.adamax import ClippedAdaMax  # noqa: E402

ROWS = 32
"""Examples of a bin, as published."""
Loss = Callable[[DiagonalNeuralGPU, list[Batch]], Tensor]


def ours(model: DiagonalNeuralGPU, bins: list[Batch]) -> Tensor:
    """As `lengthwise train` does: all bins are one batch."""
    longest = max(each.targets.shape[1] for each in bins)

    def joined(sides: list[Tensor]) -> Tensor:
        return torch.cat([F.pad(side, (0, longest - side.shape[1])) for side in sides])

    inputs, targets = [each.inputs for each in bins if each.inputs is not None], [each.targets for each in bins]
    batch = Batch(joined(inputs), joined(targets))
    summed = sequence_loss(model(batch), batch)
    return summed.total / summed.num_tokens


def equations(model: DiagonalNeuralGPU, bins: list[Batch]) -> Tensor:
    """The paper's, bin by bin as in its authors' code; no example is shorter than its bin, so nothing is masked."""
    num_rows, num_tokens = sum(len(each.targets) for each in bins), sum(each.targets.numel() for each in bins)
    nll, cost = torch.zeros(()), torch.zeros(())
    for each in bins:
        assert each.inputs is not None
        state, excess = _recur(model, each.inputs)
        nll = nll + F.cross_entropy(model.head(state).flatten(0, 1), each.targets.flatten(), reduction="sum")
        cost = cost + excess / each.inputs.shape[1] ** 2
    return nll / num_tokens + model.saturation_weight * cost / num_rows


def _recur(model: DiagonalNeuralGPU, inputs: Tensor) -> tuple[Tensor, Tensor]:
    maps, dropout = model.config.num_maps, model.config.dropout
    third = maps // 3
    before = model.embedding(inputs) + model.embedding_bias
    cost = F.relu(before.abs() - 0.9).sum() * inputs.shape[1]
    state = F.dropout(before.clamp(-1, 1), dropout).transpose(1, 2)
    (reset_weight, gate_weight), (reset_bias, gate_bias) = (
        model.gates_weight.permute(2, 1, 0).split(maps),
        model.gates_bias.split(maps),
    )
    for _ in range(inputs.shape[1]):
        reset = F.conv1d(state, reset_weight, reset_bias, padding=1) + 0.5
        gate = F.conv1d(state, gate_weight, gate_bias, padding=1) + 0.7
        opened = (0.5 * reset + 0.5).clamp(0, 1)
        candidate = F.conv1d(opened * state, model.candidate_weight.permute(2, 1, 0), model.candidate_bias, padding=1)
        for argument in (reset, gate, candidate):
            cost = cost + F.relu(argument.abs() - 0.9).sum()
        own, left, right = state.split([maps - 2 * third, third, third], dim=1)
        shifted = torch.cat((own, F.pad(left, (1, 0))[..., :-1], F.pad(right, (0, 1))[..., 1:]), dim=1)
        share = (0.5 * gate + 0.5).clamp(0, 1)
        state = share * shifted + (1 - share) * F.dropout(candidate.clamp(-1, 1), dropout)
    return state.transpose(1, 2), cost


def batches() -> list[Batch]:
    """One batch per bin."""
    problem, random, found = reverse(), np.random.default_rng(0), list[Batch]()
    for length in LENGTH_BINS:
        pairs = [problem.source.task.example(length, random) for _ in range(ROWS)]  # pyright: ignore
        inputs, targets = ([[*problem.targets.encode(text), EOS] for text in side] for side in zip(*pairs, strict=True))
        found.append(Batch(torch.tensor(inputs), torch.tensor(targets)))
    return found


def step_time(loss: Loss, model: DiagonalNeuralGPU, bins: list[Batch], optimizer: ClippedAdaMax) -> float:
    """Seconds of a whole step: loss, gradients, update."""
    began = time.perf_counter()
    optimizer.zero_grad()
    loss(model, bins).backward()
    optimizer.step()
    return time.perf_counter() - began


def check_parity(model: DiagonalNeuralGPU, bins: list[Batch]) -> float:
    """The largest difference of a gradient's entries, relative to the largest entry."""
    gradients = []
    for loss in (ours, equations):
        model.zero_grad()
        loss(model, bins).backward()
        gradients.append([p.grad.clone() for p in model.parameters() if p.grad is not None])
    return max(((a - b).abs().max() / b.abs().max()).item() for a, b in zip(*gradients, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--maps", type=int, default=48)
    parser.add_argument("--keep", type=float, default=0.9)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    facts, bins, problem = machine_facts(options.threads), batches(), reverse()
    features = Features(
        inputs=problem.targets.feature, targets=problem.targets.feature, is_shared=True, growth=problem.growth
    )
    difference = check_parity(DiagonalNeuralGPUConfig(num_maps=options.maps, dropout=0.0).build(features), bins)
    print(f"{facts}\nlargest relative difference of the gradients: {difference:.1e}")
    contenders: dict[str, Loss] = {"lengthwise": ours, "equations": equations}
    times: dict[str, list[float]] = {name: [] for name in contenders}
    model = DiagonalNeuralGPUConfig(num_maps=options.maps, dropout=1 - options.keep).build(features)
    optimizer = ClippedAdaMax([{"params": list(model.parameters())}], 1e-4, (0.9, 0.9995))
    for number in range(options.rounds + 1):
        for name, loss in contenders.items():
            seconds = step_time(loss, model, bins, optimizer)
            times[name] += [seconds] if number else []  # the first round warms up
    rows = []
    for name, found in times.items():
        ratio = statistics.median(its / own for own, its in zip(times["lengthwise"], found, strict=True))
        rows.append({"trainer": name, "ms a step": 1000 * statistics.median(found), "lengthwise is": f"{ratio:.2f}x"})
    show(f"{len(bins)} bins of {ROWS} examples, {options.maps} maps, keep {options.keep}", rows)
    write(options.json, {"machine": facts, "gradient difference": difference, "rows": rows, "seconds": times})


if __name__ == "__main__":
    main()

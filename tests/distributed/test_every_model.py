"""The same updates on any number of processes: gradients are the exact mean over all real tokens."""

import json
from pathlib import Path

import pytest
import torch
from every_model import ACCUMULATE, batch
from processes import alone, torchrun

from lengthwise import catalog
from lengthwise.parallel.spread import shares
from lengthwise.training import tensor_file
from lengthwise.world import World

FEW = "transformer.tiny,universal_transformer.adaptive,neural_gpu.tiny"
SIZES = ("base", "big", "small", "paper_big")
ALL = ",".join(name for name in catalog.names("models") if name.partition(".")[2] not in SIZES)
SPREADS = {
    "2 processes, replicated": (2, {"mode": "ddp"}),
    "2 processes, divided": (2, {"mode": "fsdp"}),
    "4 processes, replicated": (4, {"mode": "ddp"}),
    "4 processes, divided in pairs, recomputed": (4, {"mode": "fsdp", "shard": 2, "recompute": True}),
    # More processes than batches: rows are shared out, and some processes have none.
    "8 processes, replicated": (8, {"mode": "ddp"}),
}


def words(out: Path, presets: str, parallel: dict[str, object], optimizer: str, num_steps: int) -> list[str]:
    out.mkdir()
    return [
        "every_model.py", str(out), presets, json.dumps(parallel), json.dumps({"name": optimizer}), str(num_steps)
    ]  # fmt: skip


def results(out: Path, presets: str) -> dict[str, dict[str, torch.Tensor]]:
    return {preset: tensor_file.read(out / preset) for preset in presets.split(",")}


def assert_same(one: Path, two: Path, presets: str, tolerance: float) -> None:
    first, second = results(one, presets), results(two, presets)
    for preset, expected in first.items():
        for name, tensor in expected.items():
            if name.startswith("gradient/"):
                bound = tolerance * tensor.abs().max().item()
                torch.testing.assert_close(second[preset][name], tensor, rtol=0, atol=bound, msg=f"{preset} {name}")
        torch.testing.assert_close(second[preset]["losses"], expected["losses"], rtol=0, atol=10 * tolerance)


@pytest.fixture(scope="module")
def one_process(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("one") / "out"
    done = alone(*words(out, FEW, {}, "adamw", 20))
    assert done.returncode == 0, done.stderr
    return out


@pytest.mark.parametrize("spread", list(SPREADS)[:2])
def test_two_processes_compute_what_one_does(tmp_path: Path, one_process: Path, spread: str):
    number, parallel = SPREADS[spread]
    done = torchrun(number, *words(tmp_path / "out", FEW, parallel, "adamw", 20))
    assert done.returncode == 0, done.stderr
    assert_same(one_process, tmp_path / "out", FEW, 1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("spread", SPREADS)
def test_every_model_computes_the_same_however_it_is_spread(tmp_path: Path, spread: str):
    number, parallel = SPREADS[spread]
    first = alone(*words(tmp_path / "one", ALL, {}, "adamw", 20))
    assert first.returncode == 0, first.stderr
    done = torchrun(number, *words(tmp_path / "out", ALL, parallel, "adamw", 20))
    assert done.returncode == 0, done.stderr
    assert_same(tmp_path / "one", tmp_path / "out", ALL, 1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["muon", "adamax", "adafactor", "schedule_free"])
@pytest.mark.parametrize("spread", ["2 processes, replicated", "2 processes, divided"])
def test_every_optimizer_does_the_same(tmp_path: Path, optimizer: str, spread: str):
    presets = "transformer.tiny"
    first = alone(*words(tmp_path / "one", presets, {}, optimizer, 10))
    assert first.returncode == 0, first.stderr
    number, parallel = SPREADS[spread]
    done = torchrun(number, *words(tmp_path / "out", presets, parallel, optimizer, 10))
    assert done.returncode == 0, done.stderr
    # Muon's products are of bf16, whose rounding a last bit can tip.
    assert_same(tmp_path / "one", tmp_path / "out", presets, 1e-5)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 6, 8])
@pytest.mark.parametrize("num_batches", [1, 2, 3, 4])
def test_processes_share_out_every_row_once_and_have_equally_many_batches(size: int, num_batches: int):
    parts = [shares(World(rank=rank, size=size), num_batches) for rank in range(size)]
    assert len({len(mine) for mine in parts}) == 1
    for index in range(num_batches):
        rows = [list(share.take(range(20))) for mine in parts for number, share in mine if number == index]
        assert sorted(sum(rows, [])) == list(range(20))


def test_the_batches_are_uneven_and_leave_some_processes_without_a_row():
    sizes = [len(batch(index).targets) for index in range(ACCUMULATE)]
    assert len(set(sizes)) > 1 and min(sizes) < 2

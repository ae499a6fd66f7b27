import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from lengthwise.contracts import Batch, Model
from lengthwise.run import experiment_of, load, train
from lengthwise.runtime import seed_everything
from lengthwise.training import tensor_file
from lengthwise.training.config import TrainConfig
from lengthwise.training.starts import best_start, lightened, seed_of, spent_on_starts
from tests.training.small_run import RUNTIME, Copier, batches, run, summed_loss

CONFIG = TrainConfig(steps=20, starts=3, start_steps=8, log_every=1)


def judge(model: Model) -> float:
    with torch.no_grad():
        summed = summed_loss(model.eval(), batches(1000, rows=50))
    return float(summed.total) / summed.num_tokens


def trained(
    directory: Path, config: TrainConfig = CONFIG, seed: int = 5, build: Callable[[], Model] = Copier, report=None
) -> dict[str, Tensor]:
    return best_start(directory, seed, lambda: (build(), batches), judge, config, RUNTIME, summed_loss, report)


def losses(directory) -> list[float]:
    return json.loads((directory / "starts.json").read_text())["losses"]


def test_the_first_start_has_the_runs_own_seed_and_the_others_their_own():
    assert seed_of(7, 0) == 7
    assert len({seed_of(seed, start) for seed in range(5) for start in range(5)}) == 25


def test_each_start_is_as_if_it_were_the_only_one(tmp_path):
    trained(tmp_path)
    for start, loss in enumerate(losses(tmp_path)):
        trained(tmp_path / str(start), replace(CONFIG, starts=1), seed_of(5, start))
        assert losses(tmp_path / str(start)) == [loss]
    assert len(set(losses(tmp_path))) == 3


def test_the_weights_are_those_of_the_start_with_the_lowest_loss(tmp_path):
    widths = iter((2, 32, 2))
    weights = trained(tmp_path, build=lambda: Copier(width=next(widths)), config=replace(CONFIG, start_steps=200))
    assert min(losses(tmp_path)) == losses(tmp_path)[1]
    model = Copier(width=32)
    model.load_state_dict(weights)
    assert judge(model) == pytest.approx(losses(tmp_path)[1])


def test_a_choice_is_kept_and_not_made_again(tmp_path):
    weights = trained(tmp_path)

    def never() -> Model:
        raise AssertionError

    again = trained(tmp_path, build=never)
    assert all(torch.equal(weights[name], again[name]) for name in weights)


def test_starts_see_what_they_are_told_to(tmp_path):
    seen = list[Batch]()

    def recorded(model, batch, counts):
        seen.append(batch)
        return summed_loss(model, batch)

    config = replace(CONFIG, starts=1, start_length=5, start_share=0.5)
    best_start(tmp_path, 5, lambda: (Copier(), batches), judge, config, RUNTIME, recorded)
    assert len(seen) == 8 and max(batch.targets.shape[1] for batch in seen) <= 5
    assert all(len(batch.targets) < len(batches(step).targets) for step, batch in enumerate(seen))


def test_every_loss_is_told(tmp_path):
    told = []
    trained(tmp_path, report=lambda text, done, total: told.append((text.split(":")[0], done, total)))
    assert told == [("start 1", 1, 3), ("start 2", 2, 3), ("start 3", 3, 3)]


def test_what_starts_cost_counts_as_the_runs(tmp_path):
    assert spent_on_starts(tmp_path) == 0
    without = run(tmp_path / "without", replace(CONFIG, starts=1)).progress.cpu_seconds
    directory = tmp_path / "with"
    directory.mkdir()
    (directory / "starts.json").write_text('{"losses": [2.0, 1.0], "cpu_seconds": 1000.0}')
    assert spent_on_starts(directory) == 1000
    assert run(directory, CONFIG).progress.cpu_seconds == pytest.approx(1000 + without, abs=5)


def test_a_lightened_batch_has_the_rows_that_fit_and_of_them_a_share():
    targets = torch.tensor([[5, 1, 0, 0], [5, 6, 7, 1], [8, 1, 0, 0], [9, 9, 1, 0], [7, 1, 0, 0]])
    batch = Batch(targets.clone(), targets)
    assert lightened(batch, 1.0, 0).targets.tolist() == targets.tolist()
    short = lightened(batch, 1.0, 2)
    assert short.inputs is not None and short.inputs.tolist() == short.targets.tolist() == [[5, 1], [8, 1], [7, 1]]
    assert lightened(batch, 0.5, 0).targets.tolist() == [[5, 1], [7, 1]]
    assert lightened(batch, 0.01, 3).targets.tolist() == [[5, 1]]
    assert lightened(Batch(None, targets), 1.0, 1).targets.tolist() == [[5, 1]]


def test_a_run_goes_on_from_the_best_start(tmp_path):
    """Nothing is learned at a rate of 0: the run ends with the weights that it went on from."""
    settings = {
        "train.steps": "1", "train.starts": "4", "train.start_steps": "1", "train.optimizer.learning_rate": "0",
        "train.optimizer.noise": "0", "batch.lengths": "[4,6]", "batch.rows_per_length": "4", "data.max_length": "6",
        "model.num_maps": "6", "train.validate_rows": "2",
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LENGTHWISE_CACHE", str(tmp_path / "cache"))
        experiment = experiment_of(None, "algorithmic.reverse", "diagonal_neural_gpu.tiny", settings)
        train(experiment, tmp_path / "run")
        train(replace(experiment, train=replace(experiment.train, starts=1)), tmp_path / "first")
    found = losses(tmp_path / "run")
    assert found.index(min(found)) != 0, "another seed is needed: the best start must not be the run's own"
    kept = tensor_file.read(tmp_path / "run" / "start.safetensors")
    ended, first = (dict(load(tmp_path / name).model.named_parameters()) for name in ("run", "first"))
    assert all(torch.equal(kept[name], value) for name, value in ended.items())
    assert not torch.equal(ended["gates_weight"], first["gates_weight"])


def test_starts_do_not_change_what_a_seed_trains(tmp_path):
    seed_everything(5)
    before = torch.rand(3)
    trained(tmp_path)
    seed_everything(5)
    assert torch.equal(torch.rand(3), before)

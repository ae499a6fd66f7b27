from dataclasses import replace

import pytest
import torch

from lengthwise.contracts import Model
from lengthwise.runtime import seed_everything
from lengthwise.training.config import TrainConfig
from lengthwise.training.starts import Starts, chosen_start, seed_of, spent_on_starts
from tests.training.small_run import RUNTIME, Copier, batches, run, summed_loss

CONFIG = TrainConfig(steps=20, starts=3, start_steps=8, log_every=1)


def trained(directory, config=CONFIG, seed=5, build=Copier, report=None) -> Starts:
    return chosen_start(directory, seed, lambda: (build(), batches), config, RUNTIME, summed_loss, report)


def test_the_first_start_has_the_runs_own_seed_and_the_others_their_own():
    assert seed_of(7, 0) == 7
    assert len({seed_of(seed, start) for seed in range(5) for start in range(5)}) == 25


def test_the_loss_of_each_start_is_that_of_a_run_with_its_seed(tmp_path):
    found = trained(tmp_path)
    for start, loss in enumerate(found.losses):
        alone = replace(CONFIG, starts=1)
        again = trained(_fresh(tmp_path, start), alone, seed_of(5, start))
        assert again.losses == [loss]
    assert len(set(found.losses)) == 3 and found.cpu_seconds > 0


def test_the_start_with_the_lowest_loss_is_the_best(tmp_path):
    widths = iter((2, 32, 2))
    found = trained(tmp_path, build=lambda: Copier(width=next(widths)), config=replace(CONFIG, start_steps=200))
    assert found.best == 1 == found.losses.index(min(found.losses))


def test_only_the_last_quarter_of_a_starts_steps_is_judged(tmp_path):
    losses = []

    def recorded(model, batch):
        summed = summed_loss(model, batch)
        losses.append(summed.total.item() / summed.num_tokens)
        return summed

    found = chosen_start(tmp_path, 5, lambda: (Copier(), batches), replace(CONFIG, starts=1), RUNTIME, recorded)
    assert found.losses[0] == pytest.approx(sum(losses[6:8]) / 2) and len(losses) == 8


def test_a_choice_is_kept_and_not_made_again(tmp_path):
    found = trained(tmp_path)

    def never() -> Model:
        raise AssertionError

    assert trained(tmp_path, build=never) == found


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


def test_starts_do_not_change_what_a_seed_trains(tmp_path):
    seed_everything(5)
    before = torch.rand(3)
    trained(tmp_path)
    seed_everything(5)
    assert torch.equal(torch.rand(3), before)


def _fresh(tmp_path, number):
    directory = tmp_path / str(number)
    directory.mkdir()
    return directory

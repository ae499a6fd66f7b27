from dataclasses import replace
from pathlib import Path

import pytest
import torch
from small_run import Copier, run

from lengthwise.training import tensor_file
from lengthwise.training.checkpoint import WEIGHTS
from lengthwise.training.config import ScheduleConfig, TrainConfig
from lengthwise.training.directory import RunDirectory
from lengthwise.training.moving_average import MovingAverage
from lengthwise.training.state import TRAINED


def test_the_average_follows_the_weights_fast_at_first_and_then_at_its_decay():
    model = Copier()
    average = MovingAverage(model, 0.9)
    begin = average.tensors["out.weight"].clone()
    for step in (1, 1000):
        before = average.tensors["out.weight"].clone()
        with torch.no_grad():
            model.out.weight.add_(1.0)
        average.update(model, step)
        decay = 2 / 11 if step == 1 else 0.9
        expected = before * decay + model.out.weight.detach() * (1 - decay)
        torch.testing.assert_close(average.tensors["out.weight"], expected)
    assert not torch.equal(average.tensors["out.weight"], begin)


CONSTANT = ScheduleConfig(name="constant", warmup_steps=1)
CONFIG = TrainConfig(steps=12, validate_every=6, save_every=4, log_every=1, average_decay=0.9, schedule=CONSTANT)


def test_the_average_is_what_is_kept_and_a_resumed_run_goes_on_with_both(tmp_path: Path):
    run(tmp_path / "whole", CONFIG)
    run(tmp_path / "parts", replace(CONFIG, steps=8))
    run(tmp_path / "parts", CONFIG)
    last = [RunDirectory(tmp_path / name).saved()[-1] for name in ("whole", "parts")]
    shown, trained = (tensor_file.read(last[0] / file) for file in (WEIGHTS, TRAINED))
    assert not torch.equal(shown["out.weight"], trained["out.weight"])
    assert torch.equal(shown["head.weight"], shown["embedding.weight"])
    for file in (WEIGHTS, TRAINED):
        one, two = (tensor_file.read(path / file) for path in last)
        assert one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)


@pytest.mark.parametrize("decay", [-0.1, 1.0])
def test_a_decay_beyond_its_range_is_refused(decay: float):
    with pytest.raises(ValueError, match="`train.average_decay` must be from 0 to below 1"):
        TrainConfig(average_decay=decay)

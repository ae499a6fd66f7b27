from pathlib import Path

import pytest
import torch
from small_run import Copier, save, trained_state

from lengthwise.training.checkpoint import CheckpointError, Progress
from lengthwise.training.config import OptimizerConfig
from lengthwise.training.optimizers import Optimizer
from lengthwise.training.state import TrainingState


def test_a_shared_tensor_is_stored_once_under_its_first_name():
    tensors, aliases = trained_state().tensors()
    assert "weights.safetensors:head.weight" not in tensors
    assert aliases["weights.safetensors"] == {"head.weight": "embedding.weight"}


def test_the_checkpoint_of_another_model_is_refused_with_the_difference(tmp_path: Path):
    save(tmp_path / "c", trained_state(), Progress(step=1))
    wider = Copier(width=16)
    other = TrainingState(wider, Optimizer(wider, OptimizerConfig(name="muon")))
    with pytest.raises(CheckpointError, match=r"must be of this model, but its `embedding.weight` is \[12, 8\]"):
        other.restore(tmp_path / "c")


def test_the_checkpoint_of_an_earlier_version_is_refused_by_its_format(tmp_path: Path):
    state = trained_state()
    save(tmp_path / "c", state, Progress(step=1))
    meta = tmp_path / "c" / "meta.json"
    meta.write_text(meta.read_text().replace('"format": 2', '"format": 1'))
    with pytest.raises(CheckpointError, match="must be of format 2 for training to go on from it, but is of 1"):
        state.restore(tmp_path / "c")


def test_random_numbers_begin_anew_where_the_number_of_processes_is_another(tmp_path: Path):
    state = trained_state()
    save(tmp_path / "c", state, Progress(step=1))
    first = torch.rand(3)
    state.restore(tmp_path / "c")
    assert torch.equal(torch.rand(3), first)

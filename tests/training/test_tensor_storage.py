from pathlib import Path

import pytest
import torch
import torch.distributed.checkpoint as dcp
from safetensors.torch import load_file

from lengthwise.training import tensor_file
from lengthwise.training.tensor_storage import TensorFileReader, TensorFileWriter

pytestmark = pytest.mark.filterwarnings("ignore:torch.distributed is disabled")

TENSORS = {
    "a/w": torch.randn(3, 5), "a/none": torch.zeros(0, 4), "b/step": torch.tensor(7.0),
    "b/half": torch.ones(4).bfloat16(),
}  # fmt: skip


def written(path: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    state = {f"{name[0]}.safetensors:{name[2:]}": tensor for name, tensor in TENSORS.items()}
    aliases = {"a.safetensors": {"again": "w"}, "b.safetensors": {}}
    dcp.save(state, storage_writer=TensorFileWriter(path, aliases, found.update), no_dist=True)
    return found


def test_files_are_ordinary_safetensors_and_every_byte_is_in_a_piece(tmp_path: Path):
    files = written(tmp_path)
    assert files.keys() == {"a.safetensors", "b.safetensors"}
    for name, expected in files.items():
        assert tensor_file.difference(tmp_path / name, expected) is None  # pyright: ignore[reportArgumentType]
    assert torch.equal(load_file(tmp_path / "a.safetensors")["w"], TENSORS["a/w"])
    assert torch.equal(tensor_file.read(tmp_path / "a.safetensors")["again"], TENSORS["a/w"])


def test_what_is_read_is_what_was_written(tmp_path: Path):
    written(tmp_path)
    state = {f"{name[0]}.safetensors:{name[2:]}": torch.zeros_like(tensor) for name, tensor in TENSORS.items()}
    dcp.load(state, storage_reader=TensorFileReader(tmp_path, ["a.safetensors", "b.safetensors"]), no_dist=True)
    for name, tensor in TENSORS.items():
        assert torch.equal(state[f"{name[0]}.safetensors:{name[2:]}"], tensor)

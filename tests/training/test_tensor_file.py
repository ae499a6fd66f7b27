from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from lengthwise.training import tensor_file


def test_every_kind_of_tensor_returns_as_it_was(tmp_path: Path):
    tensors = {
        "float": torch.randn(3, 4),
        "double": torch.randn(2, dtype=torch.float64),
        "half": torch.randn(5).bfloat16(),
        "transposed": torch.randn(3, 4).T,
        "scalar": torch.tensor(3),
        "empty": torch.zeros(0, 4),
        "flags": torch.tensor([True, False]),
        "bytes": torch.arange(5, dtype=torch.uint8),
    }
    tensor_file.write(tmp_path / "x", tensors)
    back = tensor_file.read(tmp_path / "x")
    assert back.keys() == tensors.keys()
    assert all(torch.equal(back[name], tensor) and back[name].dtype == tensor.dtype for name, tensor in tensors.items())


def test_other_tools_read_it(tmp_path: Path):
    tensors = {"a": torch.randn(3), "b": torch.randn(2, 2)}
    tensor_file.write(tmp_path / "x.safetensors", tensors)
    back = load_file(tmp_path / "x.safetensors")
    assert all(torch.equal(back[name], tensor) for name, tensor in tensors.items())


def test_a_shared_tensor_is_stored_once_and_returns_under_both_names(tmp_path: Path):
    shared = torch.randn(100, 100)
    record = tensor_file.write(tmp_path / "x", {"a": shared, "b": shared})
    assert record["size"] < 41_000
    back = tensor_file.read(tmp_path / "x")
    assert torch.equal(back["a"], shared) and torch.equal(back["b"], shared)


def test_the_checksum_is_that_of_the_file_and_notices_one_bit(tmp_path: Path):
    path = tmp_path / "x"
    record = tensor_file.write(path, {"a": torch.randn(1000)})
    assert tensor_file.difference(path, record) is None
    data = bytearray(path.read_bytes())
    data[500] ^= 1
    path.write_bytes(data)
    assert tensor_file.difference(path, record) == "x has another content than was written"


def test_a_directory_that_does_not_exist_is_an_error(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        tensor_file.write(tmp_path / "none" / "x", {})

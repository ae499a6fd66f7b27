"""Tensors in one safetensors file, written straight from their memory, checksummed on the way and fsynced."""

import json
import os
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor

_DTYPES = {
    torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
    torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL",
}  # fmt: skip
_ALIASES = "aliases"


def write(path: Path, tensors: Mapping[str, Tensor]) -> dict[str, int]:
    """Write and fsync the file; returns its size and CRC-32. Names of one shared tensor are stored once.

    `safetensors.torch.save_file` copies the bytes and gives no checksum: 0.3 s against 0.17 s here for 96 MB.
    """
    size = crc = 0
    with path.open("wb", buffering=0) as file:
        for piece in _pieces(tensors):
            _write_all(file.fileno(), piece)
            size += len(piece)
            crc = zlib.crc32(piece, crc)
        os.fsync(file.fileno())
    return {"size": size, "crc32": crc}


def read(path: Path) -> dict[str, Tensor]:
    """Every tensor by name, on the CPU."""
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        aliases = json.loads((file.metadata() or {}).get(_ALIASES, "{}"))
    return tensors | {alias: tensors[name] for alias, name in aliases.items()}


def checksum(path: Path) -> dict[str, int]:
    """Size and CRC-32 of a file as it lies there."""
    crc = 0
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            crc = zlib.crc32(piece, crc)
    return {"size": path.stat().st_size, "crc32": crc}


def _pieces(tensors: Mapping[str, Tensor]) -> Iterator[memoryview]:
    first_names: dict[tuple[Any, ...], str] = {}
    aliases: dict[str, str] = {}
    header: dict[str, Any] = {}
    offset = 0
    for name, tensor in tensors.items():
        place = (tensor.device, tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.dtype)
        if tensor.numel() and first_names.setdefault(place, name) != name:
            aliases[name] = first_names[place]
            continue
        end = offset + tensor.numel() * tensor.element_size()
        header[name] = {
            "dtype": _DTYPES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [offset, end],
        }
        offset = end
    names = list(header)
    header["__metadata__"] = {"format": "pt", _ALIASES: json.dumps(aliases)}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    yield memoryview(len(text).to_bytes(8, "little") + text)
    for name in names:
        flat = tensors[name].detach().cpu().contiguous().reshape(-1)
        if flat.numel():
            yield memoryview(flat.view(torch.uint8).numpy())  # pyright: ignore[reportArgumentType]


def _write_all(descriptor: int, piece: memoryview) -> None:
    while len(piece):
        piece = piece[os.write(descriptor, piece) :]

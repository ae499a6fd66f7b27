"""Tensors in safetensors files: laid out, read, and checked piece by piece against what was written."""

import json
import os
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
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

Piece = tuple[int, int]
"""Length in bytes and CRC-32 of a part of a file; all pieces, in their order, make the file."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What a file begins with, and where each tensor's bytes begin in it."""

    header: bytes
    offsets: Mapping[str, int]
    size: int


def layout(tensors: Mapping[str, tuple[torch.dtype, Sequence[int]]], aliases: Mapping[str, str] = {}) -> Layout:
    """A file of tensors of these types and shapes; `aliases` are other names of some of them."""
    begins, end = dict[str, int](), 0
    header: dict[str, Any] = {}
    for name, (dtype, shape) in tensors.items():
        begins[name], end = end, end + prod(shape) * dtype.itemsize
        header[name] = {"dtype": _DTYPES[dtype], "shape": list(shape), "data_offsets": [begins[name], end]}
    header["__metadata__"] = {"format": "pt", _ALIASES: json.dumps(aliases)}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    text = len(text).to_bytes(8, "little") + text
    offsets = {name: len(text) + begin for name, begin in begins.items()}
    return Layout(header=text, offsets=offsets, size=len(text) + end)


def without_aliases(tensors: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors that share all their memory once each, and the other names they had."""
    first_names: dict[tuple[Any, ...], str] = {}
    kept, aliases = dict[str, Tensor](), dict[str, str]()
    for name, tensor in tensors.items():
        place = (tensor.device, tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.dtype)
        if tensor.numel() and first_names.setdefault(place, name) != name:
            aliases[name] = first_names[place]
        else:
            kept[name] = tensor
    return kept, aliases


def write(path: Path, tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    """Write and fsync the file; returns its size and pieces. Names of one shared tensor are stored once.

    `safetensors.torch.save_file` copies the bytes and gives no checksum: 0.3 s against 0.17 s here for 96 MB.
    """
    kept, aliases = without_aliases(tensors)
    planned = layout({name: (tensor.dtype, tensor.shape) for name, tensor in kept.items()}, aliases)
    with path.open("wb", buffering=0) as file:
        pieces = [write_at(file.fileno(), 0, memoryview(planned.header))]
        for name, tensor in kept.items():
            pieces.append(write_at(file.fileno(), planned.offsets[name], bytes_of(tensor)))
        os.fsync(file.fileno())
    return {"size": planned.size, "pieces": pieces}


def write_at(descriptor: int, offset: int, content: memoryview) -> Piece:
    """Write bytes at a place of an open file."""
    left = content
    while len(left):
        done = os.pwrite(descriptor, left, offset)
        left, offset = left[done:], offset + done
    return piece(content)


def piece(content: memoryview) -> Piece:
    """Length and CRC-32."""
    return len(content), zlib.crc32(content)


def dtype_of(name: str) -> torch.dtype:
    """The type that a file calls by this name."""
    return next(dtype for dtype, known in _DTYPES.items() if known == name)


def bytes_of(tensor: Tensor) -> memoryview:
    """The bytes of a tensor in row-major order, in its own memory where it lies so on the CPU."""
    flat = tensor.detach().cpu().contiguous().reshape(-1)
    return memoryview(flat.view(torch.uint8).numpy()) if flat.numel() else memoryview(b"")  # pyright: ignore[reportArgumentType]


def read(path: Path) -> dict[str, Tensor]:
    """Every tensor by name, on the CPU."""
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        aliases = json.loads((file.metadata() or {}).get(_ALIASES, "{}"))
    return tensors | {alias: tensors[name] for alias, name in aliases.items()}


def difference(path: Path, expected: Mapping[str, Any]) -> str | None:
    """What is wrong with a file that `write` returned `expected` for; None where every byte is as written."""
    size = path.stat().st_size
    if size != expected["size"]:
        return f"{path.name} has {size} bytes in place of {expected['size']}"
    # Of format 1, which had one checksum for all.
    pieces = expected["pieces"] if "pieces" in expected else [(size, expected["crc32"])]
    with path.open("rb") as file:
        for length, crc in pieces:
            if zlib.crc32(file.read(length)) != crc:
                return f"{path.name} has another content than was written"
    return None

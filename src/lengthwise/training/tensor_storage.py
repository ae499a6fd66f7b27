"""Safetensors files as the storage of `torch.distributed.checkpoint`: each process writes and reads its own rows.

PyTorch's own storage keeps its table of contents as a pickle, and one file a process. Here it is the header of one
ordinary file that any safetensors reader opens, whatever number of processes has written it.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor
from torch.distributed.checkpoint import StorageReader, StorageWriter
from torch.distributed.checkpoint.metadata import (
    ChunkStorageMetadata,
    Metadata,
    TensorProperties,
    TensorStorageMetadata,
)
from torch.distributed.checkpoint.planner import LoadPlan, LoadPlanner, SavePlan, SavePlanner, WriteItem
from torch.distributed.checkpoint.storage import WriteResult
from torch.futures import Future

from lengthwise.training import tensor_file
from lengthwise.training.checkpoint import Files
from lengthwise.training.tensor_file import Layout, Piece


class TensorFileWriter(StorageWriter):
    """Writes `file:name` of the state as the tensor `name` of `file`; then lets `publish` do what is left."""

    def __init__(self, path: Path, aliases: Mapping[str, Mapping[str, str]], publish: Callable[[Files], None]) -> None:
        """A new directory; other names of each file's tensors; what the main process does when all is written."""
        self.path, self.aliases, self.publish = path, aliases, publish
        self._layouts: dict[str, Layout] = {}

    def reset(self, checkpoint_id: str | os.PathLike | None = None) -> None:
        """Nothing is kept from one call to the next."""

    def set_up_storage_writer(self, is_coordinator: bool, *args: Any, **kwargs: Any) -> None:
        """All is known already."""

    def prepare_local_plan(self, plan: SavePlan) -> SavePlan:
        """Each process writes what the planner says."""
        return plan

    def prepare_global_plan(self, plans: list[SavePlan]) -> list[SavePlan]:
        """On the main process: lay out the files and write their headers."""
        contents: dict[str, dict[str, tuple[torch.dtype, torch.Size]]] = {name: {} for name in self.aliases}
        for plan in plans:
            for item in plan.items:
                file, name = item.index.fqn.split(":", 1)
                assert item.tensor_data is not None
                contents[file][name] = (item.tensor_data.properties.dtype, item.tensor_data.size)
        for file, tensors in contents.items():
            self._layouts[file] = tensor_file.layout(dict(sorted(tensors.items())), self.aliases[file])
            (self.path / file).parent.mkdir(parents=True, exist_ok=True)
            with (self.path / file).open("wb", buffering=0) as opened:
                tensor_file.write_at(opened.fileno(), 0, memoryview(self._layouts[file].header))
                os.truncate(opened.fileno(), self._layouts[file].size)
        offsets = {file: planned.offsets for file, planned in self._layouts.items()}
        return [SavePlan(plan.items, offsets, plan.planner_data) for plan in plans]

    def write_data(self, plan: SavePlan, planner: SavePlanner) -> Future[list[WriteResult]]:
        """Write this process's tensors and rows of tensors."""
        opened: dict[str, int] = {}
        results = []
        try:
            for item in plan.items:
                file, name = item.index.fqn.split(":", 1)
                if file not in opened:
                    opened[file] = os.open(self.path / file, os.O_WRONLY)
                content = tensor_file.bytes_of(_resolved(planner, item))
                begin = plan.storage_data[file][name] + _offset(item)
                piece = tensor_file.write_at(opened[file], begin, content)
                results.append(WriteResult(item.index, len(content), (file, begin, piece)))
            for descriptor in opened.values():
                os.fsync(descriptor)
        finally:
            for descriptor in opened.values():
                os.close(descriptor)
        return _done(results)

    def finish(self, metadata: Metadata, results: list[list[WriteResult]]) -> None:
        """On the main process: put the pieces together."""
        found: dict[str, list[tuple[int, Piece]]] = {file: [] for file in self._layouts}
        for result in (result for some in results for result in some if result.size_in_bytes):
            file, begin, piece = result.storage_data
            found[file].append((begin, piece))
        files = {}
        for file, planned in self._layouts.items():
            header = tensor_file.piece(memoryview(planned.header))
            pieces = [header, *(piece for _, piece in sorted(found[file]))]
            assert sum(length for length, _ in pieces) == planned.size, "every byte is written once"
            files[file] = {"size": planned.size, "pieces": pieces}
        self.publish(files)

    @classmethod
    def validate_checkpoint_id(cls, checkpoint_id: str | os.PathLike) -> bool:
        """Directories only, given to the constructor."""
        return False


class TensorFileReader(StorageReader):
    """Reads what a `TensorFileWriter` wrote, or any safetensors files: each process the rows it asks for."""

    def __init__(self, path: Path, files: list[str]) -> None:
        """The directory and the files in it."""
        self.path, self.files = path, files

    def reset(self, checkpoint_id: str | os.PathLike | None = None) -> None:
        """Nothing is kept from one call to the next."""

    def read_metadata(self, *args: Any, **kwargs: Any) -> Metadata:
        """Name, type and shape of every tensor, without the tensors."""
        found = {}
        for file in self.files:
            with safe_open(self.path / file, framework="pt") as opened:
                for name in opened.keys():  # noqa: SIM118
                    part = opened.get_slice(name)
                    size = torch.Size(part.get_shape())
                    chunk = ChunkStorageMetadata(offsets=torch.Size([0] * len(size)), sizes=size)
                    properties = TensorProperties(dtype=tensor_file.dtype_of(part.get_dtype()))
                    found[f"{file}:{name}"] = TensorStorageMetadata(properties, size, [chunk])
        return Metadata(state_dict_metadata=found)

    def set_up_storage_reader(self, metadata: Metadata, is_coordinator: bool, *args: Any, **kwargs: Any) -> None:
        """All is known already."""

    def prepare_local_plan(self, plan: LoadPlan) -> LoadPlan:
        """Each process reads what the planner says."""
        return plan

    def prepare_global_plan(self, plans: list[LoadPlan]) -> list[LoadPlan]:
        """Processes read independently of each other."""
        return plans

    def read_data(self, plan: LoadPlan, planner: LoadPlanner) -> Future[None]:
        """Copy the wanted parts into the state."""
        for file in self.files:
            items = [item for item in plan.items if item.storage_index.fqn.split(":", 1)[0] == file]
            with safe_open(self.path / file, framework="pt") as opened:
                for item in items:
                    name = item.storage_index.fqn.split(":", 1)[1]
                    wanted = tuple(
                        slice(begin, begin + length)
                        for begin, length in zip(item.storage_offsets, item.lengths, strict=True)
                    )
                    content = opened.get_slice(name)[wanted] if wanted else opened.get_tensor(name)
                    target = planner.resolve_tensor(item).detach()
                    target.copy_(content)
                    planner.commit_tensor(item, target)
        return _done(None)

    @classmethod
    def validate_checkpoint_id(cls, checkpoint_id: str | os.PathLike) -> bool:
        """Directories only, given to the constructor."""
        return False


def _resolved(planner: SavePlanner, item: WriteItem) -> Tensor:
    tensor = planner.resolve_data(item)
    assert isinstance(tensor, Tensor), "a state holds tensors only"
    return tensor


def _offset(item: WriteItem) -> int:
    """Where the item's part begins in its tensor, in bytes."""
    assert item.tensor_data is not None
    chunk, size = item.tensor_data.chunk, item.tensor_data.size
    assert chunk.sizes[1:] == size[1:], "tensors are divided by rows"
    row = size[1:].numel() * item.tensor_data.properties.dtype.itemsize
    return chunk.offsets[0] * row if len(size) else 0


def _done(value: Any) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_result(value)
    return future

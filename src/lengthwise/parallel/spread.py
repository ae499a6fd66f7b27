"""Spreads a finished module over processes, from outside and in a fixed order: recompute, compile, divide."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from inspect import signature
from math import gcd
from typing import Any, cast

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed._composable import checkpoint
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh
from torch.distributed.fsdp import FSDPModule, fully_shard
from torch.nn.parallel import DistributedDataParallel

from lengthwise.parallel.config import ParallelConfig
from lengthwise.world import Share, World


def spread(module: nn.Module, config: ParallelConfig, world: World, device: torch.device) -> nn.Module:
    """What to call in the module's place. Its gradients are then sums over all processes; names stay as they were.

    A module to be divided may lie in the host's memory: its parts come to the device layer by layer, so that no device
    ever has a whole one. ValueError where the processes can't be divided as wanted, or there are no layers to treat.
    """
    found = list(_layers(module))
    for name in ("recompute", "compile"):
        if getattr(config, name) and not found:
            raise ValueError(f"`parallel.{name}` must be false for a model without a list of layers, but is true.")
    for layers, index in found:
        if config.recompute:
            checkpoint(layers[index])
        if config.compile:
            layers[index].compile()
    if world.size == 1:
        return module
    if config.mode == "ddp":
        return _replicated(module)
    return _divided(module, _mesh(device, config.num_parts(world.size), world))


def gradients_summed(module: nn.Module, is_last: bool) -> AbstractContextManager[Any]:
    """Around forward and backward of one of an update's batches: processes sum their gradients after the last."""
    if isinstance(module, FSDPModule):
        module.set_requires_gradient_sync(is_last)
    if isinstance(module, DistributedDataParallel) and not is_last:
        return module.no_sync()
    return nullcontext()


def shares(world: World, num_batches: int) -> list[tuple[int, Share]]:
    """Which of an update's batches a process computes, and which share of their rows: equally many for each process.

    Whole batches where they can be dealt out evenly, else rows: 4 batches are 4 of one process, 2 of each of two, one
    of each of four, and halves of one of each of eight.
    """
    groups = gcd(num_batches, world.size)
    per_group = world.size // groups
    group, number = divmod(world.rank, per_group)
    return [(index, Share(number=number, of=per_group)) for index in range(group, num_batches, groups)]


def _layers(module: nn.Module) -> Iterator[tuple[nn.ModuleList, int]]:
    """The elements of all outermost lists of modules: an architecture's layers."""
    for child in module.children():
        if isinstance(child, nn.ModuleList):
            yield from ((child, index) for index in range(len(child)))
        else:
            yield from _layers(child)


def _replicated(module: nn.Module) -> nn.Module:
    replica = DistributedDataParallel(module, gradient_as_bucket_view=True, **_NO_BUFFERS)
    replica.register_comm_hook(None, _sum)
    return replica


_NAMES = signature(DistributedDataParallel).parameters
# What buffers hold is the same on all processes; torch 2.13 has another name for not sending them around.
_NO_BUFFERS: dict[str, Any] = {
    "forward_sync_buffers" if "forward_sync_buffers" in _NAMES else "broadcast_buffers": False
}


def _sum(state: None, bucket: dist.GradBucket) -> torch.futures.Future[Tensor]:
    """DDP's usual mean weighs processes alike; the sum weighs tokens alike."""
    work = dist.all_reduce(bucket.buffer(), async_op=True)
    assert work is not None
    return work.get_future().then(lambda future: future.value()[0])


def _mesh(device: torch.device, shard: int, world: World) -> DeviceMesh:
    if world.size % shard:
        raise ValueError(
            f"`parallel.shard` must divide the number of processes, which is {world.size}, but is {shard}."
        )
    if shard == world.size:
        return init_device_mesh(device.type, (shard,), mesh_dim_names=("shard",))
    return init_device_mesh(device.type, (world.size // shard, shard), mesh_dim_names=("replicate", "shard"))


def _divided(module: nn.Module, mesh: DeviceMesh) -> nn.Module:
    # Processes gather a layer's parameters together, each time it is applied: it must be equally often everywhere.
    if not any(getattr(part, "has_depth_by_data", False) for part in module.modules()):
        for layers, index in _layers(module):
            fully_shard(layers[index], mesh=mesh)
    fully_shard(module, mesh=mesh)
    for part in module.modules():
        if isinstance(part, FSDPModule):
            part.set_gradient_divide_factor(1.0)
            part.set_force_sum_reduction_for_comms(True)
    return cast(nn.Module, module)

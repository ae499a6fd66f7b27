"""Tensors that may be divided over processes, and their parts."""

from torch import Tensor, nn
from torch.distributed.tensor import DTensor, distribute_tensor


def whole(tensor: Tensor) -> Tensor:
    """The whole of a divided tensor, on every process; others as they are. Called by all processes together."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def local(tensor: Tensor) -> Tensor:
    """This process's part of a divided tensor, in the same memory; others as they are."""
    return tensor.to_local() if isinstance(tensor, DTensor) else tensor


def like(pattern: Tensor, part: Tensor) -> Tensor:
    """The tensor of which this process has this part, divided as `pattern` is; the part itself where that is whole."""
    if not isinstance(pattern, DTensor):
        return part
    return DTensor.from_local(
        part, pattern.device_mesh, pattern.placements, run_check=False, shape=pattern.shape, stride=pattern.stride()
    )


def local_rows(tensor: Tensor, pattern: Tensor) -> Tensor:
    """What this process has of a whole tensor where it is divided as `pattern` is."""
    if not isinstance(pattern, DTensor):
        return tensor
    return distribute_tensor(tensor, pattern.device_mesh, pattern.placements, src_data_rank=None).to_local()


def is_divided(module: nn.Module) -> bool:
    """Whether processes have parts of its parameters only."""
    return any(isinstance(parameter, DTensor) for parameter in module.parameters())

"""Device, number format, seed and rank: decided once, passed on, never global."""

import contextlib
import ctypes
import os
import random
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import numpy
import torch

from lengthwise import world
from lengthwise.world import World

_PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16}


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """Where and how a run computes."""

    device: torch.device
    compute_dtype: torch.dtype
    """Of the products of matrices; master weights and sums stay in fp32."""
    seed: int
    world: World = field(default_factory=World)
    """The processes that compute together."""

    @property
    def memory(self) -> int:
        """Bytes that the device has in all."""
        if self.device.type == "cuda":
            return torch.cuda.get_device_properties(self.device).total_memory
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")

    def autocast(self) -> AbstractContextManager[object]:
        """A context in which matrix products run in `compute_dtype`; it does nothing for fp32."""
        if self.compute_dtype == torch.float32:
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, dtype=self.compute_dtype)


def resolve(device: str = "auto", precision: str = "auto", seed: int = 0) -> Runtime:
    """Turn `auto` into what this machine does best: a GPU if there is one, bf16 if it is fast there, else fp32."""
    found = world.of_environment()
    chosen = _device(device, found)
    return Runtime(device=chosen, compute_dtype=_dtype(precision, chosen), seed=seed, world=found)


def seed_everything(seed: int) -> None:
    """Seed the generators of Python, numpy and torch (every device)."""
    random.seed(seed)
    numpy.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def keep_freed_memory() -> bool:
    """Let the C library keep what it frees for the next tensor of this process; whether it could be asked to.

    By default glibc maps every large tensor anew and gives it back: each step then pays for the page faults. (Measured
    on 2 cores, `transformer.tiny`: 9 % more tokens a second.) Does nothing where the C library is another.
    """
    trim_threshold, mmap_max = -1, -4  # names of `mallopt`'s parameters in malloc.h
    try:
        library = ctypes.CDLL(None)
        return bool(library.gnu_get_libc_version and library.mallopt(mmap_max, 0)) and bool(
            library.mallopt(trim_threshold, 2**31 - 1)
        )
    except (OSError, AttributeError):
        return False


def _device(name: str, world: World) -> torch.device:
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and world.size > 1:
        name = f"cuda:{world.local_rank}"
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ValueError(
            f"`device` must be `auto` or a device of this machine, but is `{name}` ({reason}). Use `cpu`."
        ) from error
    return device


def _dtype(precision: str, device: torch.device) -> torch.dtype:
    if precision == "auto":
        return torch.bfloat16 if _has_fast_bf16(device) else torch.float32
    if precision not in _PRECISIONS:
        raise ValueError(f"`precision` must be `auto`, `fp32` or `bf16`, but is `{precision}`.")
    return _PRECISIONS[precision]


def _has_fast_bf16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type == "cpu":
        # torch 2.11 to 2.13 say this only here; elsewhere bf16 on a CPU is emulated and slower than fp32.
        return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return False

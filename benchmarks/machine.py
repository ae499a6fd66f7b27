"""What the machine can do and what a process took of it."""

import statistics
import time
from pathlib import Path

import torch


def peak_memory_mb() -> float:
    """The most memory this process ever had resident (VmHWM), in MB."""
    return _status("VmHWM")


def resident_memory_mb() -> float:
    """The memory this process has resident now (VmRSS), in MB."""
    return _status("VmRSS")


def matmul_gflops(dtype: torch.dtype, repeats: int = 9) -> float:
    """Median rate of a `[2048, 1024] @ [1024, 1024]` product, the kind that a small Transformer is made of."""
    left, right = torch.randn(2048, 1024).to(dtype), torch.randn(1024, 1024).to(dtype)
    torch.mm(left, right)
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        for _ in range(4):
            torch.mm(left, right)
        seconds.append((time.perf_counter() - began) / 4)
    return 2 * 2048 * 1024 * 1024 / statistics.median(seconds) / 1e9


def _status(field: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise OSError(f"/proc/self/status has no {field}: memory can be measured on Linux only.")

"""How fast a device multiplies matrices at best: what a training's FLOPs a second are a share of."""

import time

import torch

from lengthwise.runtime import Runtime

PUBLISHED = {"H100": 989e12, "H200": 989e12, "A100": 312e12, "L40S": 362e12, "L4": 121e12, "RTX 4090": 165e12}
"""Dense bf16 FLOPs a second with fp32 sums, from the makers' data sheets, by a part of the device's name."""
SIZE, ROUNDS = 1024, 5


def peak_flops(runtime: Runtime) -> float:
    """FLOPs a second of one process: published for known GPUs in bf16, else the best of a few products right now."""
    if runtime.device.type == "cuda" and runtime.compute_dtype == torch.bfloat16:
        name = torch.cuda.get_device_name(runtime.device)
        known = next((peak for part, peak in PUBLISHED.items() if part in name), None)
        if known is not None:
            return known
    size = SIZE if runtime.device.type == "cpu" else 8 * SIZE
    # No random numbers: training is seeded already.
    one = torch.ones(size, size, device=runtime.device, dtype=runtime.compute_dtype)
    return 2 * size**3 / min(_seconds(one, runtime) for _ in range(ROUNDS))


def _seconds(matrix: torch.Tensor, runtime: Runtime) -> float:
    start = time.perf_counter()
    torch.mm(matrix, matrix)
    if runtime.device.type == "cuda":
        torch.cuda.synchronize(runtime.device)
    return time.perf_counter() - start

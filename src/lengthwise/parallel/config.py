"""How a model is spread over the processes of a run."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class ParallelConfig:
    """Nothing here changes what is computed, only where and when; one process alone ignores `mode` and `shard`."""

    mode: Literal["ddp", "fsdp"] = "ddp"
    """`ddp`: every process has the whole model; `fsdp`: parameters, gradients and optimizer are divided."""
    shard: int = 0
    """Of `fsdp`: over how many neighbouring processes a model is divided; each such group has a whole one. 0: all."""
    recompute: bool = False
    """Keep the input of each layer alone and compute the layer again in the backward pass: memory for time."""
    compile: bool = False
    """Compile each layer with `torch.compile`."""

    def __post_init__(self) -> None:
        if self.shard < 0:
            raise ValueError(f"`parallel.shard` must be at least 0, but is {self.shard}.")

    def num_parts(self, num_processes: int) -> int:
        """Over how many processes one model is divided."""
        return 1 if self.mode == "ddp" or num_processes == 1 else self.shard or num_processes

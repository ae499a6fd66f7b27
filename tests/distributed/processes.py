"""Starts programs of this folder as several processes that torchrun joins, over loopback."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def command_of(num_processes: int, *words: str, restarts: int = 0) -> list[str]:
    """`torchrun --nproc-per-node N words...`, where words begin with `-m` or with a file."""
    options = ["--nproc-per-node", str(num_processes), "--max-restarts", str(restarts)]
    options += ["--rdzv-backend", "c10d", "--rdzv-endpoint", "127.0.0.1:0"]
    is_module = words[0] == "-m"
    # torchrun takes `--run` for a short form of an option of its own unless all options have ended.
    what = ["-m", "--", *words[1:]] if is_module else ["--", *words]
    return [sys.executable, "-m", "torch.distributed.run", *options, *what]


def torchrun(num_processes: int, *words: str, timeout: float = 240) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = command_of(num_processes, *words)
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=timeout, cwd=HERE)


def alone(*words: str, timeout: float = 240) -> subprocess.CompletedProcess[str]:
    """The same program as one process without torchrun."""
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=timeout, cwd=HERE)

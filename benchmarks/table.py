"""Results as an aligned table on stdout and as JSON in a file."""

import json
import platform
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from benchmarks.machine import matmul_gflops

Row = Mapping[str, object]


def show(title: str, rows: Sequence[Row]) -> None:
    """Print rows that share their keys; numbers to the right."""
    columns = list(rows[0])
    cells = [columns, *([_text(row[column]) for column in columns] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    print(f"\n{title}")
    for line in cells:
        print(
            "  ".join(
                f"{cell:>{width}}" if i else f"{cell:<{width}}"
                for i, (cell, width) in enumerate(zip(line, widths, strict=True))
            )
        )


def machine_facts(num_threads: int) -> dict[str, object]:
    """What a figure needs beside it: processor, threads, measured matmul rates, commit."""
    torch.set_num_threads(num_threads)
    return {
        "processor": _processor(),
        "threads": num_threads,
        "torch": torch.__version__,
        "bf16 GFLOP/s": round(matmul_gflops(torch.bfloat16)),
        "fp32 GFLOP/s": round(matmul_gflops(torch.float32)),
        "commit": _commit(),
    }


def write(path: Path | None, result: Mapping[str, object]) -> None:
    """Write the result as JSON where a path was given."""
    if path is not None:
        path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        print(f"\nwritten to {path}")


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    answer = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return answer.stdout.strip() or "unknown"

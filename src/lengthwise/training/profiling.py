"""Where the time of a few steps went."""

from pathlib import Path

import torch
from torch.profiler import ProfilerActivity, profile

SKIPPED, TAKEN = 10, 10
"""Steps before and during the profile: the first ones warm up."""
ROWS = 40


class Profiler:
    """Told of every step, it takes a profile of the eleventh to the twentieth of this process."""

    def __init__(self, directory: Path) -> None:
        """Where `trace.json` (for a browser's tracing page or Perfetto) and `table.txt` are written."""
        self._directory = directory
        self._num_steps = 0
        self._profile: profile | None = None

    def step(self) -> bool:
        """A step has ended; whether the profile was written just now."""
        self._num_steps += 1
        if self._num_steps == SKIPPED:
            activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if torch.cuda.is_available() else [])]
            self._profile = profile(activities=activities, record_shapes=True)
            self._profile.start()
        elif self._num_steps == SKIPPED + TAKEN and self._profile is not None:
            self._profile.stop()
            self._write(self._profile)
            return True
        return False

    def _write(self, taken: profile) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        taken.export_chrome_trace(str(self._directory / "trace.json"))
        by = "self_cuda_time_total" if torch.cuda.is_available() else "self_cpu_time_total"
        table = taken.key_averages().table(sort_by=by, row_limit=ROWS, max_name_column_width=60)
        (self._directory / "table.txt").write_text(table + "\n", encoding="utf-8")

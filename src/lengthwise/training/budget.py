"""How many steps a run has: given, or found once from the minutes it may take."""

from statistics import fmean, median

from lengthwise.training.checkpoint import Progress
from lengthwise.training.config import TrainConfig
from lengthwise.training.directory import RunDirectory
from lengthwise.world import ALONE, World

RESOLVE_STEP = 50
"""The step after which minutes become a number of steps."""
_NUM_WARM = 5
"""First steps of a process, slower than the rest: memory and kernels are being set up."""
_NUM_TOGETHER = 9
"""Steps of a mean: batches of several lengths take unequal times."""
_MARGIN = 1.15
"""How much longer later steps take (measured: 1.15 to 1.2): a processor warms up, the heap grows."""


class Budget:
    """Resolves `minutes` to steps at `RESOLVE_STEP`, stores the number, and is bound to it from then on."""

    def __init__(self, config: TrainConfig, directory: RunDirectory, world: World = ALONE) -> None:
        self._minutes = config.minutes
        self._directory, self._is_main = directory, world.is_main
        self._durations: list[float] = []
        self.total_steps = config.steps if config.minutes is None else directory.resolved_steps(config.minutes)

    def schedule_steps(self, step: int) -> int | None:
        """The total as the schedule of this step knows it: early steps do not depend on when it was resolved."""
        return None if self._minutes is not None and step <= RESOLVE_STEP else self.total_steps

    def resolve(self, progress: Progress, duration: float) -> bool:
        """Note how long a step took, the same on all processes; whether the number of steps became known by it."""
        if self._minutes is None or self.total_steps is not None:
            return False
        self._durations.append(duration)
        left = self._minutes * 60 - progress.seconds
        if progress.step < RESOLVE_STEP and left > 0:
            return False
        self.total_steps = progress.step + max(0, round(left / (_MARGIN * self._usual_duration())))
        if self._is_main:
            self._directory.resolve_steps(self._minutes, self.total_steps)
        return True

    def _usual_duration(self) -> float:
        """Seconds a step: the median of a few means, so that a program that ran beside for a while does not count."""
        steady = self._durations[_NUM_WARM:] or self._durations
        return median(fmean(steady[i : i + _NUM_TOGETHER]) for i in range(0, len(steady), _NUM_TOGETHER))

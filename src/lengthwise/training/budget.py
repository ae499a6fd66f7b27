"""How many steps a run has: given, or found once from the minutes it may take."""

from lengthwise.training.checkpoint import Progress
from lengthwise.training.config import TrainConfig
from lengthwise.training.directory import RunDirectory
from lengthwise.world import ALONE, World

RESOLVE_STEP = 50
"""The step after which minutes become a number of steps."""
_NUM_WARM = 5
"""First steps of a process, slower than the rest: memory and kernels are being set up."""
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
        steady = self._durations[_NUM_WARM:] or self._durations
        self.total_steps = progress.step + max(0, round(left * len(steady) / (_MARGIN * sum(steady))))
        if self._is_main:
            self._directory.resolve_steps(self._minutes, self.total_steps)
        return True

"""What every place for the numbers of a run can do."""

from abc import ABC, abstractmethod
from collections.abc import Mapping


class Tracker(ABC):
    """Takes rows of numbers, each of one step."""

    @abstractmethod
    def log(self, step: int, row: Mapping[str, float]) -> None:
        """Take one row."""

    @abstractmethod
    def cut(self, step: int) -> None:
        """Forget the rows of later steps: the run goes on from here."""

    @abstractmethod
    def flush(self) -> None:
        """Make sure that what was logged survives a crash."""

    @abstractmethod
    def close(self) -> None:
        """Take no more rows."""

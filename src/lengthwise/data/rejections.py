"""What became of the rows that were left out, and when that is too many."""

from dataclasses import dataclass, field

from lengthwise.data.problem import Rejected

MAX_BAD_SHARE = 0.05
NUM_EXAMPLES = 5


@dataclass
class Rejections:
    """Counts rejected rows by reason, with the places of the first few."""

    counts: dict[str, int] = field(default_factory=dict)
    places: dict[str, list[str]] = field(default_factory=dict)
    num_bad: int = 0
    first_bad: Rejected | None = None

    def add(self, rejected: Rejected) -> None:
        """Note one row."""
        self.counts[rejected.reason] = self.counts.get(rejected.reason, 0) + 1
        places = self.places.setdefault(rejected.reason, [])
        if len(places) < NUM_EXAMPLES:
            places.append(rejected.where)
        if rejected.is_bad:
            self.num_bad += 1
            self.first_bad = self.first_bad or rejected

    def check(self, total: int) -> None:
        """ValueError that names the first bad row where more than 5 % of all `total` rows are bad."""
        if self.first_bad is not None and self.num_bad > MAX_BAD_SHARE * total:
            raise ValueError(
                f"At most {MAX_BAD_SHARE:.0%} of the rows may be bad, but {self.num_bad:,} of {total:,} are, the first "
                f"at {self.first_bad.where} ({self.first_bad.reason}). Correct or remove these rows."
            )

    def hint(self) -> str:
        """The reasons in one sentence with a leading space, or nothing."""
        reasons = ", ".join(f"{count:,} x {reason}" for reason, count in self._ranked())
        return f" Left out: {reasons}." if reasons else ""

    def to_json(self) -> dict[str, dict[str, object]]:
        """Reason -> count and first places, most frequent first."""
        return {reason: {"count": count, "first": self.places[reason]} for reason, count in self._ranked()}

    def _ranked(self) -> list[tuple[str, int]]:
        return sorted(self.counts.items(), key=lambda pair: -pair[1])

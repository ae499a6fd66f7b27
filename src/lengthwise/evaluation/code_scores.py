"""pass@k of judged samples: by temperature, the best for each k, and one model against another."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lengthwise.metrics.pass_at_k import mean_pass_at_k, paired_difference, pass_at_k
from lengthwise.metrics.score import Score

Row = Mapping[str, object]
"""A line of a file of results."""
USUAL = (1, 10, 100)
_NO_PYTHON = re.compile(
    r'File "<program>", line \d+\n|(?:Syntax|Value)Error: source code .* null bytes|UnicodeEncodeError: '
)


def is_python(row: Row) -> bool:
    """Whether a program could be parsed, by what became of it."""
    return not (row["verdict"] == "failed" and _NO_PYTHON.match(str(row["message"])))


@dataclass(frozen=True)
class Tally:
    """How many samples of each problem were judged, and how many of them are right."""

    num_samples: dict[str, int]
    num_right: dict[str, int]
    num_refused: int

    @classmethod
    def of(cls, rows: Iterable[Row]) -> "Tally":
        """Rows that the sandbox refused are counted apart: nothing is known of them."""
        judged, right, refused = Counter[str](), Counter[str](), 0
        for row in rows:
            if row["verdict"] == "refused":
                refused += 1
                continue
            judged[str(row["task_id"])] += 1
            right[str(row["task_id"])] += bool(row["passed"])
        return cls(dict(judged), {task: right[task] for task in judged}, refused)

    @property
    def fewest(self) -> int:
        """Samples that every problem has."""
        return min(self.num_samples.values(), default=0)

    def score(self, k: int) -> Score:
        """pass@k over the problems that have samples; ValueError where one has fewer than k."""
        self._check(k)
        return mean_pass_at_k(list(self.num_samples.values()), list(self.num_right.values()), k)

    def against(self, other: "Tally", k: int) -> Score:
        """How much higher pass@k is than another's, over the problems that both have, paired."""
        self._check(k)
        other._check(k)
        tasks = [task for task in self.num_samples if task in other.num_samples]
        if not tasks:
            raise ValueError("`against` must hold results of the same problems, but has none of these.")
        mine, theirs = (
            [pass_at_k(each.num_samples[task], each.num_right[task], k) for task in tasks] for each in (self, other)
        )
        return paired_difference(mine, theirs, f"pass@{k}, difference over {len(tasks):,} problems")

    def _check(self, k: int) -> None:
        short = [task for task, count in self.num_samples.items() if count < k]
        if short:
            raise ValueError(
                f"pass@{k} needs {k} samples of every problem, but {len(short)} have fewer (such as {short[0]} with "
                f"{self.num_samples[short[0]]}). Draw more, or ask for a smaller `k`."
            )


def by_temperature(rows: Sequence[Row]) -> dict[object, Tally]:
    """A tally of each temperature that rows were drawn at."""
    groups: dict[object, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.get("temperature"), []).append(row)
    return {heat: Tally.of(group) for heat, group in groups.items()}


def wanted(ks: Sequence[int], tallies: Iterable[Tally]) -> list[int]:
    """The values of k asked for, or the usual ones that there are samples for."""
    return list(ks) or [k for k in USUAL if k <= min((tally.fewest for tally in tallies), default=0)]


def best(tallies: Mapping[object, Tally], k: int) -> tuple[object, Score]:
    """The temperature with the highest pass@k, as Codex's figures were chosen, and its score."""
    scores = {heat: tally.score(k) for heat, tally in tallies.items()}
    heat = max(scores, key=lambda each: scores[each].value)
    return heat, scores[heat]

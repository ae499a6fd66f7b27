"""Sweeps: a run for every combination of some settings, compared at the end."""

import itertools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lengthwise.recipes.experiment import Experiment
from lengthwise.run import claim, train
from lengthwise.training.checkpoint import Progress
from lengthwise.training.directory import RunDirectory

Settings = Mapping[str, str]
"""`path -> value` of one run, those that are the same for all left out."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One run of a sweep and how it ended."""

    path: Path
    settings: Settings
    progress: Progress | None
    error: str | None = None

    @property
    def score(self) -> float:
        """The best validation score; the lowest there is for a run without one."""
        best = self.progress.best_score if self.progress else None
        return -float("inf") if best is None else best


def combinations(choices: Mapping[str, str]) -> tuple[dict[str, str], list[dict[str, str]]]:
    """What all runs share, and for each run the rest: `{"a": "1,2", "b": "3"}` is b=3 for two runs, a=1 and a=2.

    Commas in brackets belong to a value: `[1,2]` is one.
    """
    values = {path: _split(text) for path, text in choices.items()}
    shared = {path: options[0] for path, options in values.items() if len(options) == 1}
    varied = {path: options for path, options in values.items() if len(options) > 1}
    return shared, [dict(zip(varied, chosen, strict=True)) for chosen in itertools.product(*varied.values())]


def directory_of(root: Path, settings: Settings) -> Path:
    """A run's directory: its settings by the last words of their paths, as far as file names allow."""
    words = [f"{path.rpartition('.')[2]}={value}" for path, value in settings.items()]
    return root / (re.sub(r"[^\w.=,+-]+", "_", " ".join(words)) or "run")


def run_trial(experiment: Experiment, path: Path, settings: Settings) -> Trial:
    """Train, or go on, or find it finished; what makes one run fail does not end the others."""
    directory = RunDirectory(path)
    try:
        claim(experiment, path)
        if not directory.is_finished():
            outcome = train(experiment, path)
            if outcome.reason == "interrupted":
                raise KeyboardInterrupt
            return Trial(path=path, settings=settings, progress=outcome.progress)
    except Exception as error:
        return Trial(path=path, settings=settings, progress=None, error=str(error) or type(error).__name__)
    found = directory.latest(lambda line: None)
    return Trial(path=path, settings=settings, progress=found[1] if found else None)


def ranked(trials: Sequence[Trial]) -> list[Trial]:
    """The best first; those that failed last."""
    return sorted(trials, key=lambda trial: (trial.error is not None, -trial.score))


def write(path: Path, trials: Sequence[Trial]) -> None:
    """The ranked table as JSON: run, settings, score, step, error."""
    rows = [
        {
            "run": str(trial.path),
            "settings": dict(trial.settings),
            "score": trial.progress.best_score if trial.progress else None,
            "step": trial.progress.step if trial.progress else None,
            "error": trial.error,
        }
        for trial in trials
    ]
    path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def _split(text: str) -> list[str]:
    parts, depth = [""], 0
    for character in text:
        depth += (character in "[(") - (character in "])")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts

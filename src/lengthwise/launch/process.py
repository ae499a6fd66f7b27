"""What each process of a launched training does."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lengthwise import config
from lengthwise.recipes.experiment import Experiment
from lengthwise.run import train
from lengthwise.training.loop import Outcome

FAILED, INTERRUPTED = 2, 130


def train_described(job: Mapping[str, Any]) -> Outcome:
    """Train what `launchers.described` made plain data of."""
    experiment = config.from_json(job["experiment"], Experiment)
    return train(experiment, Path(job["path"]), is_extended=job["is_extended"])


def main(file: str) -> int:
    """As a program: the job of a file; errors are one line, said by one process."""
    try:
        outcome = train_described(json.loads(Path(file).read_text(encoding="utf-8")))
    except (ValueError, OSError) as error:
        if not getattr(error, "is_told", False):
            print(f"lengthwise: {' '.join(str(error).split())}", file=sys.stderr)
        return FAILED
    return INTERRUPTED if outcome.reason == "interrupted" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

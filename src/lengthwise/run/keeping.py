"""What a run's directory keeps beside its checkpoints, and whose it is: its config and its codecs."""

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from lengthwise import config
from lengthwise.data.prepared import MANIFEST, Prepared
from lengthwise.recipes.experiment import Experiment
from lengthwise.run.experiments import resolved
from lengthwise.training.checkpoint import write_durably
from lengthwise.training.directory import RunDirectory

CODECS = "codecs"
"""The folder of a run with its own copy of the codecs."""

FREE_TO_CHANGE = (
    *("train.steps", "train.minutes", "train.log_every", "train.tracking", "train.profile"),
    *("decode", "device", "parallel"),
)
"""What a resumed run may have different from the run it goes on with."""


def claim(experiment: Experiment, path: Path, *, is_extended: bool = False) -> None:
    """Refuse a directory that holds something else than the beginning of this very run."""
    directory, experiment = RunDirectory(path), resolved(experiment)
    if not directory.config.is_file():
        # A run killed at its very beginning leaves a half-written config at most; a cluster's launcher has its logs.
        if path.exists() and (
            not path.is_dir() or any(each.suffix != ".part" and each.name != "launch" for each in path.iterdir())
        ):
            raise ValueError(f"`--run {path}` must be a run directory or a new one, but holds other files.")
        return
    earlier = read_config(directory.config)
    if experiment.batch.tokens == "auto":
        # What it was found to be.
        experiment = replace(experiment, batch=replace(experiment.batch, tokens=earlier.batch.tokens))
    differences = config.differences(earlier, experiment, ignore=FREE_TO_CHANGE)
    if differences:
        listed = "; ".join(f"`{name}` was {old!r}, is {new!r}" for name, (old, new) in differences.items())
        raise ValueError(f"`{path}` holds a run of another config: {listed}. Use another `--run`, or its config.")
    longer = (earlier.train.steps, earlier.train.minutes) != (experiment.train.steps, experiment.train.minutes)
    if longer and not is_extended and directory.is_finished():
        raise ValueError(
            f"`{directory.path}` has finished its schedule (train.steps={earlier.train.steps} "
            f"train.minutes={earlier.train.minutes}). Give the same length, or `--extend` to train on with a new one."
        )


def keep(experiment: Experiment, directory: RunDirectory, prepared: Prepared) -> None:
    """What makes the directory a run that decodes alone."""
    check_codecs(prepared, directory.path)
    _write_config(directory, experiment)
    _keep_codecs(prepared, directory.path)


def check_codecs(prepared: Prepared, run: Path) -> None:
    """Refuse data of another vocabulary than the run's: to its weights the same number is another word."""
    folder = run / CODECS
    if not (folder / MANIFEST).is_file():
        return
    for name in set(prepared.codec_files.values()):
        if not (folder / name).is_file() or (folder / name).read_bytes() != (prepared.path / name).read_bytes():
            raise ValueError(
                f"The data of `{prepared.manifest['name']}` must be what `{run}` was begun with, but its vocabulary is "
                "another now. Restore the data, or train on it with another `--run`."
            )


def _keep_codecs(prepared: Prepared, run: Path) -> None:
    folder = run / CODECS
    folder.mkdir(exist_ok=True)
    for name in set(prepared.codec_files.values()):
        shutil.copy(prepared.path / name, folder / name)
    kept = {key: prepared.manifest[key] for key in ("name", "fingerprint", "codecs", "growth", "places")}
    # Last: where it stands, the codecs beside it are whole.
    write_durably(folder / MANIFEST, json.dumps({**kept, "splits": {}}, indent=1))


def _write_config(directory: RunDirectory, experiment: Experiment) -> None:
    directory.path.mkdir(parents=True, exist_ok=True)
    write_durably(directory.config, json.dumps(config.to_json(experiment), indent=1))


def read_config(path: Path) -> Experiment:
    """The experiment of a run's config file; ValueError where it can't be read as one."""
    if (here := str(Path.cwd())) not in sys.path:
        # As the catalog does: a model from outside may lie here.
        sys.path.append(here)
    try:
        return config.from_json(json.loads(path.read_text()), Experiment)
    except (OSError, ValueError) as error:
        raise ValueError(f"`{path}` must be a run's config, but can't be read as one ({error}).") from None

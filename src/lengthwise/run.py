"""The composition root: an experiment and a run directory become problem, model, batches and checkpoints."""

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from lengthwise import catalog, config, runtime
from lengthwise.contracts import EOS, Batch, Features, Model
from lengthwise.data.loader import Loader
from lengthwise.data.order import Order
from lengthwise.data.prepare import prepare
from lengthwise.data.prepared import MANIFEST, Prepared
from lengthwise.data.problem import Problem, Report
from lengthwise.decoding.config import DecodeConfig
from lengthwise.decoding.sequences import decode_sequences
from lengthwise.evaluation.evaluate import Evaluation, evaluate, for_decoding
from lengthwise.evaluation.validation import validation
from lengthwise.losses import LossSum, sequence_loss
from lengthwise.recipes.experiment import Experiment, compose
from lengthwise.training import tensor_file
from lengthwise.training.directory import RunDirectory
from lengthwise.training.loop import Outcome
from lengthwise.training.loop import train as run_loop

FREE_TO_CHANGE = ("train.steps", "train.minutes", "train.log_every", "decode", "device")
"""What a resumed run may have different from the run it goes on with."""


def experiment_of(recipe: str | None, problem: str | None, model: str | None, changes: dict[str, Any]) -> Experiment:
    """The experiment of a recipe, or of a problem and a model, with `path=value` changes."""
    data = {path.removeprefix("data."): changes.pop(path) for path in list(changes) if path.startswith("data.")}
    if recipe is not None:
        if problem or model:
            raise ValueError(f"`{recipe}` must stand alone, but `--problem` or `--model` is given too. Give one or the other.")
        experiment = catalog.find("recipes", recipe)()
    elif problem and model:
        experiment = compose(problem, catalog.find("models", model)())
    else:
        missing = "`--model`" if problem else "`--problem`" if model else "a recipe, or `--problem` and `--model`"
        raise ValueError(f"{missing} must be given. `lengthwise list` shows the names.")
    if "train.steps" in changes and "train.minutes" not in changes:
        changes["train.minutes"] = None
    experiment = config.override(experiment, changes)
    function = catalog.find("problems", experiment.problem)
    return replace(experiment, data=config.arguments(function, {**experiment.data, **data}, "data."))


def problem_of(experiment: Experiment) -> Problem:
    """The problem with its parameters filled in."""
    return catalog.find("problems", experiment.problem)(**experiment.data)


def prepare_data(experiment: Experiment, report: Report | None = None) -> Prepared:
    """The experiment's data, prepared now or earlier; refuses a model that can't take it before any is read."""
    problem = problem_of(experiment)
    if reason := experiment.model.refuses(nominal_features(problem)):
        raise ValueError(f"{reason} `{experiment.problem}` x `{type(experiment.model).__name__}` can't work.")
    return prepare(experiment.problem, problem, experiment.data, report=report)


def nominal_features(problem: Problem) -> Features:
    """What the problem's features will be, without its data: vocabularies count as large as they may become."""
    inputs = None if problem.inputs is None else problem.inputs.feature
    return Features(inputs=inputs, targets=problem.targets.feature, is_shared=problem.is_shared)


def train(experiment: Experiment, path: Path, report: Report | None = None, *, is_extended: bool = False) -> Outcome:
    """Train in a run directory, or go on there; refuses a directory of another experiment by naming the difference."""
    directory = RunDirectory(path)
    experiment = resolved(experiment)
    _claim(directory, experiment, is_extended)
    machine = runtime.resolve(experiment.device, experiment.precision, experiment.seed)
    prepared = prepare_data(experiment, report)
    _keep_codecs(prepared, directory)
    _write_config(directory, experiment)
    runtime.seed_everything(experiment.seed)
    model = experiment.model.build(prepared.features).to(machine.device)
    split = prepared.split("train")
    loader = Loader(split, Order(split.input_lengths, split.target_lengths, experiment.batch, experiment.seed))
    smoothing = experiment.train.label_smoothing

    def loss(model: Model, batch: Batch) -> LossSum:
        return sequence_loss(model(batch), batch, smoothing)

    metrics, rows = problem_of(experiment).metrics, experiment.train.validate_rows
    check = validation(prepared, metrics, experiment.decode, machine, rows, directory.samples)
    return run_loop(model, loader.batch, experiment.train, machine, directory, loss=loss, evaluate=check)


def resolved(experiment: Experiment) -> Experiment:
    """`auto` replaced by what this machine does, so that a resumed run computes the same."""
    machine = runtime.resolve(experiment.device, experiment.precision, experiment.seed)
    return replace(experiment, precision="fp32" if machine.compute_dtype == torch.float32 else "bf16")


def load(path: str | Path, device: str = "auto") -> "Run":
    """A trained run, ready to decode: `lengthwise.load("runs/x").decode(["one sentence"])`."""
    return Run(Path(path), device)


@dataclass(frozen=True)
class Run:
    """A run directory, read only: its best weights, its codecs, its settings."""

    path: Path
    device: str = "auto"

    def __post_init__(self) -> None:
        if not (self.path / "config.json").is_file():
            raise ValueError(f"`{self.path}` must be a run directory, but has no config.json. Train one with `--run`.")

    @cached_property
    def experiment(self) -> Experiment:
        """What the run was trained as."""
        return _read_config(self.path / "config.json")

    @cached_property
    def codecs(self) -> Prepared:
        """The run's own copy of its codecs: it decodes where its data is not."""
        return Prepared.open(self.path / "codecs")

    @cached_property
    def runtime(self) -> runtime.Runtime:
        """This machine at the run's precision."""
        return runtime.resolve(self.device, self.experiment.precision, self.experiment.seed)

    @cached_property
    def checkpoint(self) -> Path:
        """The best checkpoint by validation score, else the newest good one."""
        found = RunDirectory(self.path).best_good(_warn)
        if found is None:
            raise ValueError(f"`{self.path}` must have a good checkpoint, but has none. Let `lengthwise train` save one.")
        return found[0]

    @cached_property
    def model(self) -> Model:
        """The model with the checkpoint's weights."""
        with torch.random.fork_rng(devices=[]):
            model = self.experiment.model.build(self.codecs.features)
        model.load_state_dict(tensor_file.read(self.checkpoint / "weights.safetensors"))
        return model.to(self.runtime.device).eval()

    @cached_property
    def decoder(self) -> Model:
        """The model in the type it decodes in."""
        return for_decoding(self.model, self.runtime)

    def decode(self, texts: Sequence[str], report: Report | None = None, **settings: Any) -> list[str]:
        """The model's output for each text; `settings` are fields of `DecodeConfig` (`beam=1`)."""
        found = decode_sequences(self.decoder, self._encode(texts), self._settings(settings), self.runtime, report)
        return [self.codecs.targets.decode(hypothesis.tokens) for hypothesis in found]

    def evaluate(self, split: str = "validation", report: Report | None = None, **settings: Any) -> Evaluation:
        """Scores of real decodes of a split; fetches and prepares the data where it is not at hand."""
        prepared = prepare_data(self.experiment, report)
        metrics = problem_of(self.experiment).metrics
        decode = self._settings(settings)
        return evaluate(self.model, prepared.split(split), prepared.targets, metrics, decode, self.runtime, report)

    def _settings(self, settings: dict[str, Any]) -> DecodeConfig:
        return config.override(self.experiment.decode, {name: value for name, value in settings.items()})

    def _encode(self, texts: Sequence[str]) -> list[list[int]]:
        if isinstance(texts, str):
            raise ValueError('`texts` must be a list of strings, but is one string. Write decode(["..."]).')
        codec = self.codecs.inputs
        assert codec is not None
        return [[*tokens, EOS] if tokens else [EOS] for tokens in codec.encode_batch([text.strip() for text in texts])]


def _claim(directory: RunDirectory, experiment: Experiment, is_extended: bool) -> None:
    """Refuse a directory that holds another experiment's run."""
    if not directory.config.is_file():
        if directory.path.exists() and any(directory.path.iterdir()):
            raise ValueError(f"`--run {directory.path}` must be a run directory or a new one, but holds other files.")
        return
    earlier = _read_config(directory.config)
    differences = config.differences(earlier, experiment, ignore=FREE_TO_CHANGE)
    if differences:
        listed = "; ".join(f"`{path}` was {old!r}, is {new!r}" for path, (old, new) in differences.items())
        raise ValueError(f"`{directory.path}` holds a run of another config: {listed}. Use another `--run`, or its config.")
    longer = (earlier.train.steps, earlier.train.minutes) != (experiment.train.steps, experiment.train.minutes)
    if longer and not is_extended and directory.is_finished():
        raise ValueError(
            f"`{directory.path}` has finished its schedule (train.steps={earlier.train.steps} "
            f"train.minutes={earlier.train.minutes}). Give the same length, or `--extend` to train on with a new one."
        )


def _warn(line: str) -> None:
    print(line, file=sys.stderr)


def _keep_codecs(prepared: Prepared, directory: RunDirectory) -> None:
    folder = directory.path / "codecs"
    folder.mkdir(parents=True, exist_ok=True)
    for name in set(prepared.codec_files.values()):
        shutil.copy(prepared.path / name, folder / name)
    kept = {key: prepared.manifest[key] for key in ("name", "fingerprint", "codecs")}
    (folder / MANIFEST).write_text(json.dumps({**kept, "splits": {}}, indent=1))


def _write_config(directory: RunDirectory, experiment: Experiment) -> None:
    directory.path.mkdir(parents=True, exist_ok=True)
    aside = directory.config.with_suffix(".part")
    aside.write_text(json.dumps(config.to_json(experiment), indent=1))
    aside.replace(directory.config)


def _read_config(path: Path) -> Experiment:
    try:
        return config.from_json(json.loads(path.read_text()), Experiment)
    except (OSError, ValueError) as error:
        raise ValueError(f"`{path}` must be a run's config, but can't be read as one ({error}).") from None

"""The composition root: an experiment and a run directory become problem, model, batches and checkpoints."""

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch

from lengthwise import catalog, config, runtime
from lengthwise.contracts import EOS, Batch, Features, Model, ModelConfig
from lengthwise.data.batching import BatchConfig
from lengthwise.data.fresh import Fresh
from lengthwise.data.loader import Loader
from lengthwise.data.order import Order
from lengthwise.data.prepare import prepare
from lengthwise.data.prepared import MANIFEST, Prepared
from lengthwise.data.problem import Problem, Report
from lengthwise.data.sources.generated.task import LENGTHS_SEED, Generated, Task
from lengthwise.decoding.config import DecodeConfig
from lengthwise.decoding.sequences import decode_sequences
from lengthwise.evaluation.baselines import source_baselines
from lengthwise.evaluation.cost import Group, longest_batch, refuse_too_large
from lengthwise.evaluation.evaluate import Evaluation, evaluate, for_decoding
from lengthwise.evaluation.likelihood import likelihood
from lengthwise.evaluation.pondering import ponder_by_symbol
from lengthwise.evaluation.validation import validation
from lengthwise.losses import LossSum, sequence_loss
from lengthwise.metrics.score import Score
from lengthwise.recipes.experiment import Experiment, compose
from lengthwise.training import tensor_file
from lengthwise.training.checkpoint import write_durably
from lengthwise.training.directory import RunDirectory
from lengthwise.training.loop import Batches, Outcome
from lengthwise.training.loop import train as run_loop
from lengthwise.training.starts import best_start

CODECS = "codecs"
"""The folder of a run with its own copy of the codecs."""

Made = TypeVar("Made")

FREE_TO_CHANGE = ("train.steps", "train.minutes", "train.log_every", "decode", "device")
"""What a resumed run may have different from the run it goes on with."""


def experiment_of(
    recipe: str | None, problem: str | None, model: str | None, changes: Mapping[str, object]
) -> Experiment:
    """The experiment of a recipe, or of a problem and a model, with `path=value` changes."""
    data = {path.removeprefix("data."): value for path, value in changes.items() if path.startswith("data.")}
    rest = {path: value for path, value in changes.items() if not path.startswith("data.")}
    if "train.steps" in rest:
        rest.setdefault("train.minutes", None)
    experiment = config.override(_chosen(recipe, problem, model), rest)
    function = catalog.find("problems", experiment.problem)
    return replace(experiment, data=config.arguments(function, {**experiment.data, **data}, "data."))


def _chosen(recipe: str | None, problem: str | None, model: str | None) -> Experiment:
    if recipe is not None:
        if problem or model:
            raise ValueError(f"`{recipe}` must stand alone, but `--problem` or `--model` is given too. Give one.")
        return _made("recipes", recipe, Experiment)
    if problem and model:
        return compose(problem, _made("models", model, ModelConfig))
    missing = "`--model`" if problem else "`--problem`" if model else "A recipe, or `--problem` and `--model`,"
    raise ValueError(f"{missing} must be given. `lengthwise list` shows the names.")


def _made(kind: catalog.Kind, name: str, expected: type[Made], **parameters: object) -> Made:
    """What the factory of this name returns; ValueError where that is something else."""
    made = catalog.find(kind, name)(**parameters)
    if not isinstance(made, expected):
        found = type(made).__name__
        raise ValueError(f"`{name}` must return a `{expected.__name__}` to be one of {kind}, but returns a `{found}`.")
    return made


def problem_of(experiment: Experiment) -> Problem:
    """The problem with its parameters filled in."""
    return _made("problems", experiment.problem, Problem, **experiment.data)


def prepare_data(experiment: Experiment, report: Report | None = None) -> Prepared:
    """The experiment's data, prepared now or earlier; refuses a model that can't take it before any is read."""
    nominal_features(experiment)
    return prepare(experiment.problem, problem_of(experiment), experiment.data, report=report)


def nominal_features(experiment: Experiment) -> Features:
    """What the features will be, without the data: vocabularies count as large as they may become.

    ValueError where the model can't do a problem with these features.
    """
    problem = problem_of(experiment)
    inputs = None if problem.inputs is None else problem.inputs.feature
    features = Features(
        inputs=inputs,
        targets=problem.targets.feature,
        is_shared=problem.is_shared,
        growth=problem.growth,
        places=problem.places,
    )
    if reason := experiment.model.refuses(features):
        raise ValueError(f"{reason} `{experiment.problem}` x `{type(experiment.model).__name__}` can't work.")
    return features


def check(experiment: Experiment) -> None:
    """ValueError where the model can't do the problem or a step on its longest examples would not fit in memory."""
    machine = runtime.resolve(experiment.device, experiment.precision, experiment.seed)
    refuse_too_large(experiment.model, nominal_features(experiment), longest_batch_of(experiment), machine)


def longest_batch_of(experiment: Experiment, length: int | None = None) -> list[Group]:
    """The rows and lengths of a batch of the problem's longest examples, or of those of `length` tokens a side."""
    problem = problem_of(experiment)
    longest = problem.max_length if length is None else length
    return longest_batch(experiment.batch, longest, is_computed=problem.source.is_endless)


def train(experiment: Experiment, path: Path, report: Report | None = None, *, is_extended: bool = False) -> Outcome:
    """Train in a run directory, or go on there; refuses a directory of another experiment by naming the difference."""
    directory = RunDirectory(path)
    experiment = resolved(experiment)
    claim(experiment, path, is_extended=is_extended)
    machine = runtime.resolve(experiment.device, experiment.precision, experiment.seed)
    check(experiment)
    prepared = prepare_data(experiment, report)
    _check_codecs(prepared, path)
    _write_config(directory, experiment)
    _keep_codecs(prepared, path)
    runtime.keep_freed_memory()
    smoothing = experiment.train.label_smoothing

    def loss(model: Model, batch: Batch) -> LossSum:
        return sequence_loss(model(batch), batch, smoothing)

    def build() -> tuple[Model, Batches]:
        model = experiment.model.build(prepared.features).to(machine.device)
        return model, _batches(experiment, prepared, model)

    def judge(model: Model) -> float:
        return likelihood(model, prepared.split("validation"), BatchConfig(), machine).nll

    weights = None
    if experiment.train.starts > 1:
        weights = best_start(path, experiment.seed, build, judge, experiment.train, machine, loss, report)
    runtime.seed_everything(experiment.seed)
    model, batches = build()
    if weights is not None:
        model.load_state_dict(weights)
    metrics, rows = problem_of(experiment).metrics, experiment.train.validate_rows
    evaluate_some = validation(prepared, metrics, experiment.decode, machine, rows, directory.samples)
    return run_loop(model, batches, experiment.train, machine, directory, loss=loss, evaluate=evaluate_some)


def _batches(experiment: Experiment, prepared: Prepared, model: Model) -> Batches:
    """Training batches by global index: of prepared rows, or computed when asked for."""
    problem = problem_of(experiment)
    if isinstance(problem.source, Generated):
        assert prepared.inputs is not None
        fresh = Fresh(problem.source, prepared.inputs, prepared.targets, experiment.batch, experiment.seed)
        return lambda step: fresh.batch(step, model.train_length)
    split = prepared.split("train")
    order = Order(split.input_lengths, split.target_lengths, experiment.batch, experiment.seed)
    return Loader(split, order).batch


def resolved(experiment: Experiment) -> Experiment:
    """`auto` replaced by what this machine does, so that a resumed run computes the same."""
    machine = runtime.resolve(experiment.device, experiment.precision, experiment.seed)
    return replace(experiment, precision="fp32" if machine.compute_dtype == torch.float32 else "bf16")


def load(path: str | Path, device: str = "auto") -> "Run":
    """A trained run, ready to decode: `lengthwise.load("runs/x").decode(["one sentence"])`."""
    runtime.keep_freed_memory()
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
        if ":" in self.experiment.problem:  # a codec from outside is known only once its module is imported
            catalog.find("problems", self.experiment.problem)
        return Prepared.open(self.path / CODECS)

    @cached_property
    def runtime(self) -> runtime.Runtime:
        """This machine at the run's precision."""
        return runtime.resolve(self.device, self.experiment.precision, self.experiment.seed)

    @cached_property
    def checkpoint(self) -> Path:
        """The best checkpoint by validation score, else the newest good one."""
        found = RunDirectory(self.path).best_good(_warn)
        if found is None:
            raise ValueError(
                f"`{self.path}` must have a good checkpoint, but has none. Let `lengthwise train` save one."
            )
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
        decode, problem = self._settings(settings), problem_of(self.experiment)
        prepared = prepare_data(self.experiment, report)
        _check_codecs(prepared, self.path)
        rows, codec, metrics = prepared.split(split), prepared.targets, problem.metrics
        return evaluate(self.model, rows, codec, metrics, decode, self.runtime, report, problem.parts)

    def baselines(self, split: str = "validation") -> dict[str, dict[str, Score]]:
        """What guessing reaches on a split, over all ("") and for each part of the problem by itself."""
        return source_baselines(problem_of(self.experiment), split)

    def computed_task(self) -> tuple[Task, int]:
        """The task of a run on computed examples, and the longest length that it was trained on."""
        source = problem_of(self.experiment).source
        if not isinstance(source, Generated):
            raise ValueError(
                f"`{self.path}` must be trained on computed examples, but is on {self.experiment.problem}."
            )
        return source.task, max(self.experiment.batch.lengths, default=source.max_length)

    def ponder_by_symbol(self, length: int, num_examples: int = 32) -> dict[str, float]:
        """Mean steps of each input symbol on fresh examples of a length; empty for models that do not ponder."""
        task, _ = self.computed_task()
        assert self.codecs.inputs is not None
        random = np.random.default_rng([LENGTHS_SEED, length])
        texts = [task.example(length, random)[0] for _ in range(num_examples)]
        return ponder_by_symbol(self.model, self.codecs.inputs, texts, self.runtime)

    def _settings(self, settings: dict[str, Any]) -> DecodeConfig:
        return config.override(self.experiment.decode, settings)

    def _encode(self, texts: Sequence[str]) -> list[list[int]]:
        if isinstance(texts, str):
            raise ValueError('`texts` must be a list of strings, but is one string. Write decode(["..."]).')
        codec = self.codecs.inputs
        if codec is None:
            raise ValueError(f"`{self.experiment.problem}` must have inputs to decode from, but has none.")
        return [[*tokens, EOS] if tokens else [EOS] for tokens in codec.encode_batch([text.strip() for text in texts])]


def claim(experiment: Experiment, path: Path, *, is_extended: bool = False) -> None:
    """Refuse a directory that holds something else than the beginning of this very run."""
    directory, experiment = RunDirectory(path), resolved(experiment)
    if not directory.config.is_file():
        # A run killed at its very beginning leaves a half-written config at most.
        if path.exists() and (not path.is_dir() or any(each.suffix != ".part" for each in path.iterdir())):
            raise ValueError(f"`--run {path}` must be a run directory or a new one, but holds other files.")
        return
    earlier = _read_config(directory.config)
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


def _warn(line: str) -> None:
    print(line, file=sys.stderr)


def _check_codecs(prepared: Prepared, run: Path) -> None:
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


def _read_config(path: Path) -> Experiment:
    if (here := str(Path.cwd())) not in sys.path:
        # As the catalog does: a model from outside may lie here.
        sys.path.append(here)
    try:
        return config.from_json(json.loads(path.read_text()), Experiment)
    except (OSError, ValueError) as error:
        raise ValueError(f"`{path}` must be a run's config, but can't be read as one ({error}).") from None

"""Trained runs: decode, score, look inside."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lengthwise import catalog, config, runtime
from lengthwise.contracts import EOS, Model
from lengthwise.data.blob import Blob
from lengthwise.data.codecs.code import MIDDLE, gap
from lengthwise.data.codecs.codec import Unreadable
from lengthwise.data.codecs.pixels import Pixels
from lengthwise.data.pieces import as_read
from lengthwise.data.prepared import Prepared
from lengthwise.data.problem import Report
from lengthwise.data.sources.generated.task import LENGTHS_SEED, Generated, Task
from lengthwise.decoding.config import DecodeConfig
from lengthwise.decoding.sequences import decode_sequences
from lengthwise.decoding.stops import cut
from lengthwise.evaluation.baselines import rule_baselines, source_baselines
from lengthwise.evaluation.by_position import Curve, by_position
from lengthwise.evaluation.code_writers import Sampling
from lengthwise.evaluation.evaluate import (
    Evaluation,
    decode_rows,
    evaluate,
    evaluate_continuation,
    evaluate_labels,
    evaluate_pixels,
    for_decoding,
)
from lengthwise.evaluation.pondering import ponder_by_symbol
from lengthwise.evaluation.retrieval import retrieval
from lengthwise.metrics.score import Score
from lengthwise.recipes.experiment import Experiment
from lengthwise.run.experiments import prepare_data, problem_of
from lengthwise.run.fusion import continuations_of
from lengthwise.run.keeping import CODECS, check_codecs, read_config
from lengthwise.runtime import Runtime
from lengthwise.training import tensor_file
from lengthwise.training.directory import RunDirectory


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
        return read_config(self.path / "config.json")

    @cached_property
    def codecs(self) -> Prepared:
        """The run's own copy of its codecs: it decodes where its data is not."""
        if ":" in self.experiment.problem:  # a codec from outside is known only once its module is imported
            catalog.find("problems", self.experiment.problem)
        return Prepared.open(self.path / CODECS)

    @cached_property
    def runtime(self) -> Runtime:
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

    @property
    def reads_files(self) -> bool:
        """Whether inputs are paths, of images or sounds."""
        return self.codecs.inputs is not None and not self.codecs.inputs.feature.is_ids

    @property
    def continues(self) -> bool:
        """Whether the model goes on with texts, as its problem has no inputs."""
        return self.codecs.inputs is None

    @property
    def draws(self) -> bool:
        """Whether the model writes images."""
        return isinstance(self.codecs.targets, Pixels)

    def draw(self, texts: Sequence[str], report: Report | None = None, **settings: Any) -> list[np.ndarray]:
        """An image for each text, sampled: uint8 of `[height, width, channels]`; `Pixels.png` makes files of them."""
        codec = self.codecs.targets
        if not isinstance(codec, Pixels):
            raise ValueError(f"`{self.path}` must be trained to write images, but writes {codec.feature.modality}.")
        found = decode_sequences(self.decoder, self._encode(texts), self._settings(settings), self.runtime, report)
        return [codec.image(hypothesis.tokens) for hypothesis in found]

    def decode(self, texts: Sequence[str], report: Report | None = None, **settings: Any) -> list[str]:
        """The model's output for each text (or image or sound, by path); `settings`: of `DecodeConfig` (`beam=1`).

        Where it `continues`, each text and how the model goes on with it.
        """
        sources, config = self._encode(texts), self._settings(settings)
        found = decode_sequences(
            self.decoder,
            sources,
            config,
            self.runtime,
            report,
            read=self.codecs.targets.decode if self.continues else None,
            constraint=self.codecs.targets.constraint,
            continuations=continuations_of(config, self.experiment, self.codecs.targets),
        )
        read = [self.codecs.targets.decode(hypothesis.tokens) for hypothesis in found]
        if not config.stops:
            return read
        given = [len(text) for text in self._begun(texts)]
        return [text[:length] + cut(text[length:], config.stops) for text, length in zip(read, given, strict=True)]

    def _begun(self, texts: Sequence[str]) -> list[str]:
        """What each output begins with, as it is read again."""
        codec = self.codecs.targets
        return (
            [codec.decode(tokens) for tokens in codec.encode_batch(list(texts))]
            if self.continues
            else [""] * len(texts)
        )

    def complete(self, prompts: list[str], sampling: Sampling) -> list[str]:
        """How the model goes on with each prompt, without the prompt itself; a `Writer` of programs."""
        settings: dict[str, Any] = {"seed": sampling.seed, "max_length": sampling.max_tokens, "stops": sampling.stops}
        drawn = {"method": "sampling", "temperature": sampling.temperature, "top_p": sampling.top_p}
        settings |= drawn if sampling.temperature else {"method": "greedy"}
        texts = self.decode(prompts, **settings)
        return [text[len(prompt) :] for text, prompt in zip(texts, self._begun(prompts), strict=True)]

    def fill(self, gaps: Sequence[tuple[str, str]], **settings: Any) -> list[str]:
        """What belongs between the two texts of each pair; of runs that learned to fill gaps, such as `code.python`."""
        self.check_fills()
        texts = [gap(*pair) for pair in gaps]
        return [text[len(asked) :] for text, asked in zip(self.decode(texts, **settings), texts, strict=True)]

    def check_fills(self) -> None:
        """Raise ValueError where the run did not learn to fill gaps."""
        if MIDDLE not in getattr(self.codecs.targets, "marks", ()):
            raise ValueError(f"`{self.path}` must be a run that learned to fill gaps (code.python), but did not.")

    def evaluate(self, split: str = "validation", report: Report | None = None, **settings: Any) -> Evaluation:
        """Scores of real decodes of a split; fetches and prepares the data where it is not at hand."""
        decode, problem = self._settings(settings), problem_of(self.experiment)
        prepared = prepare_data(self.experiment, report)
        check_codecs(prepared, self.path)
        rows, codec, metrics = prepared.split(split), prepared.targets, problem.metrics
        if codec.feature.modality == "label":
            return evaluate_labels(self.model, rows, codec, self.runtime)
        if codec.feature.modality == "pixels":
            return evaluate_pixels(self.model, rows, self.runtime)
        if problem.inputs is None:
            return evaluate_continuation(self.model, rows, as_read(rows, problem), self.runtime)
        parts = {part: problem.part_metrics.get(part, metrics) for part in problem.parts}
        continuations = continuations_of(decode, self.experiment, codec)
        chosen = range(len(rows))
        texts = decode_rows(self.model, rows, chosen, codec, decode, self.runtime, report, continuations)
        found = evaluate(self.model, rows, texts, metrics, self.runtime, parts)
        if problem.inputs.feature.modality != "image":
            return found
        return replace(found, scores=[*found.scores, retrieval(self.model, rows, self.runtime)])

    def by_position(self, split: str = "validation", length: int | None = None) -> Curve:
        """The loss by position; `length`: of the pieces that long texts are read in, if not the problem's."""
        problem, prepared = problem_of(self.experiment), prepare_data(self.experiment)
        check_codecs(prepared, self.path)
        if length is not None and not problem.is_cut:
            raise ValueError(f"`--length` must not be given for `{self.experiment.problem}`, whose rows are never cut.")
        return by_position(self.model, as_read(prepared.split(split), problem, length), self.runtime)

    def baselines(self, split: str = "validation") -> dict[str, dict[str, Score]]:
        """What guessing reaches on a split, over all ("") and for each part of the problem by itself."""
        problem = problem_of(self.experiment)
        if problem.baselines:
            return rule_baselines(problem, prepare_data(self.experiment).split(split))
        return source_baselines(problem, split)

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
        usual = self.experiment.decode
        if (self.continues or self.draws) and usual.method == "beam":
            # The likeliest continuation of a text repeats itself; the likeliest image is empty.
            usual = replace(usual, method="sampling")
        if self.codecs.targets.feature.modality == "label" and usual.method == "beam":
            # Of one token, nothing is to be searched for.
            usual = replace(usual, method="greedy")
        return config.override(usual, settings)

    def _encode(self, texts: Sequence[str]) -> list[Any]:
        if isinstance(texts, str):
            raise ValueError('`texts` must be a list of strings, but is one string. Write decode(["..."]).')
        codec = self.codecs.inputs
        if codec is None:
            return self.codecs.targets.encode_batch(list(texts))
        modality = codec.feature.modality
        kind = {"image": "an image", "spectrogram": "a sound", "label": "a class"}.get(modality, "a text")
        stripped = [text.strip() if codec.feature.is_ids else Blob(text.strip()) for text in texts]
        found = codec.encode_batch(stripped)
        for text, value in zip(texts, found, strict=True):
            if isinstance(value, Unreadable):
                is_lost = not codec.feature.is_ids and not Path(text.strip()).exists()
                fault = "is not there" if is_lost else f"can't be read: {value}"
                raise ValueError(f"`{text}` must be {kind}, but {fault}.")
        return [[*tokens, EOS] for tokens in found] if codec.is_closed and codec.feature.is_ids else found


def _warn(line: str) -> None:
    print(line, file=sys.stderr)

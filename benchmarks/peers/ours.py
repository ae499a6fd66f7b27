"""Lengthwise itself, through the same calls that `lengthwise train` makes for a step."""

from dataclasses import fields, replace
from typing import Any

from torch import Tensor

from benchmarks.peers.decoder import Decoder, Search, Sentences
from benchmarks.peers.trainer import Size, Trainer
from lengthwise import catalog, runtime
from lengthwise.contracts import Autoregressive, Batch, Counts, Feature, Features, Model, ModelConfig
from lengthwise.decoding.config import DecodeConfig
from lengthwise.decoding.sequences import decode_sequences
from lengthwise.evaluation.evaluate import for_decoding
from lengthwise.losses import LossSum, sequence_loss
from lengthwise.training import schedules
from lengthwise.training.config import OptimizerConfig, ScheduleConfig
from lengthwise.training.objective import Objective
from lengthwise.training.optimizers import Optimizer
from lengthwise.training.step import train_step

PRESET = "transformer.tiny"
"""What is brought to the peers' size."""


def sized(size: Size, preset: str = PRESET) -> ModelConfig:
    """The preset at the size that all trainers have; fields that it does not have are left out."""
    config = catalog.find("models", preset)()
    wanted = {
        "d_model": size.d_model,
        "num_encoder_layers": size.num_encoder_layers,
        "num_decoder_layers": size.num_decoder_layers,
        "num_layers": size.num_decoder_layers,
        "num_heads": size.num_heads,
        "num_key_heads": size.num_heads,
        "d_ff": size.d_ff,
        "dropout": size.dropout,
    }
    known = {field.name for field in fields(config)}
    return replace(config, **{name: value for name, value in wanted.items() if name in known})


def features(vocab: int) -> Features:
    """One vocabulary for both sides."""
    return Features(inputs=Feature(size=vocab), targets=Feature(size=vocab), is_shared=True)


class Ours(Trainer):
    """The model's own training defaults: optimizer and schedule."""

    def __init__(self, size: Size, preset: str = PRESET, optimizer: str | None = None) -> None:
        config = sized(size, preset)
        self.model: Model = config.build(features(size.vocab)).train()
        self.size = size
        self.runtime = runtime.resolve("cpu", "bf16")
        runtime.keep_freed_memory()  # as `lengthwise train` does
        self.settings = _settings(config.training_defaults(), "train.optimizer.")
        if optimizer is not None:
            self.settings["name"] = optimizer
        self.schedule_config = ScheduleConfig(**_settings(config.training_defaults(), "train.schedule."))

    def loss(self, inputs: Tensor, targets: Tensor) -> Tensor:
        batch = Batch(inputs, targets)
        summed = self.summed_loss(self.model, batch, batch.counts)
        return summed.total / summed.num_tokens

    def summed_loss(self, model: Model, batch: Batch, counts: Counts) -> LossSum:
        """What `train_step` differentiates."""
        return sequence_loss(model(batch), batch, self.size.label_smoothing, counts)

    def use_recommended(self) -> None:
        self.rule = Optimizer(self.model, OptimizerConfig(**self.settings))
        self.use(self.rule, lambda step, _: schedules.factor(self.schedule_config, step + 1, None))

    def step(self, inputs: Tensor, targets: Tensor, progress: float = 0.0) -> float:
        self.steps_done += 1
        self.rule.set_factor(self.schedule(self.steps_done - 1, progress))
        batches, objective = [Batch(inputs, targets)], Objective(self.model, self.summed_loss)
        report = train_step(objective, batches, self.rule, self.runtime, 1.0, self.steps_done)
        return report.loss

    def decoder(self) -> Decoder:
        assert isinstance(self.model, Autoregressive)
        return OurDecoder(self.model)


class OurLanguageModel(Ours):
    """A decoder without inputs, the gated network two thirds as wide: as many parameters as the peers'."""

    def __init__(self, size: Size, optimizer: str | None = None) -> None:
        super().__init__(replace(size, d_ff=2 * size.d_ff // 3, label_smoothing=0.0), "decoder.tiny", optimizer)

    def step(self, inputs: Tensor, targets: Tensor, progress: float = 0.0) -> float:
        return super().step(None, targets, progress)  # pyright: ignore[reportArgumentType]


class OurDecoder(Decoder):
    """Settings are `dtype/batch_tokens`."""

    settings = tuple(f"{dtype}/{tokens}" for dtype in ("fp32", "bf16") for tokens in (16384, 32768, 65536))

    def __init__(self, model: Autoregressive) -> None:
        self.model = model

    def decode(self, sources: Sentences, search: Search, setting: str) -> list[list[int]]:
        dtype, _, tokens = setting.partition("/")
        config = DecodeConfig(beam=search.beam, length_penalty=search.length_penalty, batch_tokens=int(tokens))
        machine = runtime.resolve("cpu", dtype)
        found = decode_sequences(for_decoding(self.model, machine), sources, config, machine)
        return [hypothesis.tokens for hypothesis in found]


def default(size: Size) -> Trainer:
    """As `lengthwise train` does it."""
    return Ours(size)


def adamw(size: Size) -> Trainer:
    """With AdamW for all parameters, as the peers have it."""
    return Ours(size, optimizer="adamw")


def compiled(size: Size) -> Trainer:
    """Under `torch.compile` for any length."""
    trainer = Ours(size)
    trainer.model.compile(dynamic=True)
    return trainer


def language_model(size: Size) -> Trainer:
    """As `lengthwise train --model decoder...` does it."""
    return OurLanguageModel(size)


def language_model_adamw(size: Size) -> Trainer:
    """With AdamW for all parameters, as the peers have it."""
    return OurLanguageModel(size, optimizer="adamw")


def language_model_compiled(size: Size) -> Trainer:
    """Under `torch.compile`, with AdamW."""
    trainer = OurLanguageModel(size, optimizer="adamw")
    trainer.model.compile()
    return trainer


def _settings(defaults: dict[str, object], prefix: str) -> dict[str, Any]:
    return {path.removeprefix(prefix): value for path, value in defaults.items() if path.startswith(prefix)}

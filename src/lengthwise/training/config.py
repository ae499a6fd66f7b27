"""How a model is fitted: length, optimizer, schedule, and what is done on the way."""

from dataclasses import dataclass, field
from typing import Literal

from lengthwise.training.tracking.hosted import Service


@dataclass(frozen=True, kw_only=True)
class OptimizerConfig:
    """Which rule turns gradients into updates, and how far it goes."""

    name: Literal["adamw", "muon", "adamax", "adafactor", "schedule_free"] = "adamw"
    """`muon` orthogonalises the updates of hidden matrices and leaves the rest to AdamW; `adamax` is Neural GPUs';
    `adafactor` remembers rows and columns in place of matrices (Shazeer and Stern 2018); `schedule_free` is AdamW that
    averages its weights in a schedule's place (Defazio et al. 2024) and wants `train.schedule.name=constant`."""
    learning_rate: float = 1e-3
    """AdamW's or AdaMax's where the schedule's factor is 1 (`noam`: its constant; the paper's is `d_model ** -0.5`)."""
    matrix_learning_rate: float = 0.02
    """Muon's, where the schedule's factor is 1."""
    betas: tuple[float, float] = (0.9, 0.98)
    """AdamW's memory of gradients and of their squares."""
    epsilon: float = 1e-9
    """What AdamW adds to the root it divides by."""
    weight_decay: float = 0.01
    """Decoupled, times the learning rate; never on norms, biases and embeddings."""
    momentum: float = 0.95
    """Muon's memory of gradients (Nesterov's form)."""
    num_iterations: Literal[3, 4, 5] = 4
    """Muon's iterations: 4 are as exact as the usual 5 and a fifth cheaper; 5 are finer, 3 coarser."""
    noise: float = 0.0
    """Standard deviation of Gaussian noise added to the gradients, as a share of the learning rate."""
    noise_decay: float = 0.0
    """The noise falls as step ** -noise_decay."""
    refresh_every: int = 1
    """Steps that Muon applies an update before it computes it anew, staggered: 2 halves its cost."""


@dataclass(frozen=True, kw_only=True)
class ScheduleConfig:
    """How the learning rate moves over the run."""

    name: Literal["noam", "linear", "cosine", "wsd", "constant", "inverse_sqrt", "plateau"] = "linear"
    """`noam` is the paper's, unscaled; the others rise to 1 and then follow their name.

    `wsd` (warm-up, stable, decay) stays at 1 and falls linearly over the last `decay_share` of the run; `plateau`
    lowers the rate when the loss has not fallen for two windows of 200 steps.
    """
    warmup_steps: int = 100
    """Steps of linear rise; at most a quarter of the run for `linear`, `cosine` and `constant`."""
    final_factor: float = 0.0
    """Where `linear`, `cosine` and `wsd` end."""
    decay_share: float = 0.2
    """Of the run, how much of it `wsd` falls."""

    def __post_init__(self) -> None:
        if not 0 < self.decay_share <= 1:
            raise ValueError(f"`train.schedule.decay_share` must be above 0 and at most 1, but is {self.decay_share}.")


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """Everything about a training run that is neither data nor model."""

    steps: int | None = 2000
    """Updates in all; None where `minutes` bounds the run."""
    minutes: float | None = None
    """Minutes of steps in all, summed over resumes; resolved once to a number of steps. Set, it goes before `steps`."""
    starts: int = 1
    """Freshly initialised models that begin; the one with the lowest validation loss after `start_steps` goes on."""
    start_steps: int = 200
    """Steps after which starts are compared; they come before the run's own."""
    start_share: float = 1.0
    """Of the rows of a batch, how many a start's step takes."""
    start_length: int = 0
    """Target tokens of the longest row that a start's step takes; 0 for any. Starts that only know what they have seen
    then have a high loss on validation rows, which are longer."""
    accumulate: int = 1
    """Batches per update."""
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    """The rule of the updates."""
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    """The course of the learning rate."""
    average_decay: float = 0.0
    """Of a moving average of the weights, which is then what is evaluated and kept; .999 is usual, 0 for none."""
    label_smoothing: float | Literal["auto"] = "auto"
    """Probability spread evenly over the vocabulary in the targets of the loss; `auto` is 0.1 for problems with inputs
    and 0 for those without, whose own likelihood is what counts."""
    clip_norm: float = 1.0
    """Largest global norm of the gradient; 0 leaves it as it is."""
    validate_every: int = 500
    """Steps between validations; 0 for never. A run's last step is validated too."""
    validate_rows: int = 200
    """Validation rows that are decoded on the way, evenly spread; 0 for all."""
    save_every: int = 500
    """Steps between checkpoints; 0 for the last only."""
    keep_last: int = 3
    """Newest checkpoints kept, besides the best one."""
    average_last: int = 0
    """How many last checkpoints are averaged into one at the end; 0 for none."""
    early_stopping: int = 0
    """Validations in a row without a better score that end the run; 0 for never."""
    log_every: int = 10
    """Steps between two rows of metrics."""
    tracking: tuple[Service, ...] = ()
    """Services that are told the metrics too: `[wandb]`, `[trackio]`."""
    profile: bool = False
    """Write where the time of ten steps went: a trace and a table, in the run's folder `profile`."""

    def __post_init__(self) -> None:
        """Refuse what cannot be trained with."""
        if self.steps is None and self.minutes is None:
            raise ValueError("`train.steps` or `train.minutes` must be set, but both are none. Set one of them.")
        for name, lowest in _LOWEST.items():
            value = getattr(self, name)
            if value is not None and not value >= lowest:
                raise ValueError(f"`train.{name}` must be at least {lowest}, but is {value}.")
        if self.minutes is not None and not self.minutes > 0:
            raise ValueError(f"`train.minutes` must be above 0, but is {self.minutes}.")
        if not 0 < self.start_share <= 1:
            raise ValueError(f"`train.start_share` must be above 0 and at most 1, but is {self.start_share}.")
        if not 0 <= self.average_decay < 1:
            raise ValueError(f"`train.average_decay` must be from 0 to below 1, but is {self.average_decay}.")
        if self.label_smoothing != "auto" and not 0 <= self.label_smoothing < 1:
            raise ValueError(f"`train.label_smoothing` must be from 0 to below 1, but is {self.label_smoothing}.")


_LOWEST = {
    "steps": 0, "starts": 1, "start_steps": 1, "start_length": 0, "accumulate": 1, "clip_norm": 0,
    "validate_every": 0, "validate_rows": 0, "save_every": 0, "keep_last": 1, "average_last": 0, "early_stopping": 0,
    "log_every": 1,
}  # fmt: skip

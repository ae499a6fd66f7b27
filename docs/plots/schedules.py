"""Draws every schedule of the learning rate: `python docs/plots/schedules.py` writes schedules.png beside itself."""

from pathlib import Path
from typing import get_args

import matplotlib.pyplot as plt

from lengthwise.training.config import ScheduleConfig
from lengthwise.training.schedules import factor

STEPS = 1000
NAMES = [name for name in get_args(ScheduleConfig.__annotations__["name"]) if name != "plateau"]

figure, axes = plt.subplots(2, 3, figsize=(9, 4.5), sharex=True, sharey=True, layout="constrained")
for name, panel in zip(NAMES, axes.flat, strict=True):
    factors = [factor(ScheduleConfig(name=name), step, STEPS) for step in range(1, STEPS + 1)]
    panel.plot(range(1, STEPS + 1), [each / max(factors) for each in factors])
    panel.set_title(name)
    panel.grid(alpha=0.3)
figure.supxlabel("step")
figure.supylabel("factor")
figure.savefig(Path(__file__).with_suffix(".png"), dpi=90, metadata={"Software": None})

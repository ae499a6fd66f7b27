import torch

from lengthwise.contracts import EOS, PAD, Batch, Feature, Features, Model, Output
from lengthwise.data.codecs.symbols import Symbols
from lengthwise.evaluation.pondering import END, ponder_by_symbol
from lengthwise.models import universal_transformer
from lengthwise.runtime import resolve

SIDE = Feature(size=5)
FEATURES = Features(inputs=SIDE, targets=SIDE, is_shared=True)


class Counting(Model):
    """Ponders as long as a symbol's id is large."""

    def forward(self, batch: Batch) -> Output:
        raise NotImplementedError

    def ponder_steps(self, inputs: torch.Tensor) -> torch.Tensor:
        return torch.where(inputs == PAD, 0, inputs).float()


def test_steps_are_averaged_over_symbols_and_padding_does_not_count():
    found = ponder_by_symbol(Counting(), Symbols("ab"), ["aab", "b"], resolve("cpu", "fp32", 0))
    assert found == {"a": 3.0, "b": 4.0, END: float(EOS), "": (3 + 3 + 4 + 4 + 2 * EOS) / 6}


def test_a_model_that_does_not_ponder_has_no_steps():
    model = universal_transformer.tiny().build(FEATURES)
    assert ponder_by_symbol(model, Symbols("ab"), ["ab"], resolve("cpu", "fp32", 0)) == {}


def test_a_model_that_ponders_takes_one_step_at_least():
    model = universal_transformer.adaptive().build(FEATURES).eval()
    found = ponder_by_symbol(model, Symbols("ab"), ["abba"], resolve("cpu", "fp32", 0))
    assert set(found) == {"a", "b", END, ""} and all(1 <= steps <= 12 for steps in found.values())

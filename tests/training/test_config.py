import pytest

from lengthwise.training.config import TrainConfig


def test_a_run_without_an_end_is_refused():
    with pytest.raises(ValueError, match="`train.steps` or `train.minutes` must be set"):
        TrainConfig(steps=None)


@pytest.mark.parametrize("name, value", [("accumulate", 0), ("steps", -1), ("minutes", 0.0), ("label_smoothing", 1.0)])
def test_a_value_out_of_range_is_named(name: str, value: float):
    with pytest.raises(ValueError, match=f"`train.{name}` must be .* but is {value}"):
        TrainConfig(**{name: value})  # pyright: ignore[reportArgumentType]


def test_zero_steps_are_a_run():
    assert TrainConfig(steps=0).steps == 0

"""What a decode config accepts."""

import subprocess
import sys

import pytest

from lengthwise.decoding.config import DecodeConfig


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("beam", 0),
        ("length_penalty", -0.1),
        ("num_return", 5),
        ("num_return", 0),
        ("max_length", 0),
        ("temperature", 0.0),
        ("temperature", float("nan")),
        ("top_k", -1),
        ("top_p", 0.0),
        ("top_p", 1.1),
        ("batch_tokens", 0),
    ],
)
def test_a_setting_that_cannot_work_is_refused_by_name_in_one_line(name, value):
    with pytest.raises(ValueError, match=f"`decode.{name}` must be .*, but is {value}") as error:
        DecodeConfig(**{name: value})
    assert "\n" not in str(error.value)


def test_an_unknown_method_is_refused():
    # By the shape hook before ours, where it is on.
    with pytest.raises((ValueError, TypeError), match="method"):
        DecodeConfig(method="breadth")  # pyright: ignore[reportArgumentType]


def test_only_a_beam_search_returns_several_hypotheses():
    assert DecodeConfig(beam=4, num_return=4).width == 4
    with pytest.raises(ValueError, match="num_return"):
        DecodeConfig(method="greedy", beam=4, num_return=4)
    assert DecodeConfig(method="greedy", beam=4).width == 1


def test_the_config_needs_no_torch():
    code = "import lengthwise.decoding.config, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

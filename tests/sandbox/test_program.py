import pytest

from lengthwise.sandbox import Limits, Result


def test_limits_are_above_0():
    with pytest.raises(ValueError, match="`cpu_seconds` must be above 0, but is 0"):
        Limits(cpu_seconds=0.0)
    with pytest.raises(ValueError, match="`tmp_bytes`"):
        Limits(tmp_bytes=-1)


def test_only_one_verdict_is_passed():
    assert Result(verdict="passed").is_passed
    assert not any(Result(verdict=verdict).is_passed for verdict in ("failed", "timed out", "memory", "refused"))

import numpy as np
import pytest

from lengthwise.data.sources.generated.held_out import share


def test_a_share_depends_on_the_names_and_not_on_their_order():
    assert share(["a", "b"]) == share(["b", "a"]) != share(["a", "c"])


def test_names_are_not_run_together():
    assert share(["ab", "c"]) != share(["a", "bc"])


def test_shares_are_the_same_on_every_machine():
    assert share(["jump"]) == pytest.approx(0.421309788918848)


def test_shares_are_spread_evenly():
    counts, _ = np.histogram([share([str(i)]) for i in range(2000)], bins=10, range=(0, 1))
    assert counts.min() > 150 and counts.max() < 250

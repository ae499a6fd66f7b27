import math

import pytest

from lengthwise.layers.positions import sinusoids


def test_sinusoids_are_those_of_the_paper():
    found = sinusoids(50, 16)
    for position, channel in ((0, 0), (3, 4), (3, 5), (49, 15)):
        angle = position / 10_000 ** (2 * (channel // 2) / 16)
        wanted = math.cos(angle) if channel % 2 else math.sin(angle)
        assert found[position, channel].item() == pytest.approx(wanted, abs=1e-5)

import pytest

from lengthwise.training.tracking.tracker import Tracker


def test_a_tracker_must_do_everything():
    class Half(Tracker):
        def flush(self) -> None: ...

    with pytest.raises(TypeError, match="abstract"):
        Half()  # pyright: ignore[reportAbstractUsage]

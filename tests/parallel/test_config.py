import pytest

from lengthwise.parallel.config import ParallelConfig


def test_a_negative_number_of_processes_is_refused():
    with pytest.raises(ValueError, match="`parallel.shard` must be at least 0, but is -1"):
        ParallelConfig(shard=-1)

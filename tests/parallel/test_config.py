import pytest

from lengthwise.parallel.config import ParallelConfig


def test_a_negative_number_of_processes_is_refused():
    with pytest.raises(ValueError, match="`parallel.shard` must be at least 0, but is -1"):
        ParallelConfig(shard=-1)


def test_one_process_alone_has_a_whole_model():
    divided = ParallelConfig(mode="fsdp", shard=2)
    assert [divided.num_parts(1), divided.num_parts(4), ParallelConfig(mode="fsdp").num_parts(4)] == [1, 2, 4]
    assert ParallelConfig().num_parts(4) == 1

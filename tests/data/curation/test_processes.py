import os

import pytest

from lengthwise.data.curation.processes import spread


def double(numbers):
    return [2 * number for number in numbers]


def end(number):
    os._exit(number)


@pytest.mark.parametrize("num_processes", [1, 2])
def test_results_come_in_the_order_of_the_items_and_streams_run_beside_each_other(num_processes):
    with spread(double, num_processes) as work:
        some, others = work([i] for i in range(30)), work([[7]])
        assert next(some) == [0]
        assert list(others) == [[14]]
        assert list(some) == [[2 * i] for i in range(1, 30)]


def test_items_are_not_all_read_before_the_first_result():
    taken = []
    with spread(double, 2) as work:
        next(work(taken.append(i) or [i] for i in range(1000)))
    assert len(taken) < 20


def test_a_process_that_dies_is_one_line():
    with pytest.raises(ValueError, match="A process that examined texts died"), spread(end, 2) as work:
        list(work([3]))


def test_no_process_is_refused():
    with pytest.raises(ValueError, match="at least 1, but is 0"), spread(double, 0):
        pass

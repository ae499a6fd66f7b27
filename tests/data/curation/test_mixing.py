import pytest

from lengthwise.data.curation.mixing import interleaved


def test_without_rates_one_comes_after_the_other():
    assert list(interleaved([iter("ab"), iter("c")], (), len)) == [(0, "a"), (0, "b"), (1, "c")]


def test_rates_hold_at_every_place():
    streams = [iter(["x" * (1 + i % 7) for i in range(1000)]), iter(["y" * 5] * 1000)]
    sizes = [0, 0]
    for number, item in interleaved(streams, (3.0, 1.0), len):
        sizes[number] += len(item)
        assert abs(sizes[0] - 3 * sizes[1]) <= 3 * 5 + 7
    assert sizes[0] == sum(1 + i % 7 for i in range(1000))


def test_it_goes_on_from_what_was_taken_before():
    items = ["x" * (1 + i % 7) for i in range(50)], ["y" * 5] * 50
    whole = list(interleaved([iter(items[0]), iter(items[1])], (2.0, 1.0), len))
    numbers = [number for number, _ in whole[:20]]
    given = [sum(len(item) for number, item in whole[:20] if number == each) for each in (0, 1)]
    rest = [iter(items[each][numbers.count(each) :]) for each in (0, 1)]
    assert list(interleaved(rest, (2.0, 1.0), len, given)) == whole[20:]


@pytest.mark.parametrize("rates", [(1.0,), (1.0, 0.0), (1.0, 2.0, 3.0)])
def test_rates_that_can_not_be_are_refused(rates):
    with pytest.raises(ValueError, match="a number above 0 for each of the 2 inputs"):
        list(interleaved([iter("a"), iter("b")], rates, len))

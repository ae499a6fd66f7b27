"""Several streams as one, of each as much as its rate asks."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def interleaved(
    streams: Sequence[Iterator[Item]], rates: Sequence[float], size: Callable[[Item], int]
) -> Iterator[tuple[int, Item]]:
    """Number of the stream, and item; at any place the sizes are as the rates, to within the last item of each.

    It ends where the stream whose turn it is ends, so that rates hold to the end. Without rates, one stream comes
    after the other.
    """
    if not rates:
        for number, stream in enumerate(streams):
            yield from ((number, item) for item in stream)
        return
    check_rates(rates, len(streams))
    given = [0.0] * len(streams)
    while True:
        number = min(range(len(streams)), key=lambda each: given[each] / rates[each])
        item = next(streams[number], None)
        if item is None:
            return
        given[number] += size(item)
        yield number, item


def check_rates(rates: Sequence[float], num_streams: int) -> None:
    """ValueError where there is not one above 0 for each stream."""
    if len(rates) != num_streams or not all(rate > 0 for rate in rates):
        raise ValueError(
            f"`rates` must be a number above 0 for each of the {num_streams} inputs, but are {list(rates)}. "
            "Give shares such as rates=[3,1]."
        )

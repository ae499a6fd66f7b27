"""Several streams as one, of each as much as its rate asks."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def interleaved(
    streams: Sequence[Iterator[Item]], rates: Sequence[float], size: Callable[[Item], int], given: Sequence[int] = ()
) -> Iterator[tuple[int, Item]]:
    """Number of the stream, and item; at any place the sizes are as the rates, to within the last item of each.

    It ends where the stream whose turn it is ends, so that rates hold to the end. Without rates, one stream comes
    after the other. `given`: what was taken of each before.
    """
    if not rates:
        for number, stream in enumerate(streams):
            yield from ((number, item) for item in stream)
        return
    check_rates(rates, len(streams))
    taken = list(given) or [0] * len(streams)
    while True:
        number = min(range(len(streams)), key=lambda each: taken[each] / rates[each])
        item = next(streams[number], None)
        if item is None:
            return
        taken[number] += size(item)
        yield number, item


def check_rates(rates: Sequence[float], num_streams: int) -> None:
    """ValueError where there is not one above 0 for each stream."""
    if len(rates) != num_streams or not all(rate > 0 for rate in rates):
        raise ValueError(
            f"`rates` must be a number above 0 for each of the {num_streams} inputs, but are {list(rates)}. "
            "Give shares such as rates=[3,1]."
        )

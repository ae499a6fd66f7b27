"""Texts that end an output."""

from collections.abc import Callable, Sequence


def cut(text: str, stops: Sequence[str]) -> str:
    """The text before the first of what ends it."""
    return text[: min((place for stop in stops if (place := text.find(stop)) >= 0), default=len(text))]


def ends_of(stops: Sequence[str], decode: Callable[[list[int]], str]) -> Callable[[list[int]], bool] | None:
    """Whether what tokens stand for, read by `decode`, has one of `stops` in it since the last token; None for none."""
    if not stops:
        return None
    # No token stands for less than a byte, and a character may have begun before.
    longest = max(len(stop.encode()) for stop in stops) + 3

    def ends(tokens: list[int]) -> bool:
        if any(stop in decode(tokens[-longest:]) for stop in stops):
            whole = decode(tokens)
            return any(stop in whole for stop in stops)
        return False

    return ends

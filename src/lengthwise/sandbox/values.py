"""Values of built-in types as tagged JSON: what a candidate and its checker say to each other. Never pickle."""

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

MAX_BYTES = 8 << 20
"""Of a value's JSON, either way."""
MAX_DEPTH = 100
MAX_ITEMS = 1_000_000
"""Taken from an iterator."""

_DICT_VIEWS = (type({}.keys()), type({}.values()), type({}.items()))
_EXACT_INTS = 1 << 64
"""Larger ones go as hexadecimal: Python refuses to write or read long decimal ones."""


class ValueRefused(Exception):
    """A value that cannot cross: of no built-in type, too deep, too large, or not the JSON of one."""


def encode(value: object) -> str:
    """The value as JSON; of an instance of a subclass only what the built-in type holds."""
    try:
        text = json.dumps(_plain(value, 0))
    except RecursionError:
        raise ValueRefused(f"a value nested more than {MAX_DEPTH} deep") from None
    if len(text) > MAX_BYTES:
        raise ValueRefused(f"a value of {len(text):,} bytes; at most {MAX_BYTES:,} can cross")
    return text


def decode(text: str) -> object:
    """The value again. The text may come from a liar: whatever it is, this returns or raises `ValueRefused`."""
    if len(text) > MAX_BYTES:
        raise ValueRefused(f"a value of {len(text):,} bytes; at most {MAX_BYTES:,} can cross")
    try:
        return json.loads(text, object_hook=_untagged)
    except (ValueError, TypeError, LookupError, RecursionError, OverflowError, MemoryError) as error:
        raise ValueRefused(f"no value ({type(error).__name__}: {str(error)[:100]})") from None


def _plain(value: object, depth: int) -> object:
    if value is None or value is True or value is False or type(value) is str:
        return value
    if depth > MAX_DEPTH:
        raise ValueRefused(f"a value nested more than {MAX_DEPTH} deep")
    for kind, write in _WRITERS.items():
        if isinstance(value, kind):
            return write(value, depth + 1)
    if isinstance(value, _DICT_VIEWS):
        return {"a": _items(value, depth + 1)}
    if isinstance(value, Iterator):
        items = list(islice(value, MAX_ITEMS + 1))
        if len(items) > MAX_ITEMS:
            raise ValueRefused(f"an iterator over more than {MAX_ITEMS:,} values")
        return {"n": _items(items, depth + 1)}
    raise ValueRefused(f"a value of type `{type(value).__name__}`, which is not built in")


def _items(values: Iterable[object], depth: int) -> list[object]:
    return [_plain(value, depth) for value in values]


def _int(value: int, depth: int) -> object:
    value = int.__index__(value)
    return value if -_EXACT_INTS < value < _EXACT_INTS else {"i": hex(value)}


def _float(value: float, depth: int) -> object:
    value = float.__float__(value)
    return value if value - value == 0 else {"f": float.__repr__(value)}


_WRITERS: dict[type, Callable] = {
    int: _int,
    float: _float,
    str: lambda value, depth: str.__str__(value),
    list: lambda value, depth: _items(list.__iter__(value), depth),
    tuple: lambda value, depth: {"t": _items(tuple.__iter__(value), depth)},
    dict: lambda value, depth: {"d": [[_plain(k, depth), _plain(v, depth)] for k, v in dict.items(value)]},
    set: lambda value, depth: {"s": _items(set.__iter__(value), depth)},
    frozenset: lambda value, depth: {"z": _items(frozenset.__iter__(value), depth)},
    bytes: lambda value, depth: {"b": bytes.hex(value)},
    bytearray: lambda value, depth: {"y": bytearray.hex(value)},
    complex: lambda value, depth: {"c": [_float(value.real, depth), _float(value.imag, depth)]},
    range: lambda value, depth: {"r": [_int(each, depth) for each in (value.start, value.stop, value.step)]},
}

_READERS: dict[str, Callable] = {
    "i": lambda held: int(held, 16),
    "f": lambda held: {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}[held],
    "t": tuple,
    "d": lambda held: {key: value for key, value in held},
    "s": set,
    "z": frozenset,
    "b": bytes.fromhex,
    "y": bytearray.fromhex,
    "c": lambda held: complex(held[0], held[1]),
    "r": lambda held: range(*held),
    "a": list,
    "n": iter,
}


def _untagged(tagged: dict[str, object]) -> object:
    if len(tagged) == 1:
        ((tag, held),) = tagged.items()
        if tag in _READERS and isinstance(held, (str, list)):
            return _READERS[tag](held)
    raise ValueError("an unknown tag")

"""Values from text or JSON as an annotation wants them: `2000`, `1e-3`, `none`, `[a,b]`."""

import collections.abc
import math
import types
from collections.abc import Callable
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from lengthwise.names import did_you_mean

_SEQUENCES = (tuple, list, collections.abc.Sequence)
_MAPPINGS = (dict, collections.abc.Mapping)
_UNIONS = (Union, types.UnionType)
_WORDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    Path: "a path",
    type(None): "none",
}
_NAMED = {"none": None, "true": True, "false": False}


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Turns values into what an annotation says, or raises a ValueError that names the path, the wish and the value."""

    is_text: bool
    """Whether a `str` is a literal to parse (command line) or a value of its own (JSON)."""
    nested: Callable[[Any, Any, str], object] | None = None
    """Builds a dataclass from a mapping; without it, only finished objects are taken."""

    def read(self, value: Any, annotation: Any, path: str) -> Any:
        """`value` as `annotation` wants it; `path` is how an error calls it."""
        kind = get_origin(annotation) or annotation
        if kind in _UNIONS:
            return self._union(value, annotation, path)
        if kind is Literal:
            return self._choice(value, annotation, path)
        if kind in _WORDS:
            return self._scalar(value, kind, path)
        if kind in _SEQUENCES:
            return self._sequence(value, annotation, path)
        if kind in _MAPPINGS:
            return self._mapping(value, annotation, path)
        if kind in (Any, object):
            return _guess(value) if self.is_text else value
        return self._object(value, kind, path)

    def _union(self, value: Any, annotation: Any, path: str) -> Any:
        # Text is everything's last resort, and whole numbers come before fractions.
        members = sorted(get_args(annotation), key=_breadth)
        errors = []
        for member in members:
            try:
                return self.read(value, member, path)
            except ValueError as error:
                errors.append((member, error))
        others = [error for member, error in errors if member is not type(None)]
        if len(others) == 1 and isinstance(value, dict):
            raise others[0]
        raise wrong(path, describe(annotation), value)

    def _choice(self, value: Any, annotation: Any, path: str) -> Any:
        choices = get_args(annotation)
        for choice in choices:
            if type(choice) is type(value) and choice == value:
                return choice
            if self.is_text and isinstance(value, str) and _spelled(choice) == _unquoted(value):
                return choice
        raise wrong(path, describe(annotation), value, did_you_mean(str(value), map(_spelled, choices)))

    def _scalar(self, value: Any, kind: Any, path: str) -> Any:
        if self.is_text and isinstance(value, str):
            value = _SCALARS[kind](value)
        if kind is float and type(value) is int:
            return float(value)
        if kind is Path and isinstance(value, str):
            return Path(value)
        if isinstance(value, kind) and (kind is not int or type(value) is not bool):
            return value
        raise wrong(path, describe(kind), value)

    def _sequence(self, value: Any, annotation: Any, path: str) -> Any:
        items = _split(value, "[]") if self.is_text and isinstance(value, str) else value
        if not isinstance(items, (list, tuple)):
            raise wrong(path, describe(annotation), value)
        kinds = [kind for kind in get_args(annotation) or (Any,) if kind is not Ellipsis]
        is_fixed = get_origin(annotation) is tuple and Ellipsis not in get_args(annotation)
        if is_fixed and len(kinds) != len(items):
            raise wrong(path, f"{len(kinds)} values", value)
        wanted = kinds if is_fixed else kinds[:1] * len(items)
        read = [self.read(item, kind, f"{path}[{i}]") for i, (item, kind) in enumerate(zip(items, wanted, strict=True))]
        return read if (get_origin(annotation) or annotation) is list else tuple(read)

    def _mapping(self, value: Any, annotation: Any, path: str) -> dict[Any, Any]:
        pairs = value
        if self.is_text and isinstance(value, str):
            words = [item.partition(":") for item in _split(value, "{}")]
            if not all(colon for _, colon, _ in words):
                raise wrong(path, describe(annotation), value)
            pairs = {_unquoted(key.strip()): item.strip() for key, _, item in words}
        if not isinstance(pairs, collections.abc.Mapping):
            raise wrong(path, describe(annotation), value)
        key_kind, item_kind = get_args(annotation) or (str, Any)
        return {
            Reader(is_text=True).read(key, key_kind, f"a key of {path}"): self.read(item, item_kind, f"{path}.{key}")
            for key, item in pairs.items()
        }

    def _object(self, value: Any, kind: Any, path: str) -> Any:
        if isinstance(kind, type) and isinstance(value, kind):
            return value
        if self.nested is not None and isinstance(value, dict) and is_dataclass(kind):
            return self.nested(value, kind, path)
        raise wrong(path, describe(kind), value)


def wrong(path: str, wanted: str, value: object, hint: str = "") -> ValueError:
    """The error for a value that is not what its place wants."""
    kind = "" if isinstance(value, str) or value is None else f" ({type(value).__name__})"
    return ValueError(f"`{_spelled(path)}` must be {wanted}, but is `{_spelled(value)}`{kind}.{hint}")


def describe(annotation: Any) -> str:
    """An annotation in words, such as `a whole number or none`."""
    kind, arguments = get_origin(annotation) or annotation, get_args(annotation)
    if kind in _UNIONS:
        ordered = sorted(arguments, key=lambda member: member is type(None))
        return " or ".join(describe(member) for member in ordered)
    if kind is Literal:
        listed = [f"`{_spelled(choice)}`" for choice in arguments]
        return listed[0] if len(listed) == 1 else f"one of {', '.join(listed[:-1])} or {listed[-1]}"
    if kind in _SEQUENCES:
        return f"a list such as [a,b], each {describe(arguments[0])}" if arguments else "a list such as [a,b]"
    if kind in _MAPPINGS:
        return "pairs such as {a:1,b:2}"
    return _WORDS.get(kind) or f"a `{getattr(kind, '__name__', kind)}`"


def _breadth(annotation: Any) -> int:
    order = [type(None), bool, int, float]
    return order.index(annotation) if annotation in order else len(order) + (annotation is str)


def _whole(text: str) -> object:
    try:
        return int(text)
    except ValueError:
        number = _number(text)
        if isinstance(number, float) and "e" in text.lower() and number.is_integer():
            return int(number)
        return text


def _number(text: str) -> object:
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def _named(text: str) -> object:
    return _NAMED.get(text.lower(), text)


def _unquoted(text: str) -> str:
    is_quoted = len(text) >= 2 and text[0] == text[-1] and text[0] in "'\""
    return text[1:-1] if is_quoted else text


_SCALARS: dict[Any, Callable[[str], object]] = {
    bool: _named,
    int: _whole,
    float: _number,
    str: _unquoted,
    type(None): _named,
    Path: _unquoted,
}


def _guess(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value[:1] == "[" and value[-1:] == "]":
        return tuple(_guess(item) for item in _split(value, "[]"))
    for parse in (_named, _whole, _number):
        guessed = parse(value)
        if not isinstance(guessed, str):
            return guessed
    return _unquoted(value)


def _split(text: str, brackets: str) -> list[str]:
    """`[a,[b,c]]` -> `a`, `[b,c]`; the outer brackets may be missing."""
    text = text.strip()
    if text[:1] == brackets[0] and text[-1:] == brackets[1]:
        text = text[1:-1]
    items, depth, quote = [""], 0, ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        depth += (letter in "[{") - (letter in "]}") if not quote else 0
        if letter == "," and depth == 0 and not quote:
            items.append("")
        else:
            items[-1] += letter
    stripped = [item.strip() for item in items]
    return [] if stripped == [""] else stripped


def _spelled(value: object) -> str:
    if value is None or isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    shown = text if len(text) <= 60 else f"{text[:57]}..."
    return shown if shown.isprintable() else repr(shown)[1:-1]

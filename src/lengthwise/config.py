"""Frozen dataclasses as configuration: `path=value` overrides, JSON round trip, differences."""

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import Field, fields, is_dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from lengthwise.literals import Reader, describe, wrong
from lengthwise.names import did_you_mean

Config = TypeVar("Config")

_TYPED = Reader(is_text=False)
_TEXT = Reader(is_text=True)


def parse_assignments(words: Iterable[str]) -> dict[str, str]:
    """`["a.b=1", ...]` -> `{"a.b": "1"}`; a later word wins."""
    assignments = {}
    for word in words:
        path, equals, value = word.partition("=")
        if not equals or not path.strip():
            raise ValueError(f"`{word}` must be `path=value`, such as `train.steps=2000`.")
        assignments[path.strip()] = value.strip()
    return assignments


def override(config: Config, assignments: Mapping[str, object]) -> Config:
    """A new config with the values at these dotted paths, set all at once; text is parsed as the annotations say."""
    try:
        return _changed(config, type(config), [(path.split("."), value, path) for path, value in assignments.items()])
    except _UnknownField as error:
        raise error.with_hint(config) from None


def arguments(function: Callable[..., object], assignments: Mapping[str, object], prefix: str = "") -> dict[str, Any]:
    """Typed keyword arguments of `function`, as its signature says; `prefix` is how errors call them (`data.`)."""
    hints = get_type_hints(function)
    parameters = inspect.signature(function).parameters
    read = {}
    for name, value in assignments.items():
        if name not in parameters:
            takes = (
                f"it takes {', '.join(f'`{prefix}{each}`' for each in parameters)}" if parameters else "it takes none"
            )
            where = f"`{function.__name__}` has no parameter `{name}` (from `{prefix}{name}`); {takes}."
            raise ValueError(where + did_you_mean(name, parameters))
        read[name] = _TEXT.read(value, hints.get(name, Any), f"{prefix}{name}")
    missing = [name for name, each in parameters.items() if each.default is each.empty and name not in read]
    if missing:
        raise ValueError(f"`{function.__name__}` needs `{prefix}{missing[0]}`. Give `{prefix}{missing[0]}=VALUE`.")
    return read


def to_json(config: object) -> dict[str, Any]:
    """Plain data; every dataclass carries its class as `type: "module:Class"`."""
    assert is_dataclass(config) and not isinstance(config, type), f"{config!r} is no config"
    named = {field.name: _plain(getattr(config, field.name), field.name) for field in _settable(config)}
    return {"type": f"{type(config).__module__}:{type(config).__qualname__}", **named}


def from_json(data: Mapping[str, Any], expected_class: type[Config]) -> Config:
    """The object that `to_json` wrote; only a dataclass that is an `expected_class` is ever built."""
    return _from_json(data, expected_class, "")


def differences(a: object, b: object, ignore: Iterable[str] = ()) -> dict[str, tuple[Any, Any]]:
    """`{path: (in a, in b)}` where they differ, `None` where there is none; `ignore` covers all below its paths."""
    flat_a, flat_b = dict(_leaves(a, "")), dict(_leaves(b, ""))
    ignored = tuple(ignore)
    paths = [path for path in {**flat_a, **flat_b} if not any(f"{path}.".startswith(f"{each}.") for each in ignored)]
    pairs = {path: (flat_a.get(path), flat_b.get(path)) for path in paths}
    return {path: pair for path, pair in pairs.items() if pair[0] != pair[1] or (path in flat_a) != (path in flat_b)}


Change = tuple[list[str], object, str]
"""The steps that are left to go, the value to set there, and the whole path, for errors."""


def _changed(held: Any, annotation: Any, changes: Sequence[Change]) -> Any:
    """`held` with all changes made at once, so that what is checked is the result; `annotation`: what it must stay."""
    for steps, value, path in changes:
        if not steps:
            held = _leaf(held, annotation, value, path)
    inner: dict[str, list[Change]] = {}
    for steps, value, path in changes:
        if steps:
            _refuse_step(held, steps, path)
            inner.setdefault(steps[0], []).append((steps[1:], value, path))
    if not inner:
        return held
    if isinstance(held, Mapping):
        kind = (get_args(annotation) or (str, Any))[1]
        return {**held, **{name: _changed(held.get(name), kind, those) for name, those in inner.items()}}
    hints = get_type_hints(type(held))
    return replace(held, **{name: _changed(getattr(held, name), hints[name], those) for name, those in inner.items()})


def _refuse_step(held: Any, steps: list[str], path: str) -> None:
    """ValueError where there is no first step from here."""
    if isinstance(held, Mapping):
        return
    if not is_dataclass(held) or isinstance(held, type):
        here = path.removesuffix("." + ".".join(steps))
        raise ValueError(f"`{here}` must have fields for `{path}` to be set, but is `{held}`. Set `{here}` itself.")
    if steps[0] not in {field.name for field in _settable(held)}:
        raise _UnknownField(held, steps[0], path)


def _leaf(held: Any, annotation: Any, value: object, path: str) -> Any:
    if is_dataclass(held) and value is not None and not is_dataclass(value) and value != "none":
        examples = " or ".join(f"`{path}.{field.name}=...`" for field in list(_settable(held))[:1])
        raise ValueError(f"`{path}` must be set field by field, but is given `{value}`. Use paths such as {examples}.")
    return _TEXT.read(value, annotation, path)


class _UnknownField(ValueError):
    """A path that leads nowhere."""

    def __init__(self, config: object, name: str, path: str) -> None:
        self.name, self.fields = name, [field.name for field in _settable(config)]
        super().__init__(f"`{type(config).__name__}` has no field `{name}` (from `{path}`).")

    def with_hint(self, root: object) -> ValueError:
        """The same error with the nearest names: of this config, else of anywhere below `root`."""
        paths = [path for path, _ in _leaves(root, "") if path.rpartition(".")[2] != "type"]
        near = did_you_mean(self.name, self.fields) or did_you_mean(self.name, paths)
        return ValueError(f"{self}{near or f' It has {self._listed()}.'}")

    def _listed(self) -> str:
        return ", ".join(f"`{each}`" for each in self.fields)


def _settable(config: Any) -> Iterator[Field[Any]]:
    return (field for field in fields(config) if field.init)


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Dotted path and value of everything that is no config; the class counts as a leaf where it is one of several."""
    if is_dataclass(value) and not isinstance(value, type):
        yield f"{path}.type".lstrip("."), type(value).__name__
        for field in _settable(value):
            yield from _leaves(getattr(value, field.name), f"{path}.{field.name}".lstrip("."))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}".lstrip("."))
    else:
        yield path, list(value) if isinstance(value, tuple) else value


def _plain(value: Any, path: str) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return to_json(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, path) for item in value]
    if isinstance(value, Path):
        return str(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"`{path}` must be plain data to be saved, but is a `{type(value).__name__}`.")


def _from_json(data: Any, expected: Any, path: str) -> Any:
    if not isinstance(data, Mapping):
        raise wrong(path or "config", describe(expected), data)
    found = _class(data["type"], expected, path) if "type" in data else expected
    values = {key: value for key, value in data.items() if key != "type"}
    names = {field.name: field for field in _settable(found)}
    for name in values:
        if name not in names:
            raise ValueError(
                f"`{found.__name__}` has no field `{name}` (in the saved config)." + did_you_mean(name, names)
            )
    hints = get_type_hints(found)
    reader = replace(_TYPED, nested=_from_json)
    read = {name: reader.read(value, hints[name], f"{path}.{name}".lstrip(".")) for name, value in values.items()}
    try:
        return found(**read)
    except TypeError as error:
        raise ValueError(f"The saved `{found.__name__}` is incomplete: {error}.") from error


def _class(reference: object, expected: type, path: str) -> type:
    """The class named `module:Class`, or a refusal: a file must not choose what is imported or run."""
    refused = f"`{f'{path}.type'.lstrip('.')}` must name a config class that is a `{expected.__name__}`, but is"
    module, colon, name = reference.partition(":") if isinstance(reference, str) else ("", "", "")
    words = [*module.split("."), *name.split(".")]
    if not colon or not all(word.isidentifier() for word in words) or words[0] in sys.stdlib_module_names:
        raise ValueError(f"{refused} `{reference}`.")
    try:
        found: Any = import_module(module)
        for word in name.split("."):
            found = vars(found)[word]
    except (ImportError, KeyError) as error:
        raise ValueError(f"{refused} `{reference}`, which can't be found.") from error
    if not (isinstance(found, type) and is_dataclass(found) and issubclass(found, get_origin(expected) or expected)):
        raise ValueError(f"{refused} `{reference}`.")
    return found

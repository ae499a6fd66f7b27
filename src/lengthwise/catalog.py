"""Names of problems, models and recipes: a name is an import path, found without importing anything."""

import ast
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from lengthwise.names import did_you_mean

Kind = Literal["problems", "models", "recipes"]

_RETURNS = {"problems": "Problem", "models": "Config", "recipes": "Experiment"}
_ASKED_AS = {"problems": "`--problem {}`", "models": "`--model {}`", "recipes": "`{}` alone"}
_PACKAGE = Path(__file__).parent


@cache
def names(kind: Kind) -> dict[str, str]:
    """`family.name` -> first line of the docstring, for every factory of this kind in the package."""
    found = {}
    for file in sorted((_PACKAGE / kind).rglob("*.py")):
        family = ".".join(file.relative_to(_PACKAGE / kind).with_suffix("").parts).removesuffix(".__init__")
        if not file.stem.startswith("_") or (file.stem == "__init__" and family != "__init__"):
            found |= {f"{family}.{name}": line for name, line in _factories(file, kind)}
    return found


def find(kind: Kind, name: str) -> Callable[..., Any]:
    """The factory of this name: `family.name`, or `package.module:function` from outside the repository."""
    if ":" in name:
        return _outside(kind, name)
    if name not in names(kind):
        raise _unknown(kind, name)
    family, _, function = name.rpartition(".")
    return getattr(import_module(f"lengthwise.{kind}.{family}"), function)


def _factories(file: Path, kind: Kind) -> Iterator[tuple[str, str]]:
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and _is_factory(node, kind):
            yield node.name, (ast.get_docstring(node) or "").partition("\n")[0]


def _is_factory(node: ast.FunctionDef, kind: Kind) -> bool:
    if node.returns is None or len(node.args.args) > len(node.args.defaults):
        return False
    returned = ast.unparse(node.returns).strip("'\"").rpartition(".")[2]
    return returned.endswith("Config") if kind == "models" else returned == _RETURNS[kind]


def _unknown(kind: Kind, name: str) -> ValueError:
    noun = kind.removesuffix("s")
    for other in _RETURNS:
        if other != kind and name in names(other):
            asked = _ASKED_AS[other].format(name)
            return ValueError(f"`{name}` is not a {noun} but a {other.removesuffix('s')}. Give it as {asked}.")
    hint = did_you_mean(name, names(kind)) or f" `lengthwise list {kind}` shows them all."
    return ValueError(f"There is no {noun} `{name}`.{hint}")


def _outside(kind: Kind, name: str) -> Callable[..., Any]:
    module, _, function = name.partition(":")
    if not all(word.isidentifier() for word in [*module.split("."), function]):
        raise ValueError(f"`{name}` must be `package.module:function`, such as `my_package.my_{kind}:mine`.")
    if (here := str(Path.cwd())) not in sys.path:
        # Last, so that a file here never hides an installed module.
        sys.path.append(here)
    try:
        found = vars(import_module(module))
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        raise ValueError(f"`{name}`: there is no module `{error.name}` here ({here}) or installed.") from error
    if not callable(found.get(function)) or isinstance(found[function], type):
        functions = [each for each, value in found.items() if callable(value) and not each.startswith("_")]
        raise ValueError(f"`{module}` has no function `{function}`.{did_you_mean(function, functions)}")
    return found[function]

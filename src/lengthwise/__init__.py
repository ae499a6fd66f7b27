"""Train, decode, measure and show sequence models of every kind, with one command."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lengthwise.run import load as load

__version__ = "0.1.0"

__all__ = ["__version__", "load"]

_LAZY = {"load": "lengthwise.run"}


def __getattr__(name: str) -> object:
    """Import what needs torch only when it is asked for."""
    if name not in _LAZY:
        raise AttributeError(f"module `lengthwise` has no attribute `{name}`")
    return getattr(import_module(_LAZY[name]), name)

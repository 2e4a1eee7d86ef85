"""Does a finding about simulated depression hold for a population, or was it one lucky seed?

>>> import depsim
>>> callable(depsim.simulate)
True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from depsim.api import Result, load_study, simulate
    from depsim.config import ConfigError

__all__ = ["ConfigError", "Result", "load_study", "simulate"]


def __getattr__(name: str) -> Any:
    """Import on first use: ``depsim --help`` needs no PyTorch."""
    if name in __all__:
        return getattr(import_module("depsim.config" if name == "ConfigError" else "depsim.api"), name)
    raise AttributeError(f"module 'depsim' has no attribute {name!r}")


def __dir__() -> list[str]:
    """What there is to use."""
    return __all__

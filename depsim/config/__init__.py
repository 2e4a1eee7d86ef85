"""From configuration to typed values: composition with Hydra, and every check before anything runs.

This is where configuration objects stop. Everything below gets frozen, validated values; everything that is wrong is
explained here, in one sentence with the key, the value and what is allowed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from depsim.config.composition import Composer
from depsim.config.errors import ConfigError, UnknownKeyError
from depsim.config.overrides import parse_overrides

if TYPE_CHECKING:
    from depsim.config.building import JobSpec, build, prepare, validate

__all__ = ["Composer", "ConfigError", "JobSpec", "UnknownKeyError", "build", "parse_overrides", "prepare", "validate"]


def __getattr__(name: str) -> Any:
    """Import on first use: showing a configuration needs no PyTorch, building from it does."""
    if name in __all__:
        from depsim.config import building

        return getattr(building, name)
    raise AttributeError(f"module 'depsim.config' has no attribute {name!r}")

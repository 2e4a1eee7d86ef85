"""From configuration to typed values: composition with Hydra, and every check before anything runs.

This is where configuration objects stop. Everything below gets frozen, validated values; everything that is wrong is
explained here, in one sentence with the key, the value and what is allowed.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from depsim.config.errors import ConfigError, UnknownKeyError

if TYPE_CHECKING:
    from depsim.config.building import JobSpec, prepare, validate
    from depsim.config.composition import Composer
    from depsim.config.overrides import parse_overrides

__all__ = ["Composer", "ConfigError", "JobSpec", "UnknownKeyError", "parse_overrides", "prepare", "validate"]
_LATER = {"Composer": "composition", "parse_overrides": "overrides"}
"""What needs Hydra, by its module; all else needs PyTorch and is in ``building``."""


def __getattr__(name: str) -> Any:
    """Import on first use: a report needs no Hydra, and showing a configuration no PyTorch."""
    if name in __all__:
        return getattr(importlib.import_module(f"depsim.config.{_LATER.get(name, 'building')}"), name)
    raise AttributeError(f"module 'depsim.config' has no attribute {name!r}")

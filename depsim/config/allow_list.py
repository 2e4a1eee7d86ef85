"""What a configuration may say, in one table; whatever no rule of it allows is refused, wherever it comes from.

Hydra acts on its own keys: it sets environment variables, changes folders, builds launchers, callbacks and logging.
OmegaConf computes what stands in ``${name:...}``. Nothing foreign is reached by either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Flag, auto
from typing import Any, NamedTuple

from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf

from depsim.config.errors import ConfigError, shortened

SEARCH_SWEEPER = "depsim_optuna"
"""The sweeper that searches, as it is called in ``conf/hydra/sweeper``."""


class Source(Flag):
    """Who gives a key its value."""

    COMMAND_LINE = auto()
    FILE_OF_A_SEARCH = auto()
    HYDRA = auto()


class Rule(NamedTuple):
    """Keys that may be set.

    Args:
        keys: a regular expression that they match as a whole.
        sources: who may set them.
    """

    keys: str
    sources: Source


ALLOWED = (
    Rule(r"(?!(_global_\.)?hydra([./@:]|$)).*", Source.COMMAND_LINE),
    Rule(r"hydra/sweeper", Source.COMMAND_LINE),
    Rule(r"hydra\.sweeper(\.(?!_)[^.\[]+|\[\d+\])+", Source.COMMAND_LINE | Source.FILE_OF_A_SEARCH),
    Rule(r"hydra\.((overrides|searchpath|runtime)\b.*|job\.(override_dirname|config_name))", Source.HYDRA),
)
"""All that may be set, to plain text, numbers and ``${key}``. Outside of Hydra's own part, files may set every key; a
``_target_`` there names a component of an allowed package (:func:`depsim.registry.find_class`).
"""
_FIXED = "this part of Hydra's own configuration is fixed; allowed are hydra/sweeper and hydra.sweeper.*"


def _is_allowed(key: str, source: Source) -> bool:
    return any(source & rule.sources and re.fullmatch(rule.keys, key, re.DOTALL) for rule in ALLOWED)


def _is_computed(value: object) -> bool:
    """Whether a value is computed when it is read, other than by taking over that of a key.

    >>> [_is_computed(value) for value in (1, "${seed}", "${oc.env:HOME}", "${${study}:HOME}")]
    [False, False, True, True]
    """
    return isinstance(value, str) and "${" in re.sub(r"\$\{[\w.\[\]]+\}", "", value)


def refuse_foreign_overrides(parsed: Iterable[Override]) -> None:
    """Refuse overrides of keys that are fixed, and those that could make Hydra run code of someone else's.

    Raises:
        ConfigError: naming the override and what is allowed.
    """
    for override in parsed:
        line, key = override.input_line or "", override.key_or_group
        if _is_computed(line) or "_target_" in key:
            raise ConfigError(
                f"{shortened(line)}: resolvers and targets cannot be given; allowed are plain values and ${{key}}"
            )
        is_placed = override.package is not None and "hydra" in override.package
        is_odd = key.startswith("hydra") and (override.is_sweep_override() or override.is_delete())
        # Hydra builds objects of what it finds within a value of its own.
        inner = [part for part, _ in leaves(override.value(), key)] if key.startswith("hydra.") and not is_odd else []
        if is_placed or is_odd or not all(_is_allowed(part, Source.COMMAND_LINE) for part in (key, *inner)):
            raise ConfigError(f"{shortened(line)}: {_FIXED}")


def refuse_foreign_values(config: DictConfig) -> None:
    """Refuse values of a configuration, without Hydra's own part, that would be computed when they are read.

    Raises:
        ConfigError: naming the key.
    """
    for key, value in leaves(OmegaConf.to_container(config, resolve=False), ""):
        if _is_computed(value):
            raise ConfigError(f"{key}={shortened(value)}: resolvers are not allowed, only plain values and ${{key}}")


def refuse_changed_keys(config: DictConfig, shipped: DictConfig, files: Sequence[str]) -> None:
    """Refuse a composed configuration in which a file changes a key of Hydra's own that is fixed.

    Args:
        config, shipped: composed with and without what the user gives, with the same sweeper, both with Hydra's part.
        files: the user's, one of which is at fault.

    Raises:
        ConfigError: naming the file, the key, the value and what is allowed.
    """
    values, expected = (
        dict(leaves(OmegaConf.to_container(one.hydra, resolve=False), "hydra")) for one in (config, shipped)
    )
    searches = config.hydra.runtime.choices["hydra/sweeper"] == SEARCH_SWEEPER
    source = Source.HYDRA | Source.FILE_OF_A_SEARCH if searches else Source.HYDRA
    lacking = set(expected) - set(values)  # which is a consequence of what is there
    for key in (*sorted(values), *sorted(lacking)):
        value = values.get(key)
        if value != expected.get(key) and (not _is_allowed(key, source) or _is_computed(value)):
            raise ConfigError(f"{', '.join(files)}: {key}={shortened(str(value))}: {_FIXED}")


def leaves(node: Any, key: str) -> Iterable[tuple[str, Any]]:
    """All (dotted key, value) pairs below a node; what is empty counts as a value.

    >>> list(leaves({"a": [1, {"b": None}], "c": {}}, ""))
    [('a[0]', 1), ('a[1].b', None), ('c', {})]
    """
    if isinstance(node, Mapping) and node:
        for name, value in node.items():
            yield from leaves(value, f"{key}.{name}" if key else str(name))
    elif isinstance(node, list) and node:
        for index, value in enumerate(node):
            yield from leaves(value, f"{key}[{index}]")
    else:
        yield key, node

"""Settings that name a function of an allowed package: the one place where text becomes a function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from depsim.component import Component
from depsim.config.errors import ConfigError, format_value
from depsim.factory import NamesFunction
from depsim.registry import PluginError, find_function


def with_functions(kind: type[Component], group: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a component with the functions that they name.

    Args:
        kind: of the component.
        group: the key of the component.
        values: its settings.

    Raises:
        ConfigError: if one names none that is allowed.
    """
    return {
        name: _function(f"{group}.{name}", value) if _names_function(kind, name) else value
        for name, value in values.items()
    }


def _names_function(kind: type[Component], name: str) -> bool:
    field = kind.model_fields.get(name)
    return field is not None and any(isinstance(mark, NamesFunction) for mark in field.metadata)


def _function(key: str, value: object) -> object:
    if value is None:
        raise ConfigError(f"{key} is not set; must be package.module:function")
    try:
        return find_function(value)
    except PluginError as error:
        raise ConfigError(f"{key}={format_value(value)}: {error}") from None

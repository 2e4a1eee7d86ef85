"""Functions of the user's own packages that settings name, such as what makes a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator


class NamesFunction:
    """Marks a field whose setting is text that names a function; depsim.config finds it, as only it may."""


def _named(function: Any) -> Any:
    name = getattr(function, "__qualname__", None)
    if not callable(function) or not isinstance(name, str) or not isinstance(function.__module__, str):
        raise ValueError("must be a function, or a class, that has a name in a module")
    return function


Factory = Annotated[Callable[..., Any], BeforeValidator(_named), NamesFunction()]
"""A function that makes something; in configuration ``package.module:function``."""

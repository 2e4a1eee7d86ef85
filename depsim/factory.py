"""Functions of the user's own packages that settings name, such as what makes a network."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator

from depsim.lazy_torch import torch


class NamesFunction:
    """Marks a field whose setting is text that names a function; depsim.config finds it, as only it may."""


def _named(function: Any) -> Any:
    name = getattr(function, "__qualname__", None)
    if not callable(function) or not isinstance(name, str) or not isinstance(function.__module__, str):
        raise ValueError("must be a function, or a class, that has a name in a module")
    return function


Factory = Annotated[Callable[..., Any], BeforeValidator(_named), NamesFunction()]
"""A function that makes something; in configuration ``package.module:function``."""


def uncallable(function: Callable[..., Any], *given: object) -> str:
    """Why a function cannot be called with these arguments; empty where it can, or does not say what it takes.

    >>> uncallable(lambda size: size), uncallable(lambda size: size, 3)
    ("missing a required argument: 'size'", '')
    """
    try:
        inspect.signature(function).bind(*given)
    except TypeError as error:
        return str(error)
    except ValueError:  # of what is compiled
        pass
    return ""


def described(error: Exception) -> str:
    """An error of somebody else's code in one line: its kind, its reason, and the last line that is not PyTorch's."""
    reason = (str(error).strip() or "no reason given").splitlines()[0]
    inside = str(Path(torch.__file__).parent)
    places = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(inside)]
    place = f" ({Path(places[-1].filename).name}, line {places[-1].lineno})" if places else ""
    return f"{type(error).__name__}: {reason}{place}"

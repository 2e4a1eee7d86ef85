"""What every configurable part of a simulation is: a frozen, strictly validated value.

A task, a model, a pathology, a treatment, an assessment and a cohort specification are each one pydantic
class. Its fields are its configuration keys, their types are the only schema, and constructing it is the only
validation. Defaults live in ``conf/`` alone.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


@dataclass(frozen=True)
class Label:
    """How a field is spoken of, wherever it is shown.

    Args:
        title: what it is, in words.
        unit: of its values; empty where they have none.
        symbol: a short name; empty where the field's own is short enough.
    """

    title: str
    unit: str = ""
    symbol: str = ""


Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
"""A share of something, 0 to 1."""

PositiveShare = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
"""A share of something that is more than nothing."""

Gain = Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)]
"""A multiplier of hidden activity: below 1 it damps, above 1 it is a gain."""

StandardDeviation = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""The standard deviation of a noise or of a draw."""


Count = Annotated[int, Field(ge=1, le=10**8)]
"""A number of things, at least one and no more than any machine could hold."""


Epochs = Annotated[int, Field(ge=0, le=10**6), Label("training epochs")]
"""Passes over the training set; 0 trains nothing."""

LearningRate = Annotated[float, Field(gt=0, allow_inf_nan=False), Label("learning rate", symbol="lr")]
"""Adam's step size."""

Seed = Annotated[int, Field(ge=0, le=4_294_966)]
"""An individual's seed k; 1000k + 300 has to fit the 32 bits of ``numpy.random.RandomState``."""


class Component(BaseModel):
    """Base of every configurable part; equal fields mean equal parts, and nothing can be changed later."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


@dataclass(frozen=True)
class Neutral:
    """Marks a field that came later: the value with which a component is what it was before.

    What was stored without the field counts as having this value, and a component that has it is described without
    the field, so that its results keep their keys.
    """

    value: Any


def rising(values: tuple[float, ...], what: str) -> tuple[float, ...]:
    """Values of a setting that have to rise.

    Raises:
        ValueError: if they do not; says what they are.

    >>> rising((1, 2.5), "levels")
    (1.0, 2.5)
    """
    if list(values) != sorted(set(values)):
        raise ValueError(f"{what} must rise, each one once")
    return tuple(float(value) for value in values)


def label_of(kind: type[Component], name: str) -> Label:
    """How a field is spoken of; an unlabelled one by its name."""
    field = kind.model_fields.get(name)
    marks = [mark for mark in field.metadata if isinstance(mark, Label)] if field is not None else []
    return marks[-1] if marks else Label(name)


def neutral_settings(kind: type[Component]) -> dict[str, Any]:
    """The neutral values of those of a component's fields that have one."""
    marks = {name: [m for m in own.metadata if isinstance(m, Neutral)] for name, own in kind.model_fields.items()}
    return {name: found[0].value for name, found in marks.items() if found}


def settings_of(component: Component) -> dict[str, Any]:
    """The fields of a component that are not neutral."""
    neutral, unset = neutral_settings(type(component)), object()
    values = {name: getattr(component, name) for name in type(component).model_fields}
    return {name: value for name, value in values.items() if neutral.get(name, unset) != value}


def module_of(package: ModuleType) -> Callable[[str], str]:
    """A validator that accepts only the names of a package's modules: one module is one choice.

    >>> import depsim.steps.pruning_criteria
    >>> module_of(depsim.steps.pruning_criteria)("x")
    Traceback (most recent call last):
    ...
    ValueError: must be one of: magnitude, random
    """

    def check(value: str) -> str:
        names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
        if value not in names:
            raise ValueError(f"must be one of: {', '.join(names)}")
        return value

    return check

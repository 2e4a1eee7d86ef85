"""What every configurable part of a simulation is: a frozen, strictly validated value.

A task, a model, a pathology, a treatment, an assessment and a cohort specification are each one pydantic
class. Its fields are its configuration keys, their types are the only schema, and constructing it is the only
validation. Defaults live in ``conf/`` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
"""A share of something, 0 to 1."""

PositiveShare = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
"""A share of something that is more than nothing."""

StandardDeviation = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""The standard deviation of a noise or of a draw."""

LearningRate = Annotated[float, Field(gt=0, allow_inf_nan=False)]
"""Adam's step size."""

Count = Annotated[int, Field(ge=1)]
"""A number of things, at least one."""

Epochs = Annotated[int, Field(ge=0)]
"""Passes over the training set; 0 trains nothing."""

Seed = Annotated[int, Field(ge=0, le=4_294_966)]
"""An individual's seed k; 1000k + 300 has to fit the 32 bits of ``numpy.random.RandomState``."""


class Component(BaseModel):
    """Base of every configurable part; equal fields mean equal parts, and nothing can be changed later."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def one_of(allowed: Iterable[str]) -> Callable[[str], str]:
    """A validator that accepts only these names.

    >>> one_of(["a", "b"])("c")
    Traceback (most recent call last):
    ...
    ValueError: must be one of: a, b
    """
    names = tuple(allowed)

    def check(value: str) -> str:
        if value not in names:
            raise ValueError(f"must be one of: {', '.join(names)}")
        return value

    return check

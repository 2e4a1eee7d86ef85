"""What a trial is judged by: statistics over its individuals."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, model_validator

from depsim.component import Component

_TAIL = re.compile(r"(quantile|cvar)\((\d*\.?\d+)\)")


def _statistic(text: str) -> str:
    tail = _TAIL.fullmatch(text)
    if text not in ("mean", "median") and not (tail and 0 < float(tail[2]) < 1):
        raise ValueError("must be mean, median, quantile(SHARE) or cvar(SHARE), the share between 0 and 1")
    return text


Statistic = Annotated[str, AfterValidator(_statistic)]
"""``mean``, ``median``, or of the worse side of the individuals: ``quantile(0.1)``, ``cvar(0.25)``."""


class NoValueError(ValueError):
    """A trial that has no value; the message says why."""


class Objective(Component):
    """What is to be as large, or as small, as can be.

    Args:
        metric: a metric of each individual, as it is called in MLflow.
        direction: what is better.
        statistic: what is computed over the individuals.
    """

    metric: str
    direction: Literal["maximise", "minimise"]
    statistic: Statistic

    @property
    def sign(self) -> int:
        """1 where more is better, else -1."""
        return 1 if self.direction == "maximise" else -1

    @property
    def title(self) -> str:
        """In a few words."""
        return f"{self.statistic} of {self.metric}"

    def value(self, individuals: Sequence[Mapping[str, float]]) -> float:
        """The statistic over these individuals.

        Raises:
            NoValueError: if one of them has no such metric.
        """
        return statistic_of(self.statistic, measured(self.metric, individuals), self.sign)


class Constraint(Component):
    """What a trial has to keep to be eligible; exactly one bound is given, the other one is null.

    Args:
        metric: a metric of each individual, as it is called in MLflow.
        statistic: what is computed over the individuals; of a quantile the worse side is the forbidden one.
        at_least: the lower bound.
        at_most: the upper bound.
    """

    metric: str
    statistic: Statistic
    at_least: float | None
    at_most: float | None

    @model_validator(mode="after")
    def _one_bound(self) -> Constraint:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("give at_least or at_most, the other one null")
        return self

    def violation(self, individuals: Sequence[Mapping[str, float]]) -> float:
        """By how much the bound is missed; 0 or less where it is kept.

        Raises:
            NoValueError: if an individual has no such metric.
        """
        sign = 1 if self.at_least is not None else -1
        bound = self.at_least if self.at_least is not None else self.at_most
        assert bound is not None
        return sign * (bound - statistic_of(self.statistic, measured(self.metric, individuals), sign))

    @property
    def text(self) -> str:
        """The constraint in words."""
        bound = f">= {self.at_least:g}" if self.at_least is not None else f"<= {self.at_most:g}"
        return f"{self.statistic} of {self.metric} {bound}"


def measured(metric: str, individuals: Sequence[Mapping[str, float]]) -> np.ndarray:
    """One value per individual, (N,).

    Raises:
        NoValueError: if there is no individual, or one has no such metric or no finite one.
    """
    values = [metrics.get(metric, math.nan) for metrics in individuals]
    if not values:
        raise NoValueError("no individual has an outcome")
    if not any(metric in metrics for metrics in individuals):
        raise NoValueError(f"{metric}: no such metric in this condition")
    if wrong := sum(not math.isfinite(value) for value in values):
        raise NoValueError(f"{metric}: {wrong} of {len(values)} individuals have no finite value")
    return np.array(values, dtype=np.float64)


def statistic_of(statistic: str, values: np.ndarray, sign: int) -> float:
    """A statistic of individuals.

    Args:
        statistic: see :data:`Statistic`.
        values: (N,), N at least 1.
        sign: 1 where more is better, so that the lower side is the worse one; else -1.

    ``quantile(q)`` is the value that a share q of the individuals is worse than, linearly interpolated; ``cvar(q)`` is
    the mean over the worst share q, the individual at the border counting in part.

    References: Rockafellar & Uryasev (2002), "Conditional value-at-risk for general loss distributions".

    >>> individuals = np.array([10.0, 20.0, 30.0, 40.0])
    >>> [statistic_of(s, individuals, 1) for s in ("mean", "median", "quantile(0.5)", "cvar(0.5)", "cvar(0.375)")]
    [25.0, 25.0, 25.0, 15.0, 13.333333333333334]
    >>> statistic_of("cvar(0.5)", individuals, -1)
    35.0
    """
    if statistic == "mean":
        return float(values.mean())
    if statistic == "median":
        return float(np.median(values))
    tail = _TAIL.fullmatch(statistic)
    assert tail is not None
    share = float(tail[2])
    ordered = np.sort(sign * values)
    if tail[1] == "quantile":
        return float(sign * np.quantile(ordered, share))
    weights = np.clip(share * len(ordered) - np.arange(len(ordered)), 0.0, 1.0)
    return float(sign * (weights @ ordered) / weights.sum())

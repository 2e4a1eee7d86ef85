"""What a search varies: Hydra's sweep syntax, read as the dimensions of a space."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hydra.core.override_parser.types import ChoiceSweep, IntervalSweep, Override, RangeSweep

from depsim.config import ConfigError
from depsim.config.overrides import count_values

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

_INDIVIDUALS = ("seed", "cohort")
_NOT_A_CONDITION = (
    "study",
    "tracking",
    "device",
    "workers",
    "chunk",
    "max_jobs",
    "cache_limit_gib",
    "hydra",
    "experiment",
)


@dataclass(frozen=True)
class Interval:
    """Numbers between two bounds, both included.

    Args:
        key: of the configuration, with the ``+`` that adds it, if any.
        low, high: the bounds.
        is_integer: whether only whole numbers count.
        log: whether ratios matter instead of differences.
        step: the distance between neighbours, or None where any number may be.
    """

    key: str
    low: float
    high: float
    is_integer: bool
    log: bool
    step: float | None

    def distribution(self) -> BaseDistribution:
        """As Optuna names it."""
        from optuna.distributions import FloatDistribution, IntDistribution

        if self.is_integer:
            return IntDistribution(int(self.low), int(self.high), log=self.log, step=int(self.step or 1))
        return FloatDistribution(self.low, self.high, log=self.log, step=self.step)

    @property
    def corners(self) -> tuple[object, ...]:
        """The values whose conditions are checked before the first trial."""
        return (int(self.low), int(self.high)) if self.is_integer else (self.low, self.high)

    @property
    def count(self) -> int | None:
        """How many values there are, or None where there is no end of them."""
        if self.is_integer:
            return (int(self.high) - int(self.low)) // int(self.step or 1) + 1
        return None if self.step is None else round((self.high - self.low) / self.step) + 1

    def values(self) -> list[object] | None:
        """All values, in order, or None where there is no end of them."""
        low, step = (int(self.low), int(self.step or 1)) if self.is_integer else (self.low, self.step or 1)
        return None if self.count is None else [low + index * step for index in range(self.count)]

    @property
    def text(self) -> str:
        """The dimension in words, the same for the same dimension."""
        kind = "int" if self.is_integer else "float"
        step = (
            f", step {_exact(self.step)}" if self.step is not None and (not self.is_integer or self.step != 1) else ""
        )
        return f"{kind} {_exact(self.low)} to {_exact(self.high)}{', log' if self.log else ''}{step}"


@dataclass(frozen=True)
class Choice:
    """Values without an order: numbers, words or the files of a configuration group.

    Args:
        key: of the configuration, with the ``+`` that adds it, if any.
        options: the values as they are written on the command line.
    """

    key: str
    options: tuple[str, ...]

    def distribution(self) -> BaseDistribution:
        """As Optuna names it."""
        from optuna.distributions import CategoricalDistribution

        return CategoricalDistribution(self.options)

    @property
    def corners(self) -> tuple[object, ...]:
        """The values whose conditions are checked before the first trial: all."""
        return self.options

    @property
    def count(self) -> int | None:
        """How many values there are."""
        return len(self.options)

    def values(self) -> list[object] | None:
        """All values."""
        return list(self.options)

    @property
    def text(self) -> str:
        """The dimension in words."""
        return f"one of {', '.join(self.options)}"


Dimension = Interval | Choice


def _exact(number: float) -> str:
    """A number in short, if that says all of it."""
    return f"{number:g}" if float(f"{number:g}") == number else repr(number)


def bare(key: str) -> str:
    """A key without the ``+`` that adds it."""
    return key.lstrip("+~")


def read_dimension(override: Override) -> Dimension:
    """The dimension that a sweep override stands for.

    Raises:
        ConfigError: if it is none that can be searched; names the override and what is allowed.
    """
    key, line, values = override.get_key_element(), override.input_line or "", override.value()
    top = bare(key).split(".")[0].split("/")[0]
    if top in _INDIVIDUALS:
        raise ConfigError(
            f"{line}: the individuals are the same for every trial, and nothing to search; "
            "cohort.size=N asks for more of them"
        )
    if top in _NOT_A_CONDITION:
        raise ConfigError(
            f"{line}: no part of a condition; allowed are keys of task, model, training, pathology, "
            "treatment and assessment"
        )
    if isinstance(values, IntervalSweep | RangeSweep):
        return _interval(key, line, override, values)
    if isinstance(values, ChoiceSweep):
        _log(line, values.tags, allowed=False)
        values.shuffle = False  # the order means nothing to a search, and has to be the same every time
        options = tuple(dict.fromkeys(str(value) for value in override.sweep_string_iterator()))
        return Choice(key, options)
    raise ConfigError(f"{line}: cannot be searched; allowed are interval(a,b), range(a,b), choice(a,b) and a,b")


def _interval(key: str, line: str, override: Override, sweep: IntervalSweep | RangeSweep) -> Interval:
    """A range leaves its end out; the dimension's bounds are both values."""
    start, end = sweep.start, sweep.stop if isinstance(sweep, RangeSweep) else sweep.end
    assert start is not None
    assert end is not None
    low, high, step, is_integer = start, end, None, isinstance(start, int) and isinstance(end, int)
    log = _log(line, sweep.tags)
    if isinstance(sweep, RangeSweep):
        low, high = sorted((start, start + (count_values(override) - 1) * sweep.step))
        step, is_integer = None if log else abs(sweep.step), is_integer and isinstance(sweep.step, int)
        if log and abs(sweep.step) != 1:
            raise ConfigError(f"{line}: log together with a step of {sweep.step:g}; allowed is a step of 1")
    if low > high:
        raise ConfigError(f"{line}: the lower bound comes first")
    if low == high:
        raise ConfigError(f"{line}: both bounds are {low:g}: nothing to search")
    if log and low <= 0:
        raise ConfigError(f"{line}: a logarithmic scale needs bounds above 0")
    return Interval(key, low, high, is_integer, log, step)


def _log(line: str, tags: set[str], allowed: bool = True) -> bool:
    """Whether a sweep is tagged as logarithmic."""
    if unknown := sorted(set(tags) - ({"log"} if allowed else set())):
        hint = "allowed is tag(log, interval(a,b))" if allowed else "a choice has no order, so it takes none"
        raise ConfigError(f"{line}: tag {unknown[0]}; {hint}")
    return "log" in tags


def grid_size(dimensions: Sequence[Dimension]) -> int | None:
    """How many points a space has, or None where there is no end of them."""
    counts = [dimension.count for dimension in dimensions if dimension.count is not None]
    return math.prod(counts) if len(counts) == len(dimensions) else None

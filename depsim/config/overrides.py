"""Reading the overrides of a command line: what each says, and the jobs that several values stand for."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, IntervalSweep, Override, RangeSweep, Sweep
from hydra.errors import HydraException

from depsim.config.errors import ConfigError, format_value, shortened

_MOST_NESTED = 20
"""Brackets within brackets that an override may have; its reader is recursive."""
_LONGEST_NUMBER = 400
"""Digits of a number; longer ones are refused by Python itself."""
_NEEDS_QUOTES = re.compile(r"[^\w\s/\\+.$%*@?|:,()\[\]{}='\"~-]|[^\x00-\x7f]")
"""What Hydra reads in quotes only."""


def parse_overrides(overrides: Iterable[str]) -> list[Override]:
    """Hydra's reading of command-line overrides.

    Raises:
        ConfigError: if one cannot be read.
    """
    words = list(overrides)
    return [_parse(words, place) for place in range(len(words))]


@lru_cache(maxsize=10_000)
def _read(word: str) -> Override:
    """One override; the points of a grid share most of theirs."""
    override: Override = _reader().parse_overrides([word])[0]
    if override.is_discrete_sweep():
        _length(override)
    elif _holds_sweep(override.value(), inside=False):
        raise ConfigError(f"{shortened(word)}: several values within one; allowed is key=a,b,c")
    return override


@cache
def _reader() -> OverridesParser:
    return OverridesParser.create()


def _parse(words: Sequence[str], place: int) -> Override:
    word = words[place]
    _refuse_unreadable(word)
    try:
        return _read(word)
    except (HydraException, ValueError, ArithmeticError, RecursionError) as error:
        if isinstance(error, ConfigError):
            raise
        reason = _hint(words, place) or shortened(str(error).partition("\n")[0])
        raise ConfigError(f"{shortened(word)}: cannot be read; allowed is key=value ({reason})") from None


def _refuse_unreadable(word: str) -> None:
    """Refuse what Hydra's reader does not survive."""
    if word.startswith("="):
        raise ConfigError(f"{shortened(word)}: cannot be read; allowed is key=value")
    depths = itertools.accumulate((sign in "([{") - (sign in ")]}") for sign in word)
    if (deepest := max(depths, default=0)) > _MOST_NESTED:
        raise ConfigError(
            f"{shortened(word)}: cannot be read; {deepest} brackets within each other, allowed are {_MOST_NESTED}"
        )
    if re.search(rf"\d{{{_LONGEST_NUMBER}}}", word):
        raise ConfigError(f"{shortened(word)}: cannot be read; a number has fewer than {_LONGEST_NUMBER} digits")


def _hint(words: Sequence[str], place: int) -> str | None:
    """What may have been meant by a word that cannot be read, or None."""
    word, before, after = words[place], words[place - 1] if place else "", words[place + 1 : place + 2]
    if "=" not in word and after and after[0].startswith("="):
        return f"there is no space around the =: {shortened(''.join([word, *words[place + 1 : place + 3]]))}"
    if word.count("[") + word.count("{") + word.count("(") > word.count("]") + word.count("}") + word.count(")"):
        rest = itertools.takewhile(lambda other: "=" not in other, words[place + 1 :])
        if whole := " ".join([word, *rest])[len(word) :]:
            return f"the shell takes it apart at its spaces; in quotes it stays whole: '{shortened(word + whole)}'"
        return "a bracket is not closed"
    if place and "=" not in word and "=" in before:
        return f"if it belongs to {shortened(before)}, write both in quotes: '{shortened(f'{before} {word}')}'"
    if odd := _NEEDS_QUOTES.search(word):
        if odd[0].isalnum():
            key, _, value = word.partition("=")
            return f"{odd[0]} has to stand in quotes: '{shortened(key)}=\"{shortened(value)}\"'"
        return f"{odd[0]!r} is no letter, digit or sign that a name may have; other text has to stand in quotes"
    return None


def override_text(value: object) -> str:
    """A YAML value in Hydra's override syntax."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key}:{override_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(override_text, value)) + "]"
    if isinstance(value, str) and not re.fullmatch(r"[\w./-]+", value):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return format_value(value)


def count_values(override: Override) -> int:
    """How many values an override has; one without several values has one. Nothing is listed.

    Raises:
        ConfigError: if it has no list of values, or none at all.
    """
    if not override.is_sweep_override():
        return 1
    if not override.is_discrete_sweep():
        line = shortened(override.input_line)
        raise ConfigError(f"{line}: an interval has no list of values; allowed is key=a,b,c")
    return _length(override)


def _length(override: Override) -> int:
    """The number of values of an override that has a list of them.

    Raises:
        ConfigError: if there is none, or something else in the list.
    """
    line, values = shortened(override.input_line), override.value()
    if isinstance(values, RangeSweep):
        return _range_length(values, line)
    if not isinstance(values, ChoiceSweep):
        raise ConfigError(f"{line}: glob is not known here; allowed is key=a,b,c")
    if not values.list or any(_holds_sweep(value) for value in values.list):
        raise ConfigError(f"{line}: must be a list of single values; allowed is key=a,b,c")
    return len(values.list)


def _holds_sweep(value: Any, inside: bool = True) -> bool:
    """Whether several values stand somewhere in a value; by itself one that is ``inside`` counts."""
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return (inside and isinstance(value, Sweep)) or any(map(_holds_sweep, parts))


def _range_length(sweep: RangeSweep, line: str) -> int:
    """The number of values of a range, which leaves its end out.

    Raises:
        ConfigError: if there is none, or no end of them.
    """
    start, stop, step = sweep.start or 0, sweep.stop, sweep.step
    if stop is None or not all(map(math.isfinite, (start, stop, step))):
        raise ConfigError(f"{line}: a range needs finite numbers; allowed is range(start,stop,step)")
    if step == 0:
        raise ConfigError(f"{line}: a range with a step of 0 has no end; allowed is any other step")
    length = math.ceil((Fraction(stop) - Fraction(start)) / Fraction(step))
    if length <= 0:
        raise ConfigError(f"{line}: an empty range; the end is left out")
    return length


def single_values(override: Override) -> list[str]:
    """The overrides that one with several values stands for, in its order; one without stands for itself.

    Raises:
        ConfigError: if it has no list of values.
    """
    count_values(override)
    if not override.is_sweep_override():
        return [override.input_line or ""]
    return [f"{override.get_key_element()}={value}" for value in override.sweep_string_iterator()]


def first_value(override: Override) -> str:
    """The override with the first of its values, if it has several.

    Raises:
        ConfigError: if it has no first one.
    """
    values = override.value()
    if isinstance(values, IntervalSweep):
        return f"{override.get_key_element()}={values.start}"
    count_values(override)
    if not override.is_sweep_override():
        return override.input_line or ""
    return f"{override.get_key_element()}={next(override.sweep_string_iterator())}"


def refuse_too_many(axes: Iterable[Sequence[Override]], config: Mapping[str, Any]) -> None:
    """Refuse a grid of more jobs than are allowed, before any is listed.

    Args:
        axes: for each setting the overrides whose values it takes, one after the other.
        config: of one of the jobs.

    Raises:
        ConfigError: naming their number and how more are allowed.
    """
    count, most = math.prod(sum(map(count_values, axis)) for axis in axes), config["max_jobs"]
    replicates = config.get("cohort", {}).get("replicates", 1)
    count *= replicates if isinstance(replicates, int) else 1
    if not isinstance(most, int) or isinstance(most, bool) or most < 1:
        raise ConfigError(f"max_jobs={most}: must be a whole number of jobs, at least 1")
    if count > most:
        raise ConfigError(f"{count:,} jobs at once; allowed are {most:,}, or more with max_jobs={count}")

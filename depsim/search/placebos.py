"""The placebo of every treatment of a grid, as further points of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from depsim.study.groups import NO_TREATMENT
from depsim.study.naming import PLACEBO, PLACEBO_OF

_GROUP = "treatment"


def placebo_point(point: Sequence[str]) -> tuple[str, ...] | None:
    """The settings of a condition's placebo; None for an untreated condition and for a placebo, which have none.

    Args:
        point: overrides of the condition, its treatment among them.

    >>> placebo_point(["cohort=pilot", "treatment=ketamine", "treatment.epochs=5"])
    ('cohort=pilot', 'treatment=placebo', 'treatment@treatment.of=ketamine', 'treatment.of.epochs=5')
    >>> placebo_point(["treatment=none"]), placebo_point(["seed=1"])
    (None, None)
    """
    choice = dict(line.partition("=")[::2] for line in point).get(_GROUP)
    if choice in (None, NO_TREATMENT, PLACEBO):
        return None
    return tuple(line for each in point for line in _below_of(each))


def _below_of(line: str) -> Iterable[str]:
    """A line of a treatment as the same of what a placebo is of."""
    key, _, value = line.partition("=")
    if key == _GROUP:
        return f"{_GROUP}={PLACEBO}", f"{_GROUP}@{PLACEBO_OF}={value}"
    if key.startswith(f"{_GROUP}."):
        return (f"{PLACEBO_OF}.{line.removeprefix(f'{_GROUP}.')}",)
    if key.startswith(f"{_GROUP}@{_GROUP}."):
        return (f"{_GROUP}@{PLACEBO_OF}.{line.removeprefix(f'{_GROUP}@{_GROUP}.')}",)
    return (line,)

"""What a study is judged by: four outcomes fixed before any run; everything else is exploratory."""

from __future__ import annotations

from dataclasses import dataclass

from depsim.stages import (
    BEFORE,
    COURSE,
    EXAMINED_ON_AND_OFF,
    FOLLOW_UP,
    MAINTAINED,
    STAGES,
    STRESSED,
    TREATED,
    WITHDRAWAL,
)


@dataclass(frozen=True)
class Outcome:
    """Something measured of an individual.

    Args:
        column: the metric without its stage.
        name: in words.
        unit: of its values; differences are in points either way.
        higher_is_better: whether more of it is healthier.
    """

    column: str
    name: str
    unit: str
    higher_is_better: bool


PRIMARY = (
    Outcome("combined", "combined stress", "%", True),
    Outcome("internal_noise_2.5", "extreme noise (sigma 2.5)", "%", True),
    Outcome("resilience_auc", "area under the resilience curve", "%", True),
    Outcome("relapse_drop", "relapse drop", "points", False),
)
"""The primary outcomes: contrasts on them are one family of tests."""
_MEASURED = {
    "clean", "standard", "combined", "resilience_auc", "sparsity", "units_without_input", "units_without_output",
    "relapse_drop", "spectral_radius", "dose", "regrowth", "treatment", "deficit", "response", "remission",
    "activation", BEFORE, STRESSED, MAINTAINED, WITHDRAWAL, FOLLOW_UP,
}  # fmt: skip
"""What depsim's own probes measure at any stage, beside the levels of internal noise."""


def is_primary(column: str) -> bool:
    """Whether a column is a primary outcome."""
    return any(outcome.column == column for outcome in PRIMARY)


def is_own(metric: str) -> bool:
    """Whether a metric is none that depsim measures unasked: no trait, and no curve through several examinations.

    >>> [is_own(name) for name in ("treated/combined", "relapse_drop", "healthy/sparsity/layer_1", "treated/mine")]
    [False, False, False, True]
    >>> [is_own(name) for name in ("trait/plasticity", "midway/combined/course", "midway/combined/0")]
    [False, False, True]
    """
    stage, _, rest = metric.partition("/")
    what = (rest if stage in STAGES else metric).partition("/")[0]
    if stage == "trait" or rest.endswith(COURSE):
        return False
    return what not in _MEASURED and not what.startswith(("internal_noise_", "biased_"))


def name_column(column: str) -> str:
    """A column in words.

    >>> name_column("internal_noise_1.5"), name_column("relapse_drop"), name_column("clean")
    ('sigma 1.5', 'relapse drop', 'clean')
    """
    return column.replace("internal_noise_", "sigma ").replace("_", " ")


def metric_of(stage: str, column: str) -> str | None:
    """What MLflow calls a column of a table at a stage; None for what isn't measured there.

    >>> metric_of("treated", "combined"), metric_of("treated", "relapse_drop"), metric_of("withdrawn", "relapse_drop")
    ('treated/combined', 'relapse_drop', None)
    """
    if column == "relapse_drop":
        return column if stage == TREATED else None
    return f"{stage}/{column}"


def primary_metrics() -> tuple[str, ...]:
    """What MLflow calls the primary outcomes while the drug is on, then without it.

    >>> primary_metrics()[:4:3], primary_metrics()[-1]
    (('treated/combined', 'relapse_drop'), 'withdrawn/resilience_auc')
    """
    names = (metric_of(stage, outcome.column) for stage in EXAMINED_ON_AND_OFF for outcome in PRIMARY)
    return tuple(name for name in names if name is not None)

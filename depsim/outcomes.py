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
class PrimaryOutcome:
    """Something measured of an individual, with all that it is called.

    Args:
        column: the metric without its stage.
        name: in words.
        short: the same at the head of a column, and where it is named often.
        with_values: what a sentence says of its numbers, which stand for ``{}``.
        where: what stands after who is better in it.
        unit: of its values; differences are in points either way.
        higher_is_better: whether more of it is healthier.
    """

    column: str
    name: str
    short: str
    with_values: str
    where: str
    unit: str
    higher_is_better: bool

    @property
    def heading(self) -> str:
        """Name and unit."""
        return f"{self.name}, {self.unit}"

    @property
    def at(self) -> str:
        """What stands before or after its numbers in a sentence, without their unit."""
        return self.with_values.replace("{}", "").replace("%", "").strip()


PRIMARY = (
    PrimaryOutcome(
        column="combined",
        name="combined stress",
        short="combined stress",
        with_values="{} % under combined stress",
        where="under combined stress",
        unit="%",
        higher_is_better=True,
    ),
    PrimaryOutcome(
        column="internal_noise_2.5",
        name="extreme noise (sigma 2.5)",
        short="sigma 2.5",
        with_values="{} at sigma 2.5",
        where="at sigma 2.5",
        unit="%",
        higher_is_better=True,
    ),
    PrimaryOutcome(
        column="resilience_auc",
        name="area under the resilience curve",
        short="area",
        with_values="area {}",
        where="in the area under the resilience curve",
        unit="%",
        higher_is_better=True,
    ),
    PrimaryOutcome(
        column="relapse_drop",
        name="relapse drop",
        short="relapse drop",
        with_values="relapse drop {}",
        where="in the relapse drop",
        unit="points",
        higher_is_better=False,
    ),
)
"""The primary outcomes: contrasts on them are one family of tests."""
OUTCOMES = {outcome.column: outcome for outcome in PRIMARY}
"""By column."""
SHORT_NAMES = {outcome.column: outcome.short for outcome in PRIMARY}
"""Columns of a table of all of them, and their headings."""
_MEASURED = {
    "clean",
    "standard",
    "combined",
    "resilience_auc",
    "sparsity",
    "units_without_input",
    "units_without_output",
    "relapse_drop",
    "spectral_radius",
    "dose",
    "regrowth",
    "treatment",
    "deficit",
    "response",
    "remission",
    "activation",
    BEFORE,
    STRESSED,
    MAINTAINED,
    WITHDRAWAL,
    FOLLOW_UP,
}
"""What depsim's own probes measure at any stage, beside the levels of internal noise."""
_PER_CENT = {
    "clean",
    "standard",
    "combined",
    "resilience_auc",
    "sparsity",
    "turnover",
    "healthy_combined",
    "depressed_combined",
}
"""What they measure in per cent from 0 to 100, beside accuracies under internal noise."""
_NOISY = ("internal_noise_", "biased_")
"""How the names of accuracies under internal noise begin."""


def is_primary(column: str) -> bool:
    """Whether a column is a primary outcome."""
    return column in OUTCOMES


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
    return what not in _MEASURED and not what.startswith(_NOISY)


def is_bounded(metric: str) -> bool:
    """Whether a metric or column is per cent from 0 to 100: accuracies, their area, sparsity, shares of synapses.

    Differences, such as a drop, a deficit or a slope, are not, nor are doses and what somebody's own probe measures.

    >>> [is_bounded(name) for name in ("combined", "treated/internal_noise_2.5", "stressed/clean/3", "dose/turnover")]
    [True, True, True, True]
    >>> [is_bounded(name) for name in ("regrowth/restored/layer_1", "before/sparsity", "healthy/sparsity/layer_2")]
    [True, True, True]
    >>> [is_bounded(name) for name in ("relapse_drop", "treated/deficit", "before/slope", "dose/l1", "treated/mine")]
    [False, False, False, False, False]
    """
    first, _, rest = metric.partition("/")
    what = rest.partition("/")[0] or first
    return first == "regrowth" or what in _PER_CENT or what.startswith(_NOISY)


def name_column(column: str) -> str:
    """A column in words.

    >>> name_column("internal_noise_1.5"), name_column("relapse_drop"), name_column("clean")
    ('sigma 1.5', 'relapse drop', 'clean')
    """
    return column.replace("internal_noise_", "sigma ").replace("_", " ")


def long_name(column: str) -> str:
    """An outcome by its name, any other column in words.

    >>> long_name("resilience_auc"), long_name("internal_noise_1.5")
    ('area under the resilience curve', 'sigma 1.5')
    """
    return OUTCOMES[column].name if column in OUTCOMES else name_column(column)


def short_name(column: str) -> str:
    """An outcome within a sentence, or at the head of a column; any other column in words.

    >>> short_name("resilience_auc"), short_name("internal_noise_1.5")
    ('area', 'sigma 1.5')
    """
    return OUTCOMES[column].short if column in OUTCOMES else name_column(column)


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

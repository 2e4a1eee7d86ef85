"""From Python: simulating one condition on one cohort, and a stored study as tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from depsim.config import ConfigError, prepare
from depsim.config.errors import format_value
from depsim.execution.course import Outcome
from depsim.execution.progress import NoProgress, Progress
from depsim.execution.runner import run_jobs
from depsim.model.masks import unpack

if TYPE_CHECKING:
    from pandas import DataFrame

    from depsim.study.table import StudyTable


@dataclass(frozen=True)
class Result:
    """What one condition did to one cohort.

    Args:
        outcomes: one per finished individual, in the cohort's order.
        failures: seed to traceback of each individual that has no outcome.
        run_id: the MLflow run of the condition, or None without tracking.
        arm: what was done, in a few words.
        replicates: the same individuals again with other chance, where ``cohort.replicates`` asks for it; replicate 1
            first. They are no further individuals and are in no array here but :meth:`frame`.
    """

    outcomes: tuple[Outcome, ...]
    failures: Mapping[int, str]
    run_id: str | None
    arm: str = ""
    replicates: tuple[Result, ...] = ()

    def __repr__(self) -> str:
        """Short: what was done to how many."""
        return f"<{self.arm}: {len(self.outcomes)} individuals, {len(self.failures)} failed>"

    @property
    def seeds(self) -> tuple[int, ...]:
        """The finished individuals, N of them."""
        return tuple(outcome.seed for outcome in self.outcomes)

    @property
    def metrics(self) -> dict[str, np.ndarray]:
        """Metric name to one value per individual, (N,); accuracies in per cent."""
        names = sorted({name for outcome in self.outcomes for name in outcome.metrics})
        return {name: np.array([o.metrics.get(name, np.nan) for o in self.outcomes]) for name in names}

    def frame(self) -> DataFrame:
        """One row per individual, replicate and metric: ``arm``, ``seed``, ``replicate``, ``exam``, ``metric``,
        ``value``.
        """
        from depsim.study.table import tidy

        return tidy(
            ({"arm": self.arm, "seed": outcome.seed, "replicate": number}, outcome.metrics)
            for number, result in enumerate((self, *self.replicates))
            for outcome in result.outcomes
        )

    def masks(self, seed: int) -> dict[str, tuple[np.ndarray, ...]]:
        """One individual's masks: stage name to a boolean array (O, I) per layer, true where a synapse is.

        Raises:
            KeyError: if that individual has no outcome.
        """
        for outcome in self.outcomes:
            if outcome.seed == seed:
                return unpack(outcome.masks)
        raise KeyError(f"no outcome of individual {seed}; there are {self.seeds}")


def load_study(name: str) -> StudyTable:
    """A study as tidy tables: ``.frame``, ``.wide(metric)``, ``.curves(name)``, ``.masks(arm, seed)``, ``.arms``,
    ``.failures``.

    Args:
        name: of the study, in ``mlruns`` of the working directory or on the server that ``MLFLOW_TRACKING_URI`` names.

    Raises:
        LookupError: if there is no such study, or nothing in it is finished; names what there is.
    """
    from depsim.study.experiment import NothingToReportError
    from depsim.study.reading import read_study
    from depsim.study.table import StudyTable
    from depsim.tracking import mlflow_store

    if not mlflow_store.exists():
        raise NothingToReportError(f"{name}: there are no runs in {mlflow_store.root()} yet")
    client = mlflow_store.open_client()
    return StudyTable(read_study(client, name), client)


def simulate(*overrides: str | Mapping[str, object], progress: bool = False) -> Result:
    """Run one condition on one cohort.

    Args:
        overrides: as on the command line, e.g. ``"treatment=ketamine", "cohort=pilot"``, or settings as a mapping, e.g.
            ``{"treatment": "ketamine", "cohort.size": 3}``. Nothing is stored unless ``tracking=mlflow`` is among them.
        progress: show how far it is.

    Raises:
        depsim.ConfigError: if an override is wrong; the message names the key, the value and what is allowed.
    """
    spec = prepare(["tracking=none", *_lines(overrides)])
    shown: Progress = NoProgress()
    if progress:
        from depsim.commands.progress import TerminalProgress

        shown = TerminalProgress()
    first, *others = (
        Result(tuple(record.outcomes()), dict(record.failures), record.run_id, spec.job.name)
        for record in run_jobs(spec.job.replicates, spec.tracking, spec.resources, shown)
    )
    return replace(first, replicates=tuple(others))


def _lines(overrides: tuple[str | Mapping[str, object], ...]) -> Iterator[str]:
    """Overrides as on the command line.

    >>> [*_lines(({"cohort.seeds": [1, 2], "cohort.size": None, "study": "a, b"}, "seed=3"))]
    ['cohort.seeds=[1,2]', 'cohort.size=null', "study='a, b'", 'seed=3']
    """
    for each in overrides:
        if isinstance(each, str):
            yield each
        elif isinstance(each, Mapping):
            yield from (f"{key}={_spelled(key, value)}" for key, value in each.items())
        else:
            raise ConfigError(f"{each!r}: allowed are texts such as 'treatment=ketamine', and mappings of settings")


def _spelled(key: str, value: object) -> str:
    """A value in the grammar of overrides."""
    if value is None or isinstance(value, bool):
        return format_value(value)
    if isinstance(value, int | float | np.integer | np.floating):
        return repr(float(value) if isinstance(value, float | np.floating) else int(value))
    if isinstance(value, list | tuple | range | np.ndarray):
        return f"[{','.join(_spelled(key, each) for each in value)}]"
    if not isinstance(value, str):
        raise ConfigError(f"{key}: {type(value).__name__}; allowed are texts, numbers, True, False, None and lists")
    if re.fullmatch(r"[A-Za-z_][\w./-]*", value) and value.lower() not in ("null", "true", "false", "nan", "inf"):
        return value
    doubled = re.sub(r"(\\+)(?='|$)", r"\1\1", value)  # backslashes count only before a quote
    return "'" + doubled.replace("'", "\\'") + "'"

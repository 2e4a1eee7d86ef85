"""Simulating from Python: one condition on one cohort, the result as plain arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from depsim.config import prepare
from depsim.execution.course import Outcome
from depsim.execution.progress import NoProgress, Progress
from depsim.execution.runner import run_jobs
from depsim.model.masks import unpack


@dataclass(frozen=True)
class Result:
    """What one condition did to one cohort.

    Args:
        outcomes: one per finished individual, in the cohort's order.
        failures: seed to traceback of each individual that has no outcome.
        run_id: the MLflow run of the condition, or None without tracking.
    """

    outcomes: tuple[Outcome, ...]
    failures: Mapping[int, str]
    run_id: str | None

    @property
    def seeds(self) -> tuple[int, ...]:
        """The finished individuals, N of them."""
        return tuple(outcome.seed for outcome in self.outcomes)

    @property
    def metrics(self) -> dict[str, np.ndarray]:
        """Metric name to one value per individual, (N,); accuracies in per cent."""
        names = sorted({name for outcome in self.outcomes for name in outcome.metrics})
        return {name: np.array([o.metrics.get(name, np.nan) for o in self.outcomes]) for name in names}

    def masks(self, seed: int) -> dict[str, tuple[np.ndarray, ...]]:
        """One individual's masks: stage name to a boolean array (O, I) per layer, true where a synapse is.

        Raises:
            KeyError: if that individual has no outcome.
        """
        for outcome in self.outcomes:
            if outcome.seed == seed:
                return unpack(outcome.masks)
        raise KeyError(f"no outcome of individual {seed}; there are {self.seeds}")


def simulate(*overrides: str, progress: bool = False) -> Result:
    """Run one condition on one cohort.

    Args:
        overrides: as on the command line, e.g. ``"treatment=ketamine", "cohort=pilot"``. Nothing is stored unless
            ``"tracking=mlflow"`` is among them.
        progress: show how far it is.

    Raises:
        depsim.ConfigError: if an override is wrong; the message names the key, the value and what is allowed.
    """
    spec = prepare(["tracking=none", *overrides])
    shown: Progress = NoProgress()
    if progress:
        from depsim.commands.progress import TerminalProgress

        shown = TerminalProgress()
    (record,) = run_jobs([spec.job], spec.tracking, spec.resources, shown)
    return Result(tuple(record.outcomes()), dict(record.failures), record.run_id)

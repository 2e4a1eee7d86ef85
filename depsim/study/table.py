"""A study as tables: tidy pandas frames of what MLflow holds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from depsim.model.masks import unpack
from depsim.study.groups import varied
from depsim.study.naming import name_arms
from depsim.study.reading import Individual, Study, StudyArm
from depsim.terminal_text import meant
from depsim.tracking.mlflow_individuals import masks_of

if TYPE_CHECKING:
    from pandas import DataFrame

_IDENTITY = ("treatment", "pathology", "model", "data")


def tidy(individuals: Iterable[tuple[Mapping[str, object], Mapping[str, float]]]) -> DataFrame:
    """One row per individual and metric.

    Args:
        individuals: who each is, by column name, and its metrics, as ``<exam>/<what>`` or a plain name.

    Shape: a frame with the columns of who, then ``exam`` (empty for what belongs to none), ``metric``, the name in
        MLflow, and ``value``.
    """
    import pandas as pd  # slow to import, and needed only here

    columns: dict[str, list[object]] = {}
    for who, metrics in individuals:
        for name, value in metrics.items():
            exam = name.partition("/")[0] if "/" in name else ""
            for column, entry in (*who.items(), ("exam", exam), ("metric", name), ("value", value)):
                columns.setdefault(column, []).append(entry)
    return pd.DataFrame(columns or {name: [] for name in ("arm", "seed", "replicate", "exam", "metric", "value")})


class StudyTable:
    """The finished individuals of a study.

    Args:
        study: as it was read.
        client: of the store, for curves and masks.
    """

    def __init__(self, study: Study, client: Any) -> None:
        self._study, self._client = study, client
        self._names = name_arms(study.arms)

    def __repr__(self) -> str:
        people = sum(len(arm.individuals) for arm in self._arms.values())
        return f"<study {self._study.name}: {len(self._arms)} arms, {people} individuals>"

    @cached_property
    def frame(self) -> DataFrame:
        """One row per arm, individual, replicate and metric: ``arm``, ``seed``, ``replicate``, a column per setting
        that varies, then ``exam``, ``metric`` and ``value``.

        Replicates of an individual are that individual again: count those with ``replicate`` 0. Settings are numbers
        where their text is one; an arm without a setting has a missing value there.
        """
        varying = sorted(varied(self._study.arms) - {"treatment"})
        return tidy(
            (
                {"arm": name, "treatment": arm.treatment, "seed": person.seed, "replicate": number}
                | _settings(arm, varying),
                person.metrics,
            )
            for name, arm in self._arms.items()
            for number, person in _simulated(arm)
        )

    def wide(self, metric: str) -> DataFrame:
        """One metric as a table of individuals (rows) by arms (columns), missing where it was not measured.

        Each individual stands there once, with its replicate 0.

        Raises:
            KeyError: if no individual has it; names some that there are.
        """
        chosen = self.frame[(self.frame.metric == metric) & (self.frame.replicate == 0)]
        if chosen.empty:
            there = sorted(self.frame.metric.unique())
            raise KeyError(f"{metric}: not measured{meant(metric, there)}; there are {', '.join(there)}")
        return chosen.pivot(index="seed", columns="arm", values="value")[list(dict.fromkeys(chosen.arm))]

    def curves(self, curve: str) -> DataFrame:
        """A metric whose step means something, such as ``healthy/loss`` or ``treated/resilience``.

        Shape: one row per arm, individual, replicate and step: ``arm``, ``seed``, ``replicate``, ``step``, ``value``.

        Raises:
            KeyError: if no individual has it.
        """
        import pandas as pd

        rows = [
            (name, person.seed, number, step, value)
            for name, arm in self._arms.items()
            for number, person in _simulated(arm)
            for step, value in sorted({m.step: m.value for m in self._history(person, curve)}.items())
        ]
        if not rows:
            raise KeyError(f"{curve}: no individual has such a curve; there are <exam>/loss and <exam>/resilience")
        return pd.DataFrame(rows, columns=["arm", "seed", "replicate", "step", "value"])

    def masks(self, arm: str, seed: int, replicate: int = 0) -> dict[str, tuple[np.ndarray, ...]]:
        """One individual's masks: stage name to a boolean array (O, I) per layer, true where a synapse is.

        Raises:
            KeyError: if there is no such arm or individual; names those that there are.
            depsim.tracking.mlflow_individuals.DamagedRecordError: if they are not what was written.
        """
        people = {person.seed: person for number, person in _simulated(self._arm(arm)) if number == replicate}
        if seed not in people:
            again = f" in replicate {replicate}" if replicate else ""
            raise KeyError(f"{arm}: no individual {seed}{again}; there are {sorted(people)}")
        return unpack(masks_of(self._client, self._client.get_run(people[seed].run_id)))

    @cached_property
    def arms(self) -> DataFrame:
        """One row per arm: its name as the index, how many finished and failed, and every setting as text."""
        import pandas as pd

        rows = {
            name: {"finished": len(arm.individuals), "failed": len(arm.failures)}
            | {key: getattr(arm, key) for key in _IDENTITY}
            | dict(arm.settings)
            for name, arm in self._arms.items()
        }
        return pd.DataFrame.from_dict(rows, orient="index")

    @cached_property
    def failures(self) -> DataFrame:
        """One row per individual without an outcome: ``arm``, ``seed``, ``reason``, ``run_id``."""
        import pandas as pd

        rows = [
            (name, failure.seed, failure.reason, failure.run_id)
            for name, arm in self._arms.items()
            for failure in arm.failures
        ]
        return pd.DataFrame(rows, columns=["arm", "seed", "reason", "run_id"])

    @cached_property
    def _arms(self) -> dict[str, StudyArm]:
        """Arms by name, in the order of the study; one with several names once."""
        return {self._names[arm.arm_key]: arm for arm in self._study.arms}

    def _arm(self, name: str) -> StudyArm:
        if name not in self._arms:
            raise KeyError(f"{name}: no such arm; there are {', '.join(self._arms)}")
        return self._arms[name]

    def _history(self, person: Individual, name: str) -> list[Any]:
        return list(self._client.get_metric_history(person.run_id, name))


def _simulated(arm: StudyArm) -> Iterable[tuple[int, Individual]]:
    """Everyone that was simulated in an arm, with the number of the replicate."""
    yield from ((0, person) for person in arm.individuals)
    yield from ((again.number, person) for again in arm.replicates for person in again.individuals)


def _settings(arm: StudyArm, keys: Iterable[str]) -> dict[str, object]:
    return {key: number_or_text(arm.settings[key]) if key in arm.settings else None for key in keys}


def number_or_text(text: str) -> int | float | str:
    """A setting as a finite number where its text is one.

    >>> [number_or_text(text) for text in ("0.95", "12", "gradient", "nan")]
    [0.95, 12, 'gradient', 'nan']
    """
    try:
        number = float(text)
    except ValueError:
        return text
    if not math.isfinite(number):
        return text
    return int(text) if text.lstrip("-").isdigit() else number

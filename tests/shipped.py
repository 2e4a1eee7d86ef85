"""Arms made by hand that have the settings of shipped treatments and follow-ups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from depsim.config import prepare
from depsim.execution.job import scientific_settings
from depsim.study.reading import StudyArm
from tests.people import arm

_KEPT = ("treatment", "follow_up")


@cache
def settings_of(*overrides: str) -> Mapping[str, str]:
    """What MLflow would hold of the treatment and the follow-up of such a job."""
    found = scientific_settings(prepare(overrides).job.params())
    return {key: value for key, value in found.items() if key.partition(".")[0] in _KEPT}


def shipped(
    treatment: str, values: Mapping[str, Sequence[float]], *overrides: str, seeds: Sequence[int] | None = None
) -> StudyArm:
    """An arm of a shipped treatment.

    Args:
        treatment: its name.
        values: metric to one value per individual.
        overrides: settings that differ from the shipped ones.
        seeds: who they are.
    """
    return arm(treatment, values, seeds, changed=settings_of(f"treatment={treatment}", *overrides))

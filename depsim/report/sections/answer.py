"""The lines that a report opens with."""

from __future__ import annotations

from depsim.report.wording import counted
from depsim.study.reading import Study


def answer(study: Study) -> tuple[str, ...]:
    """What the study has found, the most important first."""
    people = {(arm.data, seed) for arm in study.arms for seed in arm.seeds}
    return (f"{counted(len(people), 'individual')} under {counted(len(study.arms), 'condition')}.",)

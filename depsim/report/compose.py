"""Composing a report: its sections, in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import ModuleType

from depsim.report.document import Document, Section
from depsim.report.sections import (
    answer,
    arm_claims,
    benefits,
    claims,
    contrasts,
    follow_up,
    gains,
    generality,
    iso_dose,
    ladder,
    methods,
    mood,
    own,
    people,
    precision,
    provenance,
    recovery,
    regimens,
    reliability,
    resilience,
    searches,
    structure,
    sweeps,
    tables,
    triage,
    variance,
    withdrawal,
)
from depsim.study.origins import Origin
from depsim.study.reading import Study

SECTIONS: tuple[ModuleType, ...] = (
    people,
    tables,
    resilience,
    generality,
    contrasts,
    recovery,
    benefits,
    triage,
    ladder,
    regimens,
    follow_up,
    withdrawal,
    gains,
    mood,
    iso_dose,
    claims,
    arm_claims,
    precision,
    reliability,
    own,
    sweeps,
    structure,
    variance,
    searches,
    methods,
)
"""Each has ``section(study)``, which is None where the study has nothing of the kind."""


def compose(
    study: Study,
    origins: Sequence[Origin],
    command: str,
    composed: Callable[[str], None] = lambda _name: None,
) -> Document:
    """The report on a study.

    Args:
        study: whose.
        origins: its condition runs (:func:`depsim.study.origins.read_origins`).
        command: that makes the report.
        composed: called with the name of each section that is done.
    """
    sections: list[Section] = []
    for module in SECTIONS:
        made = module.section(study)
        if made is not None:
            sections.append(made)
        composed(module.__name__.rpartition(".")[2])
    sections.append(provenance.section(study, origins, command))
    return Document(
        title=f"Study {study.name}",
        answer=answer.answer(study),
        sections=tuple(sections),
        facts={"study": study.name, **provenance.facts(study, origins)},
        verdicts=(*claims.verdicts(study), *arm_claims.verdicts(study)),
    )

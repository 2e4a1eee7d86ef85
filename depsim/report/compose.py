"""Composing a report: the sections, in order, and the facts behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from depsim.report.document import Document, Section
from depsim.report.sections import (
    answer,
    claims,
    contrasts,
    methods,
    own,
    people,
    precision,
    provenance,
    reliability,
    resilience,
    searches,
    structure,
    sweeps,
    tables,
    variance,
)
from depsim.study.origins import Origin
from depsim.study.reading import Study

SECTIONS: tuple[ModuleType, ...] = (
    people,
    tables,
    resilience,
    contrasts,
    claims,
    precision,
    reliability,
    own,
    sweeps,
    structure,
    variance,
    searches,
    methods,
)
"""Each has ``section(study)``, which is None where the study has nothing of the kind, and may have ``facts(study)``."""


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
    told = answer.answer(study)
    facts: dict[str, Any] = {"study": study.name, "answer": list(told)}
    sections: list[Section] = []
    for module in SECTIONS:
        name = module.__name__.rpartition(".")[2]
        made = module.section(study)
        if made is not None:
            sections.append(made)
            if hasattr(module, "facts"):
                facts[name] = module.facts(study)
        composed(name)
    sections.append(provenance.section(study, origins, command))
    facts["provenance"] = provenance.facts(study, origins)
    return Document(f"Study {study.name}", told, tuple(sections), facts, claims.verdicts(study))

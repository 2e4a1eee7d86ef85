"""Claims about regimens, stress that goes on and layers: the paper's Figures 3 and 4, and questions of ours."""

from __future__ import annotations

from collections.abc import Sequence

from depsim.outcomes import metric_of
from depsim.report.document import Paragraph, Section, Sheet
from depsim.report.sections.claim_rows import claim_sheet, note_on, row_of, status_counts
from depsim.stages import FOLLOW_UP
from depsim.study.arm_findings import Family, arm_findings
from depsim.study.courses import CYCLES_FREE
from depsim.study.findings import REFUTED, SUPPORTED, TOO_FEW, UNDECIDED, Finding, fewest_for_all
from depsim.study.reading import Study

_NAMED = 3
_TEXT = (
    "Each claim is one comparison within an individual. Its conditions are found by what they do, whatever they are "
    "called here: their settings, and what each claim needs, were declared with it. The paper's claims of Figures 3 "
    "and 4 are one family for Holm's adjustment, and ours another, so that no question of ours changes a verdict about "
    "the paper; only claims that this study can judge count. Maintained is with the treatment's own maintenance after "
    "each stress, alone is without any and, where a drug was on, withdrawn. Whoever has no relapse in eight cycles "
    "has eight relapse-free ones. Means that are claimed to be alike have to lie within the margin (two one-sided "
    "tests); shares and other means are tested as the paper's other claims are."
)


def section(study: Study) -> Section | None:
    """The section; None where the study can judge none of them."""
    families = arm_findings(study)
    if not families:
        return None
    return Section(
        "arm-claims", "Claims about regimens, courses and layers", (Paragraph(_TEXT),), [_sub(one) for one in families]
    )


def verdicts(study: Study) -> tuple[Sheet, ...]:
    """The claims with what became of them, a short table per family."""
    return tuple(_verdicts(family) for family in arm_findings(study))


def answer_line(study: Study) -> str:
    """What became of the claims of the first individuals; empty without any."""
    families = arm_findings(study)
    told = [_told(one) for one in families if one.data == families[0].data]
    return " ".join(told)


def maintenance_words(study: Study) -> str:
    """Whether maintenance matters, as the claims about it came out; empty where none was measured."""
    ours = [one for family in arm_findings(study)[:2] if family.ours for one in family.found]
    told = [f"“{one.claim.name}” {row_of(one)['found']}, {one.verdict}" for one in ours if _is_of_cycles(one)]
    return f"In relapse-free cycles with maintenance less those without: {'; '.join(told)}." if told else ""


def _is_of_cycles(one: Finding) -> bool:
    return metric_of(FOLLOW_UP, one.claim.holds.left.column) == CYCLES_FREE


def _whose(family: Family) -> str:
    return "our own questions" if family.ours else "the paper's claims of Figures 3 and 4"


def _told(family: Family) -> str:
    """The verdicts of a family in a sentence."""
    of: dict[str, list[str]] = {}
    for one in family.found:
        of.setdefault(one.verdict, []).append(one.claim.name)
    parts = []
    for verdict in (SUPPORTED, REFUTED, UNDECIDED, TOO_FEW):
        if names := of.get(verdict):
            named = f" (“{'”, “'.join(names)}”)" if len(names) <= _NAMED else ""
            parts.append(f"{len(names)} {'of ' if verdict == TOO_FEW else ''}{verdict}{named}")
    judged = sum(one.verdict != TOO_FEW for one in family.found)
    said = f"Of {_whose(family)} this study can judge {judged or 'none'}: {', '.join(parts)}"
    return f"{said}; {status_counts(family.found)}."


def _sub(family: Family) -> Section:
    title = f"{_whose(family)[0].upper()}{_whose(family)[1:]} ({family.data} data)"
    blocks = (Paragraph(_told(family), "answer"), _verdicts(family))
    return Section(f"claims-{family.name.replace('_', '-')}", title, blocks)


def _verdicts(family: Family) -> Sheet:
    title = f"Claims: {_whose(family)} ({family.data} data)"
    return claim_sheet(f"claims_{family.name}", title, family.found, _note(family.found))


def _note(found: Sequence[Finding]) -> str:
    few = any(one.verdict == TOO_FEW for one in found)
    needed = f" For each to be judged, {fewest_for_all(found):,} individuals are needed." if few else ""
    cycles = " Differences of relapse-free cycles are in cycles." if any(map(_is_of_cycles, found)) else ""
    return f"{note_on(found)}{cycles}{needed}"

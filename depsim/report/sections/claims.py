"""The paper's claims, tested over individuals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from depsim.report.document import Block, Paragraph, Section, Sheet
from depsim.report.sections.claim_rows import claim_sheet, note_on, status_counts
from depsim.report.wording import counted
from depsim.statistics import FEWEST_FOR_INFERENCE
from depsim.study.findings import (
    NOT_MEASURED,
    REFUTED,
    SUPPORTED,
    TOO_FEW,
    UNDECIDED,
    Finding,
    fewest_for_all,
    findings,
)
from depsim.study.panels import Panel, panels
from depsim.study.reading import Study

_NAMED = 3
_TEXT = (
    "Sentences of the paper that can be computed, each as one comparison within an individual; a sentence of several "
    "comparisons is several claims. What a claim needs was declared with it: a sentence with “all”, “only” or "
    "“uniquely” has to hold for more than 95 % of all individuals, one with “most” or one that holds a treatment "
    "against a level for more than 50 %, and one that compares conditions has to hold of the mean difference. Shares "
    "are tested exactly (binomial) in both directions, means by sign flips; all claims are one family for Holm's "
    "adjustment, those that another implies among them. A claim that is not refuted, and could not be supported even "
    "if it held for everyone, has too few individuals for a verdict. Where the paper gives a word and no number, the "
    "number is ours: near the ceiling is 99 %, a clear difference 20 points, and 2 points do not matter. “Other "
    "margin” says whether the verdict stays with half (½) and twice (2×) that margin, or that distance of a level to "
    "100 %."
)
_STATUS = (
    "Confirming are claims that were declared as they are now before the first of their individuals was computed, "
    "exploratory all others."
)


def section(study: Study) -> Section | None:
    """The section; None where no panel has the paper's surroundings."""
    subs = [_sub(panel) for panel in panels(study) if panel.is_papers]
    if not subs:
        return None
    return Section("claims", "The paper's claims, one by one", (Paragraph(_TEXT), Paragraph(_STATUS)), subs)


def verdicts(study: Study) -> tuple[Sheet, ...]:
    """The claims with what became of them, without the words: one short table per panel."""
    return tuple(_verdicts(panel, findings(panel)) for panel in panels(study) if panel.is_papers)


def answer_line(found: Sequence[Finding]) -> str:
    """The claims in one line; empty where none was measured."""
    of = {verdict: [one.claim.name for one in found if one.verdict == verdict] for verdict in _counts(found)}
    measured = [one for one in found if one.verdict != NOT_MEASURED]
    if not measured:
        return ""
    n, needed = max(one.share.n for one in measured), fewest_for_all(found)
    few = f"{counted(n, 'individual')}, where {needed:,} are needed"
    if len(of.get(TOO_FEW, [])) == len(measured):
        held = sum(one.share.count == one.share.n for one in measured)
        return f"None of the paper's {len(found)} claims can be judged from {few}; {held} hold for everyone here."
    parts = [f"{len(of.get(SUPPORTED, []))} are supported"]
    for verdict in (REFUTED, UNDECIDED):
        names = of.get(verdict, [])
        listed = f" (“{'”, “'.join(names)}”)" if 0 < len(names) <= _NAMED else ""
        parts.append(f"{len(names) or 'none'} {verdict}{listed}")
    if few_names := of.get(TOO_FEW):
        parts.append(f"{len(few_names)} not judged ({few})")
    if missing := of.get(NOT_MEASURED):
        parts.append(f"{len(missing)} not measured")
    return f"Of the paper's {len(found)} claims {', '.join(parts)}; {status_counts(measured)}."


def _counts(found: Sequence[Finding]) -> Counter[str]:
    return Counter(finding.verdict for finding in found)


def _sub(panel: Panel) -> Section:
    found = findings(panel)
    told = ", ".join(f"{count} {verdict}" for verdict, count in _counts(found).most_common())
    measured = [one for one in found if one.verdict != NOT_MEASURED]
    status = f" Of those measured, {status_counts(measured)}." if measured else ""
    blocks: list[Block] = [Paragraph(f"Of {len(found)} claims: {told}.{status}", "answer")]
    if any(one.verdict == TOO_FEW for one in found):
        blocks.append(
            Paragraph(
                f"For each of these claims to be judged, the study needs {fewest_for_all(found):,} individuals; "
                f"below {FEWEST_FOR_INFERENCE} none is.",
                "note",
            )
        )
    if names := sorted({text for one in found for text in one.missing}):
        blocks.append(Paragraph(f"Not measured here: {', '.join(names)}.", "note"))
    blocks.append(_verdicts(panel, found))
    return Section(f"claims-{panel.name.replace('_', '-')}", panel.title, tuple(blocks))


def _verdicts(panel: Panel, found: Sequence[Finding]) -> Sheet:
    return claim_sheet(f"claims_{panel.name}", f"Claims: {panel.title}", found, note_on(found))

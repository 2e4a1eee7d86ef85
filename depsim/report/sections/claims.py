"""The paper's claims, counted over individuals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from depsim.report.document import Block, Column, Paragraph, Section, Sheet, Value
from depsim.study.claims import Finding, findings
from depsim.study.panels import Panel, panels
from depsim.study.reading import Study

_COLUMNS = (
    Column("claim", "claim"),
    Column("verdict", "verdict"),
    Column("count", "support it", "g"),
    Column("n", "of n"),
    Column("share", "share", ".0%"),
    Column("low", "from", ".0%"),
    Column("high", "to", ".0%"),
    Column("quote", "the paper's words"),
    Column("where", "where"),
    Column("formula", "an individual supports it if"),
    Column("published", "true of the published values"),
)
_SHORT = {"claim", "verdict", "n", "share", "low", "high"}
"""Columns of the short table."""


def section(study: Study) -> Section | None:
    """The section; None where no panel has the paper's surroundings."""
    subs = [_sub(panel) for panel in panels(study) if panel.is_papers]
    if not subs:
        return None
    text = (
        "Sentences of the paper that can be computed, each as a comparison within one individual. A claim is "
        "supported when the 95 % Wilson interval of the share of individuals in whom it holds lies wholly above one "
        "half, refuted when wholly below, and undecided otherwise. Where the paper gives a word and no number, the "
        "number is ours: near the ceiling is 99 %, a clear difference 20 points, and 2 points do not matter."
    )
    return Section("claims", "The paper's claims, one by one", (Paragraph(text),), subs)


def facts(study: Study) -> dict[str, Any]:
    """Every claim with its support, for ``study.json``."""
    keys = [column.key for column in _COLUMNS]
    return {
        panel.name: [dict(zip(keys, _row(finding), strict=True)) for finding in findings(panel)]
        for panel in panels(study)
        if panel.is_papers
    }


def verdicts(study: Study) -> tuple[Sheet, ...]:
    """The claims with what became of them, without the words: one short table per panel."""
    kept = [place for place, column in enumerate(_COLUMNS) if column.key in _SHORT]
    return tuple(
        replace(
            sheet,
            columns=tuple(_COLUMNS[i] for i in kept),
            rows=tuple(tuple(row[i] for i in kept) for row in sheet.rows),
        )
        for panel in panels(study)
        if panel.is_papers
        for sheet in [_sheet(panel, findings(panel))]
    )


def tally(found: Sequence[Finding]) -> str:
    """How many claims had which verdict, in words."""
    counts = Counter(finding.verdict for finding in found)
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())


def _sub(panel: Panel) -> Section:
    found = findings(panel)
    blocks: list[Block] = [Paragraph(f"Of {len(found)} claims: {tally(found)}.", "answer")]
    missing = [finding for finding in found if finding.missing]
    if missing:
        names = sorted({text for finding in missing for text in finding.missing})
        blocks.append(Paragraph(f"Not measured here: {', '.join(names)}.", "note"))
    blocks.append(_sheet(panel, found))
    return Section(f"claims-{panel.name.replace('_', '-')}", panel.title, tuple(blocks))


def _sheet(panel: Panel, found: Sequence[Finding]) -> Sheet:
    rows = tuple(_row(finding) for finding in found)
    note = "n: individuals in whom everything the claim needs was measured. Claims are not adjusted for their number."
    return Sheet(f"claims_{panel.name}", f"Claims: {panel.title}", _COLUMNS, rows, note)


def _row(finding: Finding) -> tuple[Value, ...]:
    share, measured = finding.share, finding.share.n > 0
    return (
        finding.claim.name,
        finding.verdict,
        share.count if measured else None,
        share.n,
        share.share if measured else None,
        share.low if measured else None,
        share.high if measured else None,
        f"“{finding.claim.quote}”",
        finding.claim.where,
        finding.claim.formula,
        finding.published,
    )

"""Composing a page: the answer first, then one section for each further question, within limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from depsim.report.ask import Ask
from depsim.report.asking import default_asks, default_question
from depsim.report.parts import Finding, Page, PageSection, Table
from depsim.report.provenance import facts, foot, origin_line
from depsim.report.questions.conditions import MOST_CONDITIONS, overview
from depsim.report.words import counted, paragraph
from depsim.statistics import FEWEST_FOR_INFERENCE
from depsim.study.components import without_crossed
from depsim.study.groups import without_small_groups
from depsim.study.naming import name_arms
from depsim.study.origins import Origin
from depsim.study.reading import Study

MOST_TABLES, MOST_FIGURES, MOST_BULLETS = 8, 7, 3


def compose(
    study: Study,
    origins: Sequence[Origin],
    command: str,
    question: str = "",
    asks: Sequence[Ask] | None = None,
    composed: Callable[[str, float], None] = lambda _word, _share: None,
) -> Page:
    """The report on a study.

    Args:
        study: whose.
        origins: its condition runs (:func:`depsim.study.origins.read_origins`).
        command: that makes the report.
        question: that the study asks; made from what was varied where it is empty.
        asks: what the report asks; by what was varied where it is left out.
        composed: called with the word of each question that is answered, and its share of all questions.
    """
    shown, left_out = without_small_groups(study)
    findings: list[Finding] = []
    asked = asks or default_asks(shown)
    for ask in asked:
        findings += ask.findings(shown)
        composed(ask.word, 1 / len(asked))
    first = findings[0] if findings else _nothing(shown)
    small = overview(shown, first.conditions)
    if small is None and first.table is not None and len(first.table.cells) <= MOST_CONDITIONS:
        small, findings[0] = _explained(first.table, first), replace(first, table=None)
    bullets = _bullets(shown, findings)
    sections, hidden = _sections(findings, bullets)
    return Page(
        title=question or default_question(shown),
        study=study.name,
        answer=first.sentence,
        figure=first.picture or first.figure,
        table=small,
        bullets=bullets,
        sections=sections,
        foot=(*foot(study, left_out), origin_line(origins), _files_line(hidden)),
        files=hidden,
        facts={
            "study": study.name,
            "command": command,
            "findings": [
                {"name": finding.name, "question": finding.title, "answer": finding.sentence, "rows": _rows(finding)}
                for finding in findings
            ],
            **facts(study, origins),
        },
    )


def _nothing(study: Study) -> Finding:
    return Finding("nothing", "", f"{counted(len(study.arms), 'condition')}, and nothing to compare yet.", ())


def _explained(table: Table, finding: Finding) -> Table:
    """The table of a finding that has no section, with what the section would say below it.

    Searches and crossed designs have no conditions to list, so their own table stands in the answer.
    """
    text = finding.text.removeprefix(finding.sentence).strip()
    return replace(table, note=" ".join(filter(None, (text, table.note))))


def _sections(findings: Sequence[Finding], bullets: Sequence[str]) -> tuple[tuple[PageSection, ...], tuple[Table, ...]]:
    """A section for each finding, without what stands above already; what is over the limits becomes files.

    What qualifies an answer stands with it, unless a bullet says it.
    """
    sections: list[PageSection] = []
    hidden: list[Table] = []
    tables, figures = 1, 1
    for place, finding in enumerate(findings):
        shown_above = place == 0 and finding.picture is None
        figure, table = (None if shown_above else finding.figure), finding.table
        if figure is None and table is None:
            continue
        tables, figures = tables + (table is not None), figures + (figure is not None)
        if tables > MOST_TABLES or figures > MOST_FIGURES:
            tables, figures = tables - (table is not None), figures - (figure is not None)
            hidden += [table] if table is not None else []
            continue
        said = finding.text or finding.sentence
        more = [words for words in (finding.open, finding.caution) if words not in bullets and words not in said]
        text = paragraph([said, *more])
        sections.append(PageSection(finding.name, finding.title, text, figure, table))
    return tuple(sections), tuple(hidden)


def _bullets(study: Study, findings: Sequence[Finding]) -> tuple[str, ...]:
    """What else was found, what could not be told, and one caution."""
    also = [*(findings[0].also if findings else ())]
    also += [finding.sentence for finding in findings[1:] if finding.name != "estimates"]
    also = [text for text in also if text != findings[0].sentence]
    unknown = next((finding.open for finding in findings if finding.open), "")
    caution = next((text for text in (_care(study), *(finding.caution for finding in findings)) if text), "")
    return tuple(filter(None, (also[0] if also else "", unknown, caution)))[:MOST_BULLETS]


def _care(study: Study) -> str:
    """What a reader of the whole study has to be careful of; empty for nothing."""
    arms = without_crossed(study).arms
    failed = [(arm, len(arm.failures)) for arm in arms if arm.failures]
    if failed:
        names = name_arms(study.arms)
        arm, count = max(failed, key=lambda pair: pair[1])
        of = counted(len(arm.seeds) + count, "individual")
        return f"{count} of {of} failed ({names[arm.arm_key]}) and {'is' if count == 1 else 'are'} in no number."
    older = sum(len(arm.older) for arm in arms)
    if older:
        return (
            f"{counted(older, 'individual')} come from an older version of the program; the same command renews them."
        )
    smallest = min((len(arm.seeds) for arm in arms if arm.individuals), default=FEWEST_FOR_INFERENCE)
    if study.multiverse is None and 0 < smallest < FEWEST_FOR_INFERENCE and len(arms) > 0:
        return f"{counted(smallest, 'individual')} cannot stand for a population."
    return ""


def _rows(finding: Finding) -> list[dict[str, object]]:
    return [
        {
            "key": dict(row.key),
            **{name: getattr(row, name) for name in row._fields if name not in ("key", "more")},
            **row.more,
        }
        for row in finding.rows
    ]


def _files_line(hidden: Sequence[Table]) -> str:
    more = f" ({counted(len(hidden), 'table')} not shown here)" if hidden else ""
    return (
        f"All numbers are in `study.json`, tables{more} and figures as files in `tables/` and `figures/`; "
        "`depsim report --export` adds the individuals."
    )

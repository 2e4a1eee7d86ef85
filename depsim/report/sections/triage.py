"""Whether a rule that sends individuals to treatments would be worth anything."""

from __future__ import annotations

from collections.abc import Mapping

from depsim.report.columns import columns_of, with_interval
from depsim.report.document import Block, Column, Paragraph, Section, Sheet, Value
from depsim.report.wording import told_apart
from depsim.statistics.triage import LEARNERS
from depsim.study.benefits import OUTCOMES
from depsim.study.naming import name_arms
from depsim.study.reading import Study
from depsim.study.triage import LEARNED, ORACLE, PAPERS, RANDOM, Triage, triages

_RULES = columns_of(
    "rule n",
    *with_interval("gain", "gain over the single drug, points", "+.2f"),
    Column("elsewhere", "sent elsewhere, %", ".0f"),
    "verdict",
)
_LEAVES = columns_of(Column("asked", "if"), Column("given", "then"))
_JUDGED = LEARNED, PAPERS


def section(study: Study) -> Section | None:
    """The section; None where no rule could be learned and scored."""
    found, names = triages(study), name_arms(study.arms)
    if not found:
        return None
    text = (
        f"A rule was learned on the {LEARNERS} individuals of the smallest seeds and scored on the others: a tree of "
        "two questions about what was measured before treatment, whose every answer names the treatment with the "
        f"highest mean {OUTCOMES[-1].name}. The single drug that everybody could get instead is the best one of "
        f"the learners, too. A rule is useful only if it is surely more than {found[0].margin:.2g} points better than "
        "that. The oracle knows every outcome; no rule can reach it, as part of what it knows is the chance of one examination."
    )
    blocks: list[Block] = [Paragraph(text)]
    for own, suffix, whose in told_apart(found, lambda own: own.data):
        rows: list[tuple[Value, ...]] = []
        for each in own.found:
            score, verdict = each.score, each.score.verdict if each.name in _JUDGED else None
            rows.append((each.name, score.n, score.gain, score.low, score.high, 100 * score.elsewhere, verdict))
        note = f"Paired within individuals, Student's t; the single drug is {names[own.single.arm_key]}."
        blocks.append(Sheet(f"triage{suffix}", f"Rules on fresh individuals{whose}", _RULES, tuple(rows), note))
        leaves = tuple((asked, names[arm.arm_key]) for asked, arm in own.rule)
        note = "Slope: points of accuracy per unit of sigma of the healthy network; sparsity of the depressed one."
        blocks.append(Sheet(f"triage_rule{suffix}", f"The learned rule{whose}", _LEAVES, leaves, note))
    return Section("triage", "Would a triage rule be worth anything", tuple(blocks))


def answer_lines(study: Study) -> list[str]:
    """What the rules of the first individuals gain; nothing without any."""
    found = triages(study)
    return [_in_words(found[0], name_arms(study.arms))] if found else []


def _in_words(own: Triage, names: Mapping[str, str]) -> str:
    single = names[own.single.arm_key]
    said = []
    for each in own.found:
        ends = f" [{each.score.low:+.1f}, {each.score.high:+.1f}]" if each.score.low is not None else ""
        verdict = f", {each.score.verdict}" if each.name in _JUDGED else ""
        name = {LEARNED: "the learned rule", PAPERS: "the paper's", RANDOM: "drugs at random", ORACLE: "an oracle"}[
            each.name
        ]
        said.append(f"{name} {each.score.gain:+.1f}{ends}{verdict}")
    return (
        f"Triage, learned on {own.learners} individuals and scored on {own.scored} others, in points of "
        f"{OUTCOMES[-1].name} over {single} for everybody: {'; '.join(said)}."
    )

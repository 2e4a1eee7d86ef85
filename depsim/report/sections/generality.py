"""Other networks and other tasks: what of the paper survives everywhere, and what is a property of its toy."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from depsim.report.columns import columns_of, with_interval
from depsim.report.document import Block, Column, Paragraph, Picture, Section, Sheet, Value
from depsim.report.figures.verdicts import draw_verdicts
from depsim.report.wording import counted, listed
from depsim.study.findings import REFUTED, SUPPORTED
from depsim.study.generality import Key, World, answers, generality, keys_of
from depsim.study.reading import Study

_NAMED = 3
_ORDERINGS = columns_of(
    Column("world", "task, network"),
    "outcome a b n",
    Column("published", "published, A − B", "+.1f"),
    *with_interval("difference", "A − B, points", "+.2f"),
    "p_holm answer",
    Column("noticed", "would notice, points", ".2f"),
)


def section(study: Study) -> Section | None:
    """The section; None where the study has one network and one task only."""
    worlds = generality(study)
    if len(worlds) < 2:
        return None
    text = (
        "The paper's treatments on other networks and tasks. In each of them every pair of conditions that the paper's "
        "Table 1 puts in an order is compared within individuals, one family for Holm's adjustment. An ordering holds "
        "or is reversed where the difference is beyond chance; undecided says nothing, and beside it stands what so "
        "many individuals would have noticed 8 times of 10. Thresholds of claims are those of the paper's task."
    )
    blocks: list[Block] = [Paragraph(text), _picture(worlds), _claims(worlds)]
    return Section("generality", "Is it the toy?", tuple(blocks))


def answer_lines(study: Study) -> list[str]:
    """What survives everywhere, and what does not."""
    worlds = generality(study)
    if len(worlds) < 2:
        return []
    keys = keys_of(worlds)
    found = {key: answers(worlds, key) for key in keys}
    where = f"{counted(len(worlds), 'pair')} of task and network ({'; '.join(world.name for world in worlds)})"
    everywhere = [key for key, own in found.items() if set(own) == {"holds"} and len(own) == len(worlds)]
    lines = [f"Of the paper's {counted(len(keys), 'ordering')} {len(everywhere)} hold in all of {where}."]
    turned = [key for key, own in found.items() if {"holds", "reversed"} <= set(own)]
    if turned:
        named = "; ".join(_reversed_where(key, worlds) for key in turned[:_NAMED])
        more = f"; {len(turned) - _NAMED} more in the table" if len(turned) > _NAMED else ""
        lines.append(f"{len(turned)} hold in some and are reversed in others: {named}{more}.")
    never = [key for key, own in found.items() if "holds" not in own and "reversed" in own]
    if never:
        lines.append(
            f"{len(never)} hold nowhere and are reversed somewhere: {'; '.join(map(_spelled, never[:_NAMED]))}."
        )
    return lines


def _spelled(key: Key) -> str:
    outcome, a, b = key
    return f"{a} − {b}, {outcome}"


def _reversed_where(key: Key, worlds: Sequence[World]) -> str:
    places = [w.name for w in worlds if (one := w.ordering(key)) is not None and one.answer == "reversed"]
    return f"{_spelled(key)} (reversed in {listed(places)})"


def _picture(worlds: Sequence[World]) -> Picture:
    keys, cells = keys_of(worlds), {}
    rows: list[tuple[Value, ...]] = []
    for row, key in enumerate(keys):
        for column, world in enumerate(worlds):
            one = world.ordering(key)
            if one is None:
                cells[row, column] = ("not measured", "–")
                continue
            found = one.pair.contrast.difference
            cells[row, column] = (one.answer, f"{found.mean:+.1f}")
            rows.append((world.name, *key, found.n, one.published, found.mean, *found.ends,
                         one.pair.contrast.p_holm, one.answer, world.noticed(one)))  # fmt: skip
    title = "The paper's orderings on other networks and tasks"
    names = [f"{world.name} (n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{world.n})" for world in worlds]
    return Picture(
        "generality",
        title,
        "Each cell: our mean difference in points, in the paper's order of the two conditions; coloured where it is "
        "beyond chance (Holm within a column), blue as in the paper and orange the other way round.",
        partial(draw_verdicts, [_spelled(key) for key in keys], names, cells),
        Sheet(
            "generality", title, _ORDERINGS, tuple(rows), "Paired within individuals; p of the sign-flip test, Holm."
        ),
        "A grid of the paper's orderings by task and network, coloured by whether each holds",
    )


def _claims(worlds: Sequence[World]) -> Sheet:
    by_world = [{one.claim.name: one for one in world.findings} for world in worlds]
    names = list(dict.fromkeys(name for own in by_world for name in own))
    rows: list[tuple[Value, ...]] = []
    for name in names:
        told = [own.get(name) for own in by_world]
        verdicts = {one.verdict for one in told if one is not None}
        same = len(verdicts) == 1 and verdicts <= {SUPPORTED, REFUTED} and None not in told
        cells = ["–" if one is None else f"{one.verdict} ({100 * one.share.share:.0f} %)" for one in told]
        rows.append((name, *cells, same))
    columns = columns_of(
        "claim",
        *(Column(f"world_{place + 1}", world.name) for place, world in enumerate(worlds)),
        Column("same", "the same everywhere"),
    )
    note = "In brackets: the individuals in which it holds. Each task and network is a family of its own for Holm."
    return Sheet("generality_claims", "The paper's claims on other networks and tasks", columns, tuple(rows), note)

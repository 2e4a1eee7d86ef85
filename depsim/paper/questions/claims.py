"""Which declared sentences hold: the paper's about its own treatments, its other ones, or questions of our own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import ClassVar

from depsim.paper.arm_claims import conditions as described
from depsim.paper.claim_panels import ClaimPanel, File, panels, worth_asking
from depsim.paper.claim_panels import listed as claims_of
from depsim.paper.claim_rows import count_tests, fewest_for_all, judge
from depsim.paper.published import published
from depsim.report.ask import KEY, Ask, AskError, Unasked
from depsim.report.cell import Cell, mean_cell, p_cell
from depsim.report.parts import Figure, Finding, Table, table_of
from depsim.report.words import DASH, counted, listed, number, paragraph
from depsim.statistics import FEWEST_FOR_INFERENCE
from depsim.study.estimate import Estimate
from depsim.study.reading import Study

_TITLES: dict[File, str] = {
    "paper": "Which of the paper's claims hold?",
    "figures": "Which of the paper's claims beyond its four treatments hold?",
    "ours": "What becomes of our own questions?",
}
_SUBJECTS: dict[File, str] = {
    "paper": "independent claims of the paper",
    "figures": "claims of the paper beyond its four treatments",
    "ours": "questions of our own",
}
_NAMES: dict[File, str] = {"paper": "claims", "figures": "claims_figures", "ours": "claims_ours"}
_ORDER = ("no", "undecided", "too few", "yes")
"""Of verdicts in a table."""
_NAMED = 3
_FRESH = "`cohort.first_seed=21000`"


class Claims(Ask):
    """What becomes of sentences that were written down before any run.

    Args:
        file: ``paper``, those about its four treatments, where a study has all of them; ``figures``, its others, and
            ``ours``, where a study has the conditions that one of them needs.
    """

    word: ClassVar[str] = "claims"
    shorthand: ClassVar[str] = "file"

    file: File = "paper"

    def check(self, varied: Collection[str], treatments: Collection[str]) -> None:
        """Refuse claims that no condition of the sweep can answer."""
        if self.file == "paper":
            missing = [name for name in published()["treatments"] if name not in treatments]
        else:
            needed = {settings["treatment"] for _, settings in described().values()}
            missing = [] if needed & set(treatments) else sorted(needed)
        if missing:
            raise AskError(f"{KEY}: claims.file={self.file}: the conditions lack {listed(missing)}")

    def findings(self, study: Study) -> Sequence[Finding]:
        """One: the individuals with most of the conditions are shown, the others are in the file."""
        asked = claims_of(self.file)
        judged = [(panel, judge(panel, asked)) for panel in panels(study, self.file)]
        judged = [(panel, rows) for panel, rows in judged if any(row.n for row in rows)]
        if not judged:
            return ()
        panel, rows = judged[0]
        every = tuple(row for _, panel_rows in judged for row in panel_rows if row.n)
        return (self._finding(panel, rows, every),)

    @classmethod
    def unasked(cls, study: Study) -> Sequence[Unasked]:
        """The files of which a study can judge more than one claim."""
        return [Unasked(90, cls(file=file)) for file in worth_asking(study)]

    def _finding(self, panel: ClaimPanel, rows: Sequence[Estimate], every: tuple[Estimate, ...]) -> Finding:
        counted_rows = [row for row in rows if row.n and is_counted(row)]
        shown = sorted(counted_rows, key=lambda row: _ORDER.index(row.verdict or "too few"))
        name, tests = _NAMES[self.file], count_tests(claims_of(self.file))
        sentence = claims_sentence(counted_rows, tests, _SUBJECTS[self.file])
        return Finding(
            name=name,
            title=_TITLES[self.file],
            sentence=sentence,
            rows=every,
            table=_table(name, every, shown),
            figure=_figure(f"{name}_shares", counted_rows),
            text=paragraph([sentence, *_details(rows)]),
            open=self._open(counted_rows),
            conditions=tuple(condition.name for condition in panel.named.values()) if self.file == "paper" else (),
        )

    def _open(self, rows: Sequence[Estimate]) -> str:
        """What could not be told, and how many individuals would tell."""
        few = [row for row in rows if row.verdict == "too few"]
        if few:
            needed = fewest_for_all(claims_of(self.file))
            return f"No verdict yet on {len(few)} of {counted(len(rows), 'claim')}: they take `cohort.size={needed}`."
        undecided = [row for row in rows if row.verdict == "undecided"]
        if not undecided:
            return ""
        named = listed([f"“{row.of('claim')}” ({_share(row)})" for row in undecided[:_NAMED]])
        more = f" and {len(undecided) - _NAMED} more" if len(undecided) > _NAMED else ""
        return f"Undecided: {named}{more}."


def is_counted(row: Estimate) -> bool:
    """Whether a claim is one of the tests of its family."""
    return row.more["implied_by"] is None and not row.more["by_construction"]


def claims_sentence(rows: Sequence[Estimate], tests: int, subject: str) -> str:
    """How many claims hold, and which do not.

    Args:
        rows: counted claims that were measured.
        tests: all counted claims of the file.
        subject: what they are.
    """
    n = max(row.n for row in rows)
    size = f"n = {n}" if n > 1 else "one individual"
    judged = f" this study can judge {len(rows)}:" if len(rows) < tests else ""
    of = {verdict: [row.of("claim") for row in rows if row.verdict == verdict] for verdict in _ORDER}
    if n < FEWEST_FOR_INFERENCE or len(of["too few"]) == len(rows):
        always, never = (sum(row.value == share for row in rows) for share in (100.0, 0.0))
        held = _with_verb(always, "holds", "hold")
        if n > 1:
            counts = f"{held} in every individual" + (f" and {never} in none" if never else "")
        else:
            counts = f"{held}, {never or 'none'} not"
        return f"Of {tests} {subject}{judged} {counts} ({size})."
    return f"Of {tests} {subject}{judged} {listed(_counts(of))} ({size})."


def _counts(of: dict[str, list[str]]) -> list[str]:
    """How many claims have each verdict; those that fail by name."""
    names = f" ({quoted(of['no'])})" if of["no"] else ""
    words = {
        "yes": _with_verb(len(of["yes"]), "holds", "hold"),
        "no": _with_verb(len(of["no"]), "fails", "fail") + names,
        "undecided": _with_verb(len(of["undecided"]), "is undecided", "are undecided"),
        "too few": _with_verb(len(of["too few"]), "awaits more individuals", "await more individuals"),
    }
    return [text for verdict, text in words.items() if of[verdict] or verdict in ("yes", "no")]


def quoted(names: Sequence[str]) -> str:
    """Claims by their names."""
    return ", ".join(f"“{name}”" for name in names)


def _with_verb(count: int, one: str, several: str) -> str:
    return f"{count or 'none'} {one if count == 1 or (count == 0 and one.endswith('s')) else several}"


def _details(rows: Sequence[Estimate]) -> list[str]:
    """What was declared beforehand, what was compared, and what is not counted."""
    counted_rows = [row for row in rows if row.n and is_counted(row)]
    drugs = [row for row in counted_rows if row.more["between_drugs"]]
    declared = sum(bool(row.more["declared"]) for row in counted_rows)
    if declared == len(counted_rows):
        parts = ["All were declared before these individuals were computed."]
    elif declared:
        parts = [f"{declared} of {len(counted_rows)} were declared before these individuals were computed."]
    else:
        parts = [f"None was declared before these individuals were known; fresh ones: {_FRESH}."]
    if len(drugs) >= _NAMED and any(row.verdict != "too few" for row in drugs):
        held = sum(row.verdict == "yes" for row in drugs)
        parts.append(f"Of the {len(drugs)} that compare two treatments {_with_verb(held, 'holds', 'hold')}.")
    few = max((int(row.more["collapses"] or 0) for row in counted_rows), default=0)
    if few:
        parts.append(
            f"Where 1 to 4 individuals collapsed (here up to {few}), a claim on a mean has to hold in most individuals."
        )
    unlike = [row.of("claim") for row in counted_rows if row.more["published"] is False]
    if unlike:
        does = "does" if len(unlike) == 1 else "do"
        parts.append(f"{len(unlike)} {does} not hold in the paper's own tables: {quoted(unlike)}.")
    implied = sum(bool(row.n) and row.more["implied_by"] is not None for row in rows)
    built = sum(bool(row.n) and bool(row.more["by_construction"]) for row in rows)
    apart = [f"{implied} follow from others" if implied else "", f"{built} are true by construction" if built else ""]
    if any(apart):
        parts.append(f"Not counted: {listed([part for part in apart if part])}.")
    return parts


def _table(name: str, every: Sequence[Estimate], shown: Sequence[Estimate]) -> Table:
    columns = {
        "claim": lambda row: row.of("claim"),
        "holds if": lambda row: str(row.more["holds"]),
        "holds in, % [95 % interval]": lambda row: mean_cell(row, 0),
        "needed, %": lambda row: DASH if row.more["required"] is None else f"> {row.more['required']:g}",
        "mean difference": _difference,
        "p (Holm)": lambda row: p_cell(row.p_holm),
        "holds?": lambda row: row.verdict or DASH,
        "in the paper": lambda row: {True: "yes", False: "no"}.get(row.more["published"], DASH),
    }
    note = (
        f"p adjusted by Holm over {shown[0].more['tests']} tests: exact binomial against the share that is needed; "
        "where none is, sign-flip test of the mean difference."
    )
    sizes = sorted({row.n for row in shown})
    n = f"n = {sizes[0]}" if len(sizes) == 1 else f"n = {sizes[0]} to {sizes[-1]}"
    return table_of(name, f"Claims, {n}", every, columns, shown=shown, note=note)


def _figure(name: str, rows: Sequence[Estimate]) -> Figure:
    n = max(row.n for row in rows)
    caption = (
        "Dots: share of individuals in which a claim holds, coloured by verdict; line: its 95 % interval; tick: the "
        f"share that is needed. Claims without a tick are about the mean difference. n = {n}."
    )
    return Figure(name, caption, partial(_draw, rows), tuple(rows))


def _draw(rows: Sequence[Estimate]) -> object:
    from depsim.report.figures.shares import Share, draw_shares

    return draw_shares(
        [
            Share(
                row.of("claim"),
                row.value or 0.0,
                row.interval or (0.0, 100.0),
                float(needed) if isinstance(needed := row.more["required"], int | float) else None,
                row.verdict or "too few",
            )
            for row in rows
        ]
    )


def _share(row: Estimate) -> str:
    low, high = row.interval or (None, None)
    return f"{number(row.value, 0)} [{number(low, 0)}, {number(high, 0)}]"


def _difference(row: Estimate) -> Cell:
    mean, low, high = (row.number(name) for name in ("difference", "difference_low", "difference_high"))
    return Cell(mean, low, high, signed=True)

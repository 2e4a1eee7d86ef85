"""What a search won, and by how much on fresh individuals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from depsim.outcomes import PRIMARY, name_column
from depsim.report.ask import Ask, Unasked
from depsim.report.cell import difference_cell, number_cell, p_cell
from depsim.report.parts import CellOf, Figure, Finding, Table, table_of
from depsim.report.words import counted, difference, number
from depsim.stages import TREATED
from depsim.study.analyses.search import gain_word, search_rows
from depsim.study.estimate import Estimate
from depsim.study.labels import spell_setting
from depsim.study.naming import name_treatment
from depsim.study.objective import Objective
from depsim.study.reading import Study
from depsim.study.searches import Search, Winner

_NAMES = {f"{TREATED}/{outcome.column}": outcome.name for outcome in PRIMARY if outcome.column != "relapse_drop"}
_DIGITS = 3
_MOST_IMPORTANT = 3


class Searches(Ask):
    """What each search of a study won."""

    word: ClassVar[str] = "search"

    def findings(self, study: Study) -> Sequence[Finding]:
        """One for each search, the oldest first."""
        several = len(study.searches) > 1
        return tuple(_finding(search, place, several) for place, search in enumerate(study.searches))

    @classmethod
    def unasked(cls, study: Study) -> Sequence[Unasked]:
        """Every search of a study."""
        return (Unasked(10, cls()),) if study.searches else ()


def _finding(search: Search, place: int, several: bool) -> Finding:
    rows = search_rows(search)
    name = f"search_{place + 1}" if several else "search"
    which = f" ({search.name})" if several else ""
    return Finding(
        name,
        f"What did the search find, and what is it worth?{which}",
        _sentence(search, rows),
        rows,
        _table(name, search, rows) if rows else None,
        _figure(name, search, rows) if any(trial.values for trial in search.trials) else None,
        text=_text(search),
        also=_optimism(search, rows),
        open=_open(search, rows),
        caution=_caution(search),
    )


def _sentence(search: Search, rows: Sequence[Estimate]) -> str:
    trials = counted(len(search.trials), "trial")
    if not search.winners and search.finished:
        return f"No winner: of {trials} no complete one keeps the constraints."
    if not search.winners:
        return f"No winner yet after {trials}; `{search.command}` goes on."
    if len(search.winners) > 1:
        return _trade_off(search, rows)
    winner, parts = search.winners[0], []
    for row, objective in zip(rows, search.objectives, strict=True):
        if row.value is None:
            value = row.more["fresh"] if row.more["fresh"] is not None else row.more["in_search"]
            where = "on fresh individuals" if row.more["fresh"] is not None else "in the search only"
            parts.append(f"{name_metric(objective)} {_value(value)} {where}")
        else:
            parts.append(
                f"{name_metric(objective)} {_value(row.more['fresh'])}, the paper's settings "
                f"{_value(row.more['reference'])}: {gain_word(row)} {difference(row)}"
            )
    n = f" (n = {rows[0].n} fresh individuals)" if rows[0].value is not None else ""
    text = f"{name_winner(search, winner)}: {'; '.join(parts)}{n}."
    return f"{text[:1].upper()}{text[1:]}"


def _trade_off(search: Search, rows: Sequence[Estimate]) -> str:
    parts = []
    for place, objective in enumerate(search.objectives):
        objective_rows = rows[place :: len(search.objectives)]
        words = [gain_word(row) for row in objective_rows if row.value is not None]
        counts = ", ".join(f"{words.count(word)} {word}" for word in ("gain", "no gain", "loss") if word in words)
        parts.append(f"{name_metric(objective)}: {counts or 'not compared'}")
    n = f" (n = {rows[0].n} fresh individuals)" if rows[0].value is not None else ""
    return f"{len(search.winners)} winners of the trade-off against the paper's settings; {'; '.join(parts)}{n}."


def _text(search: Search) -> str:
    statuses = ", ".join(f"{count} {how}" for how, count in sorted(Counter(t.status for t in search.trials).items()))
    aims = " and ".join(f"{objective.direction} {name_metric(objective)}" for objective in search.objectives)
    parts = [f"To {aims}: {counted(len(search.trials), 'trial')} ({statuses or 'none yet'})."]
    parts.append("Winners were chosen on other individuals; gains are paired differences on fresh ones.")
    for objective in search.objectives:
        weights = [(key, share) for key, metric, share in search.importance if metric == objective.metric]
        if weights:
            shares = ", ".join(f"{spell_key(key)} {share:.2f}" for key, share in weights[:_MOST_IMPORTANT])
            parts.append(f"Importance (PED-ANOVA): {shares}.")
    return " ".join(parts)


def _optimism(search: Search, rows: Sequence[Estimate]) -> tuple[str, ...]:
    """By how much the search's own value was too good; of one winner."""
    if len(search.winners) != 1:
        return ()
    known = [
        (row, objective)
        for row, objective in zip(rows, search.objectives, strict=True)
        if row.more["optimism"] is not None
    ]
    values = "; ".join(
        f"{name_metric(objective)} {_value(row.more['in_search'])} in the search, {_value(row.more['fresh'])} on fresh "
        f"individuals (optimism {number(float(row.more['optimism'] or 0.0), 1, True)})"
        for row, objective in known
    )
    return (f"The search's own value is too good: {values}.",) if any(_is_positive(row) for row, _ in known) else ()


def _is_positive(row: Estimate) -> bool:
    optimism = row.more["optimism"]
    return isinstance(optimism, int | float) and optimism > 0.05


def _open(search: Search, rows: Sequence[Estimate]) -> str:
    lost = [f"trial {winner.trial}: {winner.fresh.failure}" for winner in search.winners if winner.fresh.values is None]
    if lost:
        return f"Not scored on fresh individuals: {'; '.join(lost[:2])}."
    without = [winner for winner in search.winners if winner.reference.values is None]
    if without:
        why = without[0].reference.failure or f"`{search.command}` computes them"
        return f"The paper's settings were not scored on the fresh individuals: {why}."
    few = [row for row in rows if row.verdict == "too few"]
    if few:
        return f"No verdict on the gain yet: n = {few[0].n} fresh individuals (`search.fresh.size=20`)."
    return ""


def _caution(search: Search) -> str:
    broken = [f"trial {winner.trial}: {', '.join(winner.breaks)}" for winner in search.winners if winner.breaks]
    if broken:
        return f"Constraints not kept on fresh individuals: {'; '.join(broken[:2])}."
    failed = [trial for trial in search.trials if trial.status == "failed"]
    return f"{counted(len(failed), 'trial')} failed, the first: {failed[0].reason}." if failed else ""


def _table(name: str, search: Search, rows: Sequence[Estimate]) -> Table:
    """A line for each winner and objective: in the search, on fresh individuals, the paper's settings there."""
    winners = {w.trial: f"{name_winner(search, w)} (trial {w.trial})" for w in search.winners}
    objectives = {objective.title: name_metric(objective) for objective in search.objectives}
    columns: Mapping[str, CellOf] = {
        "winner": lambda row: winners[int(row.key["trial"])],
        "objective": lambda row: objectives[row.of("objective")],
        "in the search": lambda row: number_cell(row.number("in_search")),
        "on fresh individuals": lambda row: number_cell(row.number("fresh")),
        "paper's settings there": lambda row: number_cell(row.number("reference")),
        "gain [95 % interval]": difference_cell,
        "p (Holm)": lambda row: p_cell(row.p_holm),
        "gain?": lambda row: row.verdict or "",
    }
    n = f", n = {rows[0].n} fresh individuals" if rows[0].n else ""
    means = [objective for objective in search.objectives if objective.statistic != "mean"]
    note = f"Gain: mean paired difference, whatever the objective's statistic ({means[0].statistic})." if means else ""
    return table_of(name, f"Winners and the paper's settings{n}", rows, columns, note=note)


def _figure(name: str, search: Search, rows: Sequence[Estimate]) -> Figure:
    compared = any(row.value is not None for row in rows)
    gains = " Gains: each fresh individual, mean and 95 % interval." if compared else ""
    if len(search.objectives) == 2:
        course = "Left: trials, the line of those that none beats in both; diamonds and stars: fresh individuals."
    else:
        course = "Left: value by trial, the line is the best so far; hollow: breaks a constraint."
    return Figure(f"{name}_course", course + gains, lambda: _draw(search, rows), tuple(rows))


def _draw(search: Search, rows: Sequence[Estimate]) -> Any:
    from depsim.report.figures.search import draw_search

    course = _front(search) if len(search.objectives) == 2 else _histories(search)
    return draw_search(course, _marks(search, rows))


def _histories(search: Search) -> list[Any]:
    from depsim.report.figures.search import History

    fallen = [(trial.number, trial.status) for trial in search.trials if not trial.values]
    return [
        History(
            name_metric(objective),
            [(t.number, t.values[place], t.feasible) for t in search.trials if t.values],
            list(search.best_so_far().items()),
            fallen,
        )
        for place, objective in enumerate(search.objectives)
    ]


def _front(search: Search) -> Any:
    from depsim.report.figures.search import Front

    first, second = (f"{name_metric(objective)} ({objective.direction})" for objective in search.objectives)
    return Front(
        (first, second),
        [_pair(trial.values) for trial in search.trials if trial.values],
        [_pair(trial.values) for trial in search.front()],
        [(_pair(w.values), _pair(w.fresh.values)) for w in search.winners if w.fresh.values is not None],
        list({_pair(w.reference.values) for w in search.winners if w.reference.values is not None}),
    )


def _marks(search: Search, rows: Sequence[Estimate]) -> dict[str, list[Any]]:
    from depsim.report.figures.forest import Mark

    signs = {objective.title: objective for objective in search.objectives}
    winners = {winner.trial: winner for winner in search.winners}
    marks: dict[str, list[Mark]] = {}
    for row in rows:
        if row.value is None:
            continue
        objective, winner = signs[row.of("objective")], winners[int(row.key["trial"])]
        fresh, reference = winner.fresh.people, winner.reference.people
        values = np.array(
            [
                objective.sign * (fresh[seed][objective.metric] - reference[seed][objective.metric])
                for seed in sorted(fresh.keys() & reference.keys())
            ]
        )
        mark = Mark(f"trial {winner.trial}", row.value, row.interval, "#e69f00", values[np.isfinite(values)])
        marks.setdefault(name_metric(objective), []).append(mark)
    return marks


def _pair(values: Sequence[float]) -> tuple[float, float]:
    return values[0], values[1]


def name_winner(search: Search, winner: Winner) -> str:
    """A winner by its treatment and the settings that were searched.

    Args:
        search: whose.
        winner: one of its.
    """
    treatment = str(winner.point.get("treatment", search.params.get("fixed.treatment", f"trial {winner.trial}")))
    parts = [spell_setting(key, str(value), _DIGITS) for key, value in winner.point.items() if key != "treatment"]
    return ", ".join([name_treatment(treatment), *parts])


def name_metric(objective: Objective) -> str:
    """What a search is after, in words; a statistic that is no mean is named.

    >>> name_metric(Objective(metric="treated/internal_noise_2.5", direction="maximise", statistic="mean"))
    'extreme noise (sigma 2.5)'
    >>> name_metric(Objective(metric="withdrawn/combined", direction="maximise", statistic="cvar(0.5)"))
    'combined, withdrawn (cvar(0.5))'
    """
    stage, _, column = objective.metric.rpartition("/")
    name = _NAMES.get(objective.metric) or f"{name_column(column)}{f', {stage}' if stage not in ('', TREATED) else ''}"
    return name if objective.statistic == "mean" else f"{name} ({objective.statistic})"


def spell_key(key: str) -> str:
    """A searched setting by its own name.

    >>> spell_key("treatment.regrow_fraction")
    'regrow fraction'
    """
    return key.rpartition(".")[2].replace("_", " ")


def _value(value: Any) -> str:
    return number(float(value)) if isinstance(value, int | float) else "–"

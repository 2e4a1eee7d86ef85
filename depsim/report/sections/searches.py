"""Searches: how each went, what mattered, and what its winner is worth on fresh individuals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

from depsim.report.columns import columns_of
from depsim.report.document import Block, Column, Paragraph, Picture, Section, Sheet
from depsim.report.figures.search import Pair, draw_front, draw_history, draw_importance, draw_optimism, draw_settings
from depsim.report.sections.search_sheets import plain_value, trials_sheet, winners_sheet
from depsim.report.settings import file_stem
from depsim.report.wording import counted, span
from depsim.statistics import MEAN_INTERVAL
from depsim.study.reading import Study
from depsim.study.searches import Cohort, Search, mean_interval


def section(study: Study) -> Section | None:
    """The section; None where nothing was searched."""
    if not study.searches:
        return None
    intro = (
        "A trial is one condition on the same cohort for all trials. The best trial was chosen because its value was "
        "high on these individuals, so its own value is too good; the result is its value on fresh individuals."
    )
    subs = [_page(search, file_stem(search.name)) for search in study.searches]
    return Section("searches", "Searches", (Paragraph(intro),), subs)


def _page(search: Search, stem: str) -> Section:
    blocks: list[Block] = [Paragraph(_summary(search)), *_remarks(search)]
    if search.winners:
        blocks += [winners_sheet(search, stem), _optimism_picture(search, stem)]
    if any(trial.values for trial in search.trials):
        if len(search.objectives) == 2:
            blocks.append(_front_picture(search, stem))
        blocks += [_history_picture(search, stem), _settings_picture(search, stem)]
    if search.importance:
        blocks.append(_importance_picture(search, stem))
    if search.trials:
        blocks.append(trials_sheet(search, f"trials_{stem}"))
    return Section(f"search-{stem.replace('_', '-')}", search.name, tuple(blocks))


def _summary(search: Search) -> str:
    wanted = " and ".join(f"{o.direction} the {o.statistic} of `{o.metric}`" for o in search.objectives)
    told = ", ".join(f"{count} {fate}" for fate, count in sorted(Counter(one.fate for one in search.trials).items()))
    how = ", ".join(f"{key} {search.params[key]}" for key in ("sampler", "pruner") if key in search.params)
    space = "; ".join(
        f"`{key.removeprefix('space.')}` in {value}"
        for key, value in sorted(search.params.items())
        if key.startswith("space.")
    )
    said = [f"To {wanted}."] if wanted else []
    said += [f"Searched: {space}."] if space else []
    said += [f"{counted(len(search.trials), 'trial')} ({told or 'none yet'}); {how or 'how is not recorded'}."]
    return " ".join(said)


def _remarks(search: Search) -> list[Paragraph]:
    if not search.winners and search.finished:
        why = [f" Trial {trial.number} failed: {trial.reason}." for trial in search.trials if trial.fate == "failed"]
        text = "No trial is complete and keeps the constraints, so there is no winner." + "".join(why[:1])
        return [Paragraph(text, "warning")]
    if not search.winners:
        text = "The search is not finished: there is no winner yet, and the best value so far is too good."
        return [Paragraph(text + (f" `{search.command}` goes on with it." if search.command else ""), "warning")]
    failed = [f"trial {winner.trial}: {winner.failure}" for winner in search.winners if winner.fresh_values is None]
    broken = [f"trial {winner.trial}: {', '.join(winner.breaks)}" for winner in search.winners if winner.breaks]
    said = {"Not scored on fresh individuals": failed, "Not kept on fresh individuals": broken}
    return [Paragraph(f"{what}: {'; '.join(which)}.", "warning") for what, which in said.items() if which]


def _optimism_picture(search: Search, stem: str) -> Picture:
    panels: dict[str, list[Pair]] = {objective.title: [] for objective in search.objectives}
    for winner in search.winners:
        for place, objective in enumerate(search.objectives):
            fresh = None if winner.fresh_values is None else winner.fresh_values[place]
            intervals = [mean_interval(objective, cohorts[place]) for cohorts in (winner.own, winner.fresh)]
            panels[objective.title].append(Pair(f"trial {winner.trial}", winner.values[place], fresh, *intervals))
    own = _spell_sizes([cohort for winner in search.winners for cohort in winner.own])
    fresh_ones = _spell_sizes([cohort for winner in search.winners for cohort in winner.fresh])
    return Picture(
        name=f"optimism_{stem}",
        title="The winner in the search and on fresh individuals",
        caption=(
            f"Values over the individuals of the search (n = {own}) and over fresh ones (n = {fresh_ones}); bars are "
            f"the {MEAN_INTERVAL}, where the statistic is the mean."
        ),
        draw=partial(draw_optimism, panels),
        data=winners_sheet(search, stem),
        alt="Winners' values in the search beside those on fresh individuals; numbers in the table.",
    )


def _spell_sizes(cohorts: Sequence[Cohort | None]) -> str:
    sizes = [cohort.n for cohort in cohorts if cohort is not None]
    return span(sizes) if sizes else "unknown"


def _front_picture(search: Search, stem: str) -> Picture:
    def pair(values: Sequence[float]) -> tuple[float, float]:
        return values[0], values[1]

    front = search.front()
    fresh = [(pair(w.values), pair(w.fresh_values)) for w in search.winners if w.fresh_values is not None]
    first, second = search.objectives
    trials = [pair(trial.values) for trial in search.trials if trial.values]
    return Picture(
        name=f"pareto_{stem}",
        title="The trade-off",
        caption=(
            f"{counted(len(trials), 'finished trial')}; the line joins the {len(front)} that keep the constraints and "
            "that no other one beats in both objectives (Pareto front). Diamonds: the same conditions on fresh "
            "individuals."
        ),
        draw=partial(
            draw_front,
            trials,
            [pair(trial.values) for trial in front],
            fresh,
            (f"{first.title} ({first.direction})", f"{second.title} ({second.direction})"),
        ),
        data=trials_sheet(search, f"pareto_{stem}"),
        alt=f"{first.title} against {second.title} of all trials, with the Pareto front; numbers in the table.",
    )


def _history_picture(search: Search, stem: str) -> Picture:
    values = {
        objective.title: [
            (trial.number, trial.values[place], trial.feasible) for trial in search.trials if trial.values
        ]
        for place, objective in enumerate(search.objectives)
    }
    fallen = [(trial.number, trial.fate) for trial in search.trials if not trial.values]
    n = span(trial.individuals for trial in search.trials if trial.values)
    return Picture(
        name=f"history_{stem}",
        title="History",
        caption=(
            f"One point per trial, over n = {n} individuals, the same for all. Marks at the bottom: trials without a "
            "value, stopped early, interrupted or failed."
        ),
        draw=partial(draw_history, values, search.best_so_far(), fallen),
        data=trials_sheet(search, f"history_{stem}"),
        alt="Values of all trials in the order they were tried, with the best so far; numbers in the table.",
    )


def _settings_picture(search: Search, stem: str) -> Picture:
    done = [trial for trial in search.trials if trial.values]
    panels = [
        (
            key,
            each.title,
            [(plain_value(trial.point.get(key)), trial.values[place], trial.feasible) for trial in done],
        )
        for key in done[0].point
        for place, each in enumerate(search.objectives)
    ]
    return Picture(
        name=f"settings_{stem}",
        title="Where the search looked",
        caption=f"One point for each of n = {len(done)} finished trials; hollow: it breaks a constraint. Settings were "
        "varied together, so a slope is no effect of one alone.",
        draw=partial(draw_settings, panels),
        data=trials_sheet(search, f"settings_{stem}"),
        alt="Values of all finished trials against each searched setting; numbers in the table.",
    )


def _importance_picture(search: Search, stem: str) -> Picture:
    weights: dict[str, dict[str, float]] = {}
    for key, objective, weight in sorted(search.importance, key=lambda each: (each[1], -each[2], each[0])):
        weights.setdefault(objective, {})[key] = weight
    columns = columns_of("objective", Column("key", "setting"), Column("importance", "importance", ".2f"))
    rows = tuple((objective, key, weight) for objective, own in weights.items() for key, weight in own.items())
    complete = sum(bool(trial.values) for trial in search.trials)
    return Picture(
        name=f"importance_{stem}",
        title="What mattered",
        caption=(
            f"Share of each setting in what sets the best quarter of n = {complete} finished trials apart (PED-ANOVA); "
            "shares of a short search are rough, and there is no band."
        ),
        draw=partial(draw_importance, weights),
        data=Sheet(f"importance_{stem}", "Importance of the searched settings", columns, rows),
        alt="Bars of the importance of each searched setting; numbers in the table.",
    )

"""The metrics of a search in MLflow: values by trial number, the best so far, and what winners are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from depsim.study.estimate import Estimate
from depsim.study.search_files import value_names
from depsim.study.searches import Search, Trial

Curves = Mapping[str, Mapping[int, float]]
"""Metric to step to value."""


def trial_curves(trials: Sequence[Trial], objectives: int) -> Curves:
    """The values of complete trials by their numbers.

    Args:
        trials: of a search.
        objectives: how many it has.
    """
    complete = [trial for trial in trials if trial.values]
    return {
        f"search/{name}": {trial.number: trial.values[place] for trial in complete}
        for place, name in enumerate(value_names(objectives))
        if complete
    }


def search_curves(search: Search, rows: Sequence[Estimate] = ()) -> Curves:
    """The curves of a search: its trials' values and the best so far, and of its winners what they are worth.

    Args:
        search: as far as it is.
        rows: of its winners (:func:`depsim.study.analyses.search.search_rows`). Their step is the number of trials
            that led to the winner; of a trade-off, each trial's number.
    """
    count = len(search.objectives)
    curves = {name: dict(curve) for name, curve in trial_curves(search.trials, count).items()}
    if best := search.best_so_far():
        curves["search/best"] = best
    for place, row in enumerate(rows):
        step = len(search.trials) if count == 1 else int(row.key["trial"])
        values = {
            "best_value": row.more["in_search"],
            "fresh_value": row.more["fresh"],
            "reference_value": row.more["reference"],
            "gain": row.value,
            "optimism": row.more["optimism"],
        }
        for what, value in values.items():
            if value is not None:
                curves.setdefault(f"search/{value_names(count, what)[place % count]}", {})[step] = float(value)
    return curves

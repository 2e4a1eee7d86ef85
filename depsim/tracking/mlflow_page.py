"""What people see first of a study in MLflow: its description, and prepared views of its conditions and of a search.

A prepared view is a tag of the experiment, which MLflow's menu *Views* lists, and which a link names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from depsim.outcomes import primary_metrics
from depsim.stages import EXAMINED_ON_AND_OFF

CONDITIONS_ONLY = "tags.\"depsim.kind\" = 'condition'"
"""What to search for in the MLflow UI to see the conditions without their individuals."""
CONDITIONS, TRIALS, POINTS = "depsim", "depsim_trials", "depsim_points"
"""The names of prepared views."""
_TAG = "mlflow.sharedViewState."
"""What the tags of an experiment that hold views begin with; the name of the view follows."""
_PRIMARY, _CURVES = primary_metrics(), tuple(f"{stage}/resilience" for stage in EXAMINED_ON_AND_OFF)
_MOST_RUNS, _COLUMN_WIDTH = 20, 190
"""Conditions that are drawn at first; pixels."""
_SHOWN = {"display": True, "isReordered": True, "columns": 2, "cardHeight": 300}
"""How a section of charts is shown; at 1400 pixels three charts in a row leave no room for their titles."""
_SECTIONS = {
    "Primary outcomes": _PRIMARY[:4],
    "Resilience curves (step: 100 sigma)": _CURVES,
    "Primary outcomes, drug withdrawn": _PRIMARY[4:],
}
_MOST_POINTS = 1000
"""Of a multiverse, in one chart."""
_TRADE_OFF = "Trade-off"
"""A section of the trials' view, where there are two objectives."""
_LONGEST = 5000
"""Characters that MLflow keeps of a tag."""


def page_tags(study: str) -> dict[str, str]:
    """The tags of a new study's experiment.

    Args:
        study: its name.
    """
    return {
        "mlflow.note.content": _description(study),
        "mlflow.experimentKind": "custom_model_development",  # not the GenAI pages
        _TAG + CONDITIONS: _conditions_view(),
    }


def has_view(experiment: Any, view: str = CONDITIONS) -> bool:
    """Whether an experiment is a study with a prepared view of this name."""
    return _TAG + view in experiment.tags


def view_link(address: str, experiment: Any, view: str = CONDITIONS) -> str:
    """Where the MLflow UI shows a study's conditions, the trials of its newest search, or the points of a multiverse.

    Args:
        address: of the UI.
        experiment: of the study.
        view: the name of the view.
    """
    return f"{page_link(address, experiment)}&compareRunsMode=CHART&viewStateShareKey={view}"


def page_link(address: str, experiment: Any) -> str:
    """Where the MLflow UI shows all runs of a study."""
    return f"{address}/#/experiments/{experiment.experiment_id}/runs?workflowType=machine_learning"


def trials_view(search: str, params: Mapping[str, str]) -> tuple[str, str]:
    """The view of the complete trials of a search, the best first: name and text of the experiment's tag.

    Args:
        search: its run.
        params: the parameters of that run.
    """
    aims = [*zip(*(params[key].split(", ") for key in ("directions", "statistic", "metric")), strict=True)]
    values = ["search/value"] if len(aims) == 1 else [f"search/value_{number}" for number in range(len(aims))]
    settings = [key.removeprefix("space.") for key in params if key.startswith("space.")]
    text = ""
    for count in range(len(settings), -1, -1):
        text = _view("Trials", _trials(search, dict(zip(values, aims, strict=True)), settings[:count]))
        if len(text) < _LONGEST:
            break
    return _TAG + TRIALS, text


def points_view(arm: str, settings: Sequence[str]) -> tuple[str, str]:
    """The view of one arm at all points of a multiverse: name and text of the experiment's tag.

    Settings and outcome are in one chart of parallel coordinates, and each setting in a scatter chart.

    Args:
        arm: whose points are shown first; another one is a word in the search of the page.
        settings: parameters of the points.
    """
    outcome, text = _PRIMARY[1], ""
    for count in range(len(settings), -1, -1):
        shown = list(settings[:count])
        parallel = {
            "uuid": "parallel",
            "metricSectionId": outcome,
            "type": "PARALLEL",
            "runsCountToCompare": _MOST_POINTS,
            "selectedParams": list(settings),
            "selectedMetrics": [outcome],
            "showAllRuns": True,
        }
        state = {
            "searchFilter": f"{CONDITIONS_ONLY} and tags.\"depsim.arm\" = '{arm}'",
            "orderByKey": f"metrics.`{outcome}`",
            "orderByAsc": True,
            **_columns([f"metrics.`{outcome}`", *(f"params.`{key}`" for key in shown)]),
            "runsHiddenMode": "SHOWALL",
            **_charts(
                [parallel, *(_scatter((key, "PARAM"), outcome, outcome) for key in shown)],
                {outcome: f"{outcome} over the settings"},
                [outcome],
            ),
        }
        text = _view("Points", state)
        if len(text) < _LONGEST:
            break
    return _TAG + POINTS, text


def _trials(search: str, aims: Mapping[str, Sequence[str]], settings: Sequence[str]) -> dict[str, Any]:
    """The state of the view of trials.

    Args:
        search: its run.
        aims: metric that holds the values of an objective to its direction, its statistic and what that is of.
        settings: parameters, each with a chart of its own for each objective.
    """
    values, charts = list(aims), []
    titles = {value: f"{direction} {metric} ({statistic})" for value, (direction, statistic, metric) in aims.items()}
    if len(values) > 1:
        titles = {_TRADE_OFF: _TRADE_OFF, **titles}
        charts.append(_scatter((values[0], "METRIC"), values[1], _TRADE_OFF))
    for value in values:
        charts += [_chart(value, value), *(_scatter((key, "PARAM"), value, value) for key in settings)]
    return {
        # Its run's name tells a trial from the winner on fresh individuals and from the paper's settings there.
        "searchFilter": f"tags.\"depsim.search\" = '{search}' and tags.\"depsim.trial_state\" = 'COMPLETE' and "
        "attributes.run_name LIKE 'trial %'",
        "orderByKey": f"metrics.`{values[0]}`",  # without an order by a metric trials would be folded below the search
        "orderByAsc": aims[values[0]][0].startswith("min"),
        **_columns([*(f"metrics.`{value}`" for value in values), *(f"params.`{key}`" for key in settings)]),
        "runsHiddenMode": "SHOWALL",
        **_charts(charts, titles, values),
    }


def _conditions_view() -> str:
    """The view of conditions in the order in which they were run."""
    state = {
        "searchFilter": CONDITIONS_ONLY,
        "orderByKey": "attributes.start_time",
        "orderByAsc": True,
        **_columns([f"metrics.`{name}`" for name in _PRIMARY]),
        "runsHiddenMode": f"FIRST_{_MOST_RUNS}_RUNS",
        **_charts(
            [_chart(name, title) for title, names in _SECTIONS.items() for name in names],
            {title: title for title in _SECTIONS},
            [*_PRIMARY, *_CURVES],
        ),
    }
    return _view("Conditions", state)


def _view(name: str, state: Mapping[str, Any]) -> str:
    """A view as MLflow's UI writes one: its name, and the state of the page as JSON inside JSON."""
    inner = json.dumps(state, separators=(",", ":"))
    return json.dumps({"name": name, "createdAt": 0, "updatedAt": 0, "state": inner}, separators=(",", ":"))


def _columns(names: Sequence[str]) -> dict[str, Any]:
    """The columns of the table of runs."""
    widths = dict.fromkeys(names, _COLUMN_WIDTH)
    return {"selectedColumns": list(names), "columnOrder": list(names), "columnWidths": widths}


def _charts(charts: Sequence[object], sections: Mapping[str, str], metrics: Sequence[str]) -> dict[str, Any]:
    """Charts in sections, by their id with their titles, and none of any other metric."""
    return {
        "chartsSearchFilter": _pattern(metrics),  # MLflow adds a chart for every other metric
        "isAccordionReordered": True,  # else it sorts the sections by name
        "compareRunSections": [{"uuid": key, "name": title, **_SHOWN} for key, title in sections.items()],
        "compareRunCharts": list(charts),
    }


def _pattern(metrics: Sequence[str]) -> str:
    return f"^({'|'.join(map(re.escape, metrics))})$"


def _chart(name: str, section: str) -> dict[str, Any]:
    chart = {"uuid": name, "metricSectionId": section, "metricKey": name}
    if name not in _CURVES:
        return {**chart, "type": "BAR", "runsCountToCompare": _MOST_RUNS}
    axes = {"xAxisKey": "step", "yAxisKey": "metric", "scaleType": "linear", "xAxisScaleType": "linear", "range": {}}
    shared = {"useGlobalXaxisKey": True, "useGlobalLineSmoothing": True, "lineSmoothness": 0}  # left out, it smooths
    return {**chart, **axes, **shared, "type": "LINE", "selectedMetricKeys": [name]}


def _scatter(x: tuple[str, str], y: str, section: str) -> dict[str, Any]:
    """A metric over another metric or a parameter, as key and kind."""
    axes = {"xaxis": {"key": x[0], "type": x[1]}, "yaxis": {"key": y, "type": "METRIC"}}
    return {"uuid": f"{y} {x[0]}", "metricSectionId": section, "type": "SCATTER", "runsCountToCompare": 100, **axes}


def _description(study: str) -> str:
    # Folded, the page shows the first paragraph only.
    columns = ", ".join(f"`{name}`" for name in _PRIMARY[:4])
    return (
        f"Start from *Views*, **Conditions**: filter `{CONDITIONS_ONLY}`, columns {columns}. Where the study holds a "
        "search, **Trials** has those of the newest one, the best first; of a multiverse, **Points** has one condition "
        "at every set of settings.\n\n"
        f"As charts by hand: the chart view, with `{_pattern([*_PRIMARY, *_CURVES])}` in *Search metric charts*.\n\n"
        f"In study **{study}** a run of kind `condition` is one condition applied to one cohort, and the runs below it "
        "are its individuals. `depsim report` adds the answer and a picture (`summary.png`) to it.\n\n"
        "| search for | to see |\n|---|---|\n"
        "| `tags.\"depsim.treatment\" = 'ketamine'` | one treatment |\n"
        "| `tags.\"depsim.kind\" = 'individual'` | individuals only; *Group by* `depsim.treatment` gives means |\n"
        "| `tags.\"depsim.seed\" = '7'` | one individual under all conditions |\n"
        "| `attributes.status = 'FAILED'` | what went wrong: `traceback.txt` among its artifacts |\n\n"
        "On a condition, `treated/combined` is the mean over individuals; `summary/treated/combined.sd`, `.ci_low`, "
        "`.ci_high` (95 % interval of the mean) and `.n` belong to it. Only primary outcomes have these; those of all "
        "metrics stand in its artifact `summary.csv`. `<stage>/resilience` is a curve whose step is 100 times the "
        "internal noise, `<stage>/loss` one over epochs. Accuracies and sparsities are in per cent, `relapse_drop` in "
        "points."
    )

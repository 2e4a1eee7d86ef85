"""What people see first of a study in MLflow: its description, and a prepared view of its conditions.

A prepared view is a tag of the experiment, which MLflow's menu *Views* lists, and which a link names.
"""

from __future__ import annotations

import json
import re
from typing import Any

from depsim.outcomes import primary_metrics
from depsim.stages import EXAMINED_ON_AND_OFF

CONDITIONS_ONLY = "tags.\"depsim.kind\" = 'condition'"
"""What to search for in the MLflow UI to see the conditions without their individuals."""
_VIEW, _VIEW_NAME = "depsim", "Conditions"
_VIEW_TAG = f"mlflow.sharedViewState.{_VIEW}"
_PRIMARY, _CURVES = primary_metrics(), tuple(f"{stage}/resilience" for stage in EXAMINED_ON_AND_OFF)
_CHARTS = f"^({'|'.join(re.escape(name) for name in (*_PRIMARY, *_CURVES))})$"
_MOST_RUNS, _COLUMN_WIDTH = 20, 190
"""Conditions that are drawn at first; pixels."""
_SHOWN = {"display": True, "isReordered": True, "columns": 2, "cardHeight": 300}
"""How a section of charts is shown; at 1400 pixels three charts in a row leave no room for their titles."""
_SECTIONS = {
    "Primary outcomes": _PRIMARY[:4],
    "Resilience curves (step: 100 sigma)": _CURVES,
    "Primary outcomes, drug withdrawn": _PRIMARY[4:],
}


def page_tags(study: str) -> dict[str, str]:
    """The tags of a new study's experiment.

    Args:
        study: its name.
    """
    return {
        "mlflow.note.content": _description(study),
        "mlflow.experimentKind": "custom_model_development",  # not the GenAI pages
        _VIEW_TAG: _view(),
    }


def has_view(experiment: Any) -> bool:
    """Whether an experiment is a study with a prepared view."""
    return _VIEW_TAG in experiment.tags


def view_link(client: Any, address: str, experiment: Any) -> str:
    """Where the MLflow UI shows a study's conditions; the view of a study of an earlier version is written first.

    Args:
        client: of the store.
        address: of the UI.
        experiment: of the study.
    """
    if experiment.tags.get(_VIEW_TAG) != _view():
        client.set_experiment_tag(experiment.experiment_id, _VIEW_TAG, _view())
    return f"{page_link(address, experiment)}&compareRunsMode=CHART&viewStateShareKey={_VIEW}"


def page_link(address: str, experiment: Any) -> str:
    """Where the MLflow UI shows all runs of a study."""
    return f"{address}/#/experiments/{experiment.experiment_id}/runs?workflowType=machine_learning"


def _view() -> str:
    """The view as MLflow's UI writes one: its name, and the state of the page as JSON inside JSON."""
    columns = [f"metrics.`{name}`" for name in _PRIMARY]
    state = {
        "searchFilter": CONDITIONS_ONLY,
        "orderByKey": "attributes.start_time",
        "orderByAsc": True,
        "selectedColumns": columns,
        "columnOrder": columns,
        "columnWidths": dict.fromkeys(columns, _COLUMN_WIDTH),
        "runsHiddenMode": f"FIRST_{_MOST_RUNS}_RUNS",
        "chartsSearchFilter": _CHARTS,  # MLflow adds a chart for every other metric
        "isAccordionReordered": True,  # else it sorts the sections by name
        "compareRunSections": [{"uuid": title, "name": title, **_SHOWN} for title in _SECTIONS],
        "compareRunCharts": [_chart(name, title) for title, names in _SECTIONS.items() for name in names],
    }
    inner = json.dumps(state, separators=(",", ":"))
    return json.dumps({"name": _VIEW_NAME, "createdAt": 0, "updatedAt": 0, "state": inner}, separators=(",", ":"))


def _chart(name: str, section: str) -> dict[str, Any]:
    chart = {"uuid": name, "metricSectionId": section, "metricKey": name}
    if name not in _CURVES:
        return {**chart, "type": "BAR", "runsCountToCompare": _MOST_RUNS}
    axes = {"xAxisKey": "step", "yAxisKey": "metric", "scaleType": "linear", "xAxisScaleType": "linear", "range": {}}
    shared = {"useGlobalXaxisKey": True, "useGlobalLineSmoothing": True, "lineSmoothness": 0}  # left out, it smooths
    return {**chart, **axes, **shared, "type": "LINE", "selectedMetricKeys": [name]}


def _description(study: str) -> str:
    # Folded, the page shows the first paragraph only.
    columns = ", ".join(f"`{name}`" for name in _PRIMARY[:4])
    return (
        f"Start from *Views*, **{_VIEW_NAME}**: filter `{CONDITIONS_ONLY}`, columns {columns}.\n\n"
        f"As charts by hand: the chart view, with `{_CHARTS}` in *Search metric charts*.\n\n"
        f"In study **{study}** a run of kind `condition` is one condition applied to one cohort, and the runs below it "
        "are its individuals. `depsim report` adds the answer and a picture (`summary.png`) to it.\n\n"
        "| search for | to see |\n|---|---|\n"
        "| `tags.\"depsim.treatment\" = 'ketamine'` | one treatment |\n"
        "| `tags.\"depsim.kind\" = 'individual'` | individuals only; *Group by* `depsim.treatment` gives means |\n"
        "| `tags.\"depsim.seed\" = '7'` | one individual under all conditions |\n"
        "| `attributes.status = 'FAILED'` | what went wrong: `traceback.txt` among its artifacts |\n\n"
        "On a condition, `treated/combined` is the mean over individuals; `summary/treated/combined.sd`, `.ci_low`, "
        "`.ci_high` (95 % interval of the mean) and `.n` belong to it. `<stage>/resilience` is a curve whose step is "
        "100 times the internal noise, `<stage>/loss` one over epochs. Accuracies and sparsities are in per cent, "
        "`relapse_drop` in points."
    )

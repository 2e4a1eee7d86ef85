"""The prepared view of a study, as MLflow's UI reads it, and the link that opens it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from depsim.commands import ui
from depsim.outcomes import PRIMARY, primary_metrics
from depsim.tracking.mlflow_page import TRIALS, page_tags, points_view, trials_view, view_link
from depsim.tracking.mlflow_store import open_client
from depsim.tracking.mlflow_studies import experiment_id
from tests.jobs import TREATMENTS, depsim, runs
from tests.searches import SMALL, optuna_trials, write_search

pytestmark = pytest.mark.slow  # whole jobs on a store

TAG = "mlflow.sharedViewState.depsim"
ADDRESS = "http://127.0.0.1:5000"


def view(text: str, name: str = "Conditions") -> dict[str, Any]:
    """The state of the page, from the envelope that MLflow's menu of views lists."""
    envelope = json.loads(text)
    assert envelope["name"] == name
    assert isinstance(envelope["createdAt"], int)
    state = json.loads(envelope["state"])
    assert isinstance(state, dict)
    return state


def test_the_view_fits_a_tag_and_has_the_primary_outcomes_as_columns_and_charts() -> None:
    text = page_tags("s")[TAG]
    assert len(text) < 5000  # what MLflow keeps of an experiment's tag, whatever its version
    state = view(text)
    assert state["selectedColumns"] == [f"metrics.`{name}`" for name in primary_metrics()]
    drawn = {chart["metricKey"]: chart for chart in state["compareRunCharts"]}
    assert {name for name, chart in drawn.items() if chart["type"] == "BAR"} == set(primary_metrics())
    assert {name for name, chart in drawn.items() if chart["type"] == "LINE"} == {
        "treated/resilience",
        "withdrawn/resilience",
    }
    assert {chart["lineSmoothness"] for chart in drawn.values() if chart["type"] == "LINE"} == {0}
    assert all(re.search(state["chartsSearchFilter"], name) for name in drawn)
    sections = {section["uuid"] for section in state["compareRunSections"]}
    assert {chart["metricSectionId"] for chart in drawn.values()} == sections
    titled = {section["uuid"]: section["name"] for section in state["compareRunSections"]}
    bars = [(chart["metricKey"], titled[chart["metricSectionId"]]) for chart in state["compareRunCharts"]
            if chart["type"] == "BAR"]  # fmt: skip
    assert sorted(name for name, _ in bars) == sorted(primary_metrics()), "each is drawn once"
    assert all(name.startswith("withdrawn/") == title.endswith("drug withdrawn") for name, title in bars)
    assert {outcome.column for outcome in PRIMARY} == {name.rpartition("/")[2] for name in primary_metrics()}


@pytest.mark.usefixtures("finished_study")
def test_what_the_view_shows_is_what_a_condition_has() -> None:
    client = open_client()
    experiment = client.get_experiment_by_name("finished")
    state = view(experiment.tags[TAG])
    found = client.search_runs([experiment.experiment_id], state["searchFilter"])
    conditions = {each.data.tags["depsim.treatment"]: each for each in found}
    assert set(conditions) == set(TREATMENTS)
    assert {each.data.tags["depsim.kind"] for each in found} == {"condition"}
    condition = conditions["neurosteroid"]
    shown = {chart["metricKey"] for chart in state["compareRunCharts"]}
    assert shown <= set(condition.data.metrics)
    # MLflow adds a chart for every other metric; the view's search leaves them out.
    assert {name for name in condition.data.metrics if re.search(state["chartsSearchFilter"], name)} == shown


def test_a_link_names_the_view(project: Path) -> None:
    client = open_client()
    identifier = experiment_id(client, "new")
    link = view_link(ADDRESS, client.get_experiment(identifier))
    assert link == (
        f"{ADDRESS}/#/experiments/{identifier}/runs?workflowType=machine_learning"
        "&compareRunsMode=CHART&viewStateShareKey=depsim"
    )


SPACE = {"space.treatment.epochs": "range(1,9)", "space.pathology": "choice(overpruning,mixed)"}
ONE = {"directions": "maximise", "metric": "treated/combined", "statistic": "cvar(0.5)", **SPACE}
TWO = {
    "directions": "minimise, maximise",
    "metric": "relapse_drop, treated/sparsity",
    "statistic": "mean, mean",
    **SPACE,
}


def test_trials_have_a_chart_of_the_objective_and_one_over_each_setting() -> None:
    tag, text = trials_view("abc", ONE)
    state = view(text, "Trials")
    assert tag == "mlflow.sharedViewState.depsim_trials"
    assert "'abc'" in state["searchFilter"]
    assert (state["orderByKey"], state["orderByAsc"]) == ("metrics.`search/value`", False)
    bar, *others = state["compareRunCharts"]
    assert (bar["type"], bar["metricKey"]) == ("BAR", "search/value")
    assert [(chart["type"], chart["xaxis"], chart["yaxis"]["key"]) for chart in others] == [
        ("SCATTER", {"key": key, "type": "PARAM"}, "search/value") for key in ("treatment.epochs", "pathology")
    ]
    assert [(own["uuid"], own["name"]) for own in state["compareRunSections"]] == [
        ("search/value", "maximise treated/combined (cvar(0.5))")
    ]


def test_two_objectives_have_a_chart_of_their_trade_off_first() -> None:
    state = view(trials_view("abc", TWO)[1], "Trials")
    assert (state["orderByKey"], state["orderByAsc"]) == ("metrics.`search/value_0`", True)
    first, *others = state["compareRunCharts"]
    assert (first["type"], first["xaxis"]["key"], first["yaxis"]["key"]) == (
        "SCATTER",
        "search/value_0",
        "search/value_1",
    )
    assert [chart["metricKey"] for chart in others if chart["type"] == "BAR"] == ["search/value_0", "search/value_1"]
    sections = {section["uuid"] for section in state["compareRunSections"]}
    assert {chart["metricSectionId"] for chart in state["compareRunCharts"]} == sections
    assert all(re.search(state["chartsSearchFilter"], chart["metricKey"]) for chart in others if "metricKey" in chart)


def test_the_points_of_a_multiverse_have_parallel_coordinates_and_a_chart_of_each_setting() -> None:
    keys = ["point.ssri.epochs", "point.pathology.sparsity"]
    tag, text = points_view("ketamine", keys)
    state = view(text, "Points")
    assert tag == "mlflow.sharedViewState.depsim_points"
    assert state["searchFilter"].endswith("tags.\"depsim.arm\" = 'ketamine'")
    parallel, *others = state["compareRunCharts"]
    assert (parallel["type"], parallel["selectedParams"]) == ("PARALLEL", keys)
    assert parallel["selectedMetrics"] == ["treated/internal_noise_2.5"]
    assert [chart["xaxis"]["key"] for chart in others] == keys
    long = points_view("ketamine", [f"point.ketamine.a_rather_long_setting_{number}" for number in range(30)])[1]
    assert len(long) < 5000
    assert len(view(long, "Points")["compareRunCharts"][0]["selectedParams"]) == 30


def test_a_search_of_many_settings_has_charts_of_as_many_as_fit_a_tag() -> None:
    many = TWO | {f"space.treatment.drugs.ketamine.setting_{number}": "x" for number in range(40)}
    text = trials_view("abc", many)[1]
    assert 4500 < len(text) < 5000
    assert view(text, "Trials")["compareRunCharts"][0]["type"] == "SCATTER"


def test_the_link_of_a_search_opens_its_complete_trials_the_best_first(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_search(project)
    assert depsim("sweep", "mine", *SMALL) == 0
    client = open_client()
    experiment = client.get_experiment_by_name("mine")
    link = view_link(ADDRESS, experiment, TRIALS)
    assert link.endswith("&viewStateShareKey=depsim_trials")
    assert "depsim ui mine " in capsys.readouterr().out
    assert next(iter(ui._links(client, "mine", ADDRESS).values())) == link
    state = view(experiment.tags["mlflow.sharedViewState.depsim_trials"], "Trials")
    order = f"{state['orderByKey']} {'ASC' if state['orderByAsc'] else 'DESC'}"
    found = client.search_runs([experiment.experiment_id], state["searchFilter"], order_by=[order])
    values = {str(trial.number): trial.value for trial in optuna_trials(project)}
    assert [run.data.metrics["search/value"] for run in found] == sorted(values.values(), reverse=True)
    assert {run.data.tags["depsim.trial"]: run.data.metrics["search/value"] for run in found} == values
    assert {chart["xaxis"]["key"] for chart in state["compareRunCharts"] if "xaxis" in chart} <= set(
        found[0].data.params
    )
    assert {"winner", "reference"} <= {run.data.tags.get("depsim.trial") for run in runs("mine")}

"""The prepared view of a study, as MLflow's UI reads it, and the link that opens it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from depsim.outcomes import PRIMARY, primary_metrics
from depsim.tracking.mlflow_page import page_tags, view_link
from depsim.tracking.mlflow_store import open_client
from depsim.tracking.mlflow_studies import experiment_id
from tests.jobs import TREATMENTS

pytestmark = pytest.mark.slow  # whole jobs on a store

TAG = "mlflow.sharedViewState.depsim"
ADDRESS = "http://127.0.0.1:5000"


def view(text: str) -> dict[str, Any]:
    """The state of the page, from the envelope that MLflow's menu of views lists."""
    envelope = json.loads(text)
    assert envelope["name"] == "Conditions"
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


def test_a_link_names_the_view_which_a_study_of_an_earlier_version_gets(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = open_client()
    identifier = client.create_experiment("old", tags={"mlflow.note.content": "my own words"})
    written: list[str] = []
    real = client.set_experiment_tag
    monkeypatch.setattr(client, "set_experiment_tag", lambda *words: (written.append(words[1]), real(*words)))
    link = view_link(client, ADDRESS, client.get_experiment(identifier))
    assert link.startswith(f"{ADDRESS}/#/experiments/{identifier}/runs?")
    assert link.endswith("&compareRunsMode=CHART&viewStateShareKey=depsim")
    tags = client.get_experiment(identifier).tags
    assert tags[TAG] == page_tags("old")[TAG]
    assert tags["mlflow.note.content"] == "my own words"
    view_link(client, ADDRESS, client.get_experiment(identifier))
    view_link(client, ADDRESS, client.get_experiment(experiment_id(client, "new")))
    assert written == [TAG]

"""A search in MLflow: a run of kind ``search`` with its trials below it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import Any

from depsim.tracking.base import SearchNotes, SearchRecord, TrialRun
from depsim.tracking.mlflow_machines import mark
from depsim.tracking.mlflow_page import trials_view
from depsim.tracking.mlflow_runs import ORPHANED, SEARCH, write_batch, write_files
from depsim.tracking.mlflow_store import PLACE, pages, place
from depsim.tracking.mlflow_studies import experiment_id, tag_experiment, writing_to

_STATE = "depsim.trial_state"
MAY_CHANGE = ("n_trials", "batch", "fresh.seeds")
"""Parameters of a search that may change when it goes on."""


class MlflowSearchRecord(SearchRecord):
    """The run of a search.

    Args:
        client: of the store.
        notes: what to note of the search.
        known: its run, if it has been begun before.
    """

    def __init__(self, client: Any, notes: SearchNotes, known: str | None) -> None:
        self._client = client
        self._experiment = experiment_id(client, notes.study)
        self.run_id: str = self._reopened(known or self._begun(notes)) or self._create(notes)
        self._write_params(notes)
        tag_experiment(self._client, self._experiment, *trials_view(self.run_id, notes.params))
        self._written: dict[str, dict[int, float]] = {}
        self._newest = 0

    def trial_runs(self) -> list[TrialRun]:
        """The condition runs of the trials."""
        trials = list(pages(self._client.search_runs, [self._experiment], f"tags.`{SEARCH}` = '{self.run_id}'"))
        at_work = [run for run in trials if run.info.status == "RUNNING"]
        are_open = {run.info.run_id for run in at_work} | {run.data.tags.get("mlflow.parentRunId") for run in at_work}
        return [
            TrialRun(
                run.info.run_id, run.data.tags["depsim.trial"], run.data.tags.get(_STATE), run.info.run_id in are_open
            )
            for run in trials
            if "depsim.trial" in run.data.tags
        ]

    def settle(
        self,
        run_id: str | None,
        state: str,
        reason: str | None,
        curves: Mapping[str, Mapping[int, float]] = MappingProxyType({}),
    ) -> None:
        """Metrics and, once they are there, tags on the trial's condition run."""
        with self._writing():
            if run_id is not None and curves:
                write_batch(self._client, run_id, curves={name: curve.items() for name, curve in curves.items()})
            self.tag(run_id, {_STATE: state} | ({"depsim.error": reason[:500]} if reason else {}))

    def tag(self, run_id: str | None, tags: Mapping[str, str]) -> None:
        """Tags on a condition run."""
        for key, value in tags.items() if run_id is not None else ():
            if value:
                self._client.set_tag(run_id, key, value)
            elif key in self._client.get_run(run_id).data.tags:
                self._client.delete_tag(run_id, key)

    def orphan(self, run_id: str) -> None:
        """Mark the runs as what they are and end them."""
        below = f"tags.`mlflow.parentRunId` = '{run_id}' and attributes.status = 'RUNNING'"
        open_runs = [run.info.run_id for run in pages(self._client.search_runs, [self._experiment], below)]
        if self._client.get_run(run_id).info.status == "RUNNING":
            open_runs.append(run_id)
        for open_run in open_runs:
            mark(self._client, open_run, ORPHANED, "true")
            self._client.set_terminated(open_run, "KILLED")

    def write_curves(self, curves: Mapping[str, Mapping[int, float]]) -> None:
        """Metrics whose step is the trial's number; of two points at one step MLflow shows the later one."""
        changed = {}
        for name, curve in curves.items():
            if name not in self._written:
                history = sorted(self._client.get_metric_history(self.run_id, name), key=lambda m: m.timestamp)
                self._written[name] = {metric.step: metric.value for metric in history}
                self._newest = max([self._newest, *(metric.timestamp for metric in history)])
            changed[name] = {step: value for step, value in curve.items() if self._written[name].get(step) != value}
            self._written[name] |= changed[name]
        points = {name: curve.items() for name, curve in changed.items()}
        with self._writing():
            self._newest = write_batch(self._client, self.run_id, curves=points, newest=self._newest)

    def write_files(self, files: Mapping[str, bytes]) -> None:
        """Artifacts of the search's run."""
        with self._writing():
            write_files(self._client, self.run_id, files)

    def close(self, status: str | None) -> None:
        """End the run."""
        if status is not None:
            with self._writing():
                self._client.set_terminated(self.run_id, status)

    def _writing(self) -> AbstractContextManager[None]:
        return writing_to(self._client, self._experiment, self.run_id)

    def _begun(self, notes: SearchNotes) -> str | None:
        """The run of a process that was killed before it could note down which run it had created."""
        query = f"tags.`depsim.search_key` = '{notes.key}' and tags.`{PLACE}` = '{place()}'"
        for run in pages(self._client.search_runs, [self._experiment], f"{query} and attributes.status = 'RUNNING'"):
            below = f"tags.`{SEARCH}` = '{run.info.run_id}'"
            if not self._client.search_runs([self._experiment], below, max_results=1):
                return str(run.info.run_id)
        return None

    def _reopened(self, known: str | None) -> str | None:
        """The known run, running again, unless a user has deleted it."""
        from mlflow.exceptions import MlflowException

        if known is None:
            return None
        try:
            run = self._client.get_run(known)
        except MlflowException:
            return None
        if run.info.lifecycle_stage == "deleted" or run.info.experiment_id != self._experiment:
            return None
        if run.info.status != "RUNNING":
            self._client.update_run(known, status="RUNNING")
        return known

    def _create(self, notes: SearchNotes) -> str:
        tags = {
            "depsim.kind": "search",
            "depsim.search_key": notes.key,
            "depsim.study": notes.study,
            "depsim.sweep": notes.name,
            PLACE: place(),
            "mlflow.source.name": notes.command,
            "mlflow.note.content": f"`{notes.command}`",
        }
        aims = zip(notes.params["directions"].split(", "), notes.params["metric"].split(", "), strict=True)
        title = f"{notes.name} · {', '.join(' '.join(aim) for aim in aims)}"
        run = self._client.create_run(self._experiment, run_name=title, tags=tags)
        return str(run.info.run_id)

    def _write_params(self, notes: SearchNotes) -> None:
        """Parameters; as MLflow writes them only once, those that may change are tags, too."""
        there = self._client.get_run(self.run_id).data.params
        params = {key: text for key, text in notes.params.items() if key not in there}
        changing = {f"depsim.{key}": notes.params[key] for key in MAY_CHANGE}
        write_batch(self._client, self.run_id, params=params, tags=changing)

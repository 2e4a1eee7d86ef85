"""The runs of one job in MLflow: one for the condition, one below it for each individual.

MLflow is the one owner of what is finished. An individual is looked up by its run key: one that this study holds is
never computed or recorded again, one that another study holds is copied.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack, suppress
from typing import Any

from depsim.execution.course import Outcome
from depsim.execution.files import lock
from depsim.execution.job import Job
from depsim.execution.keys import digest
from depsim.execution.packages import format_packages
from depsim.execution.recorder import JobRecord, Notify
from depsim.statistics import Summary
from depsim.tracking import artifacts, mlflow_store, mlflow_studies
from depsim.tracking.aggregate import SUMMARY, mean_curves, summaries, summary_metrics, summary_table
from depsim.tracking.mlflow_individuals import (
    DamagedRecordError,
    FinishedRun,
    curves_of,
    finished_individuals,
    has_another_name,
    origin_tags,
    outcome_of,
    tags_of,
)
from depsim.tracking.mlflow_machines import close_orphans, keep_one
from depsim.tracking.mlflow_runs import (
    ORPHANED,
    PACKAGES,
    RunWriter,
    at_step_0,
    newest_timestamp,
    runs_of_job,
    write_batch,
    write_files,
)
from depsim.tracking.provenance import provenance, uncommitted_patch


class MlflowJobRecord(JobRecord):
    """The runs of one job.

    Args:
        client: of the store.
        job: what is recorded.
        notify: called with a message on each damaged record.
    """

    def __init__(self, client: Any, job: Job, notify: Notify) -> None:
        super().__init__(job)
        self._client, self._notify = client, notify
        self._held, self._name = ExitStack(), uuid.uuid4().hex
        self._experiment = experiment = mlflow_studies.experiment_id(client, job.study)
        self._held.enter_context(
            lock(mlflow_store.locks() / f"job-{digest([job.study, job.job_key])}.lock", wait=False)
        )
        try:
            self._writer = RunWriter(client, experiment, job)
            with self._writing_to_arm():
                finished, others = finished_individuals(client, job, experiment)
            self._is_shared = not mlflow_store.is_local()  # whether somebody else may finish individuals of this arm
            self._runs: dict[int, FinishedRun] = finished
            self._alone = job.is_individual and not any(has_another_name(client, run, job) for run in finished.values())
            self._complete = False
            self._parent = self._continue_parent(experiment)
            if self._parent is None and (self.missing or not self._alone):
                self._parent = self._writer.create_parent(self._alone)
            for seed in self.missing:
                if seed in others:
                    self._copy(others[seed])
        except BaseException:
            with suppress(Exception):  # the next process closes what this one cannot
                self._close_unfinished()
            self._held.close()
            raise

    @property
    def missing(self) -> tuple[int, ...]:
        """Seeds without a finished run in this study."""
        return tuple(seed for seed in self.job.seeds if seed not in self._runs)

    @property
    def run_id(self) -> str | None:
        """The run of the condition."""
        if self._parent is not None:
            return str(self._parent)
        return self._runs[self.job.seeds[0]].run_id

    def finish(self, outcome: Outcome, seconds: float) -> None:
        """Record an individual; it counts as finished once all of it is written."""
        with self._writing():
            self._write(outcome, {"depsim.seconds": f"{seconds:.2f}", PACKAGES: format_packages()})

    def adopt(self, outcome: Outcome, seconds: float, source: JobRecord) -> None:
        """Link the run that another job of this study has just written."""
        if not isinstance(source, MlflowJobRecord) or source.job.study != self.job.study:
            self.finish(outcome, seconds)
            return
        self._runs[outcome.seed] = run = source._runs[outcome.seed]
        if self._alone and has_another_name(self._client, run, self.job):
            self._alone = False
            for tag in ("depsim.seed", "depsim.run_key"):
                self._client.delete_tag(self._condition_run, tag)

    def fail(self, seed: int, traceback: str) -> None:
        """Record that an individual failed, with the traceback as an artifact."""
        super().fail(seed, traceback)
        error = {"depsim.error": self.reason(seed)[:500]}
        with self._writing():
            run_id, left = self._individual_run(seed, error)
            write_batch(self._client, run_id, params=self._own_params(seed), tags=left)
            write_files(self._client, run_id, {"traceback.txt": traceback.encode()})
            if not self._alone:
                self._client.set_terminated(run_id, "FAILED")

    def close(self, *, interrupted: bool = False, stopped: bool = False) -> None:
        """Complete the condition's run with the figures over individuals."""
        super().close(interrupted=interrupted, stopped=stopped)
        with self._held, self._writing():
            if self._alone:
                self._close_alone(interrupted)
            elif self._parent is not None and not self._complete:
                if self._runs and not interrupted:
                    self._complete_parent()
                left_out = self.missing and not stopped
                status = "KILLED" if interrupted else "FAILED" if self.failures or left_out else "FINISHED"
                self._client.set_terminated(self._parent, status)
            if interrupted:
                self._close_unfinished()
            if (name := self._client.get_experiment(self._experiment).name) != self.job.study:
                self._notify(f"the study {self.job.study} was given the name {name} in MLflow meanwhile")

    def _writing(self) -> AbstractContextManager[None]:
        return mlflow_studies.writing_to(self._client, self._experiment, self._parent)

    def _close_unfinished(self) -> None:
        """End the runs that an interruption left in the middle of a write."""
        _, unfinished, newest = runs_of_job(self._client, self.job, self._experiment)
        close_orphans(self._client, unfinished, newest)

    def _close_alone(self, interrupted: bool) -> None:
        """End the run of a cohort of one, unless it holds the finished individual already."""
        finished = self._runs.get(self.job.seeds[0])
        if self._parent is None or (finished is not None and finished.run_id == self._parent):
            return
        # Either nothing was finished, or another process finished the same individual in a run of its own.
        self._client.set_terminated(self._parent, "FAILED" if self.failures and not interrupted else "KILLED")
        if finished is not None:
            self._parent = None

    def metrics(self) -> dict[int, dict[str, float]]:
        """What was measured, from the finished runs."""
        return {seed: self._runs[seed].metrics for seed in self.job.seeds if seed in self._runs}

    def outcomes(self) -> list[Outcome]:
        """All finished outcomes, read back from their runs."""
        return [self._outcome(self._runs[seed]) for seed in self.job.seeds if seed in self._runs]

    def _outcome(self, run: FinishedRun) -> Outcome:
        return outcome_of(self._client, self._client.get_run(run.run_id))

    @property
    def _condition_run(self) -> str:
        """The condition's run, open for writing."""
        if self._parent is None:
            raise RuntimeError(f"{self.job.title} was found finished; there is nothing to write")
        return self._parent

    def _individual_run(self, seed: int, tags: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
        """A run to write an individual into, the condition's own where it is the only one; and the tags it lacks."""
        if self._alone:
            return self._condition_run, tags
        return self._writer.create_child(seed, self._condition_run, tags), {}

    def _own_params(self, seed: int) -> dict[str, str]:
        """The parameters of an individual's run; the condition's own has them already."""
        return {} if self._alone else self.job.params(seed)

    def _continue_parent(self, experiment: str) -> str | None:
        """The condition's run that an earlier process left, opened again unless it is complete."""
        conditions, unfinished, newest = runs_of_job(self._client, self.job, experiment)
        foreign = close_orphans(self._client, unfinished, newest)
        continued = [run for run in conditions if run.info.run_id not in foreign]
        if not continued or (self._alone and not self.missing):
            return None
        condition = continued[-1]
        run_id = str(condition.info.run_id)
        self._complete = condition.info.status == "FINISHED" and not self.missing
        if not self._complete:
            self._client.update_run(run_id, status="RUNNING")
            there = condition.data.params  # none, if a process was killed between creating the run and the next call
            params = {key: text for key, text in self.job.params().items() if key not in there}
            write_batch(self._client, run_id, params=params)
            for tag in {"depsim.error", ORPHANED} & set(self._client.get_run(run_id).data.tags):
                self._client.delete_tag(run_id, tag)
        return run_id

    def _write(self, outcome: Outcome, tags: dict[str, str]) -> None:
        """Record an individual, unless another process has finished the same one in this study meanwhile."""
        with self._writing_to_arm() as last:
            self._is_shared |= last != self._name
            finished = self._writer.finished(outcome.seed) if self._is_shared else None
            if finished is not None:
                self._runs[outcome.seed] = FinishedRun.found(finished)
                return
            run_id, left = self._individual_run(outcome.seed, tags_of(outcome) | tags)
            self._writer.write_outcome(run_id, outcome, self._own_params(outcome.seed), left)
            written = FinishedRun.written(run_id, outcome)
            if self._alone:
                self._runs[outcome.seed] = written
                self._complete_parent()
            self._client.set_terminated(run_id, "FINISHED")
            first = keep_one(self._client, self._experiment, self.job.run_key(outcome.seed))
            if first is not None and first.info.run_id != run_id:
                written = FinishedRun.found(first)
            self._runs[outcome.seed] = written

    def _writing_to_arm(self) -> AbstractContextManager[str]:
        """Alone among this folder's processes at the arm in this study; gives the name of the record that was last."""
        name = digest([self.job.study, self.job.arm_key])
        return lock(mlflow_store.locks() / f"arm-{name}.lock", holder=self._name)

    def _copy(self, run_id: str) -> None:
        """Take over an individual of another study, unless its record is damaged: then it is missing here, too."""
        source = self._client.get_run(run_id)
        try:
            outcome = outcome_of(self._client, source)
        except DamagedRecordError as error:
            self._notify(f"damaged record, computing the individual again: {error}")
            return
        self._write(outcome, origin_tags(self._client, source))

    def _first_readable(self) -> Outcome | None:
        """The first finished individual whose masks can be shown."""
        for seed in self.job.seeds:
            if seed in self._runs:
                try:
                    return self._outcome(self._runs[seed])
                except DamagedRecordError as error:
                    self._notify(f"damaged record of individual {seed}, its metrics are kept: {error}")
        return None

    def _complete_parent(self) -> None:
        shown = self._first_readable()
        made_by = provenance(self.job.sources, self.job.device_kind)
        files = {
            "provenance.json": json.dumps(made_by, indent=2, ensure_ascii=False).encode(),
            "command.txt": f"{self.job.command}\n".encode(),
        }
        if patch := uncommitted_patch():
            files["uncommitted.patch"] = patch
        if shown is not None:
            if self.job.trial is None:  # a search has many trials; masks of each would only fill the disk
                title = f"{self.job.title}: masks of individual {shown.seed}"
                files["masks.png"] = artifacts.masks_image(shown.masks, title)
            if not self._alone:
                files |= {"masks.npz": shown.masks, "layer_sparsity.csv": artifacts.layer_table(shown)}
        if not self._alone:
            files |= {
                "individuals.csv": artifacts.individuals_table(
                    [(s, self.job.run_key(s), self._runs[s].run_id, metrics) for s, metrics in self.metrics().items()]
                ),
                "config.yaml": artifacts.config_yaml(self.job.config),
            }
            of_metrics = summaries(list(self.metrics().values()))
            files[SUMMARY] = summary_table(of_metrics)
            self._write_aggregates(of_metrics)
        write_files(self._client, self._condition_run, files)
        note = f"`{self.job.command}`"
        if self.failures:
            note += f"\n\n{len(self.failures)} of {len(self.job.seeds)} individuals failed: {sorted(self.failures)}"
        self._client.set_tag(self._condition_run, "mlflow.note.content", note)

    def _write_aggregates(self, of_metrics: Mapping[str, Summary]) -> None:
        # A step of a curve is written once, when no individual is missing: a second value would lie beside the first.
        # What is there already comes from a process that was killed while closing the run.
        runs = [] if self.missing else list(self._runs.values())
        condition = self._client.get_run(self._condition_run)
        there = curves_of(self._client, condition) if runs else {}
        curves = {
            name: [point for point in curve if point not in there.get(name, [])]
            for name, curve in mean_curves([run.curves(self._client) for run in runs]).items()
        }
        means = at_step_0(summary_metrics(of_metrics))
        newest = newest_timestamp(self._client, self._condition_run, means.keys() & condition.data.metrics.keys())
        write_batch(self._client, self._condition_run, curves={**means, **curves}, newest=newest)

"""A command that is killed right after its k-th call that changes MLflow leaves what the same command goes on from.

The command is run once; after every call its folder (the database with its log, artifacts, locks) is copied: that copy
is what a kill leaves. From each of them the same command, in the process of the tests, ends as an undisturbed one does,
and so does its report. A few commands are really killed and go on in a process of their own.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from depsim.study.experiment import NothingToReportError
from depsim.study.reading import read_study
from depsim.tracking.mlflow_store import open_client, run_curves, run_metrics
from tests.faults.drivers import Driver
from tests.jobs import artifacts, depsim, reopen_stores, runs, sicken, tiny
from tests.searches import SMALL, write_search

_CALLS = (
    "create_experiment", "set_experiment_tag", "restore_experiment", "create_run", "update_run", "set_terminated",
    "log_batch", "set_tag", "delete_tag", "log_artifact", "log_artifacts",
)  # fmt: skip
_VARYING = ("began", "seconds", "parents", "search", "number", "trial")
"""Facts that differ from one time to the next."""
_LAST, _COUNT, _COPIES = "LAST_CALL", "COUNT_OF_CALLS", "COPIES_OF_THE_FOLDER"
COMMANDS = {
    "job": ["run", *tiny("none", "cohort=smoke", "cohort.size=2", "study=s")],
    "one": ["run", *tiny("none", "seed=1", "study=s")],
    "sick": ["run", *tiny("none", "cohort=smoke", "cohort.size=2", "study=s")],
    "search": ["sweep", "s", *SMALL, "cohort.size=1"],
    "report": ["report", "s"],
}
CODES = {"sick": 1}


def watch_calls() -> None:
    """After every call count it in a file and copy the folder, or end this process as the system would."""
    from mlflow import MlflowClient

    count = 0

    def watched(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal count
            found = real(*arguments, **named)
            count += 1
            Path(os.environ[_COUNT]).write_text(str(count))
            if copies := os.environ[_COPIES]:
                shutil.copytree(Path.cwd(), Path(copies) / str(count))
            if count == int(os.environ[_LAST]):
                os.kill(os.getpid(), signal.SIGKILL)
            return found

        return call

    for name in _CALLS:
        setattr(MlflowClient, name, watched(getattr(MlflowClient, name)))
    if os.environ.get("SICK"):
        sicken(pytest.MonkeyPatch(), 1)


def drive(folder: Path, what: str, last: int = 0, copies: Path | None = None) -> int:
    """Run a command, until its call of that number if there is one; the exit code."""
    counted, copied = str(folder.parent / "calls"), "" if copies is None else str(copies)
    environment = {_LAST: str(last), _COUNT: counted, _COPIES: copied, "SICK": "1" if what == "sick" else ""}
    driver = Driver(folder, COMMANDS[what], environment, before=watch_calls, said=folder.parent)
    code = driver.code()
    assert code in (-signal.SIGKILL, CODES.get(what, 0)), driver.err()
    return code


def go_on(folder: Path, what: str) -> int:
    """Run a command in this process; the exit code."""
    with contextlib.chdir(folder), pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        if what == "sick":
            sicken(patch, 1)
        return depsim(*COMMANDS[what])


def start(folder: Path, what: str, new_store: Path) -> None:
    """A folder in which a command can begin."""
    (folder / "mlruns").mkdir(parents=True)
    shutil.copy(new_store, folder / "mlruns" / "mlflow.db")
    write_search(folder, "s", n_trials=1, sampler="RandomSampler", fresh={"size": 1, "first_seed": 50})
    if what == "report":
        assert drive(folder, "job") == 0


def left_in(folder: Path) -> dict[str, Any]:
    """What a command left, without names, times and places, and without what a killed process began and left."""
    with contextlib.chdir(folder):
        client = open_client()
        (experiment,) = [found for found in client.search_experiments() if found.name == "s"]
        everything = runs("s")
        orphans = [run for run in everything if run.data.tags.get("depsim.orphaned") == "true"]
        assert {run.info.status for run in orphans} <= {"KILLED"}
        abandoned = [run for run in everything if run.data.tags.get("depsim.error", "").startswith("its process ended")]
        kept = [run for run in everything if run not in orphans and run not in abandoned]
        order = trials_in_order(kept)
        told = [(run.info.status, json.dumps(described(client, run, order))) for run in kept]
        # Every failed try of an individual stays as a run of its own.
        failed = {text for status, text in told if status == "FAILED"}
        return {
            "experiment": sorted((tag, re.sub("[0-9a-f]{32}", "ID", text)) for tag, text in experiment.tags.items()),
            "runs": sorted([text for status, text in told if status != "FAILED"] + [*failed]),
        }


def trials_in_order(kept: list[Any]) -> dict[str, str]:
    """Numbers of trials to their place: the settings of a trial whose process was killed are tried under another."""
    numbers = {run.data.tags.get("depsim.trial", "") for run in kept}
    return {number: f"trial {place}" for place, number in enumerate(sorted(filter(str.isdecimal, numbers), key=int))}


def described(client: Any, run: Any, trials: dict[str, str]) -> list[Any]:
    tags = ("kind", "seed", "trial_state", "run_key", "arm_key", "notes", "error")
    files = {
        str(path.relative_to(artifacts(run))): path.read_bytes().hex() if path.suffix == ".npz" else ""
        for path in sorted(artifacts(run).rglob("*"))
    }
    return [
        run.info.status,
        {tag: run.data.tags.get(f"depsim.{tag}") for tag in tags},
        [trials.get(text := run.data.tags.get(f"depsim.{tag}", ""), text) for tag in ("trial", "winner_of")],
        run.data.tags.get("mlflow.note.content"),
        sorted(run.data.params.items()),
        sorted(run_metrics(run).items()),
        {
            name: sorted({m.step: m.value for m in client.get_metric_history(run.info.run_id, name)}.items())
            for name in run_curves(run)
        },
        files,
    ]


def read(folder: Path) -> Any:
    """What a report takes from a folder, without names of runs and times; None where nothing is finished yet."""
    with contextlib.chdir(folder):
        try:
            found = without_names(asdict(read_study(open_client(), "s")))
        except NothingToReportError:
            return None
    for search in found["searches"]:
        search["trials"] = [trial for trial in search["trials"] if trial["values"]]
    return found


def reported(folder: Path) -> Any:
    """What a whole report says, without names of runs and times."""
    with contextlib.chdir(folder):
        assert depsim("report", "s") == 0
        return without_names(json.loads(Path("reports/s/study.json").read_text()))


def without_names(facts: Any) -> Any:
    if isinstance(facts, dict):
        return {k: without_names(v) for k, v in facts.items() if "run" not in str(k) and k not in _VARYING}
    if isinstance(facts, list | tuple):
        return [without_names(each) for each in facts]
    return facts


@pytest.mark.parametrize("what", list(COMMANDS))
def test_no_kill_between_two_calls_shows(
    what: str, tmp_path: Path, new_store: Path, record_property: Callable[[str, object], None]
) -> None:
    # All in one place, as the database holds the addresses of artifacts.
    folder, copies = tmp_path / "project", tmp_path / "copies"
    start(folder, what, new_store)
    code = drive(folder, what, copies=copies)
    calls = int((tmp_path / "calls").read_text())
    expected, known, said = left_in(folder), read(folder), reported(folder)
    assert calls >= 5
    first = list(COMMANDS).index(what)  # of most commands every third call, not of all the same ones
    tried = range(1, calls + 1) if what == "job" else range(1 + first % 3, calls + 1, 3)
    killed = tried[len(tried) // 2]
    for last in tried:
        shutil.rmtree(folder)
        if last == killed:
            start(folder, what, new_store)
            assert drive(folder, what, last) == -signal.SIGKILL
        else:
            (copies / str(last)).rename(folder)
        reopen_stores()
        read(folder)  # at any time
        assert (drive if last == killed else go_on)(folder, what) == code, last
        assert left_in(folder) == expected, f"after a kill at call {last} of {calls}"
        assert read(folder) == known, f"after a kill at call {last} of {calls}"
        if last % 5 == 2:  # it takes seconds
            told = reported(folder)
            assert told == said or what == "search", f"after a kill at call {last} of {calls}"  # it names trials
    record_property(f"kills between calls, {what}", f"{calls} calls, {len(tried)} resumed, {len(tried)} equal")
    print(f"{what}: {calls} calls, {len(tried)} resumed, {len(tried)} equal")

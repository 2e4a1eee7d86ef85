"""Finished work is never redone or lost: the same command again, interruptions, failures, other studies and cohorts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from depsim.execution.files import LockedError
from depsim.execution.recorder import JobRecord
from depsim.tracking import mlflow_individuals, mlflow_job
from depsim.tracking.aggregate import summaries, summary_metrics
from depsim.tracking.mlflow_store import open_client
from tests.jobs import (
    TINY,
    artifacts,
    copy_project,
    depsim,
    finished_keys,
    run,
    runs,
    sicken,
    spec,
    statuses,
    tiny,
    watch_work,
    working_in,
)

pytestmark = [pytest.mark.usefixtures("project"), pytest.mark.slow]  # whole jobs on a store

THREE = ("cohort=smoke", "study=s")


@pytest.fixture(scope="module")
def _of_three(tmp_path_factory: pytest.TempPathFactory, new_store: Path) -> tuple[Path, JobRecord]:
    folder = tmp_path_factory.mktemp("three")
    with working_in(folder, new_store):
        (done,) = run(spec("none", *THREE))
    return folder, done


@pytest.fixture
def three(project: Path, _of_three: tuple[Path, JobRecord]) -> JobRecord:
    """Three untreated individuals of a study that are finished: computed once, and copied."""
    folder, done = _of_three
    copy_project(folder, project)
    return done


def parent_of(study: str) -> Any:
    (found,) = runs(study, kind="condition")
    return found


def test_the_same_job_again_computes_nothing_and_adds_nothing(
    three: JobRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {each.info.run_id: each.data.metrics for each in runs("s")}
    computed = watch_work(monkeypatch)
    (again,) = run(spec("none", *THREE))
    assert computed == []
    assert again.run_id == three.run_id
    assert again.metrics() == three.metrics()
    assert list(again.metrics()) == [0, 1, 2]
    assert {each.info.run_id: each.data.metrics for each in runs("s")} == before
    assert statuses("s") == {"FINISHED": 4}


def test_the_same_cohort_of_one_again_computes_nothing_and_adds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    (first,) = run(spec("none", "seed=3", "study=s"))
    computed = watch_work(monkeypatch)
    (again,) = run(spec("none", "seed=3", "study=s"))
    assert computed == []
    assert (again.run_id, again.metrics()) == (first.run_id, first.metrics())
    assert statuses("s") == {"FINISHED": 1}


@pytest.mark.parametrize("after", [0, 2])
def test_an_interrupted_study_goes_on_under_the_same_parent(after: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        watch_work(patch, interrupt_after=after)
        with pytest.raises(KeyboardInterrupt):
            run(spec("ketamine", *THREE))
    assert statuses("s", kind="condition") == {"KILLED": 1}
    assert statuses("s", kind="individual") == ({"FINISHED": after} if after else {})
    interrupted = parent_of("s")
    with pytest.MonkeyPatch.context() as patch:
        computed = watch_work(patch)
        (log,) = run(spec("ketamine", *THREE))
    assert [seed for _, seed in computed] == [0, 1, 2][after:]
    assert log.run_id == interrupted.info.run_id
    assert statuses("s") == {"FINISHED": 4}
    assert len(set(finished_keys("s"))) == 3
    (uninterrupted,) = run(spec("ketamine", *THREE, "tracking=none"))
    assert log.metrics() == uninterrupted.metrics()
    summary = summary_metrics(summaries(list(uninterrupted.metrics().values())))
    assert {name: value for name, value in parent_of("s").data.metrics.items() if name in summary} == summary


def test_an_interrupted_command_says_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    words = tiny("none", *THREE)
    with pytest.MonkeyPatch.context() as patch:
        watch_work(patch, interrupt_after=1)
        assert depsim("run", *words) == 130
    said = capsys.readouterr().err
    assert "To go on: depsim run treatment=none" in said
    assert "Traceback" not in said
    assert statuses("s") == {"KILLED": 1, "FINISHED": 1}
    assert depsim("run", *words) == 0
    assert statuses("s") == {"FINISHED": 4}


def test_runs_of_a_killed_process_are_marked_and_their_job_goes_on() -> None:
    wanted = spec("none", *THREE)
    tracker = wanted.tracking.open()
    killed: Any = tracker.begin(wanted.job, print)
    orphan = killed._writer.create_child(0, killed.run_id, {})
    killed._held.close()  # as the end of a process does
    assert statuses("s") == {"RUNNING": 2}
    (log,) = run(wanted)
    assert log.run_id == killed.run_id
    assert statuses("s") == {"FINISHED": 4, "KILLED": 1}
    (left,) = [each for each in runs("s") if each.info.status == "KILLED"]
    assert left.info.run_id == orphan
    assert left.data.tags["depsim.orphaned"] == "true"
    assert "depsim.orphaned" not in parent_of("s").data.tags


def test_a_job_that_is_being_worked_on_is_locked(capsys: pytest.CaptureFixture[str]) -> None:
    wanted = spec("none", *THREE)
    tracker = wanted.tracking.open()
    log = tracker.begin(wanted.job, print)
    with pytest.raises(LockedError, match=str(os.getpid())):
        tracker.begin(wanted.job, print)
    assert depsim("run", *tiny("none", *THREE)) == 1
    said = capsys.readouterr().err
    assert str(os.getpid()) in said
    assert "Traceback" not in said
    assert statuses("s") == {"RUNNING": 1}
    log.close(interrupted=True)
    assert depsim("run", *tiny("none", *THREE)) == 0


def test_a_locked_job_ends_a_sweep_with_one_message(capsys: pytest.CaptureFixture[str]) -> None:
    wanted = spec("none", "study=s", "seed=1")
    log = wanted.tracking.open().begin(wanted.job, print)
    words = [*TINY, "study=s", "seed=1"]
    assert depsim("sweep", "paper", *words) == 1
    said = capsys.readouterr().err
    assert str(os.getpid()) in said
    assert "Traceback" not in said
    log.close(interrupted=True)
    assert depsim("sweep", "paper", *words) == 0
    assert statuses("s") == {"FINISHED": 4}


def test_different_jobs_of_a_study_do_not_lock_each_other() -> None:
    tracker = spec("none").tracking.open()
    logs = [tracker.begin(spec(name, *THREE).job, print) for name in ("none", "ssri")]
    logs.append(tracker.begin(spec("none", "cohort=smoke", "study=t").job, print))
    for log in logs:
        log.close(interrupted=True)


PACKAGES_THEN = "numba 0.1, numpy 0.2, torch 0.3"


def test_another_study_gets_copies_that_say_where_from(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as then:
        then.setattr(mlflow_job, "format_packages", lambda: PACKAGES_THEN)
        run(spec("ketamine", *THREE))
    computed = watch_work(monkeypatch)
    (log,) = run(spec("ketamine", "cohort=smoke", "study=t"))
    assert computed == []
    assert statuses("t") == {"FINISHED": 4}
    originals = {each.data.tags["depsim.run_key"]: each for each in runs("s", kind="individual")}
    assert {each.data.tags["depsim.packages"] for each in runs("t", kind="individual")} == {PACKAGES_THEN}
    for copy in runs("t", kind="individual"):
        original = originals[copy.data.tags["depsim.run_key"]]
        assert copy.data.tags["depsim.reused_from"] == original.info.run_id
        assert copy.data.metrics == original.data.metrics
        assert copy.data.tags["mlflow.parentRunId"] == log.run_id
        masks = [(artifacts(each) / "masks.npz").read_bytes() for each in (copy, original)]
        assert masks[0] == masks[1]
        assert not copy.data.params.items() - original.data.params.items() - {("study", "t")}
    assert parent_of("s").data.metrics == parent_of("t").data.metrics
    assert not any("depsim.reused_from" in each.data.tags for each in runs("s"))


def test_a_cohort_of_one_is_copied_from_another_studys_cohort(
    three: JobRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed = watch_work(monkeypatch)
    (log,) = run(spec("none", "seed=1", "cohort=smoke", "study=t"))
    assert computed == []
    (copy,) = runs("t")
    assert (copy.info.status, copy.data.tags["depsim.kind"]) == ("FINISHED", "condition")
    assert log.metrics() == {1: three.metrics()[1]}
    assert "depsim.reused_from" in copy.data.tags
    assert (artifacts(copy) / "command.txt").exists()


def test_a_larger_cohort_computes_only_who_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    (two,) = run(spec("none", *THREE, "cohort.size=2"))
    computed = watch_work(monkeypatch)
    (three,) = run(spec("none", *THREE))
    assert [seed for _, seed in computed] == [2]
    assert three.run_id != two.run_id
    assert {seed: three.metrics()[seed] for seed in (0, 1)} == two.metrics()
    assert statuses("s", kind="individual") == {"FINISHED": 3}
    assert statuses("s", kind="condition") == {"FINISHED": 2}
    assert len(set(finished_keys("s"))) == 3
    larger = runs("s", kind="condition")[-1]
    assert larger.data.metrics["summary/treated/combined.n"] == 3


def test_individuals_are_found_among_many_that_underwent_the_same(
    three: JobRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mlflow_individuals, "_EXTRA_RUNS", 0)  # a page of two for a cohort of one
    computed = watch_work(monkeypatch)
    for seed in (0, 1, 2):
        (one,) = run(spec("none", *THREE, f"seed={seed}"))
        assert one.metrics() == {seed: three.metrics()[seed]}
        run(spec("none", "cohort=smoke", f"seed={seed}", "study=t"))
    (four,) = run(spec("none", *THREE, "cohort.seeds=[1,5]", "study=t"))
    assert [seed for _, seed in computed] == [5]
    assert four.metrics()[1] == three.metrics()[1]


def test_individuals_are_found_behind_others_of_the_same_cohort(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest runs, which are looked through at first, hold one of the two that are asked for."""
    for seed in (0, 3, 4, 5):
        run(spec("none", *THREE, f"seed={seed}"))
    monkeypatch.setattr(mlflow_individuals, "_EXTRA_RUNS", -2)  # two runs for a cohort of two
    computed = watch_work(monkeypatch)
    (two,) = run(spec("none", *THREE, "cohort.seeds=[0,5]"))
    assert computed == []
    assert list(two.metrics()) == [0, 5]
    assert len(set(finished_keys("s"))) == 4


def test_a_smaller_cohort_computes_nobody(three: JobRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    computed = watch_work(monkeypatch)
    (two,) = run(spec("none", *THREE, "cohort.seeds=[2,0]"))
    assert computed == []
    assert list(two.metrics()) == [2, 0]
    assert two.metrics().items() <= three.metrics().items()
    assert statuses("s", kind="individual") == {"FINISHED": 3}
    assert two.run_id != three.run_id


def test_one_individual_after_its_cohort_gets_no_second_run(three: JobRecord) -> None:
    before = len(runs("s"))
    (one,) = run(spec("none", *THREE, "seed=1"))
    assert one.metrics() == {1: three.metrics()[1]}
    assert len(runs("s")) == before
    assert len(finished_keys("s")) == len(set(finished_keys("s"))) == 3
    (child,) = [each for each in runs("s", kind="individual") if each.data.tags["depsim.seed"] == "1"]
    assert one.run_id == child.info.run_id


def test_a_cohort_after_one_of_its_individuals_counts_it_in(monkeypatch: pytest.MonkeyPatch) -> None:
    (one,) = run(spec("none", *THREE, "seed=1"))
    computed = watch_work(monkeypatch)
    (three,) = run(spec("none", *THREE))
    assert [seed for _, seed in computed] == [0, 2]
    assert three.metrics()[1] == one.metrics()[1]
    assert len(finished_keys("s")) == len(set(finished_keys("s"))) == 3
    (parent,) = [each for each in runs("s", kind="condition") if each.info.run_id == three.run_id]
    assert parent.data.metrics["summary/treated/combined.n"] == 3


def test_overlapping_cohorts_that_run_together_share_their_individuals(monkeypatch: pytest.MonkeyPatch) -> None:
    computed = watch_work(monkeypatch)
    logs = run(spec("none", *THREE, "cohort.size=2"), spec("none", *THREE), spec("none", *THREE, "seed=1"))
    assert sorted(seed for _, seed in computed) == [0, 1, 2]
    assert len(finished_keys("s")) == len(set(finished_keys("s"))) == 3
    assert [list(log.metrics()) for log in logs] == [[0, 1], [0, 1, 2], [1]]


def test_a_job_that_stands_twice_runs_once(monkeypatch: pytest.MonkeyPatch) -> None:
    computed = watch_work(monkeypatch)
    logs = run(spec("none", *THREE), spec("none", *THREE, "workers=1", "chunk=2"))
    assert logs[0] is logs[1]
    assert len(computed) == 3
    assert statuses("s") == {"FINISHED": 4}


@pytest.mark.parametrize("setting", ["chunk=2", "cache_limit_gib=1", "device=cpu", "cohort.hold.init=null"])
def test_what_changes_no_number_computes_nothing_again(
    three: JobRecord, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed = watch_work(monkeypatch)
    run(spec("none", *THREE, setting))
    assert computed == []
    assert statuses("s") == {"FINISHED": 4}


@pytest.mark.parametrize("setting", ["pathology.sparsity=0.9", "cohort.hold.init=0", "task.spread=0.7"])
def test_what_changes_a_number_is_another_condition(
    three: JobRecord, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed = watch_work(monkeypatch)
    run(spec("none", *THREE, setting))
    assert [seed for _, seed in computed] == [0, 1, 2]
    assert len(set(finished_keys("s"))) == 6


def test_a_failure_is_recorded_and_the_others_finish(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        sicken(patch, 1)
        assert depsim("run", *tiny("none", *THREE)) == 1
    said = capsys.readouterr().err
    assert "individual 1: ArithmeticError: no cure for (1,)" in said
    assert "Error executing job" not in said
    assert statuses("s", kind="condition") == {"FAILED": 1}
    assert statuses("s", kind="individual") == {"FINISHED": 2, "FAILED": 1}
    (failed,) = [each for each in runs("s", kind="individual") if each.info.status == "FAILED"]
    assert failed.data.tags["depsim.seed"] == "1"
    text = (artifacts(failed) / "traceback.txt").read_text()
    assert text.startswith("Traceback")
    assert "ArithmeticError: no cure for (1,)" in text
    assert failed.data.metrics == {}
    metrics = parent_of("s").data.metrics
    assert metrics["summary/treated/combined.n"] == 2
    assert "summary/treated/combined.ci_low" not in metrics


def test_a_failure_is_made_good_when_its_cause_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.MonkeyPatch.context() as patch:
        sicken(patch, 1)
        (failed,) = run(spec("none", *THREE))
        assert set(failed.failures) == {1}
        assert list(failed.metrics()) == [0, 2]
    computed = watch_work(monkeypatch)
    (log,) = run(spec("none", *THREE))
    assert [seed for _, seed in computed] == [1]
    assert log.run_id == failed.run_id
    assert dict(log.failures) == {}
    assert statuses("s", kind="individual") == {"FINISHED": 3, "FAILED": 1}
    parent = parent_of("s")
    assert parent.info.status == "FINISHED"
    assert "failed" not in parent.data.tags["mlflow.note.content"]
    (faultless,) = run(spec("none", *THREE, "tracking=none"))
    assert log.metrics() == faultless.metrics()
    assert summary_metrics(summaries(list(faultless.metrics().values()))).items() <= parent.data.metrics.items()
    steps = [point.step for point in open_client().get_metric_history(parent.info.run_id, "healthy/loss")]
    assert sorted(steps) == [0, 1], "a curve has one point a step"


@pytest.mark.parametrize("written", [0, 3, None], ids=["nothing", "a part", "everything"])
def test_a_curve_has_one_point_a_step_after_a_kill_on_the_last_metres(written: int | None) -> None:
    real = mlflow_job.write_batch

    def killed(client: Any, run_id: str, *, curves: Any = (), **more: Any) -> None:
        if any(name.endswith(".n") for name in curves):
            several = {name: curve if len(curve) == 1 else curve[:written] for name, curve in curves.items()}
            real(client, run_id, curves=several)
            raise KeyboardInterrupt
        real(client, run_id, curves=curves, **more) if curves else real(client, run_id, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mlflow_job, "write_batch", killed)
        with pytest.raises(KeyboardInterrupt):
            run(spec("none", *THREE))
    run(spec("none", *THREE))
    run_id, client = parent_of("s").info.run_id, open_client()
    steps = [point.step for point in client.get_metric_history(run_id, "treated/resilience")]
    assert sorted(steps) == [0, 30, 50, 100, 150, 200, 250]
    assert sorted(point.step for point in client.get_metric_history(run_id, "healthy/loss")) == [0, 1]


def test_a_cohort_of_one_that_fails_has_one_failed_run_and_goes_on_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.MonkeyPatch.context() as patch:
        sicken(patch, 1)
        (failed,) = run(spec("none", "seed=1", "study=s"))
    (left,) = runs("s")
    assert left.info.status == "FAILED"
    assert "ArithmeticError" in (artifacts(left) / "traceback.txt").read_text()
    assert left.data.tags["depsim.error"] == "ArithmeticError: no cure for (1,)"
    (log,) = run(spec("none", "seed=1", "study=s"))
    (left,) = runs("s")
    assert (left.info.status, left.info.run_id) == ("FINISHED", failed.run_id)
    assert "depsim.error" not in left.data.tags
    assert log.run_id == failed.run_id


def test_everyone_failing_leaves_a_failed_condition_without_figures() -> None:
    with pytest.MonkeyPatch.context() as patch:
        sicken(patch, 0, 1, 2)
        assert depsim("run", *tiny("none", *THREE)) == 1
    assert statuses("s", kind="condition") == {"FAILED": 1}
    assert parent_of("s").data.metrics == {}


def test_one_arm_failing_does_not_stop_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        sicken(patch, 7)
        assert depsim("sweep", "paper", *TINY, "seed=7") == 1
    heard = capsys.readouterr()
    assert "individual 7: ArithmeticError" in heard.err
    assert "ketamine" in heard.out
    assert statuses("paper") == {"FINISHED": 3, "FAILED": 1}


def test_a_damaged_healthy_network_is_reported_and_computed_again(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(spec("none", "seed=1", "study=s"))
    (file,) = project.glob("mlruns/cache/healthy/??/*.safetensors")
    data = file.read_bytes()
    file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert depsim("run", *tiny("ketamine", "seed=1", "study=s")) == 0
    said = capsys.readouterr().err
    assert "note: damaged file" in said
    assert file.name in said
    assert file.read_bytes() == data


def test_a_deleted_study_is_taken_up_again(three: JobRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    client = open_client()
    client.delete_experiment(client.get_experiment_by_name("s").experiment_id)
    (log,) = run(spec("none", *THREE))
    assert log.metrics() == three.metrics()
    assert len(finished_keys("s")) == len(set(finished_keys("s"))) == 3

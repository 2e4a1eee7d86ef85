"""Searches from beginning to end, in a small world."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from optuna.storages import RDBStorage
from optuna.trial import Trial

from depsim.execution.pool import Pool
from depsim.execution.work import Event, Receive, WorkUnit
from depsim.report.words import number
from depsim.search.storage import driving, open_storage
from depsim.search.trials import Trials
from depsim.steps import Path as Course
from depsim.steps import Prune
from depsim.study.reading import read_study
from depsim.tracking.mlflow_store import open_client
from depsim.tracking.mlflow_studies import read_asked
from tests.jobs import TINY, artifacts, copy_project, depsim, fail_pruning, runs, statuses, working_in
from tests.searches import SMALL, optuna_trials, search_run, states, table, write_search

pytestmark = pytest.mark.slow  # whole searches on a store

SPARSITY = {
    "settings": {"cohort": "smoke", "treatment": "none"},
    "space": {"pathology.sparsity": "0.9,0.5,0.7"},
    "objectives": [{"metric": "treated/sparsity", "direction": "maximise", "statistic": "mean"}],
    "sampler": "GridSampler",
}
"""A search whose answer is known: the sparsity that is asked for is the one that is measured."""
ONE = "cohort.size=1"
"""For what does not depend on how many individuals a trial has: recording each takes longer than computing it."""


@pytest.fixture(scope="module")
def new_trials(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of trials that holds none: creating one takes a second, copying it none."""
    folder = tmp_path_factory.mktemp("trials")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        storage = open_storage(keeps=True)
    assert isinstance(storage, RDBStorage)
    storage.engine.dispose()  # its write-ahead log goes with the last connection
    return folder / "mlruns" / "optuna.db"


@pytest.fixture
def project(project: Path, new_trials: Path) -> Path:
    """A project in which a search can begin at once."""
    shutil.copy(new_trials, project / "mlruns" / "optuna.db")
    return project


@pytest.fixture
def mine(project: Path) -> Path:
    write_search(project)
    return project


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory, new_store: Path) -> tuple[Path, str]:
    """A project with a finished search, and what that printed."""
    folder = tmp_path_factory.mktemp("searched")
    write_search(folder)
    said = io.StringIO()
    with working_in(folder, new_store), contextlib.redirect_stdout(said):
        assert depsim("sweep", "mine", *SMALL) == 0
    return folder, said.getvalue()


@pytest.fixture
def there(searched: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """That project; what a test does there must leave it as it was."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(searched[0])
    return searched[0]


@pytest.fixture
def again(empty: Path, searched: tuple[Path, str]) -> Path:
    """A copy of that project, in which a test may do what it likes."""
    copy_project(searched[0], empty)
    return empty


def watch(patch: pytest.MonkeyPatch, *, interrupt_after: int | None = None) -> list[int]:
    """The individuals that get computed from now on; Ctrl-C before so many outcomes have been kept."""
    seen: list[int] = []
    real = Pool.run

    def watched(self: Pool, units: Sequence[WorkUnit], receive: Receive) -> None:
        def watching(event: Event) -> None:
            if interrupt_after is not None and len(seen) >= interrupt_after:
                raise KeyboardInterrupt
            seen.extend(outcome.seed for outcome in getattr(event, "outcomes", ()))
            receive(event)

        real(self, units, watching)

    patch.setattr(Pool, "run", watched)
    return seen


def test_a_search_is_one_run_with_its_trials_and_their_individuals_below(there: Path) -> None:
    trials = optuna_trials(there)
    assert states(trials) == ["COMPLETE"] * 4
    run = search_run()
    assert run.info.status == "FINISHED"
    assert run.info.run_name == "mine · maximise treated/combined"
    assert run.data.tags["depsim.study"] == "mine"
    assert run.data.tags["depsim.sweep"] == "mine"
    assert "depsim.search_key" in run.data.tags
    params = run.data.params
    assert params["space.treatment.regrow_fraction"] == "float 0.1 to 0.8"
    assert (params["sampler"], params["pruner"], params["n_trials"]) == ("TPESampler", "NopPruner", "4")
    assert (params["directions"], params["statistic"]) == ("maximise", "mean")
    below = [r for r in runs("mine", kind="condition") if r.data.tags["mlflow.parentRunId"] == run.info.run_id]
    numbers = [r.data.tags["depsim.trial"] for r in below]
    assert sorted(numbers) == ["0", "1", "2", "3", "reference", "winner"]
    for condition in below:
        tags = condition.data.tags
        assert (condition.info.status, tags["depsim.trial_state"]) == ("FINISHED", "COMPLETE")
        people = [r for r in runs("mine", kind="individual")
                  if r.data.tags["mlflow.parentRunId"] == condition.info.run_id]  # fmt: skip
        assert {r.data.tags["depsim.search"] for r in people} == {run.info.run_id}
        if tags["depsim.trial"] in ("winner", "reference"):
            assert {r.data.tags["depsim.seed"] for r in people} == {"50", "51"}
        else:
            assert {r.data.tags["depsim.seed"] for r in people} == {"0", "1"}
            value = trials[int(tags["depsim.trial"])].value
            assert condition.data.metrics["treated/combined"] == pytest.approx(value, abs=1e-12)


def test_what_a_search_leaves_besides(there: Path) -> None:
    run, trials, client = search_run(), optuna_trials(there), open_client()
    curve = {point.step: point.value for point in client.get_metric_history(run.info.run_id, "search/value")}
    assert curve == {trial.number: trial.value for trial in trials}
    best = {point.step: point.value for point in client.get_metric_history(run.info.run_id, "search/best")}
    assert best == {n: max(t.value for t in trials[: n + 1]) for n in range(4)}  # type: ignore[type-var]
    history = table(run, "history.csv")
    assert [row["state"] for row in history] == ["COMPLETE"] * 4
    assert [row["individuals"] for row in history] == ["2"] * 4
    assert [float(row["value"]) for row in history] == [trial.value for trial in trials]
    assert [float(row["treatment.regrow_fraction"]) for row in history] == [
        trial.params["treatment.regrow_fraction"] for trial in trials
    ]
    assert {path.name for path in artifacts(run).iterdir()} == {"history.csv", "winner.json"}
    assert read_asked(client, run.info.experiment_id) == ("Which dose?", None)
    (search,) = read_study(client, "mine").searches
    assert [trial.values for trial in search.trials] == [(trial.value,) for trial in trials]
    assert search.importance == ()  # of too few trials


def test_the_winner_is_scored_on_fresh_individuals(there: Path, searched: tuple[Path, str]) -> None:
    metrics = search_run().data.metrics
    (winner,) = runs("mine", trial="winner")
    fresh = winner.data.metrics["treated/combined"]
    assert metrics["search/fresh_value"] == pytest.approx(fresh, abs=1e-12)
    assert metrics["search/best_value"] == max(trial.value or 0 for trial in optuna_trials(there))
    assert metrics["search/optimism"] == pytest.approx(metrics["search/best_value"] - fresh, abs=1e-12)
    told = json.loads((artifacts(search_run()) / "winner.json").read_text())
    (entry,) = told["winners"]
    assert str(entry["trial"]) == winner.data.tags["depsim.winner_of"]
    assert entry["fresh_values"] == [metrics["search/fresh_value"]]
    assert (told["cohort"], told["fresh_cohort"]) == ("0-1", "50-51")
    _, said = searched
    assert f"winner, trial {entry['trial']}: mean of treated/combined" in said
    assert "2 fresh individuals" in said


def test_the_papers_settings_are_scored_on_the_same_fresh_individuals(there: Path, searched: tuple[Path, str]) -> None:
    (winner,), (reference,) = runs("mine", trial="winner"), runs("mine", trial="reference")
    papers = {"treatment.regrow_fraction": "0.5", "treatment.epochs": "15", "treatment.scoring_batches": "30"}
    assert {key: reference.data.params[key] for key in papers} == papers
    same = ("cohort.seeds", "task.train_size", "pathology.sparsity", "treatment")
    assert [reference.data.params[key] for key in same] == [winner.data.params[key] for key in same]
    (entry,) = json.loads((artifacts(search_run()) / "winner.json").read_text())["winners"]
    assert entry["reference_values"] == pytest.approx([reference.data.metrics["treated/combined"]], abs=1e-12)
    assert entry["gain"][0]["value"] == pytest.approx(entry["fresh_values"][0] - entry["reference_values"][0])
    assert search_run().data.metrics["search/gain"] == entry["gain"][0]["value"]
    (scored,) = read_study(open_client(), "mine").searches[0].winners
    assert [sorted(score.people) for score in (scored.fresh, scored.reference)] == [[50, 51]] * 2
    assert scored.reference.people[50]["treated/combined"] != scored.fresh.people[50]["treated/combined"]
    assert "over the paper's settings" in searched[1]


def test_a_report_has_no_arm_from_a_search(there: Path) -> None:
    study = read_study(open_client(), "mine")
    assert study.arms == ()
    (search,) = study.searches
    assert search.finished
    assert [trial.values for trial in search.trials] == [(trial.value,) for trial in optuna_trials(there)]
    (winner,) = search.winners
    assert winner.fresh.values == (search_run().data.metrics["search/fresh_value"],)


def test_the_same_search_again_computes_nothing(
    there: Path,
    searched: tuple[Path, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (_, first), before = searched, statuses("mine")
    computed = watch(monkeypatch)
    assert depsim("sweep", "mine", *SMALL) == 0
    assert computed == []
    assert capsys.readouterr().out == first
    assert statuses("mine") == before == {"FINISHED": 1 + 6 + 4 * 2 + 2 * 2}


def test_the_number_of_trials_is_a_total(again: Path) -> None:
    four = [trial.params for trial in optuna_trials(again)]
    assert depsim("sweep", "mine", *SMALL, "search.n_trials=6") == 0
    six = [trial.params for trial in optuna_trials(again)]
    assert len(six) == 6
    assert six[:4] == four
    assert len(runs("mine", trial="winner")) == 1
    assert depsim("sweep", "mine", *SMALL, "search.n_trials=5") == 0
    assert len(optuna_trials(again)) == 6


def test_finished_individuals_of_another_study_are_taken_over(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_search(project, **SPARSITY)
    two = [*TINY, "cohort=smoke", "cohort.size=2"]
    for sparsity in (0.5, 0.7):
        assert depsim("run", "treatment=none", *two, f"pathology.sparsity={sparsity}") == 0
    computed = watch(monkeypatch)
    assert depsim("sweep", "mine", *two) == 0
    assert sorted(computed) == [0, 1, 50, 50, 51, 51]
    reused = [r for r in runs("mine", kind="individual") if "depsim.reused_from" in r.data.tags]
    assert len(reused) == 4


def test_a_trial_at_the_point_of_another_one_is_free(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_search(project, **SPARSITY | {"sampler": "RandomSampler", "n_trials": 6})
    computed = watch(monkeypatch)
    assert depsim("sweep", "mine", *TINY, ONE) == 0
    assert len(computed) <= 3 + 2 * 2
    trials = sorted(r.data.tags["depsim.trial"] for r in runs("mine", kind="condition"))
    assert trials == [*"012345", "reference", "winner"]


def test_another_space_under_the_same_name_is_refused_and_can_begin_anew(
    again: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = [*SMALL, ONE, "treatment.epochs=int(interval(0,3))"]
    assert depsim("sweep", "mine", *other) == 2
    said = capsys.readouterr().err
    assert "space.treatment.epochs: int 0 to 2 before, int 0 to 3 now" in said
    assert "--fresh begins another search" in said
    assert len(optuna_trials(again)) == 4
    assert depsim("sweep", "mine", *other, "search.n_trials=1", "--fresh") == 0
    assert "study mine-2, a new one" in capsys.readouterr().out
    assert len(optuna_trials(again)) == 4
    assert len(optuna_trials(again, "mine-2/mine")) == 1
    assert search_run("mine-2").info.status == "FINISHED"


def test_a_second_driver_is_told_who_the_first_is(again: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with driving("mine", keeps=True):
        assert depsim("sweep", "mine", *SMALL) == 1
    said = capsys.readouterr().err
    assert f"the search mine, held by process {os.getpid()} on {socket.gethostname()}" in said
    assert depsim("sweep", "mine", *SMALL) == 0


@pytest.mark.parametrize("sweep", ["seed=1,2", "cohort.size=int(interval(2,9))", "+cohort.hold.init=1,2"])
def test_individuals_are_no_dimension(mine: Path, capsys: pytest.CaptureFixture[str], sweep: str) -> None:
    (mine / "mlruns" / "optuna.db").unlink()
    assert depsim("sweep", "mine", *SMALL, sweep) == 2
    assert "individuals are the same" in capsys.readouterr().err
    assert not (mine / "mlruns" / "optuna.db").exists()


def test_a_failed_trial_is_recorded_with_its_reason_and_the_search_goes_on(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_search(project, **SPARSITY)
    two = [*TINY, "cohort.size=2"]
    with pytest.MonkeyPatch.context() as patch:
        fail_pruning(patch, 1, 0.9)
        assert depsim("sweep", "mine", *two) == 0
    trials = optuna_trials(project)
    by_level = {trial.params["pathology.sparsity"]: trial for trial in trials}
    assert sorted(states(trials)) == ["COMPLETE", "COMPLETE", "FAIL"]
    assert by_level["0.9"].user_attrs["reason"] == "individual 1: ArithmeticError: individual 1 cannot be pruned"
    (failed,) = runs("mine", trial_state="FAIL")
    assert failed.info.status == "FAILED"
    assert "cannot be pruned" in failed.data.tags["depsim.error"]
    row = next(row for row in table(search_run(), "history.csv") if row["state"] == "FAIL")
    assert row["value"] == ""
    assert "cannot be pruned" in row["reason"]
    (winner,) = json.loads((artifacts(search_run()) / "winner.json").read_text())["winners"]
    assert winner["point"] == {"pathology.sparsity": "0.7"}
    capsys.readouterr()
    computed = watch(monkeypatch)
    assert depsim("sweep", "mine", *two, "--retry-failed") == 0
    assert computed == [1, 50, 51]  # the other one was finished, and the paper's settings, too
    assert len(optuna_trials(project)) == 4
    assert states(optuna_trials(project))[-1] == "COMPLETE"
    assert "3 of 3 trials" in capsys.readouterr().out
    (winner,) = json.loads((artifacts(search_run()) / "winner.json").read_text())["winners"]
    assert winner["point"] == {"pathology.sparsity": "0.9"}
    assert [r.data.tags["depsim.winner_of"] for r in runs("mine", trial="winner")] == [str(winner["trial"])]
    assert len(runs("mine", trial="former winner")) == 1
    metrics = search_run().data.metrics
    assert [metrics["search/best_value"]] == winner["values"]
    assert [metrics["search/fresh_value"]] == winner["fresh_values"]
    assert winner["values"][0] > 80
    assert depsim("sweep", "mine", *two, "--retry-failed") == 0
    assert len(optuna_trials(project)) == 4
    assert "no trial has failed" in capsys.readouterr().out


def test_nothing_to_retry_writes_nothing(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (mine / "mlruns" / "optuna.db").unlink()
    assert depsim("sweep", "mine", *SMALL, "--retry-failed") == 0
    assert "no trial has failed" in capsys.readouterr().out
    assert runs("mine") == []
    assert not (mine / "mlruns" / "optuna.db").exists()


def test_other_fresh_individuals_give_other_closing_numbers(again: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for size in (3, 2):
        assert depsim("sweep", "mine", *SMALL, f"search.fresh.size={size}") == 0
        run = search_run()
        (entry,) = json.loads((artifacts(run) / "winner.json").read_text())["winners"]
        assert [run.data.metrics["search/fresh_value"]] == entry["fresh_values"]
        assert [run.data.metrics["search/optimism"]] == entry["optimism"]
        assert run.data.tags["depsim.fresh.seeds"] == ("50-52" if size == 3 else "50-51")
        assert (len(runs("mine", trial="reference")), entry["gain"][0]["n"]) == (1, size)
    capsys.readouterr()
    assert depsim("sweep", "mine", *SMALL, "search.n_trials=1") == 0
    assert "4 of 4 trials" in capsys.readouterr().out


def test_a_winner_that_breaks_a_constraint_on_fresh_individuals_says_so(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = {"metric": "treated/sparsity", "statistic": "mean", "at_least": 40.0, "at_most": None}
    write_search(project, **SPARSITY, constraints=[limit])
    real = Prune.__call__

    def lenient(self: Prune, path: Course) -> Course:
        return path if min(path.cohort.seeds) >= 50 else real(self, path)

    monkeypatch.setattr(Prune, "__call__", lenient)
    assert depsim("sweep", "mine", *TINY, ONE) == 0
    assert "does not keep this on the fresh individuals: mean of treated/sparsity >= 40" in capsys.readouterr().out
    (entry,) = json.loads((artifacts(search_run()) / "winner.json").read_text())["winners"]
    assert entry["fresh_breaks"] == ["mean of treated/sparsity >= 40"]


def test_a_mistyped_metric_can_be_corrected(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = [{"metric": "xyz", "direction": "maximise", "statistic": "mean"}]
    write_search(project, n_trials=2, objectives=wrong)
    assert depsim("sweep", "mine", *SMALL, ONE) == 2
    assert "treated/combined" in capsys.readouterr().err
    write_search(project, n_trials=2)
    assert depsim("sweep", "mine", *SMALL, ONE) == 0
    assert states(optuna_trials(project)) == ["COMPLETE"] * 2
    assert "RUNNING" not in statuses("mine")


def test_an_individual_left_open_below_a_settled_trial_is_closed(again: Path) -> None:
    client, (trial,) = open_client(), runs("mine", trial="1")
    (someone, *_) = [r for r in runs("mine", kind="individual")
                     if r.data.tags["mlflow.parentRunId"] == trial.info.run_id]  # fmt: skip
    client.update_run(someone.info.run_id, status="RUNNING")
    assert depsim("sweep", "mine", *SMALL) == 0
    assert client.get_run(someone.info.run_id).info.status == "KILLED"
    assert client.get_run(trial.info.run_id).info.status == "FINISHED"


def test_a_winner_keeps_the_constraints(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    limit = {"metric": "treated/sparsity", "statistic": "mean", "at_least": None, "at_most": 80.0}
    write_search(project, **SPARSITY, constraints=[limit])
    assert depsim("sweep", "mine", *TINY, ONE) == 0
    rows = {row["pathology.sparsity"]: row for row in table(search_run(), "history.csv")}
    assert {level: row["feasible"] for level, row in rows.items()} == {"0.9": "false", "0.7": "true", "0.5": "true"}
    (winner,) = json.loads((artifacts(search_run()) / "winner.json").read_text())["winners"]
    assert winner["point"] == {"pathology.sparsity": "0.7"}
    write_search(project, "hard", **SPARSITY, constraints=[limit | {"at_most": 10.0}])
    capsys.readouterr()
    assert depsim("sweep", "hard", *TINY, ONE) == 1
    assert "there is no winner" in capsys.readouterr().out
    assert search_run("hard").info.status == "FINISHED"


def test_a_minimised_objective_has_the_smallest_winner_and_the_sign_of_its_optimism(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    objectives = [{"metric": "treated/combined", "direction": "minimise", "statistic": "mean"}]
    write_search(project, **SPARSITY | {"objectives": objectives})
    assert depsim("sweep", "mine", *TINY, ONE) == 0
    metrics = search_run().data.metrics
    said, optimism = capsys.readouterr().out, metrics["search/optimism"]
    assert f"in the search (optimism {number(optimism, 2, True)})" in said
    assert "next: depsim report mine" in said
    assert metrics["search/best_value"] == min(trial.value or 0 for trial in optuna_trials(project))
    assert metrics["search/optimism"] == pytest.approx(metrics["search/fresh_value"] - metrics["search/best_value"])


@pytest.mark.parametrize("workers", [1])
def test_a_hopeless_trial_is_stopped_after_some_individuals(project: Path, workers: int) -> None:
    write_search(
        project,
        **SPARSITY | {"settings": {"cohort": "pilot", "treatment": "none"}},
        pruner={"name": "WilcoxonPruner", "n_startup_steps": 4},
    )
    assert depsim("sweep", "mine", *TINY[:-1], f"workers={workers}", "cohort.size=7") == 0
    best, rows = 0.0, table(search_run(), "history.csv")
    for row in rows:
        level = float(row["pathology.sparsity"])
        if level < best:  # four signs alike: p = 1/16; after three it is 1/8
            assert (row["state"], row["individuals"]) == ("PRUNED", "4")
            assert "worse than the best" in row["reason"]
            (run,) = runs("mine", trial=row["number"])
            assert (run.info.status, run.data.tags["depsim.trial_state"]) == ("FINISHED", "PRUNED")
            assert run.data.metrics["summary/treated/combined.n"] == 4
        else:
            assert (row["state"], row["individuals"]) == ("COMPLETE", "7")
        best = max(best, level)
    assert "PRUNED" in {row["state"] for row in rows}


def test_configuration_groups_can_be_searched(project: Path) -> None:
    write_search(project, settings={"cohort": "smoke"}, space={"treatment": "none,ssri"}, sampler="GridSampler")
    assert depsim("sweep", "mine", *TINY, ONE) == 0
    assert {r.data.tags["depsim.treatment"] for r in runs("mine", kind="condition")} == {"none", "ssri"}
    assert len(optuna_trials(project)) == 2


def test_two_objectives_have_a_trade_off(project: Path) -> None:
    objectives = [
        {"metric": "treated/sparsity", "direction": "maximise", "statistic": "mean"},
        {"metric": "depressed/sparsity", "direction": "minimise", "statistic": "mean"},
        {"metric": "dose/l1", "direction": "minimise", "statistic": "mean"},
    ]
    write_search(project, **SPARSITY | {"objectives": objectives})
    assert depsim("sweep", "mine", *TINY, ONE) == 0
    front = json.loads((artifacts(search_run()) / "winner.json").read_text())["winners"]
    assert [entry["point"] for entry in front] == [{"pathology.sparsity": level} for level in ("0.9", "0.7", "0.5")]
    assert [entry["values"][0] for entry in front] == [entry["values"][1] for entry in front]
    assert [e["fresh_values"][0] for e in front] == pytest.approx([e["values"][0] for e in front], abs=1)
    assert (len(runs("mine", trial="winner")), len(runs("mine", trial="reference"))) == (3, 1)
    fresh = open_client().get_metric_history(search_run().info.run_id, "search/fresh_value_1")
    assert sorted(point.step for point in fresh) == [0, 1, 2]


def test_after_an_interruption_the_trial_is_repeated_elsewhere_and_nothing_stays_open(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        watch(patch, interrupt_after=3)
        assert depsim("sweep", "mine", *SMALL) == 130
    assert "To go on: depsim sweep mine" in capsys.readouterr().err
    assert search_run().info.status == "KILLED"
    assert "RUNNING" not in statuses("mine")
    assert states(optuna_trials(mine)) == ["COMPLETE", "FAIL", "WAITING"]
    with pytest.MonkeyPatch.context() as patch:
        computed = watch(patch)
        assert depsim("sweep", "mine", *SMALL) == 0
    assert len(computed) == 4 * 2 + 2 * 2 - 3
    trials = optuna_trials(mine)
    assert states(trials) == ["COMPLETE", "FAIL", "COMPLETE", "COMPLETE", "COMPLETE"]
    assert trials[2].params == trials[1].params
    history = table(search_run(), "history.csv")
    assert [row["number"] for row in history] == list("01234")
    assert "another trial takes its place" in history[1]["reason"]
    assert {r.data.tags["depsim.trial"]: r.data.tags["depsim.trial_state"] for r in runs("mine", kind="condition")} == {
        "0": "COMPLETE", "1": "FAIL", "2": "COMPLETE", "3": "COMPLETE", "4": "COMPLETE", "winner": "COMPLETE",
        "reference": "COMPLETE",
    }  # fmt: skip


def test_ctrl_c_between_a_trial_and_its_work_leaves_nothing_running(
    mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Trials.ask

    def ask(self: Trials, *, only_waiting: bool = False) -> Trial | None:
        real(self, only_waiting=only_waiting)
        raise KeyboardInterrupt

    monkeypatch.setattr(Trials, "ask", ask)
    assert depsim("sweep", "mine", *SMALL) == 130
    assert states(optuna_trials(mine)) == ["FAIL", "WAITING"]
    assert search_run().info.status == "KILLED"


def test_trials_of_a_batch_are_computed_together(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[int] = []
    real = Pool.run

    def counted(self: Pool, units: Sequence[WorkUnit], receive: Receive) -> None:
        rounds.append(len({job for unit in units for job, _ in unit.arms}))
        real(self, units, receive)

    monkeypatch.setattr(Pool, "run", counted)
    assert depsim("sweep", "mine", *SMALL, ONE, "search.batch=3") == 0
    assert rounds == [3, 1, 1, 1]  # three trials, the fourth, the winner, the paper's settings
    assert states(optuna_trials(mine)) == ["COMPLETE"] * 4


def test_a_point_that_cannot_be_composed_fails_alone(project: Path) -> None:
    write_search(project, n_trials=3, space={"assessment.internal_noise": "[0.5],[1.0],[1.5]"}, sampler="GridSampler")
    with pytest.MonkeyPatch.context() as patch:
        from depsim.config import ConfigError
        from depsim.search.plan import SearchPlan

        real = SearchPlan.trial

        def refuse(self: SearchPlan, point: Any, trial: Any) -> Any:
            if point["assessment.internal_noise"] == "[1.0]":
                raise ConfigError("not at this point")
            return real(self, point, trial)

        patch.setattr(SearchPlan, "trial", refuse)
        assert depsim("sweep", "mine", *SMALL, ONE) == 0
    assert sorted(states(optuna_trials(project))) == ["COMPLETE", "COMPLETE", "FAIL"]


def test_a_metric_that_is_never_measured_ends_the_search_at_once(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    objectives = [{"metric": "treated/combine", "direction": "maximise", "statistic": "mean"}]
    write_search(project, objectives=objectives)
    assert depsim("sweep", "mine", *SMALL) == 2
    assert (
        "metric=treated/combine: not measured in this condition; there are treated/combined" in capsys.readouterr().err
    )
    assert states(optuna_trials(project)) == ["FAIL"]


def test_without_tracking_nothing_is_left(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path_factory.mktemp("nothing")
    monkeypatch.chdir(folder)
    write_search(folder)
    assert depsim("sweep", "mine", *SMALL, "tracking=none", "search.n_trials=2") == 0
    said = capsys.readouterr().out
    assert "2 of 2 trials" in said
    assert "winner, trial" in said
    assert "depsim ui" not in said
    assert [path.name for path in folder.iterdir()] == ["sweeps"]

"""``depsim run``, one job and several."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import depsim as package
from tests.jobs import (
    SIZES,
    TINY,
    depsim,
    fail_pruning,
    finished_keys,
    runs,
    spec,
    statuses,
    tiny,
    unwrapped,
    watch_work,
)

pytestmark = pytest.mark.slow  # whole commands on a store


def test_a_run_shows_its_condition_and_what_to_do_next(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("run", *tiny("ketamine", "seed=1", "study=s")) == 0
    heard = capsys.readouterr()
    (left,) = runs("s")
    assert left.info.status == "FINISHED"
    for text in (
        f"ketamine, 2 epochs, {SIZES} · seed 1",
        "depressed",
        "relapse drop",
        f"run {left.info.run_id}",
        "next: depsim ui",
    ):
        assert text in unwrapped(heard.out)
    assert "100%" in heard.err
    assert "Traceback" not in heard.err
    assert {path.name for path in project.iterdir()} == {"mlruns"}


def test_the_same_command_again_computes_nothing_and_says_the_same(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = tiny("ketamine", "seed=1", "study=s")
    assert depsim("run", *words) == 0
    first = capsys.readouterr().out
    computed = watch_work(monkeypatch)
    assert depsim("run", *words) == 0
    assert computed == []
    assert capsys.readouterr().out == first
    assert statuses("s") == {"FINISHED": 1}


def test_without_tracking_nothing_is_written(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("run", *tiny("ssri", "seed=1", "tracking=none")) == 0
    said = capsys.readouterr().out
    assert f"ssri, 2 epochs, {SIZES} · seed 1" in unwrapped(said)
    assert "depsim ui" not in said
    assert list(empty.iterdir()) == []


def test_seeds_one_by_one_are_the_individuals_of_the_cohort(project: Path) -> None:
    assert depsim("run", "-m", *tiny("ketamine", "cohort=smoke", "study=s", "seed=range(0,3)")) == 0
    assert statuses("s") == {"FINISHED": 3}
    cohort = package.simulate(*tiny("ketamine", "cohort=smoke", "cohort.size=3"))
    job = spec("ketamine", "cohort=smoke", "cohort.size=3").job
    assert finished_keys("s") == sorted(job.run_key(seed) for seed in range(3))
    for found in runs("s"):
        outcome = cohort.outcomes[int(found.data.tags["depsim.seed"])]
        assert dict(outcome.metrics).items() <= found.data.metrics.items()
        assert found.data.tags["depsim.run_key"] == job.run_key(outcome.seed)


def test_a_multirun_covers_its_grid_and_leaves_no_folders_about(project: Path) -> None:
    words = [word for word in TINY if not word.startswith("training")]
    assert depsim("run", "-m", *words, "training.epochs=1", "treatment=none", "seed=1,2", "pathology.sparsity=0.9,0.95", "study=s") == 0  # noqa: E501  # fmt: skip
    found = {(r.data.tags["depsim.seed"], r.data.params["pathology.sparsity"]) for r in runs("s")}
    assert found == {("1", "0.9"), ("1", "0.95"), ("2", "0.9"), ("2", "0.95")}
    assert {path.name for path in project.iterdir()} == {"mlruns"}


def test_a_fixed_key_that_only_the_swept_treatments_have(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [*TINY, "treatment=ketamine,ssri", "treatment.epochs=1", "seed=1"]
    assert depsim("run", "-m", *words, "study=s") == 0
    said = capsys.readouterr()
    assert f"ketamine, 1 epoch, {SIZES} · seed 1" in unwrapped(said.out)
    assert f"ssri, 1 epoch, {SIZES} · seed 1" in unwrapped(said.out)
    assert all("+" not in r.data.tags["mlflow.source.name"] for r in runs("s"))
    assert depsim("run", "-m", *words, "treatment.nonsense=1") == 2
    assert "treatment.nonsense=1: unknown key" in capsys.readouterr().err


def test_a_fixed_key_that_only_the_swept_experiments_have(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [*TINY, "treatment.epochs=1", "cohort.size=1", "tracking=none"]
    assert depsim("run", "-m", *words, "experiment=mild_pruning,one_dataset") == 0
    said = capsys.readouterr().out
    assert "ketamine, 1 epoch, mild pruning, " in said
    assert "ssri, 1 epoch, one dataset, " in said


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-m", "treatment=ketamine,ssri", "--cfg", "job"], "--multirun --cfg: do not go together"),
        (["-m", "--info"], "--multirun --info: do not go together"),
        (["--cfg", "job", "treatment=ketamine,ssri"], "treatment=ketamine,ssri: several values at once"),
        (["--resolve"], "--resolve: shows nothing by itself"),
    ],
)
def test_flags_that_do_not_go_together_or_not_with_several_values(
    words: list[str], message: str, empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert depsim("run", *words) == 2
    assert capsys.readouterr().err.startswith(f"depsim: {message}; allowed ")
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize(
    "word",
    [
        "hydra/sweeper=depsim_optuna",
        "hydra.sweeper.n_trials=1",
    ],
)
def test_what_is_for_several_jobs_is_refused_with_one(
    word: str, empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert depsim("run", *tiny("none", "seed=1"), word) == 2
    assert capsys.readouterr().err == f"depsim: {word}: of no effect on a single job; allowed is depsim run -m\n"
    assert list(empty.iterdir()) == []


def test_a_multirun_is_resumed_too(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["run", "-m", *tiny("none", "study=s", "seed=1,2")]
    assert depsim(*words) == 0
    computed = watch_work(monkeypatch)
    assert depsim(*words) == 0
    assert computed == []
    assert statuses("s") == {"FINISHED": 2}


@pytest.mark.parametrize("several", [["treatment=none"], ["-m", "treatment=none,ssri"]], ids=["one job", "several"])
def test_an_individual_that_fails_makes_the_exit_code_1(
    empty: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], several: list[str]
) -> None:
    fail_pruning(monkeypatch, 1)
    assert depsim("run", *TINY, "cohort=smoke", "tracking=none", *several) == 1
    heard = capsys.readouterr()
    assert "individual 1: ArithmeticError: individual 1 cannot be pruned" in heard.err
    assert f"untreated, {SIZES} · n=3" in unwrapped(heard.out)


def test_an_experiment_runs(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [*TINY, "experiment=mild_pruning", "cohort.size=2", "treatment.epochs=1", "tracking=none"]
    assert depsim("run", *words) == 0
    assert f"ketamine, 1 epoch, mild pruning, {SIZES} · n=2" in unwrapped(capsys.readouterr().out)


def test_a_treatment_of_ones_own_runs(
    empty: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path_factory.mktemp("mine")
    (folder / "treatment").mkdir()
    (folder / "treatment" / "mine.yaml").write_text("_target_: depsim.treatment.NoTreatment\n")
    assert depsim("run", "--config-dir", str(folder), *TINY, "treatment=mine", "seed=1", "tracking=none") == 0
    assert f"mine, {SIZES} · seed 1" in unwrapped(capsys.readouterr().out)
    assert list(empty.iterdir()) == []


@pytest.mark.slow
def test_the_installed_program_and_the_module_are_the_same(tmp_path: Path) -> None:
    script = Path(sys.executable).with_name("depsim")
    if not script.exists():
        pytest.skip("depsim is not installed beside this Python")
    answers = [
        subprocess.run(
            [*command, "run", "pathology.sparsity=1.2"], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        for command in ([str(script)], [sys.executable, "-m", "depsim"])
    ]
    assert {(a.returncode, a.stdout, a.stderr) for a in answers} == {
        (2, "", "depsim: pathology.sparsity=1.2: must be less than or equal to 1\n")
    }
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_lists_the_jobs_and_leaves_nothing(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("run", "-m", *tiny("none", "seed=1,2"), "--dry-run") == 0
    said = capsys.readouterr().out
    assert "2 conditions" in said
    assert "of one core" in said
    assert list(empty.iterdir()) == []


def test_a_dry_run_of_a_search_lists_its_space(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["hydra/sweeper=depsim_optuna", "treatment=ketamine", "treatment.regrow_fraction=interval(0.1,0.8)"]
    assert depsim("run", "--dry-run", "-m", *words) == 0
    assert "0 of 30 trials are there" in capsys.readouterr().out
    assert list(empty.iterdir()) == []

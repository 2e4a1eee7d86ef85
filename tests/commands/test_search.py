"""Searches on the command line: through sweep files, and as a sweeper of Hydra's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hydra.core.plugins import Plugins
from hydra.plugins.sweeper import Sweeper

from depsim.commands import search
from depsim.search.storage import FORMER_VARIABLE
from depsim.search.sweep_files import is_search, sweep_names
from depsim.search.sweeps import plan_search_sweep
from tests.jobs import TINY, depsim, fail_pruning, runs
from tests.searches import SMALL, optuna_trials, search_run, table, write_search

pytestmark = pytest.mark.slow  # whole commands on a store

ROOT = Path(__file__).parents[2]
SEARCH = ["-m", "hydra/sweeper=depsim_optuna", "treatment=ketamine", "cohort=smoke", "cohort.size=1", "study=s", *SMALL]
DOSE = "treatment.regrow_fraction=interval(0.1,0.8)"
FEW = ["hydra.sweeper.n_trials=2", "hydra.sweeper.fresh.size=1"]


def test_hydra_finds_the_sweeper() -> None:
    assert "DepsimOptunaSweeper" in [kind.__name__ for kind in Plugins.instance().discover(Sweeper)]
    assert not (ROOT / "hydra_plugins" / "__init__.py").exists()


def test_the_plugin_imports_nothing_that_takes_time() -> None:
    script = (
        "import hydra_plugins.depsim_optuna.sweeper, sys\n"
        "print({'optuna', 'mlflow', 'torch', 'depsim'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_hydras_command_line_is_a_search(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", *SEARCH, DOSE, "treatment.epochs=0,1", "hydra.sweeper.sampler=RandomSampler", *FEW]
    assert depsim(*words) == 0
    said = capsys.readouterr().out
    assert "2 of 2 trials" in said
    run = search_run("s")
    assert run.data.tags["depsim.sweep"] == "search"
    assert run.data.tags["mlflow.source.name"].startswith("depsim run -m hydra/sweeper=depsim_optuna")
    assert run.data.params["sampler"] == "RandomSampler"
    history = table(run, "history.csv")
    assert {row["treatment.epochs"] for row in history} <= {"0", "1"}
    assert all(0.1 <= float(row["treatment.regrow_fraction"]) <= 0.8 for row in history)
    assert [path.name for path in project.iterdir()] == ["mlruns"]
    assert depsim(*words) == 0
    assert capsys.readouterr().out == said
    assert len(optuna_trials(project, "s/search")) == 2


def test_a_fixed_key_that_only_the_searched_treatments_have(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    swept = ["treatment=ketamine,ssri", "treatment.epochs=1", "cohort=smoke", "study=s"]
    words = ["run", "-m", "hydra/sweeper=depsim_optuna", *TINY, *swept, *FEW, "hydra.sweeper.sampler=GridSampler"]
    assert depsim(*words, "treatment.nonsense=1") == 2
    assert "treatment.nonsense=1: unknown key" in capsys.readouterr().err
    assert depsim(*words) == 0
    run = search_run("s")
    assert {row["treatment"] for row in table(run, "history.csv")} == {"ketamine", "ssri"}
    assert " treatment.epochs=1 " in run.data.tags["mlflow.source.name"]


def test_two_searches_of_a_study_have_names_of_their_own(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = [*FEW, "hydra.sweeper.n_trials=1"]
    assert depsim("run", *SEARCH, DOSE, *one) == 0
    assert depsim("run", *SEARCH, "treatment.epochs=0,1", *one) == 2
    assert "space.treatment.epochs: nothing before, one of 0, 1 now" in capsys.readouterr().err
    assert depsim("run", *SEARCH, "treatment.epochs=0,1", *one, "hydra.sweeper.name=other") == 0
    assert len(runs("s", kind="search")) == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["seed=1,2"], "the individuals are the same for every trial"),
        ([], "nothing to search"),
        (["treatment.regrow_fraction=interval(0.1,1.8)"], "treatment.regrow_fraction=1.8"),
        ([DOSE, "hydra.sweeper.n_trials=abc"], "hydra.sweeper.n_trials=abc"),
        ([DOSE, "hydra.sweeper.sampler.seed=-1"], "hydra.sweeper.sampler"),
        ([DOSE, "+hydra.sweeper.magic=1"], "magic"),
        ([DOSE, "treatment.nonsense=1"], "treatment.nonsense=1: unknown key"),
        ([DOSE, "hydra.sweeper.sampler=CmaEsSampler"], "must be one of TPESampler, "),
        ([DOSE, "hydra.sweeper.name=null"], "hydra.sweeper.name"),
        ([DOSE, "hydra.sweeper._target_=tests.config.foreign.Callback"], "hydra.sweeper._target_"),
        ([DOSE, "treatment=glob(*)"], "glob"),
        (["treatment.x=${oc.env:HOME},b"], "oc.env"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_written(
    empty: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert depsim("run", *SEARCH, *words) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.startswith("depsim: ")
    assert "Traceback" not in said
    assert list(empty.iterdir()) == []


def test_the_ordinary_sweeper_still_refuses_an_interval(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("run", "-m", "treatment=ketamine", DOSE) == 2
    assert "an interval has no list of values" in capsys.readouterr().err


def test_a_dry_run_lists_the_space_and_the_cost_and_leaves_nothing(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = project / "elsewhere"
    elsewhere.mkdir()
    write_search(elsewhere)
    with monkeypatch.context() as patch:
        patch.chdir(elsewhere)
        assert depsim("sweep", "mine", *SMALL, "--dry-run") == 0
    assert [path.name for path in elsewhere.iterdir()] == ["sweeps"]
    said = capsys.readouterr().out
    for part in ("Which dose?", "float 0.1 to 0.8", "int 0 to 2", "0 of 4 trials", "4 corners", "GiB", "50-51"):
        assert part in said
    write_search(project)
    assert depsim("sweep", "mine", *SMALL, "search.n_trials=1") == 0
    capsys.readouterr()
    assert depsim("sweep", "mine", *SMALL, "--dry-run") == 0
    assert "1 of 4 trials are there" in capsys.readouterr().out
    assert len(optuna_trials(project)) == 1
    assert depsim("sweep", "mine", *SMALL, "treatment.epochs=interval(0,1)", "--dry-run") == 2
    assert "treatment.epochs" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--dry-run"], []], ids=["listed", "run"])
def test_damaged_trials_are_said_to_be(project: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    write_search(project)
    database = project / "mlruns" / "optuna.db"
    database.write_text("not what you expect\n" * 100)
    assert depsim("sweep", "mine", *SMALL, *words) == 2
    said = capsys.readouterr().err
    assert said == f"depsim: {database}: is no SQLite database, and a database has to be there; move it away\n"
    assert database.read_text() == "not what you expect\n" * 100


def test_every_search_that_comes_along_is_fine(empty: Path) -> None:
    searches = [name for name in sweep_names() if is_search(name)]
    assert searches == ["search_bridge", "search_ketamine", "search_neurosteroid", "search_ssri", "search_tradeoff"]
    for name in searches:
        plan = plan_search_sweep(name, [], "")
        assert plan.check()
        assert plan.study == name


@pytest.mark.parametrize("name", ["damping", "search_ssri"])
def test_a_sweep_explains_itself(empty: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert depsim("sweep", name, "--help") == 0
    said = capsys.readouterr().out
    for part in (
        "Question:",
        "Answer:",
        f"study {name}",
        "of one core",
        f"depsim sweep {name} runs it",
        "--retry-failed",
    ):
        assert part in said
    assert (
        "0.9, 1.0 (damping factor of hidden activity)"
        if name == "damping"
        else "treatment.epochs: int 20 to 200 (training epochs)"
    ) in said
    assert list(empty.iterdir()) == []


def test_help_without_a_name_lists_the_sweeps(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("sweep", "--help") == 0
    assert "search_tradeoff" in capsys.readouterr().out
    assert depsim("sweep") == 2


def test_a_grid_takes_no_settings_of_a_search(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("sweep", "paper", "search.n_trials=3") == 2
    assert "search" in capsys.readouterr().err


def test_another_database_for_trials_is_refused_without_its_password(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(FORMER_VARIABLE, "postgresql://ada:hush@db/depsim")
    write_search(project)
    assert depsim("sweep", "mine", *SMALL) == 2
    printed = capsys.readouterr()
    database = project / "mlruns" / "optuna.db"
    assert printed.err == (
        f"depsim: {FORMER_VARIABLE}: trials lie in {database} only; unset it, and bring those of another database "
        "there with optuna.copy_study\n"
    )
    assert not database.exists()


def test_a_winner_that_cannot_be_scored_on_fresh_individuals_is_no_success(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_search(project, n_trials=1)
    fail_pruning(monkeypatch, 50)
    assert depsim("sweep", "mine", *SMALL, "tracking=none") == 1
    said = capsys.readouterr().out
    assert "1 of 1 trials" in said
    assert "trial 0 could not be scored on fresh individuals: individual 50: ArithmeticError" in said


def test_the_cost_of_a_search_is_that_of_the_trials_that_are_left(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "format_cost", lambda seconds, _resources: seconds)
    write_search(empty)
    plan = plan_search_sweep("mine", SMALL, "again")
    cost = [float(search.search_cost(plan, done)) for done in range(6)]
    assert cost[0] - cost[1] == pytest.approx(cost[1] - cost[2])
    assert cost[0] > cost[1] > cost[2] > cost[3] > cost[4] == cost[5] > 0

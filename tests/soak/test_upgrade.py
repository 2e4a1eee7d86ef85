"""A store that an earlier version wrote, read and continued by this one; ``tests/stores`` says how it was made."""

from __future__ import annotations

import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
from mlflow.store.db.utils import _get_latest_schema_revision

import depsim as program
from depsim.study.reading import read_study
from depsim.tracking.mlflow_store import open_client
from tests.jobs import depsim, runs, statuses
from tests.programs import ROOT, drive

STORE = Path(__file__).parents[1] / "stores" / "be8ec63.tar.xz"
ARMS = ["none", "ketamine", "ssri", "neurosteroid"]


@pytest.fixture
def earlier(empty: Path) -> Path:
    """A working directory with a copy of that store."""
    with tarfile.open(STORE) as archive:
        archive.extractall(empty, filter="data")
    return empty


def schema(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "mlruns" / "mlflow.db")) as connection:
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(revision)


def written(folder: Path) -> dict[tuple[str, int], float]:
    """Treatment and seed to the accuracy under combined stress, as the database itself has it."""
    query = """
        SELECT params.value, CAST(tags.value AS INTEGER), latest_metrics.value FROM latest_metrics
        JOIN params USING (run_uuid) JOIN tags USING (run_uuid)
        JOIN runs USING (run_uuid) JOIN experiments USING (experiment_id)
        JOIN tags AS kinds USING (run_uuid)
        WHERE experiments.name = 'earlier' AND latest_metrics.key = 'treated/combined' AND params.key = 'treatment'
        AND tags.key = 'depsim.seed' AND kinds.key = 'depsim.kind' AND kinds.value = 'individual'
    """
    with closing(sqlite3.connect(folder / "mlruns" / "mlflow.db")) as connection:
        return {(treatment, seed): value for treatment, seed, value in connection.execute(query)}


def individuals() -> pd.DataFrame:
    """What the study says of everybody, without the columns of settings."""
    return program.load_study("earlier").wide("treated/combined")


def test_the_database_is_brought_to_the_schema_of_todays_mlflow(earlier: Path) -> None:
    before = schema(earlier)
    individuals()
    assert schema(earlier) != before
    assert schema(earlier) == _get_latest_schema_revision()


def test_a_schema_that_mlflow_leaves_alone_is_explained(earlier: Path) -> None:
    individuals()
    with closing(sqlite3.connect(earlier / "mlruns" / "mlflow.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 'of another release'")  # all tables are there
    answer = drive(ROOT, earlier, "report earlier")  # in this process MLflow has looked already
    assert answer.returncode == 1
    assert f"mlflow db upgrade sqlite:///{earlier}/mlruns/mlflow.db " in answer.stderr
    assert "To go on: depsim report earlier" in answer.stderr


def test_it_is_read_and_reported_on(earlier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = program.load_study("earlier")
    assert list(study.arms.index) == ARMS
    assert (study.arms["finished"] == 4).all()
    assert study.failures.empty
    table = study.wide("treated/combined")
    assert {(arm, seed): float(table[arm][seed]) for arm in ARMS for seed in table.index} == written(earlier)
    assert study.masks("ketamine", 2)["treated"][1].any()
    assert len(study.curves("treated/resilience"))
    assert depsim("report", "earlier") == 0
    said = capsys.readouterr()
    assert "4 simulated individuals under 4 conditions" in said.out
    assert "the addresses of its artifacts are brought up to date" in said.err
    assert (earlier / "reports" / "earlier" / "index.html").is_file()


def test_its_study_goes_on_and_old_and_new_individuals_are_one_arm(
    earlier: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = individuals()
    assert depsim("sweep", "earlier", "cohort.seeds=[3,4]", "cohort.size=null", "cohort.first_seed=null") == 0
    both = individuals()
    assert list(both.index) == [0, 1, 2, 3, 4]
    assert list(both.columns) == ARMS
    pd.testing.assert_frame_equal(both.loc[:2], old.loc[:2])
    assert statuses("earlier", kind="individual") == {"FINISHED": 4 * (4 + 2)}
    capsys.readouterr()
    assert depsim("report", "earlier") == 0
    page = (earlier / "reports" / "earlier" / "index.html").read_text()
    assert "Individuals by older sources" in page
    assert "5 simulated individuals under 4 conditions" in capsys.readouterr().out


def test_what_is_computed_again_is_said_before(earlier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    again = "of the individuals to compute are in the study, by other sources"
    assert depsim("sweep", "earlier", "cohort.size=5", "--dry-run") == 0
    assert f"16 {again}" in " ".join(capsys.readouterr().out.split())
    assert depsim("sweep", "earlier") == 0
    capsys.readouterr()
    assert depsim("sweep", "earlier", "cohort.size=5", "--dry-run") == 0
    assert again not in " ".join(capsys.readouterr().out.split())
    assert statuses("earlier", kind="individual") == {"FINISHED": 32}
    arms = read_study(open_client(), "earlier").arms
    assert [(arm.seeds, arm.older) for arm in arms] == [((0, 1, 2, 3), ())] * 4


def test_its_search_is_read_and_not_mixed_with_a_new_one(earlier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("report", "earlier_search") == 0
    assert "earlier_search: trial 1 of 3" in capsys.readouterr().out
    before = len(runs("earlier_search"))
    assert depsim("sweep", "earlier_search", "search.n_trials=4") == 2
    assert capsys.readouterr().err == (
        "depsim: search earlier_search: was begun as another one; its trials cannot be compared with new ones\n"
        "depsim:   depsim: an earlier version before, this one now\n"
        "depsim:   study=NAME or --fresh begins another search; nothing is deleted\n"
    )
    assert len(runs("earlier_search")) == before
    assert depsim("sweep", "earlier_search", "search.n_trials=2", "--fresh") == 0
    assert len(runs("earlier_search")) == before
    assert statuses("earlier_search-2", kind="search") == {"FINISHED": 1}

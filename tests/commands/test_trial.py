"""``depsim trial``: trials drawn from a study, in seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from depsim.study.reading import read_study
from depsim.study.trial import draw_trials
from depsim.tracking.mlflow_store import open_client
from tests.jobs import depsim, run, runs, spec

PEOPLE = ("cohort.size=3", "cohort.first_seed=0", "cohort.data=individual", "study=x")


@pytest.mark.slow  # a whole command on a store
def test_trials_of_a_study_are_shown_beside_what_is_true(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(spec("none", *PEOPLE), spec("ketamine", *PEOPLE))
    before = len(runs("x"))
    capsys.readouterr()
    assert depsim("trial", "x", "--n", "40", "--outcome", "internal_noise_0.5") == 0
    said = capsys.readouterr().out
    drawn = draw_trials(read_study(open_client(), "x"), 40, "internal_noise_0.5").found["ketamine"]
    first = "Trials with 40 individuals in each group, drawn from 3 who took every path; treated/internal_noise_0.5,"
    assert said.startswith(f"{first} less none.")
    (row,) = (line for line in said.splitlines() if "ketamine" in line)
    for text in (f"{drawn.truth:+.2f}", f"{drawn.low:+.2f}", f"{100 * drawn.power:.0f}"):
        assert text in row
    assert "Careful: 3 individuals stand for a population here" in said
    assert len(runs("x")) == before
    assert not (project / "reports").exists()
    assert depsim("trial", "x", "--control", "ssri") == 2
    assert capsys.readouterr().err == "depsim: --control ssri: no such condition; there are none, ketamine\n"
    assert depsim("trial", "y") == 2
    assert capsys.readouterr().err == "depsim: y: no such study; there are x\n"


@pytest.mark.parametrize("n", ["1", "0", "-3", "many", "10001", "1.5", "²"])
def test_a_group_has_two_individuals_or_more(n: str, empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("trial", "x", f"--n={n}") == 2
    assert f"argument --n: '{n}' is no whole number from 2 to 10,000" in capsys.readouterr().err
    assert list(empty.iterdir()) == []


def test_without_runs_there_is_nothing_to_draw_from(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("trial", "x") == 2
    assert "there are no runs in" in capsys.readouterr().err
    assert list(empty.iterdir()) == []

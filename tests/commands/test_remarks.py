"""What commands say of a network before they compute."""

from __future__ import annotations

from pathlib import Path

import pytest

from depsim.commands import INTERRUPTED
from depsim.execution.runner import Runner
from tests.jobs import depsim

SMALL = ("task.train_size=130", "task.test_size=60", "task.clean_size=20", "training.epochs=1", "cohort.size=1")
REMARK = "note: 15 of 77 parameters are never pruned; noise and drugs act at: 2, and not behind 0.weight\n"


def stop(*_given: object) -> None:
    raise KeyboardInterrupt


def test_where_noise_acts_in_a_module_is_said_once(
    empty: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPSIM_PLUGINS", "tests")
    module = ("model=torch_module", "model.factory=tests.torch_models:with_a_linear_layer")
    words = ("run", "-m", "treatment=none", "pathology=none,overpruning", *module, *SMALL, "tracking=none", "workers=1")
    assert depsim(*words, "--dry-run") == 0
    assert capsys.readouterr().out.count(REMARK) == 1
    monkeypatch.setattr(Runner, "run", stop)  # it is said before anything is computed
    assert depsim(*words) == INTERRUPTED
    assert capsys.readouterr().err.count(REMARK) == 1


@pytest.mark.slow  # composes a search twice
def test_a_search_says_it_too(empty: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPSIM_PLUGINS", "tests")
    module = ("model=torch_module", "model.factory=tests.torch_models:with_a_linear_layer")
    searched = ("treatment=ketamine", "treatment.regrow_fraction=interval(0.1,0.8)", "hydra/sweeper=depsim_optuna")
    words = ("run", "-m", *searched, *module, *SMALL, "tracking=none", "workers=1")
    assert depsim(*words, "--dry-run") == 0
    assert capsys.readouterr().out.count(REMARK) == 1
    monkeypatch.setattr(Runner, "run", stop)
    assert depsim(*words) == INTERRUPTED
    assert capsys.readouterr().err.count(REMARK) == 1


def test_nothing_is_said_of_the_papers_network(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("run", "treatment=none", "tracking=none", "--dry-run") == 0
    assert "note: " not in capsys.readouterr().out

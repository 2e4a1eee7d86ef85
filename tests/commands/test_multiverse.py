"""``depsim sweep`` on a multiverse: what it records, goes on with, tries again and refuses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from depsim.study.reading import read_study
from depsim.tracking.mlflow_store import open_client
from tests.jobs import TINY, depsim, fail_pruning, finished_keys, runs, statuses, unwrapped, watch_work

pytestmark = [pytest.mark.usefixtures("project"), pytest.mark.slow]  # whole jobs on a store

CONTENT = {
    "question": "Is ketamine better, whatever we choose?",
    "study": "m",
    "settings": {"cohort.first_seed": 70},
    "arms": {"treatment": ["ketamine", "ssri"]},
    "space": {
        "pathology.sparsity": {"low": 0.5, "high": 0.9, "reason": "as far as it makes sense"},
        "ssri.epochs": {"low": 1, "high": 4},
    },
    "points": 3,
}
WORDS = ("sweep", "mine", *TINY)


@pytest.fixture(autouse=True)
def _file(project: Path) -> None:
    (project / "sweeps").mkdir(exist_ok=True)
    write(project)


def write(folder: Path, **changes: object) -> None:
    (folder / "sweeps" / "mine.yaml").write_text(yaml.safe_dump(CONTENT | changes, sort_keys=False))


def test_every_run_has_its_point_and_more_points_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert depsim(*WORDS) == 0
    printed = unwrapped(capsys.readouterr().out)
    assert "ketamine beats ssri at sigma 2.5 in" in printed
    assert "of 3 sets of settings" in printed
    assert "depsim sweep mine points=6" in printed
    found = runs("m", kind="condition")
    places = {
        (run.data.tags["depsim.arm"], run.data.tags["depsim.point"], run.data.tags["depsim.seed"]) for run in found
    }
    assert places == {(arm, str(p), str(70 + p)) for arm in ("ketamine", "ssri") for p in range(3)}
    params = {run.data.tags["depsim.point"]: run.data.params for run in runs("m", kind="condition", arm="ssri")}
    assert [own["point.ssri.epochs"] for own in params.values()] == [own["treatment.epochs"] for own in params.values()]
    assert params["0"]["point.pathology.sparsity"] == "0.95", "the paper's own"
    assert all(run.data.params["point.ssri.epochs"] for run in runs("m", arm="ketamine")), "for parallel coordinates"
    assert depsim("report", "m") == 0
    assert len(runs("m", kind="study")) == 1
    assert not any("depsim.summary_sha256" in run.data.tags for run in runs("m")), "no picture of each condition"
    computed = watch_work(monkeypatch)
    assert depsim(*WORDS, "points=4") == 0
    assert len(computed) == 2
    study = read_study(open_client(), "m")
    assert study.multiverse is not None
    assert {(c.point, c.arm): c.seeds for c in study.multiverse.conditions} == {
        (point, arm): (70 + point,) for point in range(4) for arm in ("ketamine", "ssri")
    }
    assert [run.data.params["point.ssri.epochs"] for run in runs("m", arm="ssri")] == [
        texts["ssri.epochs"] for texts in study.multiverse.settings.values()
    ]


def test_an_interrupted_multiverse_goes_on_and_what_failed_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (*WORDS, "cohort.size=2")
    with pytest.MonkeyPatch.context() as patch:
        watch_work(patch, interrupt_after=3)
        assert depsim(*words) == 130
    there = set(finished_keys("m"))
    assert 0 < len(there) < 12
    with pytest.MonkeyPatch.context() as patch:
        fail_pruning(patch, 71 + 10_000)
        assert depsim(*words) == 1
    assert "ketamine, settings 1 · n=2, individual 10071" in capsys.readouterr().err
    assert there < set(finished_keys("m"))
    computed = watch_work(monkeypatch)
    assert depsim(*words, "--retry-failed") == 0
    assert len(computed) == 2
    assert len(set(finished_keys("m"))) == len(finished_keys("m")) == 12
    capsys.readouterr()
    assert depsim(*words, "--dry-run") == 0
    printed = capsys.readouterr().out
    assert re.search(r"ketamine +6 +0 +finished", printed)
    assert "3 sets of 2 settings, the paper's own first; 2 fresh individuals at each" in printed
    assert "0 healthy networks" in printed


def test_a_changed_space_is_refused_and_nothing_is_lost(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim(*WORDS, "points=1") == 0
    before = finished_keys("m")
    write(project, space={**CONTENT["space"], "ssri.epochs": {"low": 1, "high": 9}})  # type: ignore[dict-item]
    for mode in ((), ("--dry-run",), ("--retry-failed",)):
        assert depsim(*WORDS, *mode) == 2
        error = unwrapped(capsys.readouterr().err)
        assert "space.ssri.epochs: low 1, high 4 before, low 1, high 9 now" in error
    assert finished_keys("m") == before
    assert depsim(*WORDS, "points=1", "--fresh") == 0
    assert statuses("m-2") == {"FINISHED": 2}
    assert finished_keys("m") == before


def test_help_says_what_is_varied_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("sweep", "mine", "--help", "ssri.epochs=3") == 0
    printed = unwrapped(capsys.readouterr().out)
    assert "varied: pathology.sparsity: 0.5 to 0.9 (paper: 0.95); as far as it makes sense" in printed
    assert "held: ssri.epochs: 3" in printed
    assert (
        "3 sets of 1 setting, the paper's own first; 1 fresh individual at each, none at two (seeds from 70 to 72)"
        in printed
    )
    assert "6 conditions" in printed


def test_without_tracking_it_answers_from_what_it_computed(capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim(*WORDS, "tracking=none", "points=2") == 0
    assert "of 2 sets of settings" in unwrapped(capsys.readouterr().out)
    assert runs("m") == []

"""``depsim sweep``: what it runs, goes on with and ends with."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from depsim.commands import progress
from depsim.execution.plan import Resources
from depsim.search.sweep_files import sweep_names
from tests.jobs import SIZES, TINY, depsim, fail_pruning, runs, statuses, unwrapped, watch_work

FAST = [*TINY, "study=s"]
ROWS = ("untreated", "ketamine", "ssri", "neurosteroid on", "neurosteroid withdrawn")
WIDE = "300"
"""Columns of a terminal on which no line of a table is broken."""


def rows(text: str) -> dict[str, list[str]]:
    """Cells of the printed table, by the name of their row."""
    lines = iter(text.splitlines())
    next(line for line in lines if line.startswith("───"))
    cells = [re.split(r"\s{2,}", line.strip()) for line in lines]
    return {name: others for name, *others in cells if len(others) > 1}


def first_screen(text: str) -> list[str]:
    """The lines of a page's answer, table and bullets, without where to go on."""
    lines = text.splitlines()
    end = next(place for place, line in enumerate(lines) if line.startswith(("reports/", "next: ")))
    return lines[:end]


pytestmark = [pytest.mark.usefixtures("project"), pytest.mark.slow]  # whole jobs on a store


def test_a_sweep_ends_with_the_first_screen_of_its_page(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", WIDE)
    assert depsim("sweep", "paper", *FAST) == 0
    printed = capsys.readouterr().out
    table = rows(printed)
    assert tuple(table) == ROWS
    parents = {r.data.tags["depsim.treatment"]: r.data.metrics for r in runs("s", kind="condition")}
    assert table["ssri"][0] == f"{parents['ssri']['treated/combined']:.1f}"
    assert table["neurosteroid withdrawn"][1] == f"{parents['neurosteroid']['withdrawn/internal_noise_2.5']:.1f}"
    for hint in ("depsim report s ", "depsim ui s ", "depsim sweep paper cohort=pilot "):
        assert hint in printed
    assert statuses("s") == {"FINISHED": 4}
    assert depsim("report", "s") == 0
    assert first_screen(capsys.readouterr().out) == first_screen(printed)


def test_a_cohort_has_means_with_intervals(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", WIDE)
    assert depsim("sweep", "paper", *FAST, "cohort.size=3", "cohort.data=individual") == 0
    printed = capsys.readouterr().out
    table = rows(printed)
    assert tuple(table) == ROWS
    metrics = {r.data.tags["depsim.treatment"]: r.data.metrics for r in runs("s", kind="condition")}["ketamine"]
    low, high = (metrics[f"summary/treated/combined.{end}"] for end in ("ci_low", "ci_high"))
    assert table["ketamine"][0] == f"{metrics['treated/combined']:.1f} [{low:.1f}, {high:.1f}]"
    assert "cohort=pilot" not in printed
    assert statuses("s", kind="condition") == {"FINISHED": 4}
    assert statuses("s", kind="individual") == {"FINISHED": 12}


def test_the_healthy_network_is_trained_once_for_all_arms_and_the_same_sweep_again_computes_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert depsim("sweep", "paper", *FAST, "cohort=smoke", "cohort.size=2") == 0
    assert len(list(project.glob("mlruns/cache/healthy/??/*.safetensors"))) == 2
    assert len({r.data.metrics["healthy/resilience_auc"] for r in runs("s", kind="individual")}) == 2
    first = capsys.readouterr().out
    computed = watch_work(monkeypatch)
    assert depsim("sweep", "paper", *FAST, "cohort=smoke", "cohort.size=2") == 0
    assert computed == []
    assert capsys.readouterr().out == first
    assert statuses("s") == {"FINISHED": 12}


def test_a_sweep_goes_by_its_name_not_by_its_file(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (empty / "sweeps").mkdir()
    (empty / "sweeps" / "mine.yaml").write_text("question: Why?\nstudy: s\nsettings: {}\ngrid: {}\n")
    assert depsim("sweep", "sweeps/mine.yaml") == 2
    assert capsys.readouterr().err == (
        "depsim: sweeps/mine.yaml: no such sweep; allowed is the name of its file alone: depsim sweep mine\n"
    )


def test_an_interrupted_sweep_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["sweep", "paper", *FAST, "cohort=smoke", "cohort.size=2"]
    with pytest.MonkeyPatch.context() as patch:
        watch_work(patch, interrupt_after=3)
        assert depsim(*words) == 130
    said = capsys.readouterr().err
    assert "To go on: depsim sweep paper" in said
    assert statuses("s", kind="individual") == {"FINISHED": 3}
    with pytest.MonkeyPatch.context() as patch:
        computed = watch_work(patch)
        assert depsim(*words) == 0
    assert len(computed) == 5
    assert statuses("s") == {"FINISHED": 12}


def test_an_unknown_sweep_lists_those_that_there_are(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("sweep", "papers") == 2
    said = capsys.readouterr().err
    assert said.startswith("depsim: papers: no such sweep; there are ")
    listed = (
        said.removeprefix("depsim: papers: no such sweep; there are ").strip().removesuffix(" (did you mean paper?)")
    )
    assert listed.split(", ") == sweep_names()


def test_without_tracking_the_answer_is_printed_all_the_same(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path_factory.mktemp("nothing")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", WIDE)
    assert depsim("sweep", "paper", *FAST, "tracking=none") == 0
    said = capsys.readouterr().out
    assert tuple(rows(said)) == ROWS
    assert "depsim ui" not in said
    assert "depsim report" not in said
    assert list(folder.iterdir()) == []


def test_a_sweep_of_ones_own_shows_its_conditions(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "sweeps").mkdir()
    (project / "sweeps" / "mine.yaml").write_text(
        "question: Why?\nstudy: mine\nsettings: {treatment: none}\ngrid: {pathology.sparsity: [0.8, 0.9]}\n"
    )
    assert depsim("sweep", "mine", *TINY, "seed=1") == 0
    printed = unwrapped(capsys.readouterr().out)
    assert printed.startswith("Why? ")
    assert "80 % pruned" in printed
    assert "90 % pruned" in printed
    assert statuses("mine") == {"FINISHED": 2}


@pytest.mark.parametrize(("device", "said"), [("cpu", True), ("cuda", False)])
def test_a_dry_run_says_where_products_are_slow(
    device: str, said: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "slow_products", lambda: "slow products: so")
    resources = Resources(device, 1, None, None)
    monkeypatch.setattr(Resources, "processes", 1)
    assert ("slow products: so" in progress.format_cost(60, resources)) is said
    if device == "cpu":
        assert depsim("sweep", "paper", *FAST, "cohort=smoke", "--dry-run") == 0
        lines = [line for line in capsys.readouterr().out.splitlines() if "slow products" in line]
        assert len(lines) == 1


def test_a_dry_run_lists_the_jobs_and_leaves_nothing(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", WIDE)
    words = ["sweep", "paper", *FAST, "cohort=smoke", "cohort.size=2"]
    elsewhere = project / "elsewhere"
    elsewhere.mkdir()
    with monkeypatch.context() as patch:
        patch.chdir(elsewhere)
        assert depsim(*words, "--dry-run") == 0
    assert list(elsewhere.iterdir()) == []
    said = capsys.readouterr().out
    table = rows(said)
    assert [row[:2] for row in table.values()] == [["2", "2"]] * 4 + [["8", "8"]]
    assert tuple(table)[:2] == ("untreated", "ketamine")
    assert f"({SIZES}, n=2)" in " ".join(said.split())
    assert "GiB" in said
    assert depsim("sweep", "paper", *FAST, "cohort=smoke", "cohort.size=2", "treatment=none") == 0
    before = statuses("s")
    capsys.readouterr()
    assert depsim(*words, "--dry-run") == 0
    table = rows(capsys.readouterr().out)
    assert table["untreated"] == ["2", "0", "finished"]
    assert table["4 conditions"][:2] == ["8", "6"]
    assert statuses("s") == before


def test_only_failed_individuals_are_tried_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arms = [*FAST, "cohort=smoke", "treatment=none,ssri"]
    assert depsim("sweep", "paper", *arms, "--retry-failed") == 0
    assert "no individual has failed" in capsys.readouterr().out
    with pytest.MonkeyPatch.context() as patch:
        fail_pruning(patch, 1)
        assert depsim("sweep", "paper", *arms, "cohort.size=2") == 1
    assert statuses("s", kind="individual") == {"FINISHED": 2, "FAILED": 2}
    computed = watch_work(monkeypatch)
    assert depsim("sweep", "paper", *arms, "cohort.size=2", "--retry-failed") == 0
    assert len(computed) == 2
    assert statuses("s", kind="condition") == {"FINISHED": 2}
    assert statuses("s", kind="individual") == {"FINISHED": 4, "FAILED": 2}
    capsys.readouterr()
    assert depsim("sweep", "paper", *arms, "cohort.size=2", "--retry-failed") == 0
    assert "no individual has failed" in capsys.readouterr().out


def test_those_that_never_ran_are_left_alone_by_a_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    arms = [*FAST, "cohort=smoke", "treatment=none"]
    with pytest.MonkeyPatch.context() as patch:
        fail_pruning(patch, 1)
        assert depsim("sweep", "paper", *arms, "cohort.size=2") == 1
    computed = watch_work(monkeypatch)
    assert depsim("sweep", "paper", *arms, "cohort.size=3", "--retry-failed") == 0
    assert len(computed) == 1
    (three,) = [r for r in runs("s", kind="condition") if r.data.params["cohort.size"] == "3"]
    assert three.info.status == "FAILED"
    assert three.data.metrics["summary/treated/combined.n"] == 2


def test_a_fresh_sweep_is_a_study_of_its_own_that_goes_on_under_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["sweep", "paper", *FAST, "cohort=smoke", "cohort.size=2", "treatment=none"]
    assert depsim(*words) == 0
    computed = watch_work(monkeypatch)
    assert depsim(*words, "--fresh") == 0
    assert len(computed) == 2
    said = capsys.readouterr().out
    assert "study s-2, a new one; to go on with it: depsim sweep paper" in said
    assert statuses("s") == statuses("s-2") == {"FINISHED": 3}
    assert not any("depsim.reused_from" in r.data.tags for r in runs("s-2"))
    line = next(line for line in said.splitlines() if line.startswith("study s-2"))
    went_on = shlex.split(line.split("depsim ", 1)[1])
    assert depsim(*went_on) == 0
    assert len(computed) == 2
    assert depsim(*went_on, "treatment=none,ssri") == 0
    assert depsim(*words, "--fresh") == 0
    assert statuses("s-3") == {"FINISHED": 3}


def test_a_later_sweep_of_another_study_takes_over_but_a_fresh_one_never_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words = ["sweep", "paper", *TINY, "cohort=smoke", "cohort.size=2"]
    assert depsim(*words, "study=s", "treatment=none") == 0
    assert depsim(*words, "study=t", "treatment=ssri", "--fresh") == 0
    computed = watch_work(monkeypatch)
    assert depsim(*words, "study=t", "treatment=none") == 0
    assert len(computed) == 2
    assert depsim(*words, "study=u", "treatment=none") == 0
    assert len(computed) == 2


def test_help_explains_what_would_be_run_with_the_overrides(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("sweep", "seeds", "--help", "cohort=smoke", "treatment=none") == 0
    said = capsys.readouterr().out
    assert "study seeds; for every job: cohort=smoke, treatment=none\n1 condition of 3 individuals\n" in said
    assert depsim("sweep", "seeds", "--help", "seed=4", "treatment=none,ssri", "study=s") == 0
    said = capsys.readouterr().out
    assert "study s; for every job: cohort=standard, seed=4\n" in said
    assert "  varied: treatment: none, ssri\n2 conditions of 1 individual\n" in said
    assert depsim("sweep", "seeds", "--dry-run", "cohort=smoke", "treatment=none") == 0
    assert "1 condition " in capsys.readouterr().out


def test_help_explains_a_search_with_the_overrides(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changes = ["cohort=smoke", "treatment.epochs=5", "search.n_trials=1", "search.fresh.size=7", "study=s"]
    assert depsim("sweep", "search_ketamine", "--help", *changes) == 0
    said = capsys.readouterr().out
    assert "study s; for every trial: treatment=ketamine, cohort=smoke, treatment.epochs=5\n" in said
    assert "1 trial of 3 individuals, then the winner and the paper's settings on 7 more\n" in said
    assert "treatment.epochs:" not in said


UNREADABLE = ["folder", "dangling", "brackets", "twice", "bytes"]


def write_unreadable(folder: Path, kind: str) -> Path:
    """A sweep file ``mine`` that cannot be read."""
    path = folder / "sweeps" / "mine.yaml"
    path.parent.mkdir()
    if kind == "folder":
        path.mkdir()
    elif kind == "dangling":
        path.symlink_to("nowhere")
    else:
        path.write_bytes({"brackets": b"[" * 3_000, "twice": b"study: a\nstudy: b\n", "bytes": b"# \xff\n"}[kind])
    return path


@pytest.mark.parametrize("words", [(), ("--help",), ("--dry-run",), ("seed=1",)])
@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_sweep_file_that_cannot_be_read_is_one_line(
    empty: Path, capsys: pytest.CaptureFixture[str], kind: str, words: tuple[str, ...]
) -> None:
    path = write_unreadable(empty, kind)
    assert depsim("sweep", "mine", *words) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"depsim: {path}: ")


@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_sweep_file_that_cannot_be_read_hides_no_other_in_the_list(
    empty: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    write_unreadable(empty, kind)
    assert depsim("sweep", "--help") == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "mine: " in out
    assert "paper: " in out


def test_a_dry_run_shows_each_regimen_as_a_timeline(empty: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert depsim("sweep", "regimens", *FAST, "cohort=smoke", "--dry-run") == 0
    lines = capfd.readouterr().out.splitlines()
    first = lines.index("regimens:")
    told = dict(line.strip().split(": ", 1) for line in lines[first + 1 : first + 8])
    assert told["bridge"] == "neurosteroid 10 epochs → ssri 100 epochs (neurosteroid fading over the last 50)"
    assert told["combination"] == "neurosteroid and ketamine 15 epochs"
    assert told["ladder"] == (
        "ssri 100 epochs → unless remitted: neurosteroid 10 epochs → unless remitted: ketamine 15 epochs (neurosteroid "
        "on) → unless remitted: 3 x [ketamine 15 epochs (neurosteroid on)]"
    )
    assert len(told) == 7
    assert depsim("sweep", "paper", *FAST, "cohort=smoke", "--dry-run") == 0
    assert "regimens:" not in capfd.readouterr().out


def test_a_dry_run_tells_regimens_of_one_name_apart(empty: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert depsim("sweep", "repeated_ketamine", *FAST, "cohort=smoke", "--dry-run") == 0
    found = [line.strip() for line in capfd.readouterr().out.splitlines() if " x [ketamine 5 epochs]" in line]
    assert found == [f"repeated ketamine, step 1 repeat {n}: {n} x [ketamine 5 epochs]" for n in (1, 2, 3, 6)]

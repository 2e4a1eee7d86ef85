"""Replicates of an individual: alike up to the pathology, other chance from there on, and r = 0 what it always was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from depsim.execution.course import Outcome
from depsim.execution.keys import arm_key, arm_sources, run_key
from depsim.execution.plan import seconds_each
from depsim.model.masks import unpack
from depsim.protocol import Arm
from depsim.stages import DEPRESSED, HEALTHY, RELAPSED, TREATED
from depsim.tracking.mlflow_store import open_client
from tests import tiny
from tests.jobs import depsim, finished_keys, run, runs, sicken, spec, statuses, watch_work
from tests.jobs import tiny as words
from tests.tiny import all_outcomes, arm, noise_tapered, outcomes, regrowth, tonic_inhibition

pytestmark = pytest.mark.slow  # whole jobs on a store

ARMS = {
    "none": arm(),
    "ketamine": arm(regrowth(), criterion="random"),
    "ssri": arm(noise_tapered()),
    "neurosteroid": arm(tonic_inhibition()),
}
THREE = ("cohort=smoke", "study=s")


def masks(outcome: Outcome, stage: str) -> list[list[list[bool]]]:
    return [mask.tolist() for mask in unpack(outcome.masks)[stage]]


def bits(found: list[Outcome]) -> list[tuple[dict[str, float], dict[str, list[tuple[int, float]]], bytes]]:
    return [(dict(o.metrics), {name: list(c) for name, c in o.curves.items()}, o.masks) for o in found]


@pytest.mark.parametrize("of", ARMS.values(), ids=ARMS)
def test_replicate_0_has_the_bytes_and_keys_of_an_arm_without_replicates(of: Arm) -> None:
    assert of.in_replicate(0) == of
    again, first, _ = all_outcomes([of.in_replicate(1), of, of.in_replicate(2)], (3, 7))
    assert bits(first) == bits(outcomes(of, (3, 7)))
    keys = {arm_key(of.in_replicate(number), "cpu") for number in range(4)}
    assert len(keys) == 4
    assert len({run_key(key, arm_sources(of), 3) for key in keys}) == 4
    assert bits(again) != bits(first)


@pytest.mark.parametrize("of", ARMS.values(), ids=ARMS)
def test_replicates_share_what_comes_before_the_treatment_and_differ_from_there_on(of: Arm) -> None:
    (first,), (second,), (third,) = all_outcomes([of.in_replicate(number) for number in range(3)], (3,))
    for other in (second, third):
        for stage in (HEALTHY, DEPRESSED):
            assert masks(first, stage) == masks(other, stage)
            for what in ("clean", "standard", "sparsity"):  # without noise: the same network, the same data
                assert first.metrics[f"{stage}/{what}"] == other.metrics[f"{stage}/{what}"]
        assert list(first.curves["healthy/loss"]) == list(other.curves["healthy/loss"])
    if "treated/loss" in first.curves:
        assert len({tuple(found.curves["treated/loss"]) for found in (first, second, third)}) == 3
    noisy = [f"{stage}/{what}" for stage in (HEALTHY, DEPRESSED, TREATED, RELAPSED)
             for what in ("combined", "internal_noise_2.5") if f"{stage}/{what}" in first.metrics]  # fmt: skip
    assert any(first.metrics[name] != second.metrics[name] for name in noisy)
    assert any(second.metrics[name] != third.metrics[name] for name in noisy)


def test_exam_noise_is_another_in_each_replicate_also_of_the_healthy_network() -> None:
    of = arm(where=tiny.baseline(points=tiny.task(test=2000)), levels=(2.5,))
    found = [all_outcomes([of.in_replicate(number)], (3,))[0][0] for number in range(3)]
    for stage in (HEALTHY, DEPRESSED):
        assert len({outcome.metrics[f"{stage}/internal_noise_2.5"] for outcome in found}) > 1


def test_random_regrowth_is_another_in_each_replicate() -> None:
    of = arm(regrowth(criterion="random"))
    (first,), (second,) = all_outcomes([of, of.in_replicate(1)], (3,))
    assert masks(first, TREATED) != masks(second, TREATED)


def test_a_replicate_alone_is_as_in_company_of_individuals_and_of_replicates() -> None:
    of = ARMS["ketamine"]
    together = all_outcomes([of.in_replicate(number) for number in range(3)], (3, 7, 9))[2]
    alone = [outcomes(of.in_replicate(2), (seed,))[0] for seed in (3, 7, 9)]
    assert bits(together) == bits(alone)


def test_the_healthy_network_is_trained_once_for_all_replicates(monkeypatch: pytest.MonkeyPatch) -> None:
    from depsim.execution import work

    trained: list[tuple[int, ...]] = []
    real = work.train_baseline
    monkeypatch.setattr(work, "train_baseline", lambda *given: trained.append(given[1].streams.seeds) or real(*given))
    run(spec("ketamine", "tracking=none", "cohort=smoke", "cohort.replicates=3", "chunk=1"))
    assert sorted(trained) == [(0,), (1,), (2,)]


def test_the_estimate_counts_every_replicate_and_the_healthy_network_once() -> None:
    of = ARMS["ketamine"]
    healthy = of.baseline.train.seconds(of.baseline.estimate)
    (one,) = seconds_each([of])
    three = seconds_each([of.in_replicate(number) for number in range(3)])
    assert sum(three) == pytest.approx(3 * (one - healthy) + healthy)


@pytest.fixture
def stored(project: Path) -> None:
    run(spec("ketamine", *THREE, "cohort.replicates=2"))


@pytest.mark.usefixtures("stored")
def test_each_individual_and_replicate_has_a_run_and_a_key_of_its_own() -> None:
    assert statuses("s", kind="individual") == {"FINISHED": 6}
    assert len(set(finished_keys("s"))) == 6
    assert statuses("s", replicate="1") == {"FINISHED": 4}
    parents = {found.info.run_id: found for found in runs("s", kind="condition")}
    for found in runs("s", kind="individual"):
        parent = parents[found.data.tags["mlflow.parentRunId"]]
        assert parent.data.tags.get("depsim.replicate") == found.data.tags.get("depsim.replicate")
    assert {parent.data.metrics["summary/treated/combined.n"] for parent in parents.values()} == {3.0}
    first = next(found for found in parents.values() if "depsim.replicate" not in found.data.tags)
    alone = spec("ketamine", *THREE).job
    assert (first.data.tags["depsim.job_key"], first.data.tags["depsim.arm_key"]) == (alone.job_key, alone.arm_key)


@pytest.mark.usefixtures("stored")
def test_replicates_are_found_finished_and_more_of_them_compute_what_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    computed = watch_work(monkeypatch)
    run(spec("ketamine", *THREE, "cohort.replicates=2"))
    run(spec("ketamine", *THREE))
    assert computed == []
    run(spec("ketamine", *THREE, "cohort.replicates=3"))
    assert [seed for _, seed in computed] == [0, 1, 2]


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("after", [1, 4])
def test_an_interrupted_replicate_goes_on_with_what_lacks(after: int) -> None:
    asked = spec("ketamine", *THREE, "cohort.replicates=2")
    with pytest.MonkeyPatch.context() as patch:
        watch_work(patch, interrupt_after=after)
        with pytest.raises(KeyboardInterrupt):
            run(asked)
    assert statuses("s", kind="individual") == {"FINISHED": after}
    with pytest.MonkeyPatch.context() as patch:
        computed = watch_work(patch)
        records = run(asked)
    assert len(computed) == 6 - after
    assert len(set(finished_keys("s"))) == 6
    uninterrupted = run(spec("ketamine", *THREE, "cohort.replicates=2", "tracking=none"))
    assert [record.metrics() for record in records] == [record.metrics() for record in uninterrupted]


@pytest.mark.usefixtures("stored")
def test_a_study_counts_individuals_and_tells_replicates_apart() -> None:
    from depsim import load_study
    from depsim.study.reading import read_study

    (found,) = read_study(open_client(), "s").arms
    assert (found.seeds, [(r.number, len(r.individuals)) for r in found.replicates]) == ((0, 1, 2), [(1, 3)])
    table = load_study("s")
    assert list(table.arms.finished) == [3]
    wide, frame = table.wide("treated/combined"), table.frame
    assert wide.shape == (3, 1)
    assert list(found.values("treated/combined")) == list(wide.iloc[:, 0])
    measured = frame[frame.metric == "treated/combined"]
    assert sorted(zip(measured.seed, measured.replicate, strict=True)) == [(s, r) for s in range(3) for r in range(2)]
    assert not frame.duplicated(["arm", "seed", "replicate", "metric"]).any()
    assert set(table.curves("treated/loss").replicate) == {0, 1}
    (name,) = table.arms.index
    first, again = (table.masks(name, 1, number)[TREATED] for number in (0, 1))
    assert any(not np.array_equal(one, other) for one, other in zip(first, again, strict=True))
    with pytest.raises(KeyError, match=r"no individual 1 in replicate 2; there are \[\]"):
        table.masks(name, 1, 2)


@pytest.mark.usefixtures("stored")
def test_a_report_says_what_is_reliable_and_its_other_numbers_stay(capsys: pytest.CaptureFixture[str]) -> None:
    from depsim.report.compose import compose
    from depsim.study.reading import read_study

    run(spec("ketamine", "cohort=smoke", "study=without"))
    composed = (compose(read_study(open_client(), name), [], "") for name in ("s", "without"))
    with_, without = ({each["name"]: each["rows"] for each in page.facts["findings"]} for page in composed)
    assert {(row["n"], row["replicates"]) for row in with_.pop("reliability")} == {(3, 2)}
    assert with_ == without


@pytest.mark.usefixtures("project")
def test_a_failed_replicate_is_listed_and_takes_no_individual_from_the_others() -> None:
    from depsim.report.questions import reliability
    from depsim.study.groups import groups
    from depsim.study.reading import read_study

    run(spec("none", *THREE))
    with pytest.MonkeyPatch.context() as patch:
        sicken(patch, 2)
        run(spec("none", *THREE, "cohort.replicates=2"))
    study = read_study(open_client(), "s")
    (found,) = study.arms
    assert (found.seeds, found.failures) == ((0, 1, 2), ())
    assert [failure.seed for failure in found.replicates[0].failures] == [2]
    (finding,) = reliability.findings(groups(study, ("treatment",)))
    assert "1 replicate failed" in finding.text
    assert {(row.n, row.verdict) for row in finding.rows} == {(2, "too few")}


@pytest.mark.usefixtures("project")
def test_a_command_shows_individuals_once_and_a_line_on_the_replicates(capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("run", *words("ketamine", *THREE, "cohort.replicates=2")) == 0
    shown = capsys.readouterr().out
    assert shown.count("mean ± SD of 3 individuals") == 1
    (line,) = [line for line in shown.splitlines() if "reliability" in line]
    assert line.startswith("ketamine, 2 epochs, ")
    assert " · n=3, 2 replicates: reliability combined stress " in line
    assert line.count("(n = 3)") == 4
    assert shown.count("run ") - shown.count("depsim run") >= 2
    assert depsim("run", *words("ketamine", *THREE)) == 0
    assert "reliability" not in capsys.readouterr().out


@pytest.mark.usefixtures("project")
def test_a_dry_run_counts_individuals_times_replicates(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("cohort=smoke", "treatment=ketamine", "cohort.replicates=2", "workers=1")
    assert depsim("sweep", "seeds", "--dry-run", *asked) == 0
    shown = capsys.readouterr().out
    assert "ketamine · n=3 · replicate 1" in shown
    assert "2 conditions" in shown
    footer = next(line for line in shown.splitlines() if "2 conditions" in line)
    assert footer.split("│")[2:4] == [f"{6:>12} ", f"{6:>11} "] or footer.count("6") == 2


@pytest.mark.usefixtures("project")
def test_a_search_takes_each_individual_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("sweep", "search_ketamine", "--dry-run", "cohort.replicates=2") == 2
    assert "cohort.replicates=2: a search judges individuals, each once; allowed is 1" in capsys.readouterr().err

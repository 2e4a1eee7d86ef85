from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from depsim.config import prepare
from depsim.execution import plan as planning
from depsim.execution.device import cores
from depsim.execution.healthy_store import StoreSettings
from depsim.execution.packages import package_versions
from depsim.execution.plan import Resources, arm_seconds, baseline_seconds, plan_work, seconds_each
from depsim.execution.work import WorkUnit
from tests.tiny import arm, baseline, noise_tapered, regrowth, treatments

STORE = StoreSettings(Path("nowhere"), 10)
ARMS = [arm(treatment) for treatment in treatments().values()]


def resources(workers: int | None = 1, chunk: int | None = None, store: StoreSettings | None = STORE) -> Resources:
    return Resources("cpu", workers, chunk, store)


def pairs(units: list[WorkUnit]) -> list[tuple[int, int]]:
    return [pair for unit in units for pair in unit.pairs]


@pytest.mark.parametrize("workers", [1, 2, 8])
@pytest.mark.parametrize("chunk", [None, 1, 2, 5])
@pytest.mark.parametrize("store", [STORE, None])
def test_every_job_of_every_individual_is_in_exactly_one_unit(
    workers: int, chunk: int | None, store: StoreSettings | None
) -> None:
    jobs = [*((of, range(5)) for of in ARMS), (arm(where=baseline(epochs=1)), [2, 9]), (ARMS[0], [])]
    units = plan_work(jobs, resources(workers, chunk, store))
    expected = [(number, seed) for number, (_, seeds) in enumerate(jobs) for seed in seeds]
    assert sorted(pairs(units)) == sorted(expected)
    assert all((jobs[n][0].baseline, jobs[n][0].steps) == (u.baseline, steps) for u in units for n, steps in u.arms)
    assert all(len(unit.seeds) <= (chunk or 1) for unit in units)
    assert {unit.store for unit in units} == {store}
    assert {unit.device for unit in units} == {"cpu"}
    assert {unit.start for unit in units} == {None}


def test_the_arms_of_an_individual_stay_together_the_longest_first() -> None:
    units = plan_work([(of, range(4)) for of in ARMS], resources(workers=8))
    assert [unit.seeds for unit in units] == [(0,), (1,), (2,), (3,)]
    for unit in units:
        numbers = [number for number, _ in unit.arms]
        assert sorted(numbers) == [0, 1, 2, 3]
        costs = [arm_seconds(ARMS[number]) for number in numbers]
        assert costs == sorted(costs, reverse=True)


def test_an_individual_that_misses_one_arm_only_is_not_given_the_others() -> None:
    units = plan_work([(ARMS[0], [0, 1]), (ARMS[1], [1])], resources(workers=1, chunk=5))
    assert sorted((unit.seeds, tuple(sorted(n for n, _ in unit.arms))) for unit in units) == [
        ((0,), (0,)),
        ((1,), (0, 1)),
    ]


def test_chunks_hold_as_many_as_asked() -> None:
    units = plan_work([(ARMS[0], range(7))], resources(chunk=3))
    assert [unit.seeds for unit in units] == [(0, 1, 2), (3, 4, 5), (6,)]


def test_different_baselines_are_never_in_one_unit() -> None:
    units = plan_work([(ARMS[0], [0]), (arm(where=baseline(epochs=1)), [0])], resources(chunk=5))
    assert sorted(unit.baseline.training.epochs for unit in units) == [1, 2]


def test_nothing_to_do_is_no_unit() -> None:
    assert plan_work([], resources()) == []
    assert plan_work([(ARMS[0], [])], resources(workers=4)) == []


def test_workers_default_to_the_cores() -> None:
    assert resources(workers=None).processes == cores()
    assert resources(workers=5).processes == 5


def test_little_work_takes_one_process_unless_a_number_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "cores", lambda: 8)
    assert [resources(workers=None).processes_for(seconds) for seconds in (0.1, 3600.0)] == [1, 8]
    assert [resources(workers=3).processes_for(seconds) for seconds in (0.1, 3600.0)] == [3, 3]


def test_a_gpu_has_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "device_kind", lambda name: name.partition(":")[0])
    for workers, device in itertools.product((None, 1, 4), ("cuda", "cuda:1")):
        assert Resources(device, workers, None, None).processes == 1


def seconds(*overrides: str) -> float:
    return arm_seconds(prepare(overrides).job.arm)


def test_a_treatment_costs_in_proportion_to_its_epochs() -> None:
    none = seconds("treatment=none")
    short, long = seconds("treatment=ssri", "treatment.epochs=50"), seconds("treatment=ssri")
    assert long - none == pytest.approx(2 * (short - none))


@pytest.mark.slow
def test_denser_and_noisier_training_costs_more() -> None:
    regrown = [seconds("treatment=ketamine", f"treatment.regrow_fraction={share}") for share in (0.05, 0.5, 1.0)]
    assert regrown == sorted(set(regrown))
    quiet, noisy = (seconds("treatment=ssri", f"treatment.initial_noise={sigma}") for sigma in (0.0, 0.5))
    assert quiet < noisy


def test_what_arms_share_is_divided_among_them() -> None:
    arms = [arm(), arm(regrowth()), arm(noise_tapered()), arm(regrowth(epochs=9))]
    healthy = baseline_seconds(arms[0].baseline)
    alone = [seconds_each([each])[0] for each in arms]
    assert alone == pytest.approx([arm_seconds(each) + healthy for each in arms])
    together = sum(seconds_each(arms))
    assert together < sum(alone) - 3 * healthy  # the healthy and the depressed examination, too
    assert sum(seconds_each([arms[0], arms[0]])) == pytest.approx(alone[0])
    assert sum(seconds_each([arms[0], arm(where=baseline(epochs=5))])) > alone[0] + healthy


def test_a_unit_carries_the_versions_that_its_results_are_filed_under() -> None:
    none, ketamine = ARMS[0], ARMS[1]
    (plain,), (both,) = (plan_work([(of, [3]) for of in arms], resources()) for arms in ([none], [none, ketamine]))
    assert {"depsim.steps.prune", "depsim.streams"} <= set(dict(plain.versions.modules))
    assert set(dict(both.versions.modules)) - set(dict(plain.versions.modules)) == {
        "depsim.steps.regrow",
        "depsim.steps.regrowth_criteria.gradient",
    }
    assert plain.versions.packages == package_versions()

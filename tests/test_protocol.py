from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from depsim.execution.tasks import Finished, perform
from depsim.model.masks import unpack
from depsim.population import Hold
from depsim.protocol import NOTHING_TO_PRUNE, Condition, Course, DivergedError, Origin, Outcome, Person, raise_healthy
from depsim.streams import Purpose
from depsim.training import Trained
from tests import tiny
from tests.tiny import CPU, arms, condition, noise_tapered, regrowth, tonic_inhibition

SEEDS = (3, 7)


def outcomes(of: Condition, seeds: tuple[int, ...] = SEEDS) -> list[Outcome]:
    return Course(seeds, CPU).outcomes(of)


def metrics(of: Condition, seed: int = 7) -> dict[str, float]:
    return dict(outcomes(of, (seed,))[0].metrics)


@pytest.fixture(scope="module")
def by_arm() -> dict[str, list[Outcome]]:
    return {name: outcomes(condition(treatment)) for name, treatment in arms().items()}


def stage_metrics(stage: str) -> set[str]:
    exams = {"clean", "standard", "combined", "internal_noise_0.5", "internal_noise_2.5", "resilience_auc"}
    return {f"{stage}/{exam}" for exam in exams} | tiny.structure_metrics(stage)


@pytest.mark.parametrize("arm", arms())
def test_every_arm_has_the_documented_metrics(by_arm: dict[str, list[Outcome]], arm: str) -> None:
    expected = {"relapsed/combined", "relapse_drop", "dose/l1", "dose/turnover"} | tiny.structure_metrics("relapsed")
    if arm == "ketamine":
        expected |= tiny.regrowth_metrics()
    for stage in ("healthy", "depressed", "treated", *(["withdrawn"] if arm == "neurosteroid" else [])):
        expected |= stage_metrics(stage)
    assert [outcome.seed for outcome in by_arm[arm]] == list(SEEDS)
    for outcome in by_arm[arm]:
        assert set(outcome.metrics) == expected
        assert all(type(value) is float and np.isfinite(value) for value in outcome.metrics.values())


def test_all_arms_share_what_comes_before_treatment(by_arm: dict[str, list[Outcome]]) -> None:
    def before(outcome: Outcome) -> tuple[object, ...]:
        masks = unpack(outcome.masks)
        early = {name: value for name, value in outcome.metrics.items() if name.startswith(("healthy", "depressed"))}
        return early, outcome.curves["healthy/loss"], [m.tobytes() for m in (*masks["healthy"], *masks["depressed"])]

    for index in range(len(SEEDS)):
        assert all(before(found[index]) == before(by_arm["none"][index]) for found in by_arm.values())


def test_the_untreated_arm_is_examined_again_with_no_dose(by_arm: dict[str, list[Outcome]]) -> None:
    for outcome in by_arm["none"]:
        found = outcome.metrics
        assert (found["dose/l1"], found["dose/turnover"]) == (0.0, 0.0)
        for exam in ("clean", "standard", "sparsity"):
            assert found[f"treated/{exam}"] == found[f"depressed/{exam}"]
        assert found["relapse_drop"] == found["treated/combined"] - found["relapsed/combined"]
        assert "treated/loss" not in outcome.curves


def test_curves_are_the_losses_by_epoch_and_the_accuracies_by_noise(by_arm: dict[str, list[Outcome]]) -> None:
    for outcome in by_arm["neurosteroid"]:
        assert [step for step, _ in outcome.curves["healthy/loss"]] == [0, 1]
        assert [step for step, _ in outcome.curves["treated/loss"]] == [0, 1]
        for stage in ("healthy", "depressed", "treated", "withdrawn"):
            exams = ("standard", "internal_noise_0.5", "internal_noise_2.5")
            expected = [(s, outcome.metrics[f"{stage}/{e}"]) for s, e in zip((0, 50, 250), exams, strict=True)]
            assert outcome.curves[f"{stage}/resilience"] == expected
        assert len(outcome.curves) == 6
    assert len(by_arm["ssri"][0].curves["treated/loss"]) == 3


@pytest.mark.parametrize("arm", arms())
def test_the_masks_of_every_stage_are_those_behind_its_sparsity(by_arm: dict[str, list[Outcome]], arm: str) -> None:
    for outcome in by_arm[arm]:
        masks = unpack(outcome.masks)
        withdrawn = ["withdrawn"] if arm == "neurosteroid" else []
        assert list(masks) == ["healthy", "depressed", "treated", *withdrawn, "relapsed"]
        for stage, layers in masks.items():
            assert [layer.shape for layer in layers] == [(20, 2), (16, 20), (4, 16)]
            share = 100 * (1 - sum(int(layer.sum()) for layer in layers) / 424)
            assert outcome.metrics[f"{stage}/sparsity"] == pytest.approx(share, rel=1e-12)
        assert [int(layer.sum()) for layer in masks["depressed"]] == [4, 32, 7]  # ties aside, n - ceil(0.9 (n - 1))
        for earlier, later in (("healthy", "depressed"), ("treated", "relapsed")):
            pairs = zip(masks[earlier], masks[later], strict=True)
            assert all((old | ~new).all() and (old & ~new).any() for old, new in pairs)


def test_a_treatment_without_noise_or_regrowth_leaves_the_masks(by_arm: dict[str, list[Outcome]]) -> None:
    for arm in ("none", "ssri", "neurosteroid"):
        masks = unpack(by_arm[arm][0].masks)
        assert all((one == other).all() for one, other in zip(masks["depressed"], masks["treated"], strict=True))
    masks = unpack(by_arm["ketamine"][0].masks)
    grown = [int(new.sum() - old.sum()) for old, new in zip(masks["depressed"], masks["treated"], strict=True)]
    assert grown == [18, 144, 28]  # half of 36, 288 and 57 masked


def test_withdrawal_does_not_retrain(by_arm: dict[str, list[Outcome]]) -> None:
    idle = metrics(condition(tonic_inhibition(epochs=0)))
    # With nothing learned under the drug, taking it away gives the untreated network back.
    for exam in ("clean", "standard"):
        assert idle[f"withdrawn/{exam}"] == idle[f"depressed/{exam}"]
    assert any(o.metrics["withdrawn/standard"] != o.metrics["treated/standard"] for o in by_arm["neurosteroid"])


def assert_identical(one: Outcome, other: Outcome) -> None:
    assert dict(one.metrics) == dict(other.metrics)
    assert {name: list(points) for name, points in one.curves.items()} == dict(other.curves)
    assert one == other


@pytest.mark.parametrize("arm", arms())
@pytest.mark.parametrize("data", ["shared", "individual"])
def test_individual_7_is_the_same_alone_and_in_a_cohort_of_five(arm: str, data: str) -> None:
    of = condition(arms()[arm], where=tiny.origin(data=data))
    company = outcomes(of, (5, 6, 7, 8, 9))
    assert [outcome.seed for outcome in company] == [5, 6, 7, 8, 9]
    assert_identical(company[2], outcomes(of, (7,))[0])
    assert len({outcome.masks for outcome in company}) == 5


@pytest.mark.parametrize("arm", ["ketamine", "neurosteroid"])
def test_a_course_through_many_conditions_gives_what_each_gives_alone(arm: str) -> None:
    where = tiny.origin()
    wanted = [
        condition(arms()["ssri"], where=where),
        condition(arms()[arm], where=where),
        condition(arms()[arm], where=where, sparsity=0.8),
        condition(arms()[arm], where=where, levels=(1.0,)),
        condition(arms()[arm], where=tiny.origin(epochs=1)),
        condition(arms()[arm], where=where),
    ]
    course = Course((7,), CPU)
    for of in wanted:
        assert_identical(course.outcomes(of)[0], outcomes(of, (7,))[0])


def test_the_arms_of_an_individual_share_one_healthy_network() -> None:
    calls: list[tuple[int, ...]] = []

    def counted(origin: Origin, person: Person) -> Trained:
        calls.append(person.streams.seeds)
        return raise_healthy(origin, person)

    course = Course(SEEDS, CPU, counted)
    for treatment in arms().values():
        course.outcomes(condition(treatment))
    assert calls == [SEEDS]


def test_other_exams_change_no_result_of_the_same_exam() -> None:
    few, many = metrics(condition(regrowth(), levels=(0.5,))), metrics(condition(regrowth(), levels=(0.5, 1.0, 2.5)))
    areas = {name for name in few if name.endswith("resilience_auc")}
    assert {name: value for name, value in few.items() if name not in areas} == {n: many[n] for n in few.keys() - areas}


def test_a_relapse_that_finds_nothing_left_says_so() -> None:
    assert NOTHING_TO_PRUNE not in outcomes(condition(sparsity=0.9))[0].notes
    # 1 of 40, 320 and 64 weights stay: above the cap of 0.99.
    hopeless = outcomes(condition(sparsity=1.0))
    assert [outcome.notes for outcome in hopeless] == [(NOTHING_TO_PRUNE,)] * 2
    masks = unpack(hopeless[0].masks)
    assert [int(layer.sum()) for layer in masks["relapsed"]] == [1, 1, 1]


@pytest.mark.parametrize("learning_rate", [1e30, 1e38])
def test_training_that_diverges_is_an_error_that_names_stage_and_seeds(learning_rate: float) -> None:
    with pytest.raises(DivergedError, match=r"healthy network of seeds=\(3, 7\)"):
        outcomes(condition(where=tiny.origin(learning_rate=learning_rate, epochs=4)))


@pytest.mark.parametrize("learning_rate", [1e30, 1e38])
@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("arm", ["ketamine", "ssri"])
def test_a_treatment_that_diverges_is_an_error_too(arm: str, sparsity: float, learning_rate: float) -> None:
    wild = {
        "ketamine": regrowth(learning_rate=learning_rate, epochs=4, regrow_fraction=0.1),
        "ssri": noise_tapered(learning_rate=learning_rate, epochs=10),
    }[arm]
    with pytest.raises(DivergedError, match=r"treated network of seeds=\(3, 7\)"):
        outcomes(condition(wild, sparsity=sparsity))


@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("bounded", [True, False])
def test_an_inhibited_treatment_that_diverges_is_an_error_too(bounded: bool, sparsity: float) -> None:
    wild = tonic_inhibition(learning_rate=1e38, epochs=4).model_copy(update={"bounded": bounded})
    with pytest.raises(DivergedError, match=r"treated network of seeds=\(3, 7\)"):
        outcomes(condition(wild, sparsity=sparsity))


def test_a_held_initialisation_and_order_are_everyones() -> None:
    held = Hold(data=0, init=1, order=2)
    found = outcomes(condition(where=tiny.origin(hold=held)))
    one, other = (dict(outcome.curves)["healthy/loss"] for outcome in found)
    assert one == other
    assert found[0].masks == found[1].masks
    # The exam stays everyone's own.
    assert found[0].metrics["healthy/standard"] == found[1].metrics["healthy/standard"]
    noisy = [name for name in found[0].metrics if "internal_noise" in name or "combined" in name]
    assert any(found[0].metrics[name] != found[1].metrics[name] for name in noisy)


@pytest.mark.parametrize("stream", ["data", "init", "order"])
def test_holding_ones_own_stream_changes_nothing_and_anothers_does(stream: str) -> None:
    free = Hold(data=None, init=None, order=None)
    plain = outcomes(condition(), (7,))[0]
    own = outcomes(condition(where=tiny.origin(hold=free.model_copy(update={stream: 7}))), (7,))[0]
    others = outcomes(condition(where=tiny.origin(hold=free.model_copy(update={stream: 8}))), (7,))[0]
    assert_identical(plain, own)
    assert others.masks != plain.masks


def test_a_draw_more_in_one_arm_shifts_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = outcomes(condition(noise_tapered()), (7,))[0]
    course = Course((7,), CPU)
    greedy = regrowth()
    original = type(greedy).__call__

    def draw_more(self, cohort, trainer):  # type: ignore[no-untyped-def]
        for purpose in Purpose:
            for generator in trainer.streams.numpy(purpose):
                generator.random(100)
        return original(self, cohort, trainer)

    monkeypatch.setattr(type(greedy), "__call__", draw_more)
    course.outcomes(condition(greedy))
    assert_identical(course.outcomes(condition(noise_tapered()))[0], plain)


def test_chunks_do_not_matter() -> None:
    of = condition(regrowth())
    together = outcomes(of, (5, 6, 7, 8))
    apart = [*outcomes(of, (5, 6)), *outcomes(of, (7, 8))]
    for one, other in zip(together, apart, strict=True):
        assert_identical(one, other)


def test_an_outcome_is_plain_values() -> None:
    (message,) = perform(tiny_task())
    assert isinstance(message, Finished)
    outcome = message.outcomes[0]
    assert {type(part) for part in (outcome.seed, outcome.masks)} == {int, bytes}
    assert {type(value) for points in outcome.curves.values() for _, value in points} == {float}
    assert {type(step) for points in outcome.curves.values() for step, _ in points} == {int}
    assert replace(outcome, seed=outcome.seed) == outcome


def tiny_task():  # type: ignore[no-untyped-def]
    from depsim.execution.tasks import Task

    return Task((7,), ((0, condition(regrowth())),), "cpu", None)

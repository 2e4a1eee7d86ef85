"""Individuals led through arms: the documented metrics, sharing, streams and errors."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import torch

from depsim.assessment.recovery import NO_DEFICIT
from depsim.assessment.structure import NOTHING_TO_PRUNE
from depsim.execution import course
from depsim.execution.course import (
    Broken,
    Ended,
    Fork,
    Outcome,
    first_path,
    outcomes_of,
    train_baseline,
    walk,
    with_tensors,
    without_tensors,
)
from depsim.model.masks import unpack
from depsim.population import Hold
from depsim.protocol import Arm, Baseline
from depsim.steps import ChunkContext, Path, Step
from depsim.streams import Purpose
from depsim.testing import same
from depsim.training import Trained
from tests import tiny
from tests.tiny import CPU, Fail, all_outcomes, arm, noise_tapered, outcomes, regrowth, tonic_inhibition, treatments

SEEDS = (3, 7)
DOSES = ("dose/l1", "dose/l2", "dose/path", "dose/logit", "dose/turnover")


def metrics(of: Arm, seed: int = 7) -> dict[str, float]:
    return dict(outcomes(of, (seed,))[0].metrics)


@pytest.fixture(scope="module")
def by_arm() -> dict[str, list[Outcome]]:
    return {name: outcomes(arm(treatment), SEEDS) for name, treatment in treatments().items()}


def stage_metrics(stage: str) -> set[str]:
    exams = {"clean", "standard", "combined", "internal_noise_0.5", "internal_noise_2.5", "resilience_auc"}
    return {f"{stage}/{exam}" for exam in exams} | tiny.structure_metrics(stage)


@pytest.mark.parametrize("name", treatments())
def test_every_arm_has_the_documented_metrics(by_arm: dict[str, list[Outcome]], name: str) -> None:
    expected = {"relapsed/combined", "relapse_drop", *DOSES} | tiny.structure_metrics("relapsed")
    expected |= {"treatment/epochs", "treatment/rate_steps", "treated/deficit", "before/slope", "before/sparsity"}
    expected |= {"before/healthy_combined", "before/depressed_combined", "before/depressed_deficit"}
    if name == "ketamine":
        expected |= tiny.regrowth_metrics()
    for stage in ("healthy", "depressed", "treated", *(["withdrawn"] if name == "neurosteroid" else [])):
        expected |= stage_metrics(stage)
    assert [outcome.seed for outcome in by_arm[name]] == list(SEEDS)
    for outcome in by_arm[name]:
        rates = {"treated/response", "treated/remission"}
        treatable = outcome.metrics["before/depressed_deficit"] > 2
        assert set(outcome.metrics) == expected | (rates if treatable else set())
        assert (NO_DEFICIT in outcome.notes) != treatable
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
        assert {found[name] for name in DOSES} == {0.0}
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


@pytest.mark.parametrize("name", treatments())
def test_the_masks_of_every_stage_are_those_behind_its_sparsity(by_arm: dict[str, list[Outcome]], name: str) -> None:
    for outcome in by_arm[name]:
        masks = unpack(outcome.masks)
        withdrawn = ["withdrawn"] if name == "neurosteroid" else []
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
    for name in ("none", "ssri", "neurosteroid"):
        masks = unpack(by_arm[name][0].masks)
        assert all((one == other).all() for one, other in zip(masks["depressed"], masks["treated"], strict=True))
    masks = unpack(by_arm["ketamine"][0].masks)
    grown = [int(new.sum() - old.sum()) for old, new in zip(masks["depressed"], masks["treated"], strict=True)]
    assert grown == [18, 144, 28]  # half of 36, 288 and 57 masked


def test_withdrawal_does_not_retrain(by_arm: dict[str, list[Outcome]]) -> None:
    idle = metrics(arm(tonic_inhibition(epochs=0)))
    # With nothing learned under the drug, taking it away gives the untreated network back.
    for exam in ("clean", "standard"):
        assert idle[f"withdrawn/{exam}"] == idle[f"depressed/{exam}"]
    assert any(o.metrics["withdrawn/standard"] != o.metrics["treated/standard"] for o in by_arm["neurosteroid"])


def assert_identical(one: Outcome, other: Outcome) -> None:
    assert dict(one.metrics) == dict(other.metrics)
    assert {name: list(points) for name, points in one.curves.items()} == dict(other.curves)
    assert one == other


@pytest.mark.parametrize("name", treatments())
@pytest.mark.parametrize("data", ["shared", "individual"])
def test_individual_7_is_the_same_alone_and_in_a_cohort_of_five(name: str, data: str) -> None:
    of = arm(treatments()[name], where=tiny.baseline(data=data))
    company = outcomes(of, (5, 6, 7, 8, 9))
    assert [outcome.seed for outcome in company] == [5, 6, 7, 8, 9]
    assert_identical(company[2], outcomes(of, (7,))[0])
    assert len({outcome.masks for outcome in company}) == 5


@pytest.mark.parametrize("name", ["ketamine", "neurosteroid"])
def test_a_walk_through_many_arms_gives_what_each_gives_alone(name: str) -> None:
    where = tiny.baseline()
    wanted = [
        arm(treatments()["ssri"], where=where),
        arm(treatments()[name], where=where),
        arm(treatments()[name], where=where, sparsity=0.8),
        arm(treatments()[name], where=where, levels=(1.0,)),
        arm(treatments()[name], where=tiny.baseline(epochs=1)),
        arm(treatments()[name], where=where),
    ]
    same_baseline = [of for of in wanted if of.baseline == where]
    for of, found in zip(same_baseline, all_outcomes(same_baseline, (7,)), strict=True):
        assert_identical(found[0], outcomes(of, (7,))[0])


def test_the_arms_of_an_individual_share_one_healthy_network() -> None:
    calls: list[tuple[int, ...]] = []

    def counted(where: Baseline, chunk: ChunkContext) -> Trained:
        calls.append(chunk.streams.seeds)
        return train_baseline(where, chunk)

    all_outcomes([arm(treatment) for treatment in treatments().values()], SEEDS, counted)
    assert calls == [SEEDS]


@dataclass(frozen=True)
class Counted(Step):
    """A step that counts how often it is done."""

    inner: Step
    calls: Any

    def __call__(self, path: Path) -> Path:
        self.calls.append(self.inner)
        return self.inner(path)

    def __hash__(self) -> int:
        return hash(self.inner)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Counted) and self.inner == other.inner


def test_every_step_that_arms_share_is_done_once() -> None:
    calls: list[Step] = []
    variants = [arm(t) for t in treatments().values()] + [arm(regrowth(epochs=3)), arm(sparsity=0.8)]
    counted = [replace(of, steps=tuple(Counted(step, calls) for step in of.steps)) for of in variants]
    found = all_outcomes(counted, (7,))
    prefixes = {of.steps[: k + 1] for of in variants for k in range(len(of.steps))}
    assert len(calls) == len(prefixes) < sum(len(of.steps) for of in variants)
    for of, own in zip(variants, found, strict=True):
        assert_identical(own[0], outcomes(of, (7,))[0])


def walked(arms: Sequence[Arm], **how: Any) -> list[Any]:
    root = first_path(arms[0].baseline, (7,), CPU, train_baseline)
    return list(walk(root, {number: of.steps for number, of in enumerate(arms)}, 1.0, **how))


def test_a_forked_walk_hands_out_all_arms_but_the_first_and_others_can_go_on() -> None:
    arms = [arm(treatment) for treatment in treatments().values()]
    events = walked(arms, fork=True)
    forks = [event for event in events if isinstance(event, Fork)]
    ended = [event for event in events if isinstance(event, Ended)]
    assert [event.job for event in ended] == [0]
    assert sorted(job for fork in forks for job in fork.arms) == [1, 2, 3]
    assert events.index(ended[0]) > max(events.index(fork) for fork in forks)  # handed out before the long work
    assert all(fork.seconds > 1.0 for fork in forks)
    for fork in forks:
        sent = without_tensors(fork.path)
        assert not _tensors_in(sent)
        for event in walk(with_tensors(sent), fork.arms, fork.seconds, fork=False):
            assert isinstance(event, Ended)
            assert_identical(outcomes_of(event.path)[0], outcomes(arms[event.job], (7,))[0])


def _tensors_in(value: Any) -> bool:
    parts = list(vars(value).values()) if hasattr(value, "__dict__") else []
    parts += list(value.values()) if isinstance(value, dict) else list(value) if isinstance(value, tuple) else []
    return isinstance(value, torch.Tensor) or any(map(_tensors_in, parts))


def test_a_path_comes_back_from_another_process_as_it_went() -> None:
    path = first_path(tiny.baseline(), SEEDS, CPU, train_baseline)
    back = with_tensors(without_tensors(path))
    assert same(back.cohort, path.cohort)
    assert torch.equal(back.chunk.data.train.x, path.chunk.data.train.x)
    assert torch.equal(back.curves["healthy/loss"].values, path.curves["healthy/loss"].values)


def test_an_arm_that_breaks_leaves_the_others() -> None:
    fine, broken = arm(regrowth()), arm()
    broken = replace(broken, steps=(*broken.steps[:3], Fail(7), *broken.steps[3:]))
    events = walked([fine, broken, broken], fork=False)
    assert [type(event) for event in events] in ([Ended, Broken], [Broken, Ended])
    (trouble,) = [event for event in events if isinstance(event, Broken)]
    assert trouble.jobs == (1, 2)
    assert "individual 7 cannot be treated" in trouble.traceback


def test_shared_seconds_are_divided_among_the_arms() -> None:
    events = walked([arm(t) for t in treatments().values()], fork=False)
    assert all(isinstance(event, Ended) and event.seconds > 1.0 for event in events)


@dataclass(frozen=True)
class Idle(Step):
    """A step that does nothing."""

    name: str

    def __call__(self, path: Path) -> Path:
        return path


class Ticking:
    """A clock on which every step takes a second."""

    now = 0.0

    def monotonic(self) -> float:
        self.now += 1
        return self.now


def test_an_arm_has_its_share_of_the_seconds_of_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    both, some, one, other, third = map(Idle, "abcde")
    arms = {0: (both, some, one), 1: (both, some, other), 2: (both, third, one)}
    root = first_path(arm().baseline, (7,), CPU, train_baseline)
    monkeypatch.setattr(course, "time", Ticking())
    ended = [event for event in walk(root, arms, 4.0, fork=False) if isinstance(event, Ended)]
    shares = {event.job: event.seconds for event in ended}
    assert shares == pytest.approx({0: 4 + 1 / 3 + 1 / 2 + 1, 1: 4 + 1 / 3 + 1 / 2 + 1, 2: 4 + 1 / 3 + 1 + 1})


def test_a_note_is_only_that_of_the_individuals_it_is_about() -> None:
    path = first_path(arm().baseline, SEEDS, CPU, train_baseline)
    noted = replace(
        path,
        exams={"healthy": path.cohort},
        notes={"odd": torch.tensor([False, True]), "odder": torch.tensor([True, True])},
    )
    assert [outcome.notes for outcome in outcomes_of(noted)] == [("odder",), ("odd", "odder")]


def test_other_exams_change_no_result_of_the_same_exam() -> None:
    few, many = metrics(arm(regrowth(), levels=(0.5,))), metrics(arm(regrowth(), levels=(0.5, 1.0, 2.5)))
    areas = {name for name in few if name.endswith("resilience_auc")} | {"before/slope"}
    assert {name: value for name, value in few.items() if name not in areas} == {n: many[n] for n in few.keys() - areas}


def test_a_relapse_that_finds_nothing_left_says_so() -> None:
    assert NOTHING_TO_PRUNE not in outcomes(arm(sparsity=0.9), SEEDS)[0].notes
    # 1 of 40, 320 and 64 weights stay: above the cap of 0.99.
    hopeless = outcomes(arm(sparsity=1.0), SEEDS)
    assert [outcome.notes for outcome in hopeless] == [(NOTHING_TO_PRUNE,)] * 2
    masks = unpack(hopeless[0].masks)
    assert [int(layer.sum()) for layer in masks["relapsed"]] == [1, 1, 1]


@pytest.mark.parametrize("learning_rate", [1e30, 1e38])
def test_training_that_diverges_is_an_error_that_names_stage_and_seeds(learning_rate: float) -> None:
    with pytest.raises(ArithmeticError, match=r"DivergedError: training diverged.*healthy network of seeds=\(3, 7\)"):
        outcomes(arm(where=tiny.baseline(learning_rate=learning_rate, epochs=4)), SEEDS)


@pytest.mark.slow
@pytest.mark.parametrize("learning_rate", [1e30, 1e38])
@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("name", ["ketamine", "ssri"])
def test_a_treatment_that_diverges_is_an_error_too(name: str, sparsity: float, learning_rate: float) -> None:
    wild = {
        "ketamine": regrowth(learning_rate=learning_rate, epochs=4, regrow_fraction=0.1),
        "ssri": noise_tapered(learning_rate=learning_rate, epochs=10),
    }[name]
    with pytest.raises(ArithmeticError, match=r"DivergedError: training diverged.*treated network of seeds=\(3, 7\)"):
        outcomes(arm(wild, sparsity=sparsity), SEEDS)


@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("bounded", [True, False])
def test_an_inhibited_treatment_that_diverges_is_an_error_too(bounded: bool, sparsity: float) -> None:
    wild = tonic_inhibition(learning_rate=1e38, epochs=4).model_copy(update={"bounded": bounded})
    with pytest.raises(ArithmeticError, match=r"DivergedError: training diverged.*treated network of seeds=\(3, 7\)"):
        outcomes(arm(wild, sparsity=sparsity), SEEDS)


def test_a_held_initialisation_and_order_are_everyones() -> None:
    held = Hold(data=0, train=None, test=None, init=1, order=2)
    found = outcomes(arm(where=tiny.baseline(hold=held)), SEEDS)
    one, other = (dict(outcome.curves)["healthy/loss"] for outcome in found)
    assert one == other
    assert found[0].masks == found[1].masks
    # The exam stays everyone's own.
    assert found[0].metrics["healthy/standard"] == found[1].metrics["healthy/standard"]
    noisy = [name for name in found[0].metrics if "internal_noise" in name or "combined" in name]
    assert any(found[0].metrics[name] != found[1].metrics[name] for name in noisy)


@pytest.mark.parametrize("stream", ["data", "init", "order"])
def test_holding_ones_own_stream_changes_nothing_and_anothers_does(stream: str) -> None:
    free = Hold(data=None, train=None, test=None, init=None, order=None)
    plain = outcomes(arm(), (7,))[0]
    own = outcomes(arm(where=tiny.baseline(hold=free.model_copy(update={stream: 7}))), (7,))[0]
    others = outcomes(arm(where=tiny.baseline(hold=free.model_copy(update={stream: 8}))), (7,))[0]
    assert_identical(plain, own)
    assert others.masks != plain.masks


@dataclass(frozen=True)
class DrawMore(Step):
    """Draws from every stream and leaves the networks as they are."""

    def __call__(self, path: Path) -> Path:
        for purpose, key in itertools.product(Purpose, ((), (2,), (2, 0), (2, 1))):
            for generator in path.chunk.streams.numpy(purpose, *key):
                generator.random(100)
        return path


def test_a_draw_more_in_one_arm_shifts_no_other() -> None:
    plain, greedy = arm(noise_tapered()), arm(regrowth())
    greedy = replace(greedy, steps=(DrawMore(), *greedy.steps))
    found = all_outcomes([greedy, plain], (7,))
    assert_identical(found[1][0], outcomes(plain, (7,))[0])
    assert_identical(found[0][0], outcomes(arm(regrowth()), (7,))[0])


def test_chunks_do_not_matter() -> None:
    of = arm(regrowth())
    together = outcomes(of, (5, 6, 7, 8))
    apart = [*outcomes(of, (5, 6)), *outcomes(of, (7, 8))]
    for one, other in zip(together, apart, strict=True):
        assert_identical(one, other)


def test_an_outcome_is_plain_values() -> None:
    (outcome,) = outcomes(arm(regrowth()), (7,))
    assert {type(part) for part in (outcome.seed, outcome.masks)} == {int, bytes}
    assert {type(value) for points in outcome.curves.values() for _, value in points} == {float}
    assert {type(step) for points in outcome.curves.values() for step, _ in points} == {int}
    assert replace(outcome, seed=outcome.seed) == outcome

"""What a regimen's words plan, and what becomes of individuals by it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
import torch
from pydantic import ValidationError

from depsim.execution.course import Ended, first_path, train_baseline, walk
from depsim.execution.keys import arm_key, describe
from depsim.model.state import Activity, StandingState
from depsim.protocol import Arm, plan_treatment
from depsim.stages import TREATED, WITHDRAWN
from depsim.steps import Exam, Examine, Keep, Measured, Modulate, Path, Prune, Regrow, SideBranch, Step, Train, Unless
from depsim.streams import Position, Section
from depsim.testing import same
from depsim.treatment import Regimen, Treatment
from depsim.treatment.regimen_step import RegimenStep
from tests.tiny import (
    CPU,
    after,
    arm,
    baseline,
    battery,
    initial,
    noise_tapered,
    outcomes,
    overpruned,
    path,
    plan,
    regrowth,
    task,
    tonic_inhibition,
    treatments,
)  # fmt: skip

STEROID = Activity(0.7, True)
DRUGS: dict[str, Treatment] = {name: each for name, each in treatments().items() if name != "none"}


def regimen(*steps: dict[str, Any], **drugs: Treatment) -> Regimen:
    return Regimen(drugs=DRUGS | drugs, steps=tuple(RegimenStep(**step) for step in steps))


def kinds(of: Treatment | Sequence[Step]) -> list[str]:
    return [type(step).__name__ for step in (plan(of) if isinstance(of, Treatment) else of)]


def refusal(*steps: dict[str, Any], **drugs: Treatment) -> str:
    with pytest.raises(ValidationError) as error:
        regimen(*steps, **drugs)
    return str(error.value)


@pytest.mark.parametrize("name", DRUGS)
def test_a_regimen_of_one_drug_is_that_drug(name: str) -> None:
    alone, within = arm(DRUGS[name]), arm(regimen({"give": name}))
    assert alone.steps == within.steps
    assert arm_key(alone, "cpu") == arm_key(within, "cpu")


def test_the_order_of_drugs_is_part_of_the_key() -> None:
    there, back = (
        arm(regimen(*({"give": each} for each in order))) for order in (["ketamine", "ssri"], ["ssri", "ketamine"])
    )
    assert arm_key(there, "cpu") != arm_key(back, "cpu")


def test_what_is_not_kept_is_off_in_the_next_step() -> None:
    steps = plan(regimen({"give": "neurosteroid"}, {"give": "ssri"}))
    assert [type(step) for step in steps] == [Modulate, Train, Keep, Train]
    assert steps[2] == Keep(())
    left = after(overpruned(initial((3,)), 0.8), steps)
    assert left.state == StandingState()


def test_what_is_kept_stays_on_in_the_step_and_after_it() -> None:
    steps = plan(regimen({"give": "neurosteroid"}, {"give": "ssri", "keep": "neurosteroid"}))
    assert steps[2] == Keep((STEROID,))
    left = after(overpruned(initial((3,)), 0.8), steps)
    assert left.state.in_layer(1) == Activity(0.7, True)
    assert left.state.kept == (STEROID,)


def test_a_kept_drug_is_there_while_the_next_one_trains() -> None:
    """The second training equals one of a network in that state, bit by bit."""
    start = overpruned(initial((3,)), 0.8)
    steps = plan(regimen({"give": "neurosteroid"}, {"give": "ketamine", "keep": "neurosteroid"}))
    halfway = after(start, steps[:2])
    assert halfway.state == StandingState(STEROID)
    whole, rest = after(start, steps), after(halfway, steps[3:])
    assert all(torch.equal(a, b) for a, b in zip(whole.weights, rest.weights, strict=True))
    off = after(start, plan(regimen({"give": "neurosteroid"}, {"give": "ketamine"})))
    assert not torch.equal(off.weights[1], whole.weights[1])


def test_a_tapered_drug_fades_over_the_last_epochs_and_is_off_afterwards() -> None:
    tapering = {"give": "ssri", "keep": "neurosteroid", "taper": {"neurosteroid": 2}}
    steps = plan(regimen({"give": "neurosteroid"}, tapering, ssri=noise_tapered(epochs=4)))
    training, closing = steps[3], steps[4]
    assert isinstance(training, Train)
    on = StandingState(kept=(STEROID,))
    states = [training.phase.state(epoch, on) for epoch in range(4)]
    assert [state.in_layer(1).damping_factor for state in states] == pytest.approx([0.7, 0.7, 0.85, 1.0], abs=1e-15)
    assert [state.in_layer(1).bounded for state in states] == [True, True, False, False]
    assert closing == Keep(())
    assert not [step for step in arm(regimen({"give": "neurosteroid"}, tapering)).steps if withdrawn(step)]


def test_nothing_fades_in_whom_the_drug_is_not_on() -> None:
    phase = plan(
        regimen({"give": "neurosteroid"}, {"give": "ssri", "keep": "neurosteroid", "taper": {"neurosteroid": 3}})
    )[3].phase  # type: ignore[attr-defined]
    assert [phase.state(epoch, StandingState()) for epoch in range(3)] == [StandingState()] * 3


def withdrawn(step: Step) -> bool:
    return isinstance(step, SideBranch) and step.steps[-1].name == WITHDRAWN  # type: ignore[attr-defined]


def test_withdrawal_takes_off_all_that_is_on_at_the_end() -> None:
    kept = arm(regimen({"give": "neurosteroid"}, {"give": "ssri", "keep": "neurosteroid"}))
    (branch,) = [step for step in kept.steps if withdrawn(step)]
    on = StandingState(kept=(STEROID,))
    assert branch.steps[0].state(on) == StandingState()  # type: ignore[attr-defined]
    stopped = arm(regimen({"give": "neurosteroid"}, {"stop": "all"}))
    assert not [step for step in stopped.steps if withdrawn(step)]
    perhaps = arm(regimen({"give": "neurosteroid"}, {"stop": "neurosteroid", "unless": "remitted"}))
    (one,) = [step for step in perhaps.steps if withdrawn(step)]
    assert one.steps[0].state(StandingState(STEROID)) == StandingState()  # type: ignore[attr-defined]


def test_stopping_one_drug_leaves_the_other_on() -> None:
    other = tonic_inhibition().model_copy(update={"damping_factor": 0.5, "bounded": False})
    steps = plan(
        regimen(
            {"give": "neurosteroid"}, {"give": "other", "keep": "neurosteroid"}, {"stop": "neurosteroid"}, other=other
        )
    )
    both = after(overpruned(initial((3,)), 0.8), steps[:-1])
    assert both.state.in_layer(1) == Activity(0.35, True)
    left = after(both, steps[-1:])
    assert left.state.in_layer(1) == Activity(0.5, False)


@pytest.mark.parametrize("order", [["neurosteroid", "ketamine"], ["ketamine", "neurosteroid"]])
def test_drugs_given_together_act_and_train_under_all_their_states(order: list[str]) -> None:
    quiet = tonic_inhibition(epochs=0)
    steps = plan(regimen({"give": order}, neurosteroid=quiet))
    assert [type(step) for step in steps] == [Modulate, Keep, Regrow, Train]
    start = overpruned(initial((3,)), 0.8)
    assert after(start, steps[:2]).state.drugs == (STEROID,)
    on = after(start, [Modulate(STEROID), *plan(DRUGS["ketamine"])])
    assert all(torch.equal(a, b) for a, b in zip(after(start, steps).weights, on.weights, strict=True))


def test_repeated_steps_have_positions_of_their_own() -> None:
    steps = plan(regimen({"repeat": 3, "steps": (RegimenStep(give="ketamine"),)}))
    assert [type(step) for step in steps] == [Regrow, Train] * 3
    assert [step.position.number for step in steps] == [0, 0, 1, 1, 2, 2]  # type: ignore[attr-defined]


def test_stress_prunes_a_share_of_the_survivors_by_magnitude() -> None:
    (step,) = plan(regimen({"stress": 0.1}))
    assert isinstance(step, Prune)
    assert (step.share, step.of_survivors, step.cap, step.criterion.__module__.split(".")[-1]) == (
        0.1,
        True,
        1.0,
        "magnitude",
    )
    dense = overpruned(initial((3,), hidden=(40, 30)), 0.5)
    assert float(after(dense, [step]).sparsity()[0]) == pytest.approx(0.55, abs=0.005)


def test_the_exact_counts_of_repeated_doses() -> None:
    """The paper's network, of which 95 % are pruned: what is still masked after doses of 0.4, and after one of 0.6."""
    shapes, masked = ((512, 2), (512, 512), (256, 512), (4, 256)), []
    for fraction, times in ((0.6, 1), (0.4, 3)):
        start = overpruned(initial((3,), hidden=(512, 512, 256)), 0.95)
        dose = regrowth(regrow_fraction=fraction, criterion="random", epochs=0)
        steps = plan(Regimen(drugs={"k": dose}, steps=(RegimenStep(repeat=times, steps=(RegimenStep(give="k"),)),)))
        counts, network = [int(sum(mask.sum() for mask in start.masks))], start
        for step in steps:
            network = after(network, [step])
            counts.append(int(sum(mask.sum() for mask in network.masks)))
        masked.append([later - earlier for earlier, later in pairwise(counts)])
    assert sum(a * b for a, b in shapes) == 395_264
    assert masked == [[225_297], [150_197, 90_118, 54_071]]


def test_examinations_in_between_are_numbered_and_make_a_curve() -> None:
    examined = {"examine": "visit"}
    (found,) = outcomes(arm(regimen(examined, {"give": "ketamine"}, examined, {"give": "ssri"}, examined)))
    for what in ("standard", "combined", "internal_noise_1.0", "internal_noise_2.5", "sparsity"):
        values = [found.metrics[f"visit/{what}/{ordinal}"] for ordinal in range(3)]
        assert found.curves[f"visit/{what}/course"] == list(enumerate(values))
    assert found.metrics["visit/sparsity/0"] == found.metrics["depressed/sparsity"]
    assert found.metrics["visit/sparsity/2"] == found.metrics["treated/sparsity"]
    assert found.metrics["visit/standard/2"] == found.metrics["treated/standard"]


def given(found: Any) -> list[float]:
    return [value for name, value in sorted(found.metrics.items()) if name.startswith("treatment/given/")]


def test_only_those_below_the_level_get_the_step() -> None:
    for level, expected in ((0.0, [0.0]), (101.0, [1.0])):
        wanted = arm(regimen({"give": "ssri"}, {"give": "ketamine", "unless": {"combined": level}}))
        (found,) = outcomes(wanted)
        assert given(found) == expected
        plain = arm(regimen({"give": "ssri"}, *([{"give": "ketamine"}] if level else [])))
        (alike,) = outcomes(plain)
        assert {k: v for k, v in found.metrics.items() if "given" not in k} == dict(alike.metrics)


@pytest.mark.parametrize(
    ("level", "needed"), [(71.5, 0.0), (math.nextafter(71.5, 100), 1.0), (math.nextafter(71.5, 0), 0.0)]
)
def test_whoever_is_exactly_at_the_level_does_not_get_the_step(level: float, needed: float) -> None:
    def probe(exam: Exam) -> Measured:
        return Measured({f"{exam.name}/combined": torch.tensor([71.5], dtype=torch.float64)})

    start = path(overpruned(initial((3,)), 0.8))
    step = Unless(plan(DRUGS["neurosteroid"])[:1], level=level, probe=probe)  # type: ignore[arg-type]
    found = step(start)
    assert found.metrics["treatment/given/0"].tolist() == [needed]
    assert (found.cohort.state == start.cohort.state) == (needed == 0)


def test_the_noise_of_a_decision_belongs_to_its_place_and_to_no_outcome() -> None:
    start = path(overpruned(initial((3,), hidden=(20, 16)), 0.5), baseline(points=task(test=4000)))

    def accuracy(name: str, place: Position | None) -> float:
        exam = Exam(name, 0, start.cohort, start.chunk, {}, {}, place=place)
        return float(exam.accuracy(start.chunk.data.standard, internal=3.0, external=3.0))

    first, second = Position(Section.TREATMENT), Position(Section.TREATMENT, 1)
    assert accuracy("one", first) == accuracy("other", first)
    assert len({accuracy("one", first), accuracy("one", second), accuracy("one", None), accuracy("treated", None)}) == 4


def test_remission_is_asked_of_the_healthy_measure_before_treatment() -> None:
    step = plan_treatment(regimen({"give": "ketamine"}, {"give": "ssri", "unless": "remitted"}), battery())[-1]
    assert isinstance(step, Unless)
    start = path(overpruned(initial((3,)), 0.5))
    decision = step.probe
    assert decision is not None

    def with_healthy(value: float) -> Path:
        return Path(start.chunk, start.cohort, metrics={"before/healthy_combined": torch.tensor([value]).double()})

    reached = 40.0
    low, high = 0.0, 110.0
    for _ in range(40):
        reached = (low + high) / 2
        needed = step(with_healthy(reached)).metrics["treatment/given/0"].item() == 1
        low, high = (low, reached) if needed else (reached, high)
    accuracy = high - step.remission  # the deficit that is just remission
    assert step.remission == 2.0
    assert round(accuracy / 100 * 120, 4) == pytest.approx(round(accuracy / 100 * 120), abs=1e-3)  # of 120 points


def test_a_skipped_step_keeps_its_number() -> None:
    skipped = {"give": "ketamine", "unless": {"combined": 0}}
    steps = plan_treatment(regimen({"give": "ssri"}, skipped, {"give": "ketamine"}), battery())
    assert kinds(steps) == ["Train", "Unless", "Regrow", "Train"]
    assert [step.position.number for step in (*steps[1].steps, *steps[2:])] == [0, 1, 1, 2]  # type: ignore[attr-defined]


def test_a_drug_that_was_skipped_is_not_kept() -> None:
    """It stays on in those only in whom it is on."""
    for level, state in ((0, StandingState()), (101, StandingState(kept=(STEROID,)))):
        steps = plan_treatment(
            regimen({"give": "neurosteroid", "unless": {"combined": level}}, {"give": "ssri", "keep": "neurosteroid"}),
            battery(),
        )
        assert after(overpruned(initial((3,)), 0.8), steps).state == state


def test_several_individuals_cannot_decide_together() -> None:
    steps = plan_treatment(regimen({"give": "ssri", "unless": {"combined": 50}}), battery())
    with pytest.raises(ValueError, match="alone"):
        after(overpruned(initial((3, 4)), 0.8), steps)


def test_what_regimens_share_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    arms = {
        number: arm(each).steps
        for number, each in enumerate(
            [DRUGS["neurosteroid"], regimen({"give": "neurosteroid"}, {"give": "ssri"}),
             regimen({"give": "neurosteroid"}, {"give": "ssri", "keep": "neurosteroid"})]
        )
    }  # fmt: skip
    done: list[Step] = []
    plain = Train.__call__
    monkeypatch.setattr(Train, "__call__", lambda self, path: done.append(self) or plain(self, path))
    start = first_path(baseline(), (0,), CPU, train_baseline)
    ended = [found for found in walk(start, arms, 0.0, fork=False) if isinstance(found, Ended)]
    assert len(ended) == 3
    assert len(done) == 3  # the neurosteroid's once, an SSRI's twice


def test_no_two_steps_of_a_course_replay_each_other() -> None:
    dose = {"give": "ketamine"}
    steps = plan_treatment(
        regimen(dose, {"give": "ssri"}, dose, {"repeat": 2, "steps": (RegimenStep(**dose), RegimenStep(give="ssri"))}),
        battery(),
    )
    for kind in (Regrow, Train):
        places = [step.position for step in steps if isinstance(step, kind)]
        assert len(places) == len(set(places))


WORDS = [
    ("steps[0]: lsd is no drug", [{"give": "lsd"}]),
    ("steps[1]: keeps ssri, which has not been given",
     [{"give": "ketamine"}, {"give": "neurosteroid", "keep": "ssri"}]),
    ("steps[0]: stops ssri, which has not been given", [{"stop": "ssri"}]),
    ("steps[1]: ssri is given and kept", [{"give": "ssri"}, {"give": "ssri", "keep": "ssri"}]),
    ("steps[0]: ketamine and ssri both train", [{"give": ["ketamine", "ssri"]}]),
    ("steps[1]: tapers neurosteroid over 4 epochs, but trains for 3",
     [{"give": "neurosteroid"}, {"give": "ssri", "keep": "neurosteroid", "taper": {"neurosteroid": 4}}]),
    ("steps[1]: tapers neurosteroid, which is not kept",
     [{"give": "neurosteroid"}, {"give": "ssri", "taper": {"neurosteroid": 1}}]),
    ("steps[0], round 1: steps[0]: keeps", [{"repeat": 2, "steps": (RegimenStep(give="ssri", keep="ketamine"),)}]),
]  # fmt: skip


@pytest.mark.parametrize(("message", "steps"), WORDS)
def test_what_makes_no_sense_is_refused_and_the_step_named(message: str, steps: list[dict[str, Any]]) -> None:
    assert message in refusal(*steps)


@pytest.mark.parametrize(
    ("message", "step"),
    [
        ("does nothing", {}),
        ("does give and stop", {"give": "ssri", "stop": "all"}),
        ("keep goes with give", {"stop": "all", "keep": "ssri"}),
        ("taper goes with give", {"examine": "visit", "taper": {"ssri": 1}}),
        ("repeat and steps go together", {"repeat": 2}),
        ("is taken", {"examine": TREATED}),
        ("remitted or", {"give": "ssri", "unless": "well"}),
        ("greater than 0", {"stress": 0.0}),
    ],
)
def test_a_wrong_word_is_refused(message: str, step: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=message):
        RegimenStep(**step)


def test_a_regimen_within_a_regimen_is_refused() -> None:
    assert "inner is a regimen" in refusal({"give": "inner"}, inner=regimen({"give": "ssri"}))


def test_an_arm_that_decides_goes_one_by_one_and_others_do_not() -> None:
    from depsim.execution.plan import Resources, plan_work

    deciding: Arm = arm(regimen({"give": "ssri", "unless": "remitted"}))
    resources = Resources("cpu", 1, 4, None)
    assert [len(unit.seeds) for unit in plan_work([(deciding, range(4))], resources)] == [1] * 4
    assert [len(unit.seeds) for unit in plan_work([(arm(), range(4))], resources)] == [4]


def test_an_examination_is_described_without_its_neutral_fields() -> None:
    assert describe(Examine("x")) == {"is": "depsim.steps.examine.Examine", "name": "x"}
    assert same(initial((3,)), initial((3,)))

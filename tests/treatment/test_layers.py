"""Drugs that act in some layers only: what is planned, what regrows, what stays, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from pydantic import ValidationError

from depsim.config import ConfigError, prepare
from depsim.execution.keys import arm_key, describe
from depsim.follow_up import WithdrawalCurve
from depsim.model.masks import kept
from depsim.model.state import NO_DRUG, Activity, StandingState
from depsim.steps import Examine, Fade, Keep, Maintenance, Modulate, Regrow, SideBranch, Train
from depsim.testing import same
from depsim.training import Phase
from depsim.treatment import PlainTraining, Regimen, Treatment
from depsim.treatment.regimen_step import RegimenStep
from tests.follow_up.test_stress_cycles import following
from tests.tiny import (
    after,
    arm,
    initial,
    noise_tapered,
    outcomes,
    overpruned,
    paper_sized,
    plan,
    regrowth,
    tonic_inhibition,
)

UPKEEP = Maintenance(epochs=1, learning_rate=1e-3, initial_noise=0.0)
DRUGS: dict[str, Treatment] = {
    "ketamine": regrowth(), "ssri": noise_tapered(), "neurosteroid": tonic_inhibition(),
    "sham": PlainTraining(epochs=2, learning_rate=1e-3),
}  # fmt: skip


def in_layers(treatment: Treatment, layers: Sequence[int] | None, **changes: Any) -> Treatment:
    return type(treatment).model_validate(dict(treatment) | changes | {"layers": layers})


def regimen(drugs: dict[str, Treatment], *steps: dict[str, Any]) -> Regimen:
    return Regimen(drugs=drugs, steps=tuple(RegimenStep(**step) for step in steps))


@pytest.mark.parametrize("name", DRUGS)
def test_without_layers_plan_and_key_are_those_of_before(name: str) -> None:
    assert plan(in_layers(DRUGS[name], None)) == plan(DRUGS[name])
    assert "layers" not in str(describe(plan(DRUGS[name])))
    assert arm_key(arm(in_layers(DRUGS[name], [2])), "cpu") != arm_key(arm(DRUGS[name]), "cpu")
    assert describe(Activity(0.7, True)) == [0.7, True]
    assert describe(Activity(0.7, True, (1,))) == [0.7, True, [1]]


@pytest.mark.parametrize("name", DRUGS)
def test_every_part_of_a_drug_acts_in_its_layers(name: str) -> None:
    for step in plan(in_layers(DRUGS[name], [3, 1])):
        if isinstance(step, Modulate):
            assert step.activity == Activity(0.7, True, (1, 3))
        else:
            assert (step.phase if isinstance(step, Train) else step).layers == (1, 3)  # type: ignore[attr-defined]


def test_a_gain_acts_in_the_layers_of_its_drug() -> None:
    training, drug = plan(in_layers(noise_tapered(epochs=2), [2], gain=1.6, initial_gain=1.0))
    assert training.phase.activity == (Activity(1.0, False, (2,)), Activity(1.6, False, (2,)))  # type: ignore[attr-defined]
    assert drug == Modulate(Activity(1.6, False, (2,)))


@pytest.mark.parametrize("name", DRUGS)
@pytest.mark.parametrize("layers", [(1,), (2,), (3,), (2, 3)])
@pytest.mark.parametrize("sparsity", [0.0, 0.6, 0.85])
def test_weights_and_biases_of_other_layers_keep_every_bit(name: str, layers: tuple[int, ...], sparsity: float) -> None:
    if name == "neurosteroid" and layers == (3,):
        return  # the outputs have no activity to damp
    start = overpruned(initial((3, 7), (20, 16)), sparsity)
    treated = after(start, plan(in_layers(DRUGS[name], layers)))
    for k in (1, 2, 3):
        parts = ((treated.weights, start.weights), (treated.biases, start.biases))
        moved = [not torch.equal(new[k - 1], old[k - 1]) for new, old in parts]
        assert moved == [k in layers] * 2
        grew = bool((treated.masks[k - 1] & ~start.masks[k - 1]).any())
        assert grew == (name == "ketamine" and k in layers and sparsity > 0)


@pytest.mark.parametrize("name", DRUGS)
def test_all_layers_by_name_are_bit_by_bit_all_layers(name: str) -> None:
    for sparsity in (0.0, 0.6, 0.9):
        start = overpruned(initial((3, 7)), sparsity)
        everywhere, named = (after(start, plan(in_layers(DRUGS[name], layers))) for layers in (None, [1, 2, 3]))
        assert all(
            torch.equal(a, b)
            for own, other in ((everywhere.weights, named.weights), (everywhere.biases, named.biases))
            for a, b in zip(own, other, strict=True)
        )
        states = everywhere.state, named.state
        assert all(states[0].in_layer(k) == states[1].in_layer(k) for k in (1, 2))


def test_the_papers_counts_in_each_matrix_and_what_regrows_is_what_regrows_among_all() -> None:
    depressed = overpruned(paper_sized(), 0.95)
    counts = (486, 124_518, 62_259, 486)
    everywhere = after(depressed, [plan(regrowth(scoring_batches=1))[0]])
    for layers in ([1], [2], [3], [4], [2, 4]):
        treated = after(depressed, [plan(in_layers(regrowth(scoring_batches=1), layers))[0]])
        new = (kept(treated.masks) - kept(depressed.masks))[0].tolist()
        assert new == [count if k in layers else 0 for k, count in enumerate(counts, start=1)]
        for k in range(4):
            whole = everywhere if k + 1 in layers else depressed
            assert torch.equal(treated.masks[k], whole.masks[k])
            assert torch.equal(treated.weights[k], whole.weights[k])


def test_dose_and_sparsity_are_those_of_the_chosen_layer() -> None:
    (found,) = outcomes(arm(in_layers(regrowth(epochs=0), [2]), sparsity=0.9))
    before, treated = (
        [found.metrics[f"{stage}/sparsity/layer_{k}"] for k in (1, 2, 3)] for stage in ("depressed", "treated")
    )
    assert [new < old for new, old in zip(treated, before, strict=True)] == [False, True, False]
    regrown = 320 * (before[1] - treated[1]) / 100  # 20 x 16 weights, of which as many were 0 and are none now
    assert found.metrics["dose/turnover"] == pytest.approx(100 * regrown / (40 + 320 + 64))
    overlap = {name.rpartition("/")[2] for name in found.metrics if name.startswith("regrowth/")}
    assert overlap == {"layer_2"}


def test_a_drug_in_one_layer_damps_that_layer_in_training_and_examinations() -> None:
    treated = after(initial((3,)), plan(in_layers(tonic_inhibition(epochs=0), [2])))
    assert treated.state == StandingState(Activity(0.7, True, (2,)))
    x = torch.randn(1, 50, 2, generator=torch.Generator().manual_seed(1))
    weights, biases = treated.weights, treated.biases
    first = torch.relu(x @ weights[0].mT + biases[0].unsqueeze(1))
    second = 0.7 * torch.tanh(first @ weights[1].mT + biases[1].unsqueeze(1))
    expected = second @ weights[2].mT + biases[2].unsqueeze(1)
    torch.testing.assert_close(treated.model.logits(weights, biases, x, treated.state), expected)


def test_a_drug_of_some_layers_is_none_in_the_others() -> None:
    limited = StandingState(Activity(0.7, True, (2,)))
    assert limited.in_layer(1) == NO_DRUG.in_layer(1) == Activity(1.0, False)
    assert limited.in_layer(2) == Activity(0.7, True)


def test_a_regimen_keeps_fades_and_stops_each_drug_in_its_layers() -> None:
    drugs = {"neurosteroid": in_layers(tonic_inhibition(), [1]), "ssri": in_layers(noise_tapered(epochs=4), [2])}
    steroid = Activity(0.7, True, (1,))
    bridge = regimen(
        drugs, {"give": "neurosteroid"}, {"give": "ssri", "keep": ["neurosteroid"], "taper": {"neurosteroid": 2}}
    )
    on, _, keeping, training, off = plan(bridge)
    assert (on, keeping, off) == (Modulate(steroid), Keep((steroid,)), Keep(()))
    assert isinstance(training, Train)
    assert (training.phase.layers, training.phase.fading) == ((2,), ((steroid, 2),))
    states = [training.phase.state(epoch, StandingState(kept=(steroid,))) for epoch in range(4)]
    assert [state.in_layer(1).damping_factor for state in states] == pytest.approx([0.7, 0.7, 0.85, 1.0])
    assert all(state.in_layer(2) == Activity(1.0, False) for state in states)
    start = overpruned(initial((3,), (20, 16)), 0.85)
    treated = after(start, plan(bridge))
    assert [torch.equal(a, b) for a, b in zip(treated.weights, start.weights, strict=True)] == [False, False, True]
    assert treated.state.drugs == ()
    stopped = regimen(drugs, {"give": "neurosteroid"}, {"stop": "all"})
    assert after(start, plan(stopped)).state == NO_DRUG


def test_drugs_given_together_act_each_in_its_layers() -> None:
    drugs = {"neurosteroid": in_layers(tonic_inhibition(epochs=0), [1]), "ketamine": in_layers(regrowth(), [3])}
    start = overpruned(initial((3,)), 0.9)
    treated = after(start, plan(regimen(drugs, {"give": ["neurosteroid", "ketamine"]})))
    assert [torch.equal(a, b) for a, b in zip(treated.weights, start.weights, strict=True)] == [True, True, False]
    assert [treated.state.in_layer(k) for k in (1, 2)] == [Activity(0.7, True), Activity(1.0, False)]


@pytest.mark.parametrize("name", DRUGS)
def test_the_maintenance_of_a_drug_trains_its_layers(name: str) -> None:
    drug = in_layers(DRUGS[name], [1, 2], maintenance=UPKEEP)
    given = [step.phase for step in following(drug) if isinstance(step, Train)]
    assert given == [Phase(1e-3, (0.0,), layers=(1, 2))] * 2
    within = regimen({name: drug}, {"give": name})
    assert [step.phase for step in following(within) if isinstance(step, Train)] == given
    sham = [step.phase for step in following(drug, "sham") if isinstance(step, Train)]
    assert {phase.layers for phase in sham} == {None}


def test_a_drug_is_withdrawn_and_fades_in_its_layers() -> None:
    steroid = in_layers(tonic_inhibition(), [2])
    steps = arm(steroid, follow_up=WithdrawalCurve(shares=(1.0, 0.5, 0.0))).steps
    assert any(
        isinstance(step, SideBranch) and step.steps[0] == Modulate(activity=None) and isinstance(step.steps[1], Examine)
        for step in steps
    )
    on = StandingState(Activity(0.6, True, (2,)))
    left = [Fade(share).state(on).drugs for share in (1.0, 0.5, 0.0)]
    assert left == [(Activity(d, b, (2,)),) for d, b in ((0.6, True), (0.8, True), (1.0, False))]


@pytest.mark.parametrize("name", DRUGS)
def test_the_treatment_is_alike_alone_and_in_company(name: str) -> None:
    start = overpruned(initial((3, 7)), 0.9)
    steps = plan(in_layers(DRUGS[name], [2]))
    together = after(start, steps)
    for index in range(2):
        assert same(after(start.individual(index), steps), together.individual(index))


def test_the_expected_density_is_that_of_the_chosen_matrices() -> None:
    estimate = arm(regrowth()).baseline.estimate
    assert (estimate.matrices, estimate.weights) == ((40, 320, 64), 424)
    (everywhere, *_), (second, *_) = plan(regrowth()), plan(in_layers(regrowth(), [2]))
    assert isinstance(everywhere, Regrow)
    bare = type(estimate)(estimate.matrices, 36, 10, 10, density=0.0)
    assert everywhere.expect(bare).density == 0.5
    assert second.expect(bare).density == pytest.approx(0.5 * 320 / 424)


@pytest.mark.parametrize("wrong", [[], [0], [-1], [1, 1], 2, "12", [1.0], [True], ["1"], {1: 2}])
def test_wrong_layers_are_refused(wrong: Any) -> None:
    with pytest.raises(ValidationError) as error:
        in_layers(regrowth(), wrong)
    (found,) = error.value.errors()
    assert ("only once" if wrong == [1, 1] else "a list of layers, counted from 1, or null for all") in found["msg"]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["treatment=ketamine", "treatment.layers=[5]"], "treatment.layers=[5]: must name layers of the network, 1"),
        (["treatment=ssri", "treatment.layers=[1,0]"], "treatment.layers=[1,0]: must be a list of layers, counted"),
        (["treatment=ssri", "treatment.layers=2"], "treatment.layers=2: must be a list of layers"),
        (["treatment=sham", "treatment.layers=[]"], "treatment.layers=[]: must be a list of layers"),
        (["treatment=sham", "treatment.layers=[2,2]"], "treatment.layers=[2,2]: must name a layer only once"),
        (
            ["treatment=neurosteroid", "treatment.layers=[4]"],
            "treatment.layers=[4]: the drug changes the activity of hidden layers; must name one of them, 1 to 3",
        ),
        (["treatment=ssri_gain", "treatment.layers=[4]"], "treatment.layers=[4]: the drug changes the activity of"),
        (["treatment=bridge", "treatment.drugs.ssri.layers=[6]"], "treatment.drugs.ssri.layers=[6]: must name layers"),
        (["treatment=bridge", "treatment.drugs.ssri.layers=[0]"], "treatment.drugs.ssri.layers=[0]: must be a list"),
        (
            ["treatment=ketamine", "treatment.layers=[3]", "model.hidden=[8]"],
            "treatment.layers=[3]: must name layers of the network, 1 to 2",
        ),
    ],
)  # fmt: skip
def test_what_is_refused_is_told_in_one_line(overrides: list[str], message: str) -> None:
    with pytest.raises(ConfigError) as error:
        prepare([*overrides, "tracking=none"])
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "overrides",
    [
        ["treatment=ssri", "treatment.layers=[4]"],
        ["treatment=neurosteroid", "treatment.layers=[4,3]"],
        ["treatment=ketamine_gain", "treatment.layers=[3,4]"],
        ["treatment=ladder", "treatment.drugs.ketamine.layers=[2]", "treatment.drugs.ssri.layers=[1]"],
    ],
)
def test_what_is_allowed_is_planned(overrides: list[str]) -> None:
    assert prepare([*overrides, "tracking=none"]).job.arm.steps

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from scipy import stats

from depsim.component import settings_of
from depsim.execution.keys import arm_key
from depsim.model import Mlp, Model
from depsim.model.recurrent import Recurrent
from depsim.pathology import Hyperexcitable, NoPathology
from depsim.protocol import Arm
from depsim.streams import Purpose, Streams
from depsim.traits import NO_TRAITS, PLASTICITY, STRESS_SENSITIVITY, STRUCTURAL_LOSS, TRAITS, Traits
from depsim.treatment import Treatment
from tests.tiny import arm, baseline, noise_tapered, outcomes, overpruning, regrowth, tonic_inhibition, treatments

MANY = range(10_000)
DIVERSE = Traits.model_validate(
    {"structural_loss": {"omega": 0.4}, "stress_sensitivity": {"omega": 0.25}, "plasticity": {"omega": 0.3}}
)


def traits(**own: Any) -> Traits:
    return Traits.model_validate({name: value if name == "rho" else {**value} for name, value in own.items()})


def test_quantiles_are_those_of_the_closed_form_and_of_the_table() -> None:
    drawn = DIVERSE.of(MANY, 0.95)
    z = stats.norm.ppf([0.025, 0.25, 0.5, 0.75, 0.975])
    logit = math.log(0.95 / 0.05)
    exact = {
        STRUCTURAL_LOSS: 1 / (1 + np.exp(-(logit + 0.4 * z))),
        STRESS_SENSITIVITY: np.exp(0.25 * z),
        PLASTICITY: np.exp(0.3 * z),
    }
    for name, expected in exact.items():
        share = np.searchsorted(np.sort(drawn[name]), expected) / len(MANY)
        np.testing.assert_allclose(share, [0.025, 0.25, 0.5, 0.75, 0.975], atol=0.015)
    ranges = {
        name: [round(float(exact[name][i]), 3 if name == STRUCTURAL_LOSS else 2) for i in (0, 4)] for name in exact
    }
    assert ranges == {STRUCTURAL_LOSS: [0.897, 0.977], STRESS_SENSITIVITY: [0.61, 1.63], PLASTICITY: [0.56, 1.8]}


@pytest.mark.parametrize("rho", [-1.0, -0.5, 0.0, 0.8, 1.0])
def test_loss_and_sensitivity_are_correlated_as_asked_and_plasticity_with_neither(rho: float) -> None:
    drawn = DIVERSE.model_copy(update={"rho": rho}).of(MANY, 0.95)
    logs = np.array(
        [np.log(drawn[STRUCTURAL_LOSS] / (1 - drawn[STRUCTURAL_LOSS])), *(np.log(drawn[n]) for n in TRAITS[1:])]
    )
    found = np.corrcoef(logs)
    assert found[0, 1] == pytest.approx(rho, abs=0.03)
    assert abs(found[0, 2]) < 0.03
    assert abs(found[1, 2]) < 0.03
    assert logs[1].std() == pytest.approx(0.25, rel=0.03), "rho changes no spread"


def test_an_individual_has_the_same_traits_alone_as_in_company() -> None:
    together = DIVERSE.of((3, 7, 11), 0.9)
    for place, seed in enumerate((3, 7, 11)):
        assert {name: own[0] for name, own in DIVERSE.of((seed,), 0.9).items()} == {
            n: v[place] for n, v in together.items()
        }
    first = Streams((7,)).numpy(Purpose.TRAIT)[0].standard_normal(3)
    assert together[PLASTICITY][1] == math.exp(0.3 * first[2])


def test_named_values_are_taken_as_they_are_and_the_others_drawn() -> None:
    own = traits(structural_loss={"omega": 0.4, "values": {42: 0.97}}, plasticity={"values": {"43": 2}})
    found = own.of((42, 43), 0.95)
    drawn = DIVERSE.of((42, 43), 0.95)
    assert found[STRUCTURAL_LOSS].tolist() == [0.97, drawn[STRUCTURAL_LOSS][1]]
    assert found[PLASTICITY].tolist() == [1.0, 2.0]
    assert set(found) == {STRUCTURAL_LOSS, PLASTICITY}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"structural_loss": {"values": {1: 1.0}}}, r"values=\{1: 1.0\}: must be a share between 0 and 1"),
        ({"plasticity": {"values": {1: 0.0}}}, "must be a number above 0"),
        ({"plasticity": {"values": {1: math.nan}}}, "must be a number above 0"),
        ({"plasticity": {"omega": -0.1}}, "greater than or equal to 0"),
        ({"rho": 1.1}, "less than or equal to 1"),
        ({"charm": {"omega": 1.0}}, "charm"),
    ],
)
def test_what_no_individual_can_have_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Traits.model_validate(wrong)


def test_without_spread_there_is_no_step_and_no_new_key() -> None:
    same = traits(structural_loss={"omega": 0.0}, plasticity={"omega": 0.0, "values": {}}, rho=0.5)
    assert arm(regrowth(), traits=same) == arm(regrowth())
    assert same.active == NO_TRAITS.active == ()


def known(of: Arm, seeds: tuple[int, ...] = (0,)) -> list[dict[str, float]]:
    return [{n: v for n, v in each.metrics.items() if not n.startswith("trait/")} for each in outcomes(of, seeds)]


@pytest.mark.parametrize("sparsity", [0.6, 0.97])
def test_a_structural_loss_that_equals_a_sparsity_has_its_numbers(sparsity: float) -> None:
    own = traits(structural_loss={"values": {0: sparsity}})
    assert known(arm(regrowth(), traits=own)) == known(arm(regrowth(), sparsity=sparsity))
    assert outcomes(arm(regrowth(), traits=own))[0].metrics["trait/structural_loss"] == sparsity


@pytest.mark.slow
def test_a_sensitivity_that_equals_a_gain_of_the_noise_has_its_numbers_after_the_pathology() -> None:
    calm, twice = Hyperexcitable(noise_gain=1.0, noise_mean=0.25), Hyperexcitable(noise_gain=2.0, noise_mean=0.25)
    for treatment in (noise_tapered(), tonic_inhibition()):
        (one,) = known(arm(treatment, pathology=calm, traits=traits(stress_sensitivity={"values": {0: 2.0}})))
        (other,) = known(arm(treatment, pathology=twice))
        relative = ("deficit", "response", "remission")
        later = [
            n
            for n in one
            if n.startswith(("depressed", "treated", "withdrawn", "relapsed")) and not n.endswith(relative)
        ]
        assert {name: one[name] for name in later} == {name: other[name] for name in later}
        assert len(later) > 20
        assert one["healthy/internal_noise_2.5"] != other["healthy/internal_noise_2.5"], "healthy networks feel it, too"
        assert one["before/slope"] != other["before/slope"]


RECURRENT = Recurrent(hidden=12, steps=2, delay=1)


@pytest.mark.parametrize("model", [Mlp(hidden=(20, 16)), RECURRENT], ids=["mlp", "recurrent"])
@pytest.mark.parametrize("treatment", [noise_tapered(), tonic_inhibition()], ids=["ssri", "neurosteroid"])
@pytest.mark.parametrize("sparsity", [0.5, 0.9])
def test_a_networks_scale_of_noise_is_everybodys_sensitivity_and_multiplies_ones_own(
    model: Model, treatment: Treatment, sparsity: float
) -> None:
    def of(scale: float, sensitivity: float) -> Arm:
        scaled = model.model_copy(update={"noise_scale": scale})
        own = NO_TRAITS if sensitivity == 1 else traits(stress_sensitivity={"values": {0: sensitivity}})
        return arm(treatment, where=baseline(model=scaled), traits=own, sparsity=sparsity)

    assert known(of(2.0, 1.0)) == known(of(1.0, 2.0))
    assert known(of(2.0, 1.5)) == known(of(1.0, 3.0)) != known(of(1.0, 1.5))
    assert settings_of(of(1.0, 1.0).baseline.model) == settings_of(model), "a scale of 1 changes no key"


@pytest.mark.parametrize("name", sorted(treatments()))
def test_a_plasticity_that_equals_a_learning_rate_has_its_numbers(name: str) -> None:
    plain = treatments()[name]
    rates = {"learning_rate": 2 * plain.learning_rate} if hasattr(plain, "learning_rate") else {}  # type: ignore[attr-defined]
    of = arm(plain, traits=traits(plasticity={"values": {0: 2.0}}))
    (one,), (other,) = known(of), known(arm(plain.model_copy(update=rates)))
    assert one == other
    if rates:
        (slow,) = known(arm(plain))
        assert one["treatment/rate_steps"] == 2 * slow["treatment/rate_steps"]
        assert one["depressed/combined"] == slow["depressed/combined"], "before treatment nobody learns faster"
        assert one["dose/l1"] != slow["dose/l1"]


def test_individuals_that_differ_have_in_company_what_they_have_alone() -> None:
    of = arm(regrowth(), traits=DIVERSE.model_copy(update={"rho": 0.7}), sparsity=0.85)
    together = outcomes(of, (0, 1, 2))
    for seed, found in enumerate(together):
        (alone,) = outcomes(of, (seed,))
        assert alone == found
    assert len({each.metrics["depressed/sparsity"] for each in together}) == 3
    assert len({each.metrics["trait/stress_sensitivity"] for each in together}) == 3


def test_traits_stay_in_every_replicate() -> None:
    of = arm(regrowth(), traits=DIVERSE)
    first, second = (outcomes(of.in_replicate(number))[0].metrics for number in (0, 1))
    assert [first[f"trait/{name}"] for name in TRAITS] == [second[f"trait/{name}"] for name in TRAITS]
    assert first["treated/combined"] != second["treated/combined"]


def test_traits_are_part_of_the_key() -> None:
    spread, named = traits(structural_loss={"omega": 0.4}), traits(structural_loss={"omega": 0.4, "values": {2: 0.9}})
    keys = [arm_key(arm(regrowth(), traits=own), "cpu") for own in (NO_TRAITS, spread, named, DIVERSE)]
    assert len(set(keys)) == 4
    assert keys[0] == arm_key(arm(regrowth()), "cpu")


@pytest.mark.parametrize("pathology", [NoPathology(), Hyperexcitable(noise_gain=2.0, noise_mean=0.0), overpruning(0.0)])
def test_a_structural_loss_where_nothing_is_pruned_is_refused(pathology: Any) -> None:
    with pytest.raises(ValueError, match=r"cohort\.traits\.structural_loss has no effect"):
        arm(pathology=pathology, traits=traits(structural_loss={"omega": 0.4}))
    arm(pathology=pathology, traits=traits(plasticity={"omega": 0.4}))


def test_torch_has_them_in_double_precision() -> None:
    metrics = outcomes(arm(traits=DIVERSE))[0].metrics
    assert metrics["trait/plasticity"] == float(torch.from_numpy(DIVERSE.of((0,), 0.9)[PLASTICITY])[0])

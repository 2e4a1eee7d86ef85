"""Families of claims about regimens and courses, from arms that are found by their steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from depsim.statistics import holm
from depsim.study.arm_claims import conditions
from depsim.study.arm_findings import arm_findings
from depsim.study.findings import REFUTED, SUPPORTED, TOO_FEW, UNDECIDED, Finding
from depsim.study.reading import Failure, Study, StudyArm
from tests.people import arm, study

CYCLES, RELAPSE = "follow_up/relapse_free_cycles", "follow_up/relapse"
BRIDGE, HANDOVER = "A bridge keeps the relief that a handover loses", "A bridge does more than SSRI alone"


def described(name: str, values: dict[str, Sequence[float]], data: str = "shared", **changed: str) -> StudyArm:
    """The arm of a described condition, under the name of its treatment."""
    settings = dict(conditions()[name][1]) | {key.replace("__", "."): value for key, value in changed.items()}
    return arm(settings["treatment"], values, data=data, changed=settings)


def lasting(name: str, cycles: np.ndarray) -> StudyArm:
    return described(name, {CYCLES: cycles, RELAPSE: np.where(cycles == 0, np.nan, (cycles < 8).astype(float))})


def told(made: Study) -> dict[str, Finding]:
    return {one.claim.name: one for family in arm_findings(made) for one in family.found}


def regimens(n: int, ahead: float, data: str = "shared") -> Study:
    noise = np.random.default_rng(1).normal(size=(n, 3))
    return study(
        described("bridge", {"treated/combined": 90 + ahead + noise[:, 0]}, data),
        described("handover", {"treated/combined": 90 + noise[:, 1]}, data),
        described("ssri", {"treated/combined": 80 + noise[:, 2]}, data),
    )


@pytest.mark.parametrize(("ahead", "verdict"), [(-5.0, REFUTED), (0.0, UNDECIDED)])
def test_a_bridge_is_compared_with_a_handover_whichever_way_it_comes_out(ahead: float, verdict: str) -> None:
    found = told(regimens(30, ahead))
    assert {name: one.verdict for name, one in found.items()} == {BRIDGE: verdict, HANDOVER: SUPPORTED}
    assert found[BRIDGE].difference is not None
    assert found[BRIDGE].difference.mean == pytest.approx(ahead, abs=0.6)
    assert {one.verdict for one in told(regimens(9, ahead)).values()} == {TOO_FEW}


def test_conditions_are_found_by_what_they_do_and_not_by_their_names() -> None:
    made = regimens(30, 5.0)
    bridge, *rest = made.arms
    renamed = replace(bridge, treatment="mine", settings={**bridge.settings, "treatment": "handover"})
    assert set(told(study(renamed, *rest))) == {BRIDGE, HANDOVER}
    other = described("bridge", {"treated/combined": [90.0] * 30}, treatment__steps__1__taper__neurosteroid="20")
    assert told(study(other, *rest)) == {}
    elsewhere = replace(bridge, settings={**bridge.settings, "pathology.sparsity": "0.9"})
    assert told(study(elsewhere, *rest)) == {}
    assert told(study(other, bridge, *rest)).keys() == {BRIDGE, HANDOVER}


def test_the_papers_claims_and_ours_are_families_of_their_own() -> None:
    papers, ours = arm_findings(regimens(30, 0.1))
    assert (papers.ours, papers.name, ours.ours, ours.name) == (False, "figures", True, "ours")
    # Of ours only the bridge could be measured, so it is not adjusted; with maintenance beside it, it is.
    (alone,) = ours.found
    assert alone.adjusted == alone.p
    cycles = np.array([8.0] * 20 + [3.0] * 10)
    more = study(
        *regimens(30, 0.1).arms, lasting("ssri maintained", cycles), lasting("ssri alone", np.minimum(cycles, 7))
    )
    papers, ours = arm_findings(more)
    assert [one.adjusted for one in ours.found] == holm([one.p for one in ours.found])
    assert len(ours.found) == 2
    assert [one.claim.name for one in papers.found] == ["SSRI alone does not last", HANDOVER]


def test_maintenance_is_judged_across_follow_ups() -> None:
    generator = np.random.default_rng(2)
    own = generator.integers(3, 9, 30).astype(float)
    found = told(study(lasting("ssri maintained", own), lasting("ssri alone", np.maximum(own - 3, 1))))
    one = found["Maintenance matters after SSRI"]
    assert (one.verdict, one.claim.ours) == (SUPPORTED, True)
    assert one.difference is not None
    assert one.difference.mean == pytest.approx(np.mean(own - np.maximum(own - 3, 1)))
    assert found["SSRI alone does not last"].verdict == SUPPORTED


def test_whose_training_diverged_has_relapsed() -> None:
    own, alone = lasting("ssri maintained", np.full(20, 8.0)), lasting("ssri alone", np.full(20, 8.0))
    gone = {person.seed for person in alone.individuals[15:]}
    reason = "DivergedError: training diverged: weights that are not finite in the maintained 2 network of seeds=(1,)"
    failed = replace(
        alone,
        individuals=tuple(person for person in alone.individuals if person.seed not in gone),
        failures=tuple(Failure(seed, reason, f"run-{seed}") for seed in sorted(gone)),
    )
    one = told(study(own, failed))["Maintenance matters after SSRI"]
    assert one.share.n == 20
    assert one.difference is not None
    assert one.difference.mean == pytest.approx(5 * 6 / 20)


@pytest.mark.parametrize(("apart", "verdict"), [(0.25, SUPPORTED), (0.5, UNDECIDED), (2.0, REFUTED)])
def test_two_orders_are_alike_where_their_means_lie_within_the_margin(apart: float, verdict: str) -> None:
    noise = np.random.default_rng(3).normal(0, 0.3, size=(40, 2))
    noise -= noise.mean(axis=0)
    first = described("ketamine then ssri", {"treated/combined": 97 + noise[:, 0]})
    last = described("ssri then ketamine", {"treated/combined": 97 - apart + noise[:, 1]})
    one = told(study(first, last))["Ketamine first equals ketamine last under combined stress"]
    assert one.verdict == verdict
    # With twice the margin half a point is surely within.
    assert one.doubled == (REFUTED if apart == 2.0 else SUPPORTED)


def test_equal_individuals_are_alike_and_one_alone_says_nothing() -> None:
    def orders(n: int) -> Study:
        names = ("ketamine then ssri", "ssri then ketamine")
        return study(*(described(name, {"treated/combined": [97.0] * n}) for name in names))

    name = "Ketamine first equals ketamine last under combined stress"
    assert (told(orders(12))[name].p, told(orders(12))[name].verdict) == (0.0, SUPPORTED)
    assert (told(orders(1))[name].p, told(orders(1))[name].verdict) == (1.0, TOO_FEW)


def test_shared_and_individual_data_are_never_pooled() -> None:
    shared, own = regimens(30, 5.0).arms, regimens(20, -5.0, "individual").arms
    families = arm_findings(study(*own, *shared))
    assert [(each.data, each.ours, each.name) for each in families] == [
        ("shared", False, "figures"), ("shared", True, "ours"),
        ("individual", False, "figures_2"), ("individual", True, "ours_2"),
    ]  # fmt: skip
    assert [family.found[0].verdict for family in families if family.ours] == [SUPPORTED, REFUTED]
    assert arm_findings(study(*shared[:2], *own))[0].data == "individual"  # of whom there are more conditions

"""Stress that goes on: what is planned, what is left of the synapses, and when somebody relapses."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from depsim.config import prepare
from depsim.execution.keys import arm_key
from depsim.follow_up import StressCycles
from depsim.follow_up.relapses import NEVER_WELL, RelapseFreeCycles
from depsim.model import Cohort
from depsim.model.state import NO_DRUG
from depsim.protocol import Arm
from depsim.stages import MAINTAINED, STRESSED
from depsim.steps import Exam, Examine, Maintenance, Prune, Regrow, SideBranch, Step, Train
from depsim.streams import Position, Section
from depsim.treatment import NoTreatment, PlainTraining, Regimen, Treatment
from depsim.treatment.regimen_step import RegimenStep
from tests.tiny import ON_DRUG, after, arm, chunk, initial, outcomes, overpruned, regrowth, tonic_inhibition

UPKEEP = Maintenance(epochs=2, learning_rate=1e-3, initial_noise=0.0)


def cycles(maintenance: Any = "own", number: int = 2) -> StressCycles:
    sham = Maintenance(epochs=1, learning_rate=2e-3, initial_noise=0.0)
    return StressCycles(cycles=number, stress=0.1, maintenance=maintenance, sham=sham)


def kept(treatment: Treatment) -> Treatment:
    return treatment.model_copy(update={"maintenance": UPKEEP})


def following(treatment: Treatment, maintenance: str = "own", number: int = 2) -> list[Step]:
    """The steps after the last side branch of the paper's course."""
    steps = arm(treatment, follow_up=cycles(maintenance, number)).steps
    last = max(place for place, step in enumerate(steps) if isinstance(step, SideBranch))
    return list(steps[last + 1 :])


def names(steps: list[Step]) -> list[str]:
    return [f"{s.name} {s.ordinal}" if isinstance(s, Examine) else type(s).__name__ for s in steps]


@pytest.mark.parametrize(("maintenance", "between"), [("own", ["Train"]), ("withheld", []), ("sham", ["Train"])])
def test_each_cycle_is_a_stress_and_a_maintenance_with_an_examination_after_either(
    maintenance: str, between: list[str]
) -> None:
    found = names(following(kept(regrowth()), maintenance))
    assert found == [
        "maintained 0", "Prune", "stressed 1", *between, "maintained 1", "Prune", "stressed 2", *between,
        "maintained 2", "follow_up 0",
    ]  # fmt: skip


def test_the_paper_goes_on_as_before_in_an_arm_with_a_follow_up() -> None:
    treatment = kept(regrowth())
    plain, followed = arm(treatment).steps, arm(treatment, follow_up=cycles()).steps
    assert followed[: len(plain)] == plain
    (one,), (other,) = outcomes(arm(treatment)), outcomes(arm(treatment, follow_up=cycles()))
    assert one.metrics.items() <= other.metrics.items()
    assert one.masks == other.masks


def test_a_drug_that_is_withheld_is_off_before_the_first_stress_and_otherwise_stays_on() -> None:
    steroid = kept(tonic_inhibition())
    start = overpruned(initial((3,)), 0.5)
    for maintenance, state in (("withheld", NO_DRUG), ("own", ON_DRUG), ("sham", ON_DRUG)):
        steps = [step for step in following(steroid, maintenance) if not isinstance(step, Examine)]
        on = Cohort(start.model, start.seeds, start.weights, start.biases, start.masks, ON_DRUG)
        assert after(on, steps).state == state
        first = following(steroid, maintenance)[1]
        assert (type(first).__name__ == "Modulate") == (maintenance == "withheld")


def test_every_cycle_has_a_section_of_its_own_that_all_arms_share() -> None:
    one, other = (
        [s.position for s in following(kept(each), number=3) if isinstance(s, Train | Prune)]
        for each in (regrowth(), tonic_inhibition())
    )
    assert one == other == [Position(Section.cycle(cycle)) for cycle in (1, 2, 3) for _ in range(2)]
    assert {int(section) for section in Section}.isdisjoint({Section.cycle(1), Section.cycle(2)})


def counts(cohort: Cohort) -> list[int]:
    return [int(mask.sum()) for mask in cohort.masks]


def stressed(cohort: Cohort, times: int) -> Cohort:
    prunes = [step for step in following(NoTreatment(), "withheld", 8) if isinstance(step, Prune)]
    assert len(prunes) == 8
    return after(cohort, prunes[:times])


def test_the_exact_counts_of_what_survives_in_the_papers_network() -> None:
    depressed = overpruned(initial((3,), hidden=(512, 512, 256)), 0.95)
    assert counts(stressed(depressed, 1)) == [47, 11_799, 5_900, 47]
    assert counts(stressed(depressed, 8)) == [23, 5_651, 2_826, 23]
    treatment = regrowth(epochs=0, criterion="random").plan()
    regrown = after(depressed, [step for step in treatment if isinstance(step, Regrow)])
    assert counts(stressed(regrown, 1)) == [484, 123_864, 61_932, 484]
    assert counts(stressed(regrown, 4)) == [353, 90_298, 45_149, 353]


def composed(*overrides: str) -> Arm:
    return prepare(["follow_up=stress_cycles", "tracking=none", *overrides]).job.arm


@pytest.mark.slow
def test_the_twelve_cells_of_the_papers_drugs_are_ten_arms() -> None:
    keys = {
        (drug, maintenance): arm_key(composed(f"treatment={drug}", f"follow_up.maintenance={maintenance}"), "cpu")
        for drug in ("none", "ketamine", "ssri", "neurosteroid")
        for maintenance in ("own", "withheld", "sham")
    }
    assert len(set(keys.values())) == 10
    assert keys["ketamine", "own"] == keys["ketamine", "sham"]
    assert keys["none", "own"] == keys["none", "withheld"]


@pytest.mark.parametrize(
    ("drug", "epochs", "rate", "noise"),
    [("ketamine", 5, 5e-4, 0.0), ("ssri", 20, 1e-5, 0.3), ("neurosteroid", 10, 5e-4, 0.0), ("sham", 5, 5e-4, 0.0)],
)
def test_each_drug_has_its_own_maintenance(drug: str, epochs: int, rate: float, noise: float) -> None:
    steps = [s for s in composed(f"treatment={drug}").steps if isinstance(s, Train) and s.position.section > 2]
    assert len(steps) == 8
    assert {(s.phase.epochs, s.phase.learning_rate, s.phase.internal_noise[0]) for s in steps} == {
        (epochs, rate, noise)
    }


def test_a_regimen_is_maintained_as_its_last_drug_unless_it_has_its_own() -> None:
    last = Maintenance(epochs=7, learning_rate=1e-3, initial_noise=0.0)
    drugs: dict[str, Treatment] = {
        "a": kept(regrowth()),
        "b": PlainTraining(epochs=1, learning_rate=1e-3, maintenance=last),
    }
    steps = (RegimenStep(give="b"), RegimenStep(give="a"), RegimenStep(give="b"))
    assert Regimen(drugs=drugs, steps=steps).maintaining() == last.steps()
    assert Regimen(drugs=drugs, steps=steps, maintenance=UPKEEP).maintaining() == UPKEEP.steps()
    assert Regimen(drugs=drugs, steps=steps[:2]).maintaining() == UPKEEP.steps()


def cycles_until(deficits: list[float], before: float = 60.0) -> tuple[float, float, bool]:
    """Relapse-free cycles, whether there was a relapse, and whether it is noted that one was never well."""
    metrics = {
        "before/healthy_combined": torch.tensor([90.0]).double(),
        "before/depressed_deficit": torch.tensor([before]).double(),
    }
    metrics |= {
        f"{MAINTAINED}/combined/{cycle}": torch.tensor([90.0 - each]).double() for cycle, each in enumerate(deficits)
    }
    exam = Exam("follow_up", 0, initial((3,)), chunk((3,)), {}, metrics)
    found = RelapseFreeCycles(len(deficits) - 1, 4.0, 2.0)(exam)
    values = [float(found.metrics[f"follow_up/{name}"]) for name in ("relapse_free_cycles", "relapse")]
    return values[0], values[1], bool(found.notes[NEVER_WELL])


@pytest.mark.parametrize(
    ("deficits", "expected"),
    [
        ([0.0, 1.0, 3.0, 4.0], (3.0, 0.0, False)),  # never above
        ([0.0, 5.0, 5.0, 5.0], (1.0, 1.0, False)),  # dated to the first of two
        ([0.0, 5.0, 3.0, 5.0], (3.0, 0.0, False)),  # never two in a row; the last alone is none
        ([2.0, 1.0, 4.1, 4.1], (2.0, 1.0, False)),
        ([0.0, 4.0, 4.0, 4.0], (3.0, 0.0, False)),  # the limit itself is not above it
    ],
)
def test_a_relapse_is_two_deficits_in_a_row_dated_to_the_first(
    deficits: list[float], expected: tuple[float, float, bool]
) -> None:
    assert cycles_until(deficits) == expected


def test_whoever_was_never_in_remission_has_no_relapse_free_cycles_and_no_relapse() -> None:
    free, relapse, noted = cycles_until([2.1, 0.0, 0.0])
    assert (free != free, relapse != relapse, noted) == (True, True, True)


@pytest.mark.parametrize("deficits", [[0.0, 5.0, 5.0], [2.1, 0.0, 0.0], [0.0, 0.0, 0.0]])
def test_whoever_had_no_deficit_to_begin_with_is_in_no_rate_of_relapse(deficits: list[float]) -> None:
    free, relapse, noted = cycles_until(deficits, before=2.0)
    assert (free != free, relapse != relapse, noted) == (True, True, False)
    assert cycles_until([0.0, 5.0, 5.0], before=2.1) == (1.0, 1.0, False)


def test_metrics_that_do_not_apply_are_left_out_of_an_outcome() -> None:
    (found,) = outcomes(arm(NoTreatment(), follow_up=cycles("withheld")))
    assert not {"follow_up/relapse_free_cycles", "follow_up/relapse"} & found.metrics.keys()
    assert NEVER_WELL in found.notes
    assert found.curves["maintained/combined/course"] == [
        (cycle, found.metrics[f"maintained/combined/{cycle}"]) for cycle in range(3)
    ]
    assert [step for step, _ in found.curves[f"{STRESSED}/sparsity/course"]] == [1, 2]


def test_maintenance_that_diverges_is_an_error_that_names_the_cycle() -> None:
    wild = StressCycles(
        cycles=2, stress=0.1, maintenance="sham", sham=Maintenance(epochs=4, learning_rate=1e38, initial_noise=0.0)
    )
    with pytest.raises(ArithmeticError, match=r"training diverged.* in the maintained 1 network of seeds=\(3, 7\)"):
        outcomes(arm(kept(regrowth()), follow_up=wild), (3, 7))

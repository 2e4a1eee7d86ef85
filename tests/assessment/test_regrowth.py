from __future__ import annotations

from dataclasses import replace

import torch

from depsim.assessment import RegrowthOverlap
from depsim.model import Cohort
from depsim.stages import DEPRESSED, RELAPSED, TREATED
from depsim.stages import HEALTHY as HEALTHY_EXAM
from depsim.steps import Exam
from tests import tiny
from tests.tiny import by_hand, initial


def regrowth(healthy: Cohort, depressed: Cohort, treated: Cohort, relapsed: Cohort) -> dict[str, torch.Tensor]:
    earlier = {HEALTHY_EXAM: healthy, DEPRESSED: depressed, TREATED: treated}
    exam = Exam(RELAPSED, 0, relapsed, tiny.chunk(relapsed.seeds), earlier, {})
    return dict(RegrowthOverlap(HEALTHY_EXAM, DEPRESSED, TREATED)(exam).metrics)


def stage(cohort: Cohort, *masks: list[list[int]]) -> Cohort:
    """The cohort with these masks, one (O, I) of zeros and ones per individual, in its only layer."""
    return replace(cohort, masks=(torch.tensor(masks, dtype=torch.bool),))


HEALTHY = by_hand([[[[9.0, -8.0, 7.0], [6.0, -5.0, 4.0]], [[1.0, 2.0, -3.0], [4.0, 5.0, -6.0]]]])


def test_overlap_by_hand() -> None:
    depressed = stage(HEALTHY, [[1, 1, 0], [0, 0, 0]], [[0, 0, 0], [0, 1, 1]])
    # Individual 0 lost 7, 6, -5, 4 and regrows 7 and 4; a milder pruning would have spared 7 and 6: one of two.
    # Individual 1 lost 1, 2, -3, 4 and regrows 4 and -3: both.
    treated = stage(HEALTHY, [[1, 1, 1], [0, 0, 1]], [[0, 0, 1], [1, 1, 1]])
    # Individual 0 loses one old and one regrown synapse, individual 1 two regrown ones.
    relapsed = stage(HEALTHY, [[0, 1, 1], [0, 0, 0]], [[0, 0, 0], [0, 1, 1]])
    found = regrowth(HEALTHY, depressed, treated, relapsed)
    assert {name: value.tolist() for name, value in found.items()} == {
        "regrowth/restored/layer_1": [50.0, 100.0],
        "regrowth/restored_chance/layer_1": [50.0, 50.0],
        "regrowth/lost_again/layer_1": [50.0, 100.0],
        "regrowth/lost_again_chance/layer_1": [50.0, 50.0],
    }
    assert {value.dtype for value in found.values()} == {torch.float64}


def test_a_layer_where_nothing_regrew_has_no_overlap() -> None:
    depressed = stage(HEALTHY, [[1, 1, 0], [0, 0, 0]], [[0, 0, 0], [0, 1, 1]])
    assert regrowth(HEALTHY, depressed, depressed, depressed) == {}
    one_only = stage(HEALTHY, [[1, 1, 1], [0, 0, 0]], [[0, 0, 0], [0, 1, 1]])
    assert regrowth(HEALTHY, depressed, one_only, depressed) == {}


def test_a_relapse_that_removes_nothing_has_no_share() -> None:
    depressed = stage(HEALTHY, [[1, 1, 0], [0, 0, 0]], [[0, 0, 0], [0, 1, 1]])
    treated = stage(HEALTHY, [[1, 1, 1], [0, 0, 0]], [[0, 1, 0], [0, 1, 1]])
    found = regrowth(HEALTHY, depressed, treated, treated)
    assert set(found) == {"regrowth/restored/layer_1", "regrowth/restored_chance/layer_1"}
    assert found["regrowth/restored_chance/layer_1"].tolist() == [25.0, 25.0]


def test_regrowth_at_random_meets_the_chance_level() -> None:
    healthy = initial(range(40), hidden=(30, 20))
    generator = torch.Generator().manual_seed(3)
    lost = [torch.rand(mask.shape, generator=generator) < 0.9 for mask in healthy.masks]
    back = [torch.rand(mask.shape, generator=generator) < 0.3 for mask in healthy.masks]
    depressed = replace(healthy, masks=tuple(~gone for gone in lost))
    treated = replace(healthy, masks=tuple(~gone | came for gone, came in zip(lost, back, strict=True)))
    found = regrowth(healthy, depressed, treated, depressed)
    error = found["regrowth/restored/layer_2"] - found["regrowth/restored_chance/layer_2"]
    assert abs(float(error.mean())) < 3 * float(error.std()) / 40**0.5
    assert (found["regrowth/lost_again/layer_2"] == 100).all()

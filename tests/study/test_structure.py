from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from scipy.stats import hypergeom

from depsim.assessment import RegrowthOverlap
from depsim.assessment.structure import Structure
from depsim.stages import DEPRESSED, HEALTHY, RELAPSED, TREATED
from depsim.steps import Examine
from depsim.study.reading import StudyArm
from depsim.study.structure import _quantiles, layer_sizes, overlaps
from tests import tiny
from tests.people import arm

HIDDEN = {"model.hidden": "[30, 20]"}


def by_lot(n: int = 200, seed: int = 1) -> StudyArm:
    """Individuals that lose nine of ten synapses by lot, regrow three of ten by lot, and relapse by lot."""
    healthy = tiny.initial(range(n), hidden=(30, 20))
    generator = torch.Generator().manual_seed(seed)

    def drawn(share: float) -> list[torch.Tensor]:
        return [torch.rand(mask.shape, generator=generator) < share for mask in healthy.masks]

    depressed = replace(healthy, masks=tuple(~gone for gone in drawn(0.9)))
    treated = replace(healthy, masks=tuple(a | b for a, b in zip(depressed.masks, drawn(0.3), strict=True)))
    relapsed = replace(healthy, masks=tuple(a & ~b for a, b in zip(treated.masks, drawn(0.4), strict=True)))
    path = tiny.path(healthy)
    for name, cohort in ((HEALTHY, healthy), (DEPRESSED, depressed), (TREATED, treated), (RELAPSED, relapsed)):
        probes = (Structure(), RegrowthOverlap(HEALTHY, DEPRESSED, TREATED))
        path = Examine(name, probes if name == RELAPSED else probes[:1])(path.with_cohort(cohort))
    inputs, classes = healthy.weights[0].shape[2], healthy.weights[-1].shape[1]
    centres = str([[0] * inputs] * classes)
    return arm("ketamine", {k: v.tolist() for k, v in path.metrics.items()}, changed=HIDDEN | {"task.centres": centres})


def test_regrowth_by_lot_lies_within_chance_and_its_interval_has_the_planted_width() -> None:
    found = overlaps(by_lot())
    assert len(found) == 2 * 3
    for each in found:
        assert each.above is not None
        assert each.below is not None
        assert each.above.share + each.below.share < 0.1, each
        assert each.difference.interval is not None
        low, high = each.difference.interval
        assert low - 0.5 < 0 < high + 0.5


def test_overlap_beyond_chance_is_counted_person_by_person() -> None:
    sizes = {"model.hidden": "[10]", "task.centres": "[[0, 0], [1, 1]]"}  # layers of 20 and 20 synapses
    values = {
        "healthy/sparsity/layer_1": [0.0] * 3,
        "depressed/sparsity/layer_1": [100.0] * 3,
        "treated/sparsity/layer_1": [75.0] * 3,
        "regrowth/restored_chance/layer_1": [25.0] * 3,  # five of twenty regrown
        "regrowth/restored/layer_1": [100.0, 20.0, 60.0],
    }
    (found,) = overlaps(arm("ketamine", values, changed=sizes))
    low, high = hypergeom.ppf([0.025, 0.975], 20, 5, 5) / 5 * 100
    assert found.interval == pytest.approx((low, high)) == (0.0, 60.0)
    assert found.above is not None
    assert found.below is not None
    assert (found.above.count, found.below.count, found.difference.mean) == (1.0, 0.0, pytest.approx(35.0))


@pytest.mark.parametrize(("pool", "wanted", "drawn"), [(4096, 800, 4000), (40, 40, 7), (7, 0, 3)])
def test_chance_has_the_quantiles_of_scipys_hypergeometric_distribution(pool: int, wanted: int, drawn: int) -> None:
    low, high = hypergeom.ppf([0.025, 0.975], pool, wanted, drawn)
    assert _quantiles(pool, wanted, drawn) == pytest.approx((100 * low / drawn, 100 * high / drawn))


def test_without_known_layer_sizes_the_expectation_stays_and_its_interval_goes() -> None:
    values = {"regrowth/restored/layer_1": [50.0, 60.0], "regrowth/restored_chance/layer_1": [50.0, 50.0]}
    (found,) = overlaps(arm("ketamine", values, changed={"model.hidden": "null"}))
    assert (found.interval, found.above, found.below, found.chance.mean) == (None, None, None, 50.0)
    (found,) = overlaps(arm("ketamine", values))  # sizes, but no sparsity was measured
    assert found.interval is None


def test_layer_sizes_are_those_of_the_paper() -> None:
    assert layer_sizes(arm("none", {})) == (1024, 262_144, 131_072, 1024)
    assert layer_sizes(arm("none", {}, changed={"task.centres": "[]"})) is None

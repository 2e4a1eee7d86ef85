"""Variance components of crossed designs as rows."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from depsim.statistics import split_variance
from depsim.study.analyses.variance import components, incomplete, names_of
from depsim.study.components import crossed_designs
from depsim.study.reading import Study, StudyArm
from tests.people import arm, study

COMBINED = "treated/combined"


def crossed(treatment: str = "ssri", skip: tuple[int, int] | None = None, **values: float) -> list[StudyArm]:
    """Four data sets by four initialisations, of which the data matter most; values that all have are given."""
    arms = []
    for data, init in itertools.product(range(4), range(4)):
        metrics = {name.replace("__", "/"): [value] for name, value in values.items()} or {
            COMBINED: [50.0 + 3 * data + (data * init) % 3]
        }
        held = {"cohort.hold.data": str(data), "cohort.hold.init": str(init)}
        if (data, init) != skip:
            arms.append(arm(treatment, metrics, data="individual", changed=held))
    return arms


def designs(*arms: StudyArm) -> list:
    return crossed_designs(study(*arms))


def test_a_row_for_each_stream_has_its_share_and_spread_with_their_intervals() -> None:
    rows = components(designs(*crossed()))
    assert [row.of("component") for row in rows] == ["data", "init", "residual"]
    assert {(row.of("condition"), row.of("outcome"), row.n) for row in rows} == {("ssri", "combined", 16)}
    values = np.array([50.0 + 3 * data + (data * init) % 3 for data, init in itertools.product(range(4), range(4))])
    levels = {"data": [d for d in range(4) for _ in range(4)], "init": [i for _ in range(4) for i in range(4)]}
    for row, part in zip(rows, split_variance(values, levels).components, strict=True):
        assert (row.value, row.low, row.high) == pytest.approx((100 * part.share, 100 * (part.low or 0),
                                                               100 * (part.high or 0)))  # fmt: skip
        assert row.more["largest"] is part.is_largest
        assert row.sd == pytest.approx(part.variance**0.5)
    assert [row.more["levels"] for row in rows] == [4, 4, None]


def test_every_primary_outcome_has_its_shares_but_for_the_relapse_drop_of_untreated_networks() -> None:
    measured = {"treated__combined": 50.0, "treated__internal_noise_2.5": 40.0, "relapse_drop": 3.0,
                "withdrawn__combined": 30.0}  # fmt: skip
    rows = components(designs(*crossed("none", **measured), *crossed("neurosteroid", **measured)))
    assert list(dict.fromkeys((row.of("condition"), row.of("outcome")) for row in rows)) == [
        ("untreated on", "combined"), ("untreated on", "internal_noise_2.5"), ("untreated withdrawn", "combined"),
        ("neurosteroid on", "combined"), ("neurosteroid on", "internal_noise_2.5"), ("neurosteroid on", "relapse_drop"),
        ("neurosteroid withdrawn", "combined"),
    ]  # fmt: skip
    assert {row.value for row in rows} == {None}  # the same for all networks


def test_a_design_with_a_hole_has_no_rows_and_is_listed() -> None:
    whole = designs(*crossed(), *crossed("ketamine", skip=(1, 2)))
    assert {row.of("condition") for row in components(whole)} == {"ssri"}
    assert incomplete(whole) == (("ketamine", 15, 0),)
    assert incomplete(designs(*crossed())) == ()


def test_designs_of_one_name_are_named_by_their_streams() -> None:
    other = [arm("ssri", {COMBINED: [float(a + b)]}, data="individual",
                 changed={"cohort.hold.train": str(a), "cohort.hold.order": str(b)})
             for a in range(3) for b in range(3)]  # fmt: skip
    both: Study = study(*crossed(), *other)
    assert names_of(crossed_designs(both)) == ["ssri, seeds of data, init", "ssri, seeds of order, train"]
    assert names_of(designs(*crossed())) == ["ssri"]

"""The published individual beside ours: cell by cell, difference by difference, and all of it together."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from depsim.paper import individual as module
from depsim.paper.conditions import papers_conditions
from depsim.paper.individual import Named, cells, expected_outside, gaps, reference, sequel, together
from depsim.paper.published import values
from depsim.statistics import exam_scatter
from depsim.study.estimate import Estimate
from depsim.study.reading import Study
from tests.people import arm, paper_arm, paper_study, study, without


def named(made: Study) -> Named:
    group = reference(made)
    assert group is not None
    return papers_conditions(group)


def cell(made: Study, row: str, column: str) -> Estimate:
    return next(
        estimate
        for estimate in cells(named(made))
        if (estimate.of("condition"), estimate.of("outcome")) == (row, column)
    )


def test_a_cell_agrees_with_a_few_lines_of_scipy() -> None:
    made = paper_study(45)  # 0 to 44: ours of the paper's seed, who is no relative of it, is among them
    row, sample = cell(made, "ssri", "combined"), made.arms[-1].values("treated/combined")
    assert made.arms[-1].treatment == "ssri"
    logit = np.log((share := ((100 - sample) / 100 * 4000 + 0.5) / 4001) / (1 - share))
    reach = stats.t.ppf(0.975, 44) * logit.std(ddof=1) * np.sqrt(1 + 1 / 45)
    bounds = [
        100 * (1 - (4001 / (1 + np.exp(-edge)) - 0.5) / 4000) for edge in (logit.mean() + reach, logit.mean() - reach)
    ]
    assert (row.n, row.value) == (45, pytest.approx(sample.mean()))
    assert (row.more["predicted_low"], row.more["predicted_high"]) == pytest.approx(tuple(bounds))
    assert row.more["percentile"] == pytest.approx(stats.percentileofscore(sample.round(1), 83.5, kind="mean"))
    assert row.more["inside"] == (round(bounds[0], 1) <= 83.5 <= round(bounds[1], 1))


def test_clean_accuracy_has_so_few_questions_that_ranks_decide() -> None:
    few = cell(study(arm("none", {"treated/clean": [90.0, 95.0, 99.0, 80.0]})), "untreated", "clean")
    assert (few.more["predicted_low"], few.more["inside"]) == (None, None)
    many = cell(study(arm("none", {"treated/clean": np.linspace(25, 75, 40)})), "untreated", "clean")
    assert (many.more["predicted_low"], many.more["predicted_high"], many.more["inside"]) == (25.0, 75.0, True)


@pytest.mark.parametrize(("shared", "inside"), [(47.5, True), (47.46, True), (47.44, False)])
def test_a_constant_is_compared_as_published(shared: float, inside: bool) -> None:
    row = cell(study(arm("ketamine", {"treated/sparsity": [shared] * 4})), "ketamine", "sparsity")
    assert (row.interval, row.more["inside"], row.more["miss"]) == (None, inside, None)


def test_cells_that_both_tables_have_are_there_once_and_it_is_known_how_many_lie_outside_by_luck() -> None:
    rows = cells(named(paper_study(45)))
    assert len(rows) == 5 * 6 - 1 + 4 * 3  # five columns beside the drop, which withdrawn ones lack, and three more
    judged = [row for row in rows if row.more["inside"] is not None and row.more["miss"] is not None]
    ranked = sum(row.of("outcome") == "clean" for row in judged)  # 2 of 46 at the ends
    assert expected_outside(rows) == pytest.approx(0.05 * (len(judged) - ranked) + 2 / 46 * ranked)


def test_the_percentile_counts_ours_rounded_as_the_published_value_is() -> None:
    assert cell(study(arm("ssri", {"treated/combined": [80.0, 83.46, 83.54, 90.0]})), "ssri", "combined").more[
        "percentile"] == 50.0  # fmt: skip
    assert cell(study(arm("ssri", {"treated/combined": [83.46, 84.0]})), "ssri", "combined").more["percentile"] == 25.0


def test_differences_between_conditions_are_judged_by_ranks_from_39_on_and_by_student_below() -> None:
    ketamine, ssri = 97 + np.linspace(-0.5, 0.5, 45), np.linspace(80, 90, 45)
    for n in (45, 10):
        made = (
            arm(name, {"treated/combined": column[:n]}) for name, column in (("ketamine", ketamine), ("ssri", ssri))
        )
        (gap,), ours = gaps(named(study(*made))), (ketamine - ssri)[:n]
        student = stats.t.interval(0.95, n - 1, ours.mean(), ours.std(ddof=1) * np.sqrt(1 + 1 / n))
        low, high = (ours.min(), ours.max()) if n == 45 else student
        assert (gap.of("a"), gap.of("b"), gap.more["published"], gap.n) == ("ketamine", "ssri", 13.4, n)
        assert gap.value == pytest.approx(ours.mean())
        assert (gap.more["predicted_low"], gap.more["predicted_high"]) == pytest.approx((low, high))
        assert gap.more["percentile"] == pytest.approx(stats.percentileofscore(ours.round(1), 13.4, kind="mean"))
        assert gap.more["inside"] is bool(low.round(1) <= 13.4 <= high.round(1))


def test_the_joint_test_is_of_those_who_have_all_conditions() -> None:
    made = study(paper_arm("none", 25), without(paper_arm("ssri", 25), 3, 4))
    joint = together(named(made))
    assert joint is not None
    assert (joint.n, cell(made, "untreated", "combined").n) == (23, 25)
    assert {name for name in joint.more if name.startswith("noticed")} == {"noticed untreated", "noticed ssri"}


def spread_around_the_published(n: int) -> Study:
    """The SSRI of many, whose values scatter around the published ones."""
    generator = np.random.default_rng(3)
    cells = {
        value.column: value.mean for table in ("table_1", "table_2") for value in values(table) if value.row == "ssri"
    }
    made = {
        "relapse_drop" if column == "relapse_drop" else f"treated/{column}": (mean or 0.0) + generator.normal(0, 1, n)
        for column, mean in cells.items()
    }
    return study(arm("ssri", {name: np.clip(column, 0, 99.9) for name, column in made.items()}))


def test_the_joint_test_has_a_verdict_from_19_on() -> None:
    joints = [together(named(spread_around_the_published(n))) for n in (18, 19)]
    assert [row and row.verdict for row in joints] == ["too few", "undecided"]
    assert all(row is not None and row.p is not None for row in joints)
    far = study(arm("ssri", {"treated/combined": 40 + np.linspace(0, 1, 19)}))
    row = together(named(far))
    assert row is not None
    assert (row.verdict, row.p) == ("no", pytest.approx(1 / 20))


def test_nothing_measured_is_no_comparison() -> None:
    conditions = named(study(arm("ssri", {"dose/l1": [1.0]})))
    assert (cells(conditions), gaps(conditions), together(conditions)) == ((), (), None)


def test_a_drop_has_the_scatter_of_two_exams() -> None:
    conditions = named(study(paper_arm("ssri", 25)))
    (drop,) = (value for value in values("table_1") if (value.row, value.column) == ("ssri", "relapse_drop"))
    before, drops = (np.array([*conditions["ssri"].values(name).values()]) for name in ("combined", "relapse_drop"))
    column, floor = module._on_a_scale(drop, conditions["ssri"], drops)
    assert column is drops
    assert floor == pytest.approx(np.sqrt(2) * exam_scatter(before.mean(), 4000, 1))


def test_the_reference_is_the_published_design() -> None:
    shared, individual = paper_study(12).arms, paper_study(20, "individual").arms
    both = reference(study(*individual, *shared))
    assert both is not None
    assert both.arms[0].data == "shared"
    alone = reference(study(*individual))
    assert alone is not None
    assert alone.arms[0].data == "individual"
    assert reference(study(paper_arm("ssri", 3, pathology__sparsity="0.9"))) is None
    assert reference(study(arm("light", {"treated/combined": [1.0]}))) is None


def test_the_sequels_distances_are_in_standard_errors() -> None:
    made = paper_study(20, data="individual")
    row = next(r for r in sequel(named(made)) if (r.of("condition"), r.of("outcome")) == ("ssri", "combined"))
    assert row.value is not None
    assert row.sd is not None
    assert row.more["distance"] == pytest.approx((row.value - 81.3) / np.sqrt(row.sd**2 / 20 + 8.8**2 / 10))
    assert all(row.more["distance"] is None for row in sequel(named(paper_study(1, data="individual"))))

"""What a report says about the paper's conditions, on studies of known answers and on awkward ones."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from depsim.report.document import Block, Paragraph
from depsim.report.sections import claims, contrasts, precision, resilience, tables
from depsim.report.sections.answer import answer
from depsim.study.comparison import compare
from depsim.study.contrasts import contrasts as study_contrasts
from depsim.study.contrasts import orderings
from depsim.study.panels import panels
from depsim.study.published import published
from depsim.study.reading import Failure, Study
from tests.people import SIGMAS, arm, paper_arm, paper_study, study, without
from tests.report.blocks import assert_sound, blocks_of, column, named

SECTIONS: tuple[ModuleType, ...] = (tables, resilience, contrasts, claims, precision)
EQUAL = {
    **{f"treated/{name}": [100.0] * 12 for name in ("clean", "standard", "combined", "sparsity")},
    **{f"treated/internal_noise_{sigma}": [90.0] * 12 for sigma in SIGMAS},
    "treated/resilience_auc": [95.0] * 12,
    "relapse_drop": [0.0] * 12,
}
GAPS = {name: [np.nan, *column[1:]] for name, column in EQUAL.items()}
STUDIES = {
    "four arms": paper_study(12),
    "one individual": paper_study(1, first_seed=42),
    "two individuals": paper_study(2),
    "one arm": study(paper_arm("ssri", 12)),
    "all equal": study(arm("ketamine", EQUAL), arm("ssri", EQUAL)),
    "missing values": study(arm("ketamine", GAPS), arm("ssri", EQUAL)),
    "unequal sets": study(paper_arm("none", 12), without(paper_arm("ssri", 12), 0, 5)),
    "nobody in common": study(paper_arm("none", 3), paper_arm("ssri", 3, first_seed=7)),
    "both kinds of data": study(
        *(paper_arm(t, n, data=d) for t in ("none", "ssri") for d, n in (("shared", 12), ("individual", 11)))
    ),
    "other surroundings": study(*(paper_arm(t, 4, pathology__sparsity="0.9") for t in ("none", "ssri"))),
    "several surroundings": study(
        *(paper_arm(t, 4, pathology__sparsity=s) for t in ("none", "ssri") for s in ("0.9", "0.95", "0.97"))
    ),
    "markup": study(paper_arm("none", 3), arm("<b>$x$_%", EQUAL)),
    "no outcome": study(arm("ssri", {"dose/l1": [1.0]})),
    "nothing of the paper's": study(arm("light", EQUAL)),
    "failures alone": study(paper_arm("none", 3), arm("ssri", {}, failures=[Failure(0, "diverged", "run")])),
    "nothing but searches": Study("study", "1", (), ()),
}


def told(module: ModuleType, made: Study) -> list[Block]:
    section = module.section(made)
    return [] if section is None else blocks_of(section)


def texts(found: list[Block]) -> str:
    return " ".join(block.text for block in found if isinstance(block, Paragraph))


@pytest.mark.slow
@pytest.mark.parametrize("name", STUDIES)
def test_every_study_makes_sound_sections_and_an_answer(name: str) -> None:
    made = STUDIES[name]
    found = [block for module in SECTIONS for block in told(module, made)]
    assert_sound(found)
    lines = answer(made)
    assert 2 <= len(lines) <= 5
    assert not any("nan" in line.lower().split() for line in lines)


@pytest.mark.parametrize("name", ["nothing of the paper's", "nothing but searches"])
def test_without_the_papers_conditions_there_are_no_sections(name: str) -> None:
    assert [module.section(STUDIES[name]) for module in SECTIONS] == [None] * len(SECTIONS)


def test_table_1_has_two_lines_per_condition_and_marks_what_lies_outside() -> None:
    far = {"treated/combined": np.linspace(90, 92, 25), "treated/sparsity": [94.9993] * 25}
    sheet = named(told(tables, study(arm("ssri", far))), "table_1_shared")
    assert column(sheet, "condition") == ["ssri (n = 25)", "published"]
    ours, theirs = column(sheet, "combined")
    assert str(ours).startswith("91.0 [90.")
    assert theirs == "83.5 outside"
    assert column(sheet, "sparsity") == ["95.0 constant", "95.0"]
    assert column(sheet, "clean") == [None, None]


def test_equal_values_say_how_many_others_may_differ_but_for_the_sparsity() -> None:
    equal = {"treated/clean": [100.0] * 25, "treated/sparsity": [95.0] * 25}
    equal["treated/combined"] = [*np.linspace(80, 90, 25)]
    found = told(tables, study(arm("ssri", equal)))
    sheet = named(found, "cells_shared")
    shown = dict(zip(zip(column(sheet, "table"), column(sheet, "outcome"), strict=True), column(sheet, "may_differ"),
                     strict=True))  # fmt: skip
    assert shown["1", "clean"] == pytest.approx(1 - 0.025 ** (1 / 25))
    assert (shown["1", "sparsity"], shown["1", "combined"]) == (None, None)
    assert "from 25 equal ones follows: at most 14% of others differ" in named(found, "table_1_shared").note


def test_the_full_sheet_has_every_cell_of_both_tables() -> None:
    sheet = named(told(tables, STUDIES["four arms"]), "cells_shared")
    assert len(sheet.rows) == 29 + 20
    shown = dict(zip(zip(column(sheet, "table"), column(sheet, "condition"), column(sheet, "outcome"), strict=True),
                     column(sheet, "published"), strict=True))  # fmt: skip
    assert shown["1", "ketamine", "relapse drop"] == -0.2
    assert shown["2", "neurosteroid on", "sigma 1.5"] == 69.3
    assert {str(kind) for kind in column(sheet, "kind")} == {"primary", "exploratory"}


def test_the_joint_verdict_is_said_in_words() -> None:
    assert "19 are needed" in texts(told(tables, paper_study(12)))
    said = texts(told(tables, paper_study(25)))
    assert (
        "The published individual (seed 42) is distinguishable from ours by its 29 values that vary together (rank 1 of"
        in said
    )
    assert "the test notices a shift of any one condition by" in said
    assert "differences between conditions (1.1 by chance" in said
    assert "cannot be told: too few individuals beside it" in texts(told(tables, paper_study(1)))


def test_the_sequel_stands_beside_individual_data_alone() -> None:
    def sheets(made: Study) -> set[str]:
        return {getattr(block, "name", "") for block in told(tables, made)}

    assert "sequel_individual" in sheets(paper_study(5, "individual"))
    assert not any(name.startswith("sequel") for name in sheets(paper_study(5)))
    assert "The paper used shared data" in texts(told(tables, paper_study(5, "individual")))


def test_other_surroundings_have_no_published_values() -> None:
    found = told(tables, STUDIES["other surroundings"])
    (sheet,) = (block for block in found if getattr(block, "name", "").startswith("outcomes_"))
    assert "Nothing was published of such surroundings" in sheet.note  # type: ignore[union-attr]
    section = tables.section(STUDIES["other surroundings"])
    assert section is not None
    assert section.title == "Primary outcomes"
    assert "paper" not in texts(found)
    assert claims.section(STUDIES["other surroundings"]) is None


def test_unequal_sets_and_few_individuals_are_warned_of() -> None:
    said = texts(told(contrasts, STUDIES["unequal sets"]))
    assert "up to 2 individuals had only one of a pair" in said
    assert "Too few for inference" not in said
    assert "Too few for inference: 3 individuals" in texts(told(contrasts, paper_study(3)))


def test_published_marks_of_the_resilience_curves_need_the_papers_surroundings() -> None:
    found = [block for block in told(resilience, STUDIES["other surroundings"]) if hasattr(block, "caption")]
    assert found
    assert "Diamonds" not in found[0].caption  # type: ignore[union-attr]
    (picture,) = (block for block in told(resilience, STUDIES["four arms"]) if hasattr(block, "caption"))
    assert "Diamonds" in picture.caption  # type: ignore[union-attr]


def test_the_widest_contrast_says_how_many_more_it_needs() -> None:
    said = texts(told(precision, paper_study(12)))
    assert "contrasts are known to within 1 point here." in said
    assert "more individual" in said


def test_the_answer_of_a_full_study_has_five_lines() -> None:
    who, ranking, apart, held, care = answer(paper_study(25))
    assert who == (
        "25 simulated individuals, all on the paper's data (shared), under 4 conditions: untreated, ketamine, ssri and "
        "neurosteroid."
    )
    assert ranking.startswith("Accuracy under extreme noise (sigma 2.5): ketamine 8")
    assert "of its 23 orderings come out the same way" in ranking
    assert apart.startswith("The published individual (seed 42) is ")
    assert held.startswith("Of the paper's 41 claims ")
    assert care.startswith("Careful: ")
    assert care.endswith("says nothing about patients.")


def test_the_answer_of_a_few_says_that_they_are_too_few() -> None:
    who, ranking, apart, held, care = answer(paper_study(3))
    assert who.startswith("3 simulated individuals")
    assert "cannot be told from 3 individuals: too few for 33 tests together (at least 11 are needed)" in ranking
    assert "can be told from ours is open: 3 individuals beside it, where 19 are needed" in apart
    assert held.startswith("None of the paper's 41 claims can be judged from 3 individuals, where 121 are needed; ")
    assert "3 individuals cannot stand for a population" in care


def test_ten_are_too_few_for_a_ranking_that_eleven_are_enough_for() -> None:
    # 2 ** -9 times 33 tests is above 0.05, 2 ** -10 times 33 is below.
    _, ranking, *_ = answer(paper_study(10))
    assert "cannot be told from 10 individuals: too few for 33 tests together (at least 11 are needed)" in ranking
    found = orderings(study_contrasts(panels(paper_study(10))[0]))
    ours = np.array([order.pair.contrast.difference.mean for order in found])
    same = int((np.sign(ours) == np.sign([order.published for order in found])).sum())
    assert 0 < np.abs(ours[ours > 0]).min() < 1
    assert f"; {same} of 23 differences point the way they do in the paper." in ranking
    assert "does not hold" not in ranking
    _, ranking, *_ = answer(paper_study(11))
    assert "orderings come out the same way" in ranking


def test_the_answer_gives_means_the_best_first() -> None:
    skewed = np.array([0.0] * 11 + [12.0])
    values = {"ketamine": 70 + skewed, "ssri": 40 + skewed, "none": 71.5 + 0 * skewed}
    made = study(*(arm(name, {"treated/internal_noise_2.5": own}) for name, own in values.items()))
    _, ranking, *_ = answer(made)
    assert "(sigma 2.5): untreated 72 %, ketamine 71 %, ssri 41 %." in ranking


def test_undecided_orderings_are_not_counted_against_the_ranking() -> None:
    n = 12
    wobble = np.where(np.arange(n) % 2, 1.0, -1.0)
    one = arm("ketamine", {"treated/combined": np.linspace(95, 96, n), "relapse_drop": 5 + wobble})
    other = arm("ssri", {"treated/combined": np.linspace(80, 82, n), "relapse_drop": [5.0] * n})
    _, ranking, *_ = answer(study(one, other))
    assert "The paper's ranking holds where it is decided: 1 of its 2 orderings come out the same way" in ranking
    assert "1 undecided (relapse drop, ketamine − ssri: +0.0 points, published -11.0)" in ranking


def test_the_answer_names_missing_arms_failures_and_unequal_sets() -> None:
    failed = arm("ssri", {"treated/combined": [80.0] * 12}, failures=[Failure(99, "diverged", "run")])
    who, *_, care = answer(study(paper_arm("none", 14), failed))
    assert "Not in this study: ketamine, neurosteroid on and neurosteroid withdrawn." in who
    assert "1 individual failed in at least one condition" in care
    assert "up to 2 could not be paired" in care


def test_the_answer_is_about_one_kind_of_data_and_says_where_the_other_is() -> None:
    who, *_ = answer(STUDIES["both kinds of data"])
    assert who.startswith("12 simulated individuals, all on the paper's data (shared)")
    assert who.endswith("11 with individual data are reported apart.")


def test_the_answer_of_a_sweep_points_to_what_was_varied() -> None:
    lines = answer(STUDIES["other surroundings"])
    assert lines[0].startswith("This study holds 4 simulated individuals under 2 conditions; none is the paper's ")
    assert "no published value to compare with" in lines[0]
    assert lines[-1].startswith("Careful: with 4 individuals")


def test_the_answer_of_searches_alone_points_to_the_fresh_individuals() -> None:
    lines = answer(STUDIES["nothing but searches"])
    assert "fresh individuals" in lines[-1]


def test_a_refuted_claim_is_named_in_the_answer() -> None:
    n = 12
    one = arm("ketamine", {"relapse_drop": [9.0] * n, "treated/combined": np.linspace(95, 96, n)})
    other = arm("ssri", {"relapse_drop": [3.0] * n, "treated/combined": np.linspace(80, 82, n)})
    _, ranking, _, held, _ = answer(study(one, other))
    assert "1 reversed (relapse drop, ketamine − ssri: +6.0 points, published -11.0)" in ranking
    assert held.startswith(
        "Of the paper's 41 claims 2 are supported, 4 refuted, none undecided, 1 not judged (12 individuals, where 86 "
        "are needed), 34 not measured"
    )


def test_one_ordering_of_the_papers_is_spoken_of_as_one() -> None:
    def ranking(n: int, ssri: float) -> str:
        two = zip(("none", "ssri"), (30.0, ssri), strict=True)
        told = study(*(arm(name, {"treated/combined": mean + np.linspace(0, 1, n)}) for name, mean in two))
        (line,) = (line for line in answer(told) if "paper's ranking" in line)
        return line

    few = "too few for a test (at least 10 are needed); the one difference points the way it does in the paper."
    assert ranking(8, 90.0).endswith(few)
    assert ranking(8, 20.0).endswith("the one difference does not point the way it does in the paper.")
    assert "has one ordering, which holds (combined stress, ssri − untreated: +60.0 points" in ranking(20, 90.0)
    assert "has one ordering, which is reversed (" in ranking(20, 20.0)


def test_one_that_can_be_told_from_ours_is_said_to_be_so() -> None:
    far = arm("ssri", {"treated/combined": np.linspace(95, 96, 25)})
    lines = answer(study(far))
    told_apart = (
        "is distinguishable from ours by its only value that varies (rank 1 of 26, p = 0.04; the test notices a "
        "shift of any one condition by 3 SD 8 times of 10); one by one, 1 of its 1 value lies outside what 95 % of "
        "new individuals would show (0.1 by chance; ssri combined)."
    )
    assert any(told_apart in line for line in lines)
    near = arm("ssri", {"treated/combined": np.linspace(80, 86, 25)})
    assert any("is not distinguishable from ours by its only value that varies" in line for line in answer(study(near)))


def test_published_differences_stand_beside_ours() -> None:
    found = named(told(tables, paper_study(45)), "gaps_shared")
    rows = dict(zip(zip(column(found, "outcome"), column(found, "a"), column(found, "b"), strict=True), found.rows,
                    strict=True))  # fmt: skip
    assert len(rows) == 10 + 10 + 3
    one = dict(zip([c.key for c in found.columns], rows["combined stress", "ketamine", "ssri"], strict=True))
    (gap,) = (g for g in compare(panels(paper_study(45))[0]).gaps
              if (g.outcome.column, g.a, g.b) == ("combined", "ketamine", "ssri"))  # fmt: skip
    assert gap.prediction is not None
    assert one == {
        "outcome": "combined stress", "a": "ketamine", "b": "ssri", "published": 13.4, "n": 45, "mean": gap.ours.mean,
        "predicted_low": gap.prediction.low, "predicted_high": gap.prediction.high, "percentile": gap.percentile,
        "verdict": "inside" if gap.inside else "outside",
    }  # fmt: skip


def test_every_table_names_its_source() -> None:
    found = told(tables, paper_study(5, "individual"))
    assert published()["paper"]["table_1"]["where"] in named(found, "table_1_individual").note
    assert published()["sequel"]["source"] in named(found, "sequel_individual").note


def test_a_contrast_is_shown_with_all_that_belongs_to_it() -> None:
    made = paper_study(20)
    sheet = named(told(contrasts, made), "contrasts_shared")
    (panel,) = panels(made)
    pairs = {(pair.outcome.name, pair.a, pair.b): pair for pair in study_contrasts(panel)}
    keys = [column.key for column in sheet.columns]
    assert len(sheet.rows) == len(pairs)
    for row in sheet.rows:
        shown = dict(zip(keys, row, strict=True))
        pair = pairs[str(shown["outcome"]), str(shown["a"]), str(shown["b"])]
        found = pair.contrast
        assert found.superiority is not None
        assert shown["difference"] == pytest.approx(pair.values[:, 0].mean() - pair.values[:, 1].mean())
        assert (shown["low"], shown["high"]) == (found.difference.interval or (None, None))
        assert (shown["p"], shown["p_holm"], shown["d_z"]) == (found.p, found.p_holm, found.d_z)
        assert shown["superiority"] == pytest.approx((pair.differences > 0).mean() + (pair.differences == 0).mean() / 2)
        assert (shown["superiority_low"], shown["superiority_high"]) == (found.superiority.low, found.superiority.high)
        assert (shown["margin"], shown["as_good"]) == (pair.equivalence and pair.equivalence.margin, pair.as_good)
    assert any(pair.contrast.p != pair.contrast.p_holm for pair in pairs.values())
    headings = {column.key: (column.heading, column.form) for column in sheet.columns}
    assert headings["difference"][0] == "A − B, points"
    assert (headings["superiority"][1], headings["p"][0], headings["p_holm"][0]) == (".0%", "p", "p, Holm")


def test_effect_sizes_are_given_from_ten_individuals_on() -> None:
    few, enough = (named(told(contrasts, paper_study(n)), "contrasts_shared") for n in (9, 10))
    assert set(column(few, "d_z")) == {None}
    assert set(column(enough, "d_z")) != {None}

"""What a report says about the paper's conditions, on studies of known answers and on awkward ones."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from depsim.report.document import Block, Paragraph
from depsim.report.sections import claims, contrasts, resilience, tables
from depsim.report.sections.answer import answer
from depsim.study.contrasts import contrasts as study_contrasts
from depsim.study.contrasts import orderings
from depsim.study.panels import panels
from depsim.study.reading import Failure, Study
from tests.people import SIGMAS, arm, paper_arm, paper_study, study, without
from tests.report.blocks import assert_sound, blocks_of, column, named

SECTIONS: tuple[ModuleType, ...] = (tables, resilience, contrasts, claims)
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
        *(paper_arm(t, n, data=d) for t in ("none", "ssri") for d, n in (("shared", 3), ("individual", 2)))
    ),
    "other surroundings": study(*(paper_arm(t, 4, pathology__sparsity="0.9") for t in ("none", "ssri"))),
    "several surroundings": study(
        *(paper_arm(t, 3, pathology__sparsity=s) for t in ("none", "ssri") for s in ("0.9", "0.95", "0.97"))
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


def test_equal_values_say_how_many_others_may_differ_but_for_the_sparsity() -> None:
    equal = {
        "treated/clean": [100.0] * 25,
        "treated/sparsity": [95.0] * 25,
        "treated/combined": np.linspace(80, 90, 25),
    }
    note = named(told(tables, study(arm("ssri", equal))), "table_1_shared").note
    assert note is not None
    assert f"(from 25 equal ones follows: at most {1 - 0.025 ** (1 / 25):.0%} of others differ)" in note
    del equal["treated/clean"]
    note = named(told(tables, study(arm("ssri", equal))), "table_1_shared").note
    assert note is not None
    assert "equal ones" not in note


def test_of_one_individual_nothing_can_be_told() -> None:
    assert "cannot be told: too few individuals beside it" in texts(told(tables, paper_study(1)))


def test_other_surroundings_have_no_published_values() -> None:
    made = STUDIES["other surroundings"]
    section = tables.section(made)
    assert section is not None
    assert section.title == "Primary outcomes"
    assert "paper" not in texts(told(tables, made))
    assert claims.section(made) is None


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


def test_one_that_cannot_be_told_from_ours_is_said_to_be_so() -> None:
    near = arm("ssri", {"treated/combined": np.linspace(80, 86, 25)})
    assert any("is not distinguishable from ours by its only value that varies" in line for line in answer(study(near)))


def test_effect_sizes_are_given_from_ten_individuals_on() -> None:
    few, enough = (named(told(contrasts, paper_study(n)), "contrasts_shared") for n in (9, 10))
    assert set(column(few, "d_z")) == {None}
    assert set(column(enough, "d_z")) != {None}

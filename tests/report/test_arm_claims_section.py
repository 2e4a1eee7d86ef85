"""What a report says of claims about regimens and courses, and that its answer does not contradict them."""

from __future__ import annotations

import numpy as np

from depsim.report.document import Block, Paragraph
from depsim.report.sections import arm_claims, follow_up
from depsim.report.sections.answer import answer
from depsim.study.reading import Study
from tests.people import paper_arm, paper_study, study
from tests.report.blocks import assert_sound, blocks_of, column, named, records
from tests.study.test_arm_findings import lasting, regimens


def told(made: Study) -> list[Block]:
    found = blocks_of(arm_claims.section(made))
    assert_sound(found)
    return found


def followed(*names: str) -> Study:
    """Those with maintenance go four cycles further; ketamine never relapses."""
    generator, arms = np.random.default_rng(6), []
    for name in names:
        drug, how = name.split()
        cycles = np.full(30, 8.0) if drug == "ketamine" else generator.integers(1, 4, 30) + 4.0 * (how == "maintained")
        made = lasting(name, cycles)
        for person in made.individuals:
            person.metrics.update({f"maintained/combined/{cycle}": 97.0 - cycle for cycle in range(9)})  # type: ignore[attr-defined]
        arms.append(made)
    return study(*arms)


STRESSED = ("ketamine maintained", "ketamine alone", "ssri maintained", "ssri alone")


def test_each_family_has_its_verdicts_and_ours_are_marked() -> None:
    found = told(regimens(30, 5.0))
    ours, papers = named(found, "claims_ours"), named(found, "claims_figures")
    assert column(papers, "claim") == ["A bridge does more than SSRI alone"]
    assert column(ours, "claim") == ["A bridge keeps the relief that a handover loses"]
    assert column(ours, "verdict") == ["supported"]
    assert "our own questions" in ours.title
    words = named(found, "claims_ours_words")
    assert [each.heading for each in words.columns if each.key == "quote"] == ["our words"]
    assert column(words, "where") == ["ours"]
    assert column(named(found, "claims_figures_words"), "where") == ["Figure 4"]
    said = [block.text for block in found if isinstance(block, Paragraph) and block.kind == "answer"]
    assert said == [
        "Of the paper's claims of Figures 3 and 4 this study can judge 1: 1 supported (“A bridge does more than SSRI "
        "alone”); all are exploratory.",
        "Of our own questions this study can judge 1: 1 supported (“A bridge keeps the relief that a handover loses”); "
        "all are exploratory.",
    ]
    assert [sheet.name for sheet in arm_claims.verdicts(regimens(30, 5.0))] == ["claims_figures", "claims_ours"]


def test_what_has_to_be_alike_says_within_what() -> None:
    from tests.study.test_arm_findings import described

    names = ("ketamine then ssri", "ssri then ketamine")
    generator = np.random.default_rng(7)
    made = study(*(described(name, {"treated/combined": generator.normal(97, 0.2, 20)}) for name in names))
    (row,) = records(named(told(made), "claims_ours"))
    assert (row["asked"], row["verdict"]) == ("± 0.5", "supported")


def test_the_answer_on_stress_cycles_gives_the_claims_verdicts() -> None:
    made = followed(*STRESSED)
    cycles, said = follow_up.answer_lines(made)
    assert cycles.startswith("Relapse-free cycles of 8, on average: ")
    assert said.startswith(
        "In relapse-free cycles with maintenance less those without: “Maintenance matters after ketamine” +0.0, "
        "undecided; “Maintenance matters after SSRI” +"
    )
    assert said.endswith("], supported.")
    lines = answer(made)
    assert said in lines
    assert not any("Whether maintenance matters cannot be told" in line for line in lines)
    assert not any("no claim was declared" in line for line in lines)
    (claims,) = [line for line in lines if line.startswith("Of the paper's claims")]
    assert claims.endswith("All else is exploratory.")
    assert "this study can judge 3: " in claims
    assert "Of our own questions this study can judge 2: " in claims
    assert "Differences of relapse-free cycles are in cycles." in named(told(made), "claims_ours").note


def test_where_no_claim_can_be_judged_nothing_is_said_of_any() -> None:
    ketamine = study(paper_arm("ketamine", 12), paper_arm("ketamine", 12, treatment__epochs="5"))
    assert arm_claims.section(ketamine) is None
    assert arm_claims.answer_line(ketamine) == arm_claims.maintenance_words(ketamine) == ""
    assert arm_claims.verdicts(ketamine) == ()


def test_the_answer_on_the_papers_own_study_is_about_its_own_claims() -> None:
    assert not any("Figures 3 and 4" in line for line in answer(paper_study(50)))
    assert column(named(told(paper_study(50)), "claims_figures"), "verdict") == ["supported"]


def test_too_few_individuals_hear_how_many_are_needed() -> None:
    found = told(regimens(9, 5.0))
    assert column(named(found, "claims_ours"), "verdict") == ["too few individuals"]
    assert "For each to be judged, 10 individuals are needed." in named(found, "claims_ours").note

"""What a report says of claims about regimens and courses, and that its answer does not contradict them."""

from __future__ import annotations

import numpy as np

from depsim.report.document import Block
from depsim.report.sections import arm_claims
from depsim.study.reading import Study
from tests.people import paper_arm, study
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


def test_what_has_to_be_alike_says_within_what() -> None:
    from tests.study.test_arm_findings import described

    names = ("ketamine then ssri", "ssri then ketamine")
    generator = np.random.default_rng(7)
    made = study(*(described(name, {"treated/combined": generator.normal(97, 0.2, 20)}) for name in names))
    (row,) = records(named(told(made), "claims_ours"))
    assert (row["asked"], row["verdict"]) == ("± 0.5", "supported")


def test_where_no_claim_can_be_judged_nothing_is_said_of_any() -> None:
    ketamine = study(paper_arm("ketamine", 12), paper_arm("ketamine", 12, treatment__epochs="5"))
    assert arm_claims.section(ketamine) is None
    assert arm_claims.answer_line(ketamine) == arm_claims.maintenance_words(ketamine) == ""
    assert arm_claims.verdicts(ketamine) == ()


def test_too_few_individuals_hear_how_many_are_needed() -> None:
    found = told(regimens(9, 5.0))
    assert column(named(found, "claims_ours"), "verdict") == ["too few individuals"]
    assert "For each to be judged, 10 individuals are needed." in named(found, "claims_ours").note

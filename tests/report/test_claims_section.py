"""What a report says of the claims: every number in its place, and nothing that the numbers do not carry."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from depsim.report.document import Block, Paragraph
from depsim.report.sections import claims
from depsim.study.claims import claim_hashes
from depsim.study.findings import findings
from depsim.study.panels import panels
from depsim.study.reading import Study
from tests.claim_files import entries, other_claims
from tests.people import arm, paper_study, study
from tests.report.blocks import blocks_of, column, named

ABOVE = {"holds": ["ssri clean", "above", 50]}


def told(made: Study) -> list[Block]:
    return blocks_of(claims.section(made))


def texts(found: list[Block]) -> str:
    return " ".join(block.text for block in found if isinstance(block, Paragraph))


def ssri(count: int, n: int, mean: float = 60.0) -> Study:
    """Of n individuals this many are above 50."""
    return study(arm("ssri", {"treated/clean": [mean] * count + [40.0] * (n - count)}))


def test_p_and_holms_p_stand_in_their_own_columns(tmp_path: Path) -> None:
    with other_claims(
        tmp_path, entries(ABOVE, {"holds": ["ssri clean", "above", 45]}, {"holds": ["ssri clean", "above", 70]})
    ):
        found = told(ssri(10, 12))
    shown = named(found, "claims_shared")
    assert column(shown, "p_text") == ["0.0386", "0.0386", "0.0005"]
    assert column(shown, "adjusted_text") == ["0.0771", "0.0771", "0.0015"]
    assert column(shown, "verdict") == ["undecided", "undecided", "refuted"]


def test_a_verdict_that_another_margin_changes_is_named(tmp_path: Path) -> None:
    with other_claims(tmp_path, entries({"holds": ["ssri clean", "within", 50, 2]})):
        assert column(named(told(ssri(20, 20, 51.5)), "claims_shared"), "sensitivity") == ["½ refuted"]
        assert column(named(told(ssri(20, 20, 53.0)), "claims_shared"), "sensitivity") == ["2× supported"]
        assert column(named(told(ssri(20, 20, 50.5)), "claims_shared"), "sensitivity") == ["stays"]


def test_how_many_are_confirming_is_said_in_the_section_and_in_the_answer() -> None:
    made, now = paper_study(12), claim_hashes()
    for declared, said in ((now, "all are confirming"), (dict(list(now.items())[10:]), "29 are confirming, 10 explor")):
        late = replace(
            made,
            arms=tuple(
                replace(each, individuals=tuple(replace(one, claims=declared) for one in each.individuals))
                for each in made.arms
            ),
        )
        assert said in texts(told(late))
        assert said in claims.answer_line(findings(panels(late)[0]))

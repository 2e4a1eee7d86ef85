"""What a report says of the claims: every number in its place, and nothing that the numbers do not carry."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from depsim.report.comma_separated import sheet_csv
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
    shown, numbers = named(found, "claims_shared"), named(found, "claims_shared_all")
    p = 2 * 79 / 4096
    assert column(shown, "p_text") == ["0.0386", "0.0386", "0.0005"]
    assert column(shown, "adjusted_text") == ["0.0771", "0.0771", "0.0015"]
    assert column(shown, "verdict") == ["undecided", "undecided", "refuted"]
    assert column(numbers, "p") == pytest.approx([p, p, 2 / 4096])
    assert column(numbers, "adjusted") == pytest.approx([2 * p, 2 * p, 6 / 4096])
    heads = [(each.key, each.heading) for each in shown.columns if each.key in ("p_text", "adjusted_text")]
    assert heads == [("p_text", "p"), ("adjusted_text", "p, Holm")]


def test_a_claim_is_shown_with_all_that_belongs_to_it(tmp_path: Path) -> None:
    mean = {
        "holds": ["ssri combined", "below", "ketamine combined", 2],
        "required": "mean",
        "quote": "did not match it",
    }
    made = study(
        arm("ssri", {"treated/clean": [60.0] * 34 + [40.0] * 16, "treated/combined": [80.0, 82.0] * 25}),
        arm("ketamine", {"treated/combined": [90.0] * 50}),
    )
    with other_claims(tmp_path, entries(ABOVE, mean, {**ABOVE, "required": 0.95}, {**ABOVE, "implied_by": "claim 2"})):
        found = told(made)
    shown, words = named(found, "claims_shared"), named(found, "claims_shared_words")
    assert column(shown, "holds") == ["34/50", "50/50", "34/50", "34/50"]
    assert column(shown, "found") == ["68% [53.3, 80.5]", "-9.0 [-9.3, -8.7]", "68% [53.3, 80.5]", "68% [53.3, 80.5]"]
    assert column(shown, "asked") == ["> 50%", "< -2", "> 95%", "> 50%"]
    # p of 34 in 50 is 0.015 against 50 %; against 95 % even 50 in 50 have 0.15.
    assert column(shown, "verdict") == ["supported", "supported", "refuted", "supported"]
    assert column(shown, "sensitivity") == [None, "stays", None, None]
    assert set(column(shown, "status")) == {"exploratory"}
    assert column(words, "quote")[1] == "“did not match it”"
    assert column(words, "meaning")[1:] == [
        "ssri combined < ketamine combined - 2", "ssri clean > 50", "ssri clean > 50 (implied by “claim 2”)"
    ]  # fmt: skip
    assert column(words, "published") == [True, True, True, True]
    assert "the study needs" not in texts(found)
    row = next(csv.DictReader(io.StringIO(sheet_csv(named(found, "claims_shared_all")))))
    expected = {
        "claim": "claim 0", "quote": "“two words”", "count": "34", "n": "50", "required": "0.5",
        "verdict": "supported", "status": "exploratory", "published": "true",
    }  # fmt: skip
    assert {key: row[key] for key in expected} == expected
    assert float(row["low"]) == pytest.approx(0.533, abs=1e-3)
    assert column(named(found, "claims_shared_all"), "implied_by") == [None, None, None, "claim 2"]


def test_the_answer_counts_each_verdict_by_itself(tmp_path: Path) -> None:
    held = [{"holds": ["ssri clean", "above", level]} for level in (10, 20, 30, 70, 80)]
    missing = {"holds": ["ketamine clean", "above", 50]}
    with other_claims(tmp_path, entries(*held, missing)):
        line = claims.answer_line(findings(panels(ssri(20, 20))[0]))
    assert line.startswith(
        "Of the paper's 6 claims 3 are supported, 2 refuted (“claim 3”, “claim 4”), none undecided, "
    )
    assert line.endswith("1 not measured; all are exploratory.")


def test_a_verdict_that_another_margin_changes_is_named(tmp_path: Path) -> None:
    with other_claims(tmp_path, entries({"holds": ["ssri clean", "within", 50, 2]})):
        assert column(named(told(ssri(20, 20, 51.5)), "claims_shared"), "sensitivity") == ["½ refuted"]
        assert column(named(told(ssri(20, 20, 53.0)), "claims_shared"), "sensitivity") == ["2× supported"]
        assert column(named(told(ssri(20, 20, 50.5)), "claims_shared"), "sensitivity") == ["stays"]


def test_how_many_are_confirming_is_said_in_the_section_and_in_the_answer() -> None:
    made, now = paper_study(12), claim_hashes()
    assert "Of those measured, all are exploratory." in texts(told(made))
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
        assert set(column(named(told(late), "claims_shared"), "status")) <= {"confirming", "exploratory", None}


def test_whether_the_claims_hold_together_is_said() -> None:
    found = told(paper_study(20))
    assert "Of the 35 claims that were measured and that no other implies, all hold in 0 of 20 individuals" in texts(
        found
    )
    pairs = named(found, "claims_shared_agreement")
    assert len(pairs.rows) == 10
    phi = [abs(float(str(each))) for each in column(pairs, "phi")]
    assert phi == sorted(phi, reverse=True)


def test_of_one_individual_nothing_is_judged() -> None:
    shown = named(told(paper_study(1)), "claims_shared")
    assert set(column(shown, "verdict")) == {"too few individuals", "not measured"}
    assert "below 10 none is" in texts(told(paper_study(1)))


def test_what_too_few_hold_for_says_how_many_it_needs(tmp_path: Path) -> None:
    with other_claims(tmp_path, entries({**ABOVE, "required": 0.95})):
        found = told(study(arm("ssri", {"treated/clean": [60.0] * 50})))
    assert column(named(found, "claims_shared"), "verdict") == ["too few individuals"]
    assert "the study needs 72 individuals" in texts(found)

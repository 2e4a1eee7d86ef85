"""What replicates allow to say about individuals, and that it stands where it belongs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from depsim.report.document import Paragraph
from depsim.report.sections import reliability
from depsim.statistics.reliability import reliability as reliability_of
from depsim.study.reading import Failure, Replicate, Study
from tests.people import arm, paper_study, study
from tests.report.blocks import assert_sound, blocks_of, named, records

N = 30
BETWEEN = np.linspace(-1, 1, N)
WITHIN = np.where(np.arange(N) % 2, 1.0, -1.0)


def replicated(spread: float) -> Study:
    """Individuals whose combined stress differs between two replicates by twice this, and between them by up to 2."""
    one, other = (arm("ssri", {"treated/combined": 80 + BETWEEN + sign * spread * WITHIN}) for sign in (1, -1))
    return study(replace(one, replicates=(Replicate(1, other.individuals, (), ()),)))


def shown(spread: float) -> tuple[dict[str, object], list[str]]:
    """The row of combined stress, and the warnings."""
    section = reliability.section(replicated(spread))
    assert section is not None
    blocks = blocks_of(section)
    assert_sound(blocks)
    sheet = named(blocks, "reliability")
    (row,) = records(sheet)
    return row, [block.text for block in blocks if isinstance(block, Paragraph) and block.kind == "warning"]


def test_each_number_stands_in_its_column() -> None:
    row, warnings = shown(0.05)
    found = reliability_of(np.stack([80 + BETWEEN + 0.05 * WITHIN, 80 + BETWEEN - 0.05 * WITHIN], axis=1))
    assert found is not None
    assert row == {
        "condition": "ssri",
        "outcome": "combined stress",
        "when": "treated",
        "n": N,
        "replicates": 2,
        "within": found.within,
        "between": found.between,
        "reliability": found.share,
        "low": found.low,
        "high": found.high,
        "unit": "%",
        "statement": "reliable",
    }
    assert warnings == []


def test_where_replicates_differ_more_than_individuals_nothing_can_be_said() -> None:
    row, warnings = shown(2.0)
    assert row["statement"] == "no statement possible"
    assert warnings == ["No statement about individuals is possible for ssri: combined stress, treated."]


def test_between_the_two_it_is_undetermined() -> None:
    row, warnings = shown(0.3)
    assert 0.5 < float(str(row["reliability"])) < 0.8
    assert float(str(row["low"])) < 0.5
    assert (row["statement"], warnings) == ("undetermined", [])


def test_without_replicates_there_is_no_section() -> None:
    assert reliability.section(paper_study(3)) is None


def test_replicates_that_failed_are_counted_and_warned_of() -> None:
    (one,) = replicated(0.05).arms
    (again,) = one.replicates
    failed = replace(again, individuals=again.individuals[2:], failures=(Failure(0, "no", "r"), Failure(1, "no", "r")))
    found = blocks_of(reliability.section(study(replace(one, replicates=(failed,)))))
    warnings = [block.text for block in found if isinstance(block, Paragraph) and block.kind == "warning"]
    assert warnings == ["2 replicates failed; these individuals are left out of this table, not of others."]
    assert [row["n"] for row in records(named(found, "reliability"))] == [N - 2]

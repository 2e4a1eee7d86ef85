"""Other networks and tasks, as a report shows them."""

from __future__ import annotations

from depsim.report.sections import generality
from depsim.study.generality import generality as worlds_of
from tests.report.blocks import blocks_of, named, records
from tests.study.test_generality import two_worlds


def test_claims_stand_beside_each_other() -> None:
    made = two_worlds()
    rows = records(named(blocks_of(generality.section(made)), "generality_claims"))
    worlds = worlds_of(made)
    for row in rows:
        for place, world in enumerate(worlds):
            (one,) = (each for each in world.findings if each.claim.name == row["claim"])
            assert row[f"world_{place + 1}"] == f"{one.verdict} ({100 * one.share.share:.0f} %)"
        assert row["same"] == (len({str(row[f"world_{k}"]).split(" (")[0] for k in (1, 2)}) == 1
                               and str(row["world_1"]).split(" (")[0] in ("supported", "refuted"))  # fmt: skip
    assert {row["same"] for row in rows} == {True, False}


def test_where_all_hold_nothing_is_said_of_reversals() -> None:
    (line,) = generality.answer_lines(two_worlds(turn=False))
    assert "hold in all of 2 pairs" in line

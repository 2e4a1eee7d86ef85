"""Other networks and tasks, as a report shows them."""

from __future__ import annotations

from matplotlib.colors import to_rgba

from depsim.report.document import Picture
from depsim.report.figures import style
from depsim.report.figures.verdicts import COLOURS
from depsim.report.sections import generality
from depsim.report.sections.answer import answer
from depsim.study.generality import generality as worlds_of
from depsim.study.generality import keys_of
from tests.people import paper_study
from tests.report.blocks import assert_sound, blocks_of, named, records
from tests.study.test_generality import two_worlds


def test_every_ordering_has_a_cell_in_the_colour_of_its_answer() -> None:
    made = two_worlds()
    found = blocks_of(generality.section(made))
    assert_sound(found)
    (picture,) = (block for block in found if isinstance(block, Picture))
    worlds = worlds_of(made)
    keys = keys_of(worlds)
    with style.look():
        axis = picture.draw().axes[0]
    assert len(axis.patches) == len(keys) * 2 == len(axis.texts)
    for patch, text in zip(axis.patches, axis.texts, strict=True):
        row, column = round(patch.get_y() + 0.5), round(patch.get_x() + 0.5)
        one = worlds[column].ordering(keys[row])
        assert one is not None
        assert patch.get_facecolor() == to_rgba(COLOURS[one.answer])
        assert text.get_text() == f"{one.pair.contrast.difference.mean:+.1f}"
    assert (
        axis.get_xticklabels()[1].get_text().replace("\n", " ")
        == "digits, mlp (n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}40)"
    )
    rows = records(picture.data)
    assert {(row["world"], row["answer"]) for row in rows if row["b"] == "ssri" and row["a"] == "ketamine"} >= {
        ("four_clusters, mlp", "holds"), ("digits, mlp", "reversed"),
    }  # fmt: skip


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


def test_the_first_lines_say_what_survives_and_what_is_reversed() -> None:
    made = two_worlds()
    lines = generality.answer_lines(made)
    keys = keys_of(worlds_of(made))
    assert lines[0].startswith(f"Of the paper's {len(keys)} orderings ")
    assert lines[0].endswith("hold in all of 2 pairs of task and network (four_clusters, mlp; digits, mlp).")
    assert "ketamine − ssri, extreme noise (sigma 2.5) (reversed in digits, mlp)" in lines[1]
    assert answer(made)[1] == lines[0]
    assert answer(made)[-1].endswith(
        "these are 2 pairs of a small network and a small task, and say nothing about patients."
    )
    assert answer(paper_study(20))[-1].endswith(
        "this is one small network on one toy task, and says nothing about patients."
    )


def test_where_all_hold_nothing_is_said_of_reversals() -> None:
    (line,) = generality.answer_lines(two_worlds(turn=False))
    assert "hold in all of 2 pairs" in line


def test_one_network_on_one_task_has_no_such_page() -> None:
    made = paper_study(20)
    assert generality.section(made) is None
    assert generality.answer_lines(made) == []

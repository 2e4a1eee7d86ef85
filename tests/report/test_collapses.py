"""Where a mean hides that a few individuals collapsed, a page says so."""

from __future__ import annotations

import numpy as np

from depsim.report.questions.conditions import overview
from depsim.report.questions.contrasts import Contrasts
from depsim.study.reading import Study
from tests.people import arm, study


def collapsing() -> Study:
    """Of fifty, ketamine is worse by 0.5 in all but three, where the neurosteroid collapses."""
    steady = np.random.default_rng(1).normal(97.0, 0.2, 50).round(3)
    falling = np.where(np.arange(50) < 3, steady - 9.0, steady + 0.5)
    standard = np.where(np.arange(50) < 3, 50.0, 99.0)
    return study(
        arm("none", {"treated/combined": steady - 60.0, "treated/standard": np.full(50, 40.0)}),
        arm("ketamine", {"treated/combined": steady, "treated/standard": np.full(50, 99.0)}),
        arm("neurosteroid", {"treated/combined": falling, "treated/standard": standard}),
    )


def test_the_small_table_says_who_collapsed() -> None:
    table = overview(collapsing(), ())
    assert table is not None
    note = "Collapsed (below 90 % standard accuracy), % of individuals: neurosteroid 6."
    assert table.note.startswith(note)


def test_what_most_individuals_say_stands_beside_the_mean() -> None:
    (made,) = Contrasts().findings(collapsing())
    assert made.table is not None
    assert [cells[5] for cells in made.table.texts if cells[:2] == ("ketamine − neurosteroid", "combined stress")] == [
        "6 (yes)"
    ]
    assert made.caution.startswith("Untreated individuals were not trained")

"""What was varied: a page for every setting with several values, and every pair of numeric ones."""

from __future__ import annotations

from itertools import combinations

from depsim.report.along import axis_page
from depsim.report.document import Paragraph, Section
from depsim.report.grids import grid_page
from depsim.report.points import Point, points_of
from depsim.report.settings import spell_fixed
from depsim.study.axes import Slice, slices
from depsim.study.components import without_crossed
from depsim.study.reading import Study


def section(study: Study) -> Section | None:
    """The pages; None where nothing was varied and too few conditions stand side by side."""
    parts = slices(without_crossed(study))
    pages: list[Section] = []
    for number, part in enumerate(parts):
        suffix = "" if number == 0 else f"_{number + 1}"
        own = _pages(part, suffix)
        if own and len(parts) > 1:
            apart = spell_fixed(part.apart)
            own = [Section(f"part{suffix.replace('_', '-')}", f"With {apart}", (), own)]
        pages += own
    if not pages:
        return None
    intro = (
        "Lines and contrasts are within what is otherwise the same condition. Everything here is exploratory: no "
        "family of tests was declared over it."
    )
    return Section("sweeps", "What was varied", (Paragraph(intro),), pages)


def _pages(part: Slice, suffix: str) -> list[Section]:
    points: dict[tuple[str, str], Point] = points_of(part.arms)
    axes = part.axes()
    pages = [axis_page(axis, part.lines(axis), points, suffix) for axis in axes]
    for first, second in combinations([axis for axis in axes if axis.numeric], 2):
        grids = part.grids(first, second)
        if grids:
            pages.append(grid_page(grids, points, suffix))
    return pages

"""Pages of studies made by hand, whole, as text: what each page says and what each figure draws.

``make approve`` writes them into ``approved/`` again, where a change of a word or a number is a changed line; the test
compares. Of figures it is what they draw, not their dots, which fonts and versions change.
"""

from __future__ import annotations

import difflib
import io
import json
import re
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from matplotlib.colors import is_color_like, to_hex

from depsim.report.compose import compose
from depsim.report.figures import style
from depsim.report.files import rows_csv, table_markdown
from depsim.report.parts import Figure, Page
from depsim.report.terminal import show_page
from depsim.study.estimate import Estimate
from depsim.study.reading import Failure, Study, StudyArm
from tests import studies_claimed, studies_course, studies_varied
from tests.diverse import diverse
from tests.golden import golden_study
from tests.multiverses import multiverse_of
from tests.people import paper_arm, paper_study, study, without
from tests.report import test_traits_variance_search
from tests.shipped import shipped
from tests.study import test_components, test_regimens

FOLDER = Path(__file__).parent / "approved"
_FRACTION = re.compile(r"-?\d+\.\d+(?:e[-+]?\d+)?")


def _uneven() -> Study:
    """Some failed, some are missing, some have notes; data of both kinds."""
    none, ketamine, *others = paper_study(14).arms
    noted = replace(none.individuals[0], notes=("one note",))
    failures = (Failure(20, "ArithmeticError: no", "run-f"),)
    failed = replace(none, failures=failures, individuals=(noted, *none.individuals[1:]))
    return study(failed, without(ketamine, 2, 4), *others, *paper_study(11, "individual").arms[:2])


def _one_beside_many() -> Study:
    """What `make reproduce` leaves, and a cohort that came later."""
    return study(*paper_study(1).arms, *paper_study(12, "individual").arms)


def _with_placebos() -> Study:
    """Three drugs and the training that comes with each."""
    arms = [_taking("none", 30.0)]
    for drug, given, trained in (("ketamine", 92.0, 88.0), ("ssri", 80.0, 81.0), ("neurosteroid", 60.0, 90.0)):
        arms += [_taking(drug, given), _taking("placebo", trained, f"treatment@treatment.of={drug}")]
    return study(*arms)


def _taking(treatment: str, mean: float, *overrides: str) -> StudyArm:
    """A shipped treatment with all its settings, by which a placebo is recognized."""
    people = studies_varied.case(treatment, mean, 20, wobble=mean / 100).individuals
    values = {name: [person.metrics[name] for person in people] for name in people[0].metrics}
    return shipped(treatment, values, *overrides)


def _better_at_low_rates(arm: str, at: Mapping[str, float], draw: np.random.Generator) -> float:
    """Ketamine is better than an SSRI that learns slowly."""
    levels = {"untreated": 30.0, "ketamine": 80.0, "ssri": 45.0, "placebo of ketamine": 66.0, "placebo of ssri": 44.0}
    fast = 45.0 * max(0.0, at["ssri.learning_rate"] - 0.6) / 0.3 if "ssri" in arm else 0.0
    return round(min(levels[arm] + fast + 10 * at["task.spread"] + 2 * float(draw.normal()), 99.0), 3)


STUDIES: Mapping[str, Callable[[], Study]] = {
    "paper": lambda: paper_study(20),
    "paper_of_one": lambda: paper_study(1),
    "paper_of_three": lambda: paper_study(3),
    "paper_of_few": lambda: paper_study(8),
    "one_beside_many": _one_beside_many,
    "one_condition": lambda: study(paper_arm("ketamine", 12)),
    "uneven": _uneven,
    "regimens_claimed": lambda: studies_claimed.regimens(30, 5.0),
    "placebo": _with_placebos,
    "who_benefits": lambda: golden_study("who_benefits"),
    "paper_of_twelve": lambda: golden_study("paper"),
    "two_tasks": studies_claimed.two_worlds,
    "moods": studies_course.moods,
    "withdrawal": studies_course.withdrawn_study,
    "stress_cycles": studies_course.stressed,
    "regimens": test_regimens.several,
    "regimens_of_few": lambda: test_regimens.several(8),
    "pruning_levels": studies_varied.pruning_levels,
    "grid": lambda: studies_varied.grid(lambda x, y: 40 + 50 * x - 10 * x * y),
    "layers": lambda: studies_varied.in_layers(20, everywhere=90, layer_1=70, layer_2=90.1, layer_3=95),
    "criteria": studies_varied.criteria,
    "damping": studies_varied.damping,
    "crossed": test_components.crossed,
    "replicates": lambda: test_traits_variance_search.replicated(0.3),
    "search": lambda: test_traits_variance_search.searched(test_traits_variance_search.DONE),
    "front": lambda: test_traits_variance_search.searched(test_traits_variance_search.FRONT),
    "traits": lambda: diverse(300),
    "multiverse": lambda: multiverse_of(48, _better_at_low_rates),
}


@cache
def page_of(name: str) -> Page:
    """The page of one of these studies."""
    return compose(STUDIES[name](), (), f"depsim report {name}")


def page_text(name: str) -> str:
    """All that a page says and draws."""
    page = page_of(name)
    lines = [f"# {page.title}", page.answer, *_figure(page.figure)]
    lines += [table_markdown(page.table)] if page.table is not None else []
    lines += [f"- {bullet}" for bullet in page.bullets]
    for part in page.sections:
        lines += [f"## {part.title} ({part.anchor})", part.text, *_figure(part.figure)]
        lines += [table_markdown(part.table)] if part.table is not None else []
    lines += ["## foot", *page.foot]
    for table in (*page.tables, *page.files):
        lines.append(f"file {table.name}: {len(table.rows)} rows, sum {_rows_sum(table.rows)}")
    for finding in page.facts["findings"]:
        texts = [json.dumps(row, default=float, ensure_ascii=False) for row in finding["rows"]]
        lines.append(f"finding {finding['name']}: {len(texts)} rows, sum {_texts_sum(texts)}")
    return "\n".join([*lines, "## terminal", terminal_text(page)])


def terminal_text(page: Page) -> str:
    """What a terminal of 80 columns shows of it."""
    with redirect_stdout(io.StringIO()) as shown, patch.dict("os.environ", COLUMNS="80"):
        show_page(page, Path("reports/study/index.html"))
    return "\n".join(line.rstrip() for line in shown.getvalue().splitlines()) + "\n"


def _figure(figure: Figure | None) -> Iterator[str]:
    if figure is None:
        return
    yield f"figure {figure.name}: {figure.caption}"
    yield f"data: {len(figure.rows)} rows, sum {_rows_sum(figure.rows)}"
    with style.look():
        drawn = figure.draw()
        drawn.draw_without_rendering()
        yield from figure_text(drawn)


def figure_text(drawn: Any) -> Iterator[str]:
    """What a figure draws, a line for each kind of thing in each panel."""
    for number, axis in enumerate(drawn.axes):
        title = axis.get_title("left") or axis.get_title()
        frame = " ".join(name for name, spine in axis.spines.items() if spine.get_visible() and axis.axison)
        yield f"  panel {number}: {title} | {_side(axis.xaxis)} | {_side(axis.yaxis)} | {frame}"
        for kind, things in (
            ("line", [_line(line) for line in axis.lines if line.get_visible()]),
            ("patch", [_patch(area) for area in axis.patches if area.get_visible()]),
            ("marks", [_collection(marks) for marks in axis.collections if marks.get_visible()]),
            ("image", [_image(image) for image in axis.images if image.get_visible()]),
            ("text", [_text(text) for text in axis.texts if text.get_visible()]),
        ):  # fmt: skip
            if len(things) > 8:
                yield f"    {len(things)} of {kind}, sum {_sum(things)}; first: {things[0]}"
            else:
                yield from (f"    {kind}: {thing}" for thing in things)
    for legend in [*drawn.legends, *(axis.get_legend() for axis in drawn.axes if axis.get_legend())]:
        handles = zip(legend.legend_handles, legend.get_texts(), strict=True)
        yield f"  legend: {', '.join(f'{text.get_text()} {_look(handle)}' for handle, text in handles)}"
    yield from (f"  text: {text.get_text()}" for text in drawn.texts)


def _side(side: Any) -> str:
    """An axis: its label, its scale, what of the numbers is in view, and their texts."""
    first, last = side.get_view_interval()
    low, high = sorted((first, last))
    ticks = [tick for tick in side.get_major_ticks() if tick.label1.get_visible() and low <= tick.get_loc() <= high]
    shown = " ".join(tick.label1.get_text() for tick in ticks)
    minor = f", {len(side.get_minorticklocs())} minor" if len(side.get_minorticklocs()) else ""
    return f"{side.get_label_text()!r} {side.get_scale()} {_numbers((first, last))} [{shown}]{minor}"


def _text(text: Any) -> str:
    return f"{text.get_text()!r} at {_numbers(text.get_position())} {_colour(text.get_color())} {text.get_rotation():g}"


def _image(image: Any) -> str:
    return f"{image.get_cmap().name} {_numbers(image.get_clim())}: {_numbers(image.get_array())}"


def _line(line: Any) -> str:
    return f"{_look(line)} x {_numbers(line.get_xdata())} y {_numbers(line.get_ydata())}"


def _look(thing: Any) -> str:
    """Colour, stroke and mark."""
    if not hasattr(thing, "get_marker"):
        return f"{_colour(thing.get_facecolor())} {_alpha(thing)}"
    stroke = f"{_colour(thing.get_color())} {thing.get_linestyle()} {thing.get_linewidth():.3g} {_alpha(thing)}"
    if thing.get_marker() in ("None", ""):
        return stroke
    face, edge = _colour(thing.get_markerfacecolor()), _colour(thing.get_markeredgecolor())
    return f"{stroke} {thing.get_marker()} {thing.get_markersize():.3g} {face} {edge}"


def _alpha(thing: Any) -> str:
    return "" if thing.get_alpha() is None else f"alpha {thing.get_alpha():.3g}"


def _patch(patch: Any) -> str:
    corners = patch.get_path().transformed(patch.get_patch_transform()).vertices
    return f"{_colour(patch.get_facecolor())} {patch.get_hatch() or ''} {_numbers(corners)}"


def _collection(marks: Any) -> str:
    """Colours in the order of what has them, widths of strokes, sizes of marks, their shape, and where they are."""
    faces, edges = (
        " ".join(dict.fromkeys(map(_colour, colours))) for colours in (marks.get_facecolor(), marks.get_edgecolor())
    )
    order = _sum([_colour(colour) for colours in (marks.get_facecolor(), marks.get_edgecolor()) for colour in colours])
    offsets = np.ma.filled(np.ma.asarray(marks.get_offsets()), np.nan)
    sizes = marks.get_sizes() if hasattr(marks, "get_sizes") else []
    corners = np.concatenate([path.vertices for path in marks.get_paths()] or [np.zeros((0, 2))])
    look = f"{faces or 'none'} {edges or 'none'} ({order}) {_numbers(marks.get_linewidths())} {_numbers(sizes)}"
    return f"{look} {marks.get_linestyle()[0][1] or ''} at {_numbers(offsets)} shapes {_numbers(corners)}"


def _colour(colour: Any) -> str:
    return to_hex(colour, keep_alpha=True) if is_color_like(colour) else "none"


def _numbers(values: Any) -> str:
    """A few numbers as they are, of many the first, the last and a sum."""
    texts = [_number(float(value)) for value in np.asarray(values, dtype=np.float64).ravel()]
    if len(texts) <= 10:
        return " ".join(texts)
    return f"{texts[0]} ... {texts[-1]}, {len(texts)} with sum {_sum(texts)}"


def _rows_sum(rows: Sequence[Estimate]) -> str:
    """The sum of a file: of nine digits of its numbers, since the last ones are another processor's."""
    return _texts_sum(rows_csv(rows).splitlines())


def _texts_sum(texts: Sequence[str]) -> str:
    return _sum([_FRACTION.sub(lambda found: _number(float(found[0]), 9), text) for text in texts])


def _number(value: float, digits: int = 4) -> str:
    """A few digits, and nothing that the last bit of a computation could turn."""
    return "0" if abs(value) < 1e-9 else f"{value * (1 + 10.0 ** -(digits + 3)):.{digits}g}"


def _sum(lines: Sequence[str]) -> str:
    return f"{zlib.crc32('/'.join(lines).encode()):08x}"


def difference(name: str) -> str:
    """What is otherwise on a page than in the approved one; empty where nothing is."""
    approved = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return "\n".join(difflib.unified_diff(approved, page_text(name).splitlines(), "approved", "now", n=0))


def main(names: Sequence[str]) -> None:
    """Approve the reports as they are now."""
    FOLDER.mkdir(exist_ok=True)
    for name in names or STUDIES:
        (FOLDER / f"{name}.txt").write_text(page_text(name), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

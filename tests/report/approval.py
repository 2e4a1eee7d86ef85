"""Reports on studies made by hand, whole, as text: what each section says and what each figure draws.

``make approve`` writes them into ``approved/`` again, where a change of a word or a number is a changed line; the test
compares. Figures are told by what is drawn, not by their dots, which fonts and versions change.
"""

from __future__ import annotations

import difflib
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.colors import is_color_like, to_hex

from depsim.report.compose import SECTIONS
from depsim.report.document import Paragraph, Picture, Section, Sheet
from depsim.report.figures import style
from depsim.report.markdown import sheet_markdown
from depsim.report.sections import answer, arm_claims, claims
from depsim.study.reading import Failure, Study, StudyArm
from tests.diverse import diverse
from tests.people import paper_study, study, without
from tests.report import (
    test_arm_claims_section,
    test_iso_dose,
    test_mood_gains_withdrawal,
    test_own_measurements,
    test_recovery_and_follow_up,
    test_regimens,
    test_reliability_section,
    test_searches,
    test_structure_variance,
    test_sweep_answer,
    test_sweeps,
)
from tests.study import test_generality, test_ladders, test_structure

FOLDER = Path(__file__).parent / "approved"
_LONGEST = 12
"""Rows of a table that are written out; of more, some and a sum of all."""


def _uneven() -> Study:
    """Some failed, some are missing, some have notes; data of both kinds."""
    none, ketamine, *others = paper_study(14).arms
    noted = replace(none.individuals[0], notes=("one note",))
    failures = (Failure(20, "ArithmeticError: no", "run-f"),)
    failed = replace(none, failures=failures, individuals=(noted, *none.individuals[1:]))
    return study(failed, without(ketamine, 2, 4), *others, *paper_study(11, "individual").arms[:2])


def _levels(treatment: str, key: str, *levels: str, **fixed: str) -> list[StudyArm]:
    """A treatment at each value of a setting; six individuals."""
    return [
        test_sweeps.case(treatment, 40 + 7.3 * place, **{key: level, **fixed}) for place, level in enumerate(levels)
    ]


def _searches() -> Study:
    """One whose winner did not keep its promise, one with two objectives, one that goes on and two without a winner."""
    done, best = test_searches.DONE, test_searches.BEST
    both = (test_searches.trial(0, 60.0, 90.0), test_searches.trial(1, 70.0, 50.0), test_searches.trial(2, 55.0, 80.0))
    front = tuple(
        replace(best, trial=each.number, values=each.values, fresh_values=(each.values[0] - 1, each.values[1]),
                own=best.own * 2, fresh=best.fresh * 2)
        for each in both[:2]
    )  # fmt: skip
    lost = replace(best, fresh_values=None, failure="individual 3: nan", fresh=(None,))
    failed = tuple(replace(each, state="FAIL", reason="2 of 12 have no value", values=()) for each in done.trials)
    return test_searches.told(
        replace(done, name="lax", winners=(replace(best, breaks=("mean of treated/clean >= 97",)), lost)),
        replace(done, name="front", objectives=(test_searches.GAIN, test_searches.COST), trials=both, winners=front),
        replace(done, name="unfinished", winners=(), finished=False),
        replace(done, name="failed", trials=failed, winners=()),
    )


STUDIES: Mapping[str, Callable[[], Study]] = {
    "paper": lambda: paper_study(20),
    "paper_of_few": lambda: paper_study(8),
    "uneven": _uneven,
    "claims_on_arms": lambda: test_arm_claims_section.followed(*test_arm_claims_section.STRESSED),
    "regimens_claimed": lambda: test_arm_claims_section.regimens(30, 5.0),
    "equal_doses": test_iso_dose.overlapping,
    "moods": test_mood_gains_withdrawal.moods,
    "withdrawal": test_mood_gains_withdrawal.withdrawn_study,
    "own_measurements": test_own_measurements.measured,
    "recovery": test_recovery_and_follow_up.several,
    "follow_up": test_recovery_and_follow_up.stressed,
    "regimens": test_regimens.several,
    "regimens_of_few": lambda: test_regimens.several(8),
    "replicates": lambda: test_reliability_section.replicated(0.3),
    "replicates_unlike": lambda: test_reliability_section.replicated(2.0),
    "search": lambda: test_searches.told(test_searches.DONE),
    "searches": _searches,
    "crossed": lambda: study(*(arm for name in ("none", "ssri") for arm in test_structure_variance.crossed(name).arms)),
    "crossed_with_a_hole": lambda: test_structure_variance.crossed(skip=(1, 2)),
    "layers": lambda: test_sweep_answer.in_layers(20, everywhere=90, layer_1=70, layer_2=90.1, layer_3=95),
    "doses": lambda: study(*test_sweeps.doses(), *test_sweeps.doses(criterion="random")),
    "pruning_levels": lambda: study(
        *_levels("none", "pathology__sparsity", "0.99", "0.95", "0.9", "0.8"),
        *_levels("ssri", "pathology__sparsity", "0.99", "0.95", "0.9", "0.8"),
    ),
    "grid": lambda: study(
        *(
            arm
            for dose in ("0.2", "0.5")
            for arm in _levels(
                "ketamine", "pathology__sparsity", "0.9", "0.95", "0.99", treatment__regrow_fraction=dose
            )
        ),
        *_levels("neurosteroid", "treatment__damping_factor", "0.5", "0.7", "1.0", treatment__bounded="True"),
        *_levels("neurosteroid", "treatment__damping_factor", "0.5", "0.7", "1.0", treatment__bounded="False"),
    ),
    "two_tasks": test_generality.two_worlds,
    "traits": lambda: diverse(300),
    "ladder": lambda: study(test_ladders.climbing()),
    "structure": lambda: study(test_structure.by_lot(40)),
    "structure_of_treated": lambda: study(*map(test_structure_variance.built, ("none", "ketamine"))),
}


_COMPARED_WITH_THE_PAPER = ("paper", "paper_of_few", "uneven", "two_tasks")
_PAPERS = ("tables", "claims", "contrasts")
"""Sections that every study has and only these show: in others they say the same of other treatments."""


def report_text(name: str) -> str:
    """All that the report on one of these studies says and draws."""
    made = STUDIES[name]()
    lines = ["# The answer", *answer.answer(made)]
    for sheet in (*claims.verdicts(made), *arm_claims.verdicts(made)):
        lines.append(f"verdicts {sheet.name}: sum {_sum(sheet_markdown(sheet).splitlines())}")
    left_out = ("methods", *(() if name in _COMPARED_WITH_THE_PAPER else _PAPERS))  # methods are nobody's own
    for module in SECTIONS:
        if module.__name__.rpartition(".")[2] not in left_out and (section := module.section(made)) is not None:
            lines += _section(section, 1)
    return "\n".join(lines) + "\n"


def _section(section: Section, depth: int) -> Iterator[str]:
    yield f"{'#' * depth} {section.title} ({section.anchor})"
    for block in section.blocks:
        if isinstance(block, Paragraph):
            yield f"{block.kind}: {block.text}"
        elif isinstance(block, Sheet):
            yield from _sheet(block)
        else:
            yield from _picture(block)
    for sub in section.sub:
        yield from _section(sub, depth + 1)


def _sheet(sheet: Sheet) -> Iterator[str]:
    """A table as Markdown shows it; of a long one every tenth row, and a sum of them all."""
    yield f"table {sheet.name}{', folded' if sheet.folded else ''}: {' '.join(each.key for each in sheet.columns)}"
    lines = sheet_markdown(sheet).splitlines()
    if len(sheet.rows) > _LONGEST:
        rows = [line for line in lines if line.startswith("| ")][2:]
        yield f"{len(sheet.rows)} rows, sum {_sum(rows)}"
        shown = {*rows[::10], rows[-1]}
        lines = [line for line in lines if line in shown or line not in rows]
    yield from (line for line in lines if line)


def _picture(picture: Picture) -> Iterator[str]:
    yield f"figure {picture.name}: {picture.title}"
    yield f"caption: {picture.caption}"
    yield f"alt: {picture.alt}"
    keys = " ".join(each.key for each in picture.data.columns)
    yield f"data {picture.data.name}: {keys}; sum {_sum(sheet_markdown(picture.data).splitlines())}"
    with style.look():
        drawn = picture.draw()
        drawn.draw_without_rendering()
        yield from figure_text(drawn)


def figure_text(drawn: Any) -> Iterator[str]:
    """What a figure draws, a line for each kind of thing in each panel."""
    for number, axis in enumerate(drawn.axes):
        title = axis.get_title("left") or axis.get_title()
        frame = " ".join(name for name, spine in axis.spines.items() if spine.get_visible() and axis.axison)
        yield f"  panel {number}: {title} | {_side(axis.xaxis)} | {_side(axis.yaxis)} | {frame}"
        for kind, things in (
            ("line", [_line(each) for each in axis.lines if each.get_visible()]),
            ("patch", [_patch(each) for each in axis.patches if each.get_visible()]),
            ("marks", [_collection(each) for each in axis.collections if each.get_visible()]),
            ("image", [_image(each) for each in axis.images if each.get_visible()]),
            ("text", [_text(each) for each in axis.texts if each.get_visible()]),
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
        " ".join(dict.fromkeys(map(_colour, own))) for own in (marks.get_facecolor(), marks.get_edgecolor())
    )
    order = _sum([_colour(each) for own in (marks.get_facecolor(), marks.get_edgecolor()) for each in own])
    offsets = np.ma.filled(np.ma.asarray(marks.get_offsets()), np.nan)
    sizes = marks.get_sizes() if hasattr(marks, "get_sizes") else []
    corners = np.concatenate([path.vertices for path in marks.get_paths()] or [np.zeros((0, 2))])
    look = f"{faces or 'none'} {edges or 'none'} ({order}) {_numbers(marks.get_linewidths())} {_numbers(sizes)}"
    return f"{look} {marks.get_linestyle()[0][1] or ''} at {_numbers(offsets)} shapes {_numbers(corners)}"


def _colour(colour: Any) -> str:
    return to_hex(colour, keep_alpha=True) if is_color_like(colour) else "none"


def _numbers(values: Any) -> str:
    """A few numbers as they are, of many the first, the last and a sum."""
    texts = [_number(float(each)) for each in np.asarray(values, dtype=np.float64).ravel()]
    if len(texts) <= 10:
        return " ".join(texts)
    return f"{texts[0]} ... {texts[-1]}, {len(texts)} with sum {_sum(texts)}"


def _number(value: float) -> str:
    """Four digits, and nothing that the last bit of a computation could turn."""
    return "0" if abs(value) < 1e-9 else f"{value * (1 + 1e-7):.4g}"


def _sum(lines: Sequence[str]) -> str:
    return f"{zlib.crc32('/'.join(lines).encode()):08x}"


def difference(name: str) -> str:
    """What is otherwise in the report on a study than in the approved one; empty where nothing is."""
    approved = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return "\n".join(difflib.unified_diff(approved, report_text(name).splitlines(), "approved", "now", n=0))


def main(names: Sequence[str]) -> None:
    """Approve the reports as they are now."""
    FOLDER.mkdir(exist_ok=True)
    for name in names or STUDIES:
        (FOLDER / f"{name}.txt").write_text(report_text(name), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

"""How well the methods keep their word: what the stored simulations reached, beside the limits set beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from depsim.report.columns import columns_of
from depsim.report.document import Column, Paragraph, Section, Sheet, Value
from depsim.statistics import CALIBRATION_KINDS, CalibrationFigure, calibration_figures

_SHORT, _OFTEN = 0.9, 0.075
"""An interval of 95 % that holds less often, and a test at 5 % that errs more often, are named."""
_NAMES = {kind: kind.removeprefix("real_") for kind in CALIBRATION_KINDS}
"""Of kinds of values, as headings."""
_KINDS = columns_of(
    Column("what", "share of simulated studies, %"),
    "n",
    *(Column(kind, name, ".1f") for kind, name in _NAMES.items()),
    Column("limits", "limits, %"),
)
_OTHERS = columns_of(
    Column("what", "share of simulated studies"),
    Column("n", "individuals"),
    Column("replicates", "studies"),
    Column("reached", "reached, %", ".1f"),
    Column("error", "± (simulation error)", ".2f"),
    Column("limits", "limits, %"),
    Column("kept", "limits kept"),
)
_NOTE = "Made by `make calibrate`."
_EXPLAINED = "; ".join(f"{_NAMES[kind]}: {words}" for kind, words in CALIBRATION_KINDS.items())


def section(n: int) -> Section | None:
    """The section; None where nothing is stored.

    Args:
        n: individuals of the study; shown are the figures of this size or the next smaller one that was tried.
    """
    figures = figures_for(n)
    if not figures:
        return None
    limited = [figure for figure in figures if _limits(figure) is not None]
    kept = sum(figure.kept for figure in limited)
    told = (
        "They were tried on simulated studies, whose truth is known; shown are those of the largest size that is not "
        f"above this study's, or the smallest. Of {len(limited)} shares {kept} lie within the limits set beforehand."
    )
    words = Paragraph(" ".join([told, *_far_off(figures)]))
    return Section("methods-calibration", "Do these methods keep their word?", (words, *sheets(figures)))


def figures_for(n: int) -> tuple[CalibrationFigure, ...]:
    """Of each share the figure of the largest simulated studies with no more than n individuals, or the smallest."""
    best: dict[str, CalibrationFigure] = {}
    for figure in sorted(calibration_figures(), key=lambda figure: figure.n):
        if figure.words not in best or figure.n <= n:
            best[figure.words] = figure
    return tuple(figure for figure in calibration_figures() if best[figure.words] is figure)


def sheets(figures: Iterable[CalibrationFigure]) -> tuple[Sheet, ...]:
    """A table of what was tried on each kind of values, and one of the rest."""
    by_row: dict[tuple[str, int], list[CalibrationFigure]] = {}
    others = []
    for figure in figures:
        if figure.kind:
            by_row.setdefault((figure.what, figure.n), []).append(figure)
        else:
            others.append(figure)
    found = []
    if by_row:
        rows, error = tuple(map(_of_kinds, by_row.values())), max(f.error for row in by_row.values() for f in row)
        note = f"n: individuals of a study. Simulation error: {100 * error:.1f} at most. {_EXPLAINED}. {_NOTE}"
        found.append(Sheet("calibration_kinds", "What the calibration reached, by kind of values", _KINDS, rows, note))
    if others:
        found.append(Sheet("calibration", "What else it reached", _OTHERS, tuple(map(_alone, others)), _NOTE))
    return tuple(found)


def _of_kinds(row: Sequence[CalibrationFigure]) -> tuple[Value, ...]:
    reached = {figure.kind: 100 * figure.reached for figure in row}
    limits = [
        (limit, "; ".join(_NAMES[figure.kind] for figure in alike))
        for limit, alike in groupby(row, _limits)
        if limit is not None
    ]
    told = limits[0][0] if len(limits) == 1 and all(map(_limits, row)) else " · ".join(f"{a} ({b})" for a, b in limits)
    judged: dict[str, list[str]] = {}
    for figure in row:
        if (said := _judged(figure)) is not None:
            judged.setdefault(said, []).append(_NAMES[figure.kind])
    kept = " · ".join(said if len(judged) == 1 else f"{said}: {'; '.join(of)}" for said, of in judged.items())
    cells = [reached.get(kind) for kind in CALIBRATION_KINDS]
    return (row[0].what, row[0].n, *cells, ": ".join(filter(None, (told, kept))) or None)


def _alone(figure: CalibrationFigure) -> tuple[Value, ...]:
    return (
        figure.what, figure.n, figure.replicates, 100 * figure.reached, 100 * figure.error, _limits(figure),
        _judged(figure),
    )  # fmt: skip


def _far_off(figures: Sequence[CalibrationFigure]) -> list[str]:
    """Of those without limits: intervals that are far too short, and tests that err far too often."""
    free = [figure for figure in figures if not figure.power and _limits(figure) is None]
    short = [f for f in free if f.what.startswith("95 % ") and f.reached < _SHORT]
    often = [f for f in free if not f.what.startswith("95 % ") and f.reached > _OFTEN]
    named = ((short, "Some intervals fall far short of 95 %"), (often, "Some tests err far more often than 5 %"))
    return [f"{said}: {'; '.join(_by_share(found))}." for found, said in named if found]


def _by_share(found: Sequence[CalibrationFigure]) -> list[str]:
    """What each share reached, with the kinds of values that it is of."""
    told = []
    for (what, n), alike in groupby(found, lambda figure: (figure.what, figure.n)):
        reached = [f"{CALIBRATION_KINDS.get(f.kind, '')} {100 * f.reached:.0f} %".strip() for f in alike]
        told.append(f"{what}: {', '.join(reached)} of studies of {n}")
    return told


def _judged(figure: CalibrationFigure) -> str | None:
    if figure.power:
        return "power: weak, below 80 %" if figure.weak else "power"
    return None if _limits(figure) is None else "kept" if figure.kept else "missed"


def _limits(figure: CalibrationFigure) -> str | None:
    low, high = (None if share is None else f"{100 * share:g}" for share in (figure.lowest, figure.highest))
    if low is not None and high is not None:
        return f"{low} to {high}"
    return f"at least {low}" if low is not None else f"at most {high}" if high is not None else None

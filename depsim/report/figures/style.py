"""The look that all figures share: size, fonts, a fixed colour per treatment; and files that are the same every time.

Figures are made with :func:`figure` inside :func:`look`, never with pyplot, which keeps state of its own.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from depsim.stages import WITHDRAWN

WIDTH = 11.2
"""Inches: as wide as the page, so that letters keep their size."""
_LETTERS_A_ROW, _LETTERS_OF_A_HANDLE = 155, 6
"""Of a legend, as wide as such a figure."""
ALONE = 0.5 * WIDTH
"""Inches: of a panel that stands alone."""
_LETTERS_OF_AN_AXIS = 40
"""Of its numbers, beside each other below half a row."""
_RESOLUTION = 160
"""Dots an inch of the PNG."""
_QUICKLY_PACKED = {"compress_level": 3}
"""Of a PNG: hardly larger than with Pillow's own level, in three quarters of the time."""

GREY = "#6b6b6b"
INK = "#222222"
PAPER = "#ffffff"
GRID = "#e3e3e3"
PUBLISHED = "#000000"
"""What was published is black, so that no treatment can be taken for it."""

_COLOURS = {"none": GREY, "ketamine": "#0072b2", "ssri": "#e69f00", "neurosteroid": "#009e73"}
"""Okabe and Ito's palette, which people with any colour vision can tell apart."""
_MARKERS = {"none": "o", "ketamine": "s", "ssri": "^", "neurosteroid": "D"}
_SPARE_COLOURS = ("#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#000000")
_SPARE_MARKERS = ("v", "P", "X", "h", "*")
"""For treatments that are not the paper's, in alphabetical order of their names: the rest of the palette."""
PALETTE = frozenset((*_COLOURS.values(), *_SPARE_COLOURS))
"""All colours that a treatment can have."""

_LOOK: Any = {
    "figure.dpi": 100,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "font.family": "DejaVu Sans",  # comes with matplotlib, so it is there on every machine
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.titley": 1.0,  # else it is sought anew at each drawing, above a factor of all numbers ...
    "axes.formatter.useoffset": False,  # ... and this and the next keep such factors away
    "axes.formatter.limits": (-15, 15),
    "axes.labelsize": 9,
    "axes.edgecolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.6,
    "lines.markersize": 4.5,
    "figure.autolayout": False,
    "figure.constrained_layout.use": False,  # each figure says so itself
    "path.simplify": True,
    "svg.fonttype": "path",
    "svg.hashsalt": "depsim",
    "text.parse_math": False,  # names may hold dollar signs
}


def look() -> AbstractContextManager[None]:
    """The settings under which figures are drawn and written; matplotlib's own are as before afterwards.

    What is not set here is as matplotlib comes, whatever a ``matplotlibrc`` of this machine says.
    """
    as_it_comes = {k: v for k, v in matplotlib.rcParamsDefault.items() if not k.startswith(("backend", "interactive"))}
    return matplotlib.rc_context(as_it_comes | _LOOK)


def figure(width: float = WIDTH, height: float = 4.0) -> Figure:
    """An empty figure.

    Args:
        width, height: inches.
    """
    made = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(made)
    return made


def panels(
    count: int, columns: int, height: float, around: float = 0.0, width: float = WIDTH, **shared: Any
) -> tuple[Figure, Any]:
    """A figure with panels side by side, and their grid; places beyond the last panel stay empty.

    Args:
        count: of panels.
        columns: panels a row, at most.
        height: of a row, inches.
        around: what is above and below all rows, inches.
        width: of the figure, inches.
        shared: ``sharex`` and ``sharey``.
    """
    columns = min(columns, count)
    rows = -(-count // columns)
    drawn = figure(width, rows * height + around)
    grid = drawn.subplots(rows, columns, squeeze=False, **shared)
    for axis in grid.flat[count:]:
        axis.set_axis_off()
    return drawn, grid


def wrapped(title: str, letters: int) -> str:
    """A title in lines of so many letters, broken at spaces, else where a line ends.

    >>> wrapped("ssri_first, epochs 5", 12)
    'ssri_first,\\nepochs 5'
    """
    return "\n".join(textwrap.wrap(title, letters))


def legend_below(drawn: Figure, axes: Iterable[Any], columns: int = 4, fewest: int = 2) -> None:
    """One legend for axes, below all panels, in as many columns as fit.

    Args:
        drawn: the figure.
        axes: whose labels it holds, each once.
        columns: at most.
        fewest: labels without which there is none.
    """
    named: dict[str, Any] = {}
    for axis in axes:
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True):
            named.setdefault(label, handle)
    if len(named) < fewest:
        return
    letters = _LETTERS_A_ROW * drawn.get_figwidth() / WIDTH
    fitting = int(letters / (max(map(len, named)) + _LETTERS_OF_A_HANDLE))
    ncols = max(1, min(columns, len(named), fitting))
    drawn.legend(named.values(), named.keys(), loc="outside lower center", ncols=ncols)


def colours(treatments: Iterable[str]) -> dict[str, str]:
    """A colour for each treatment: the same in all figures, whatever else is shown.

    >>> colours(["ssri", "none"])
    {'ssri': '#e69f00', 'none': '#6b6b6b'}
    """
    return _assigned(treatments, _COLOURS, lambda place: _SPARE_COLOURS[place % len(_SPARE_COLOURS)])


def markers(treatments: Iterable[str]) -> dict[str, str]:
    """A marker for each treatment, for those who see no colour; of 25 spare ones no two look alike."""
    count = len(_SPARE_MARKERS)
    return _assigned(treatments, _MARKERS, lambda place: _SPARE_MARKERS[(place + place // count) % count])


def _assigned(treatments: Iterable[str], known: Mapping[str, str], spare: Callable[[int], str]) -> dict[str, str]:
    names = list(treatments)
    others = sorted(set(names) - set(known))
    return {name: known[name] if name in known else spare(others.index(name)) for name in names}


def logarithmic(side: Any) -> None:
    """Make an axis logarithmic, with plain numbers: matplotlib's own are its mathematics, which names cannot have.

    Args:
        side: ``.xaxis`` or ``.yaxis``, once all is drawn. Its numbers are 1, 2 and 5 of each decade where that leaves
            room, else powers of ten, and within a decade, a few at equal distances.
    """
    side.axes.set(**{f"{side.axis_name}scale": "log"})
    low, high = sorted(side.get_view_interval())

    def numbers(locator: Any) -> list[str]:
        return [f"{number:g}" for number in locator.tick_values(low, high) if low <= number <= high]

    three, one = LogLocator(subs=(1.0, 2.0, 5.0)), LogLocator()
    room = side.axis_name == "y" or len(" ".join(numbers(three))) <= _LETTERS_OF_AN_AXIS
    if room and len(numbers(three)) > 1:
        side.set_major_locator(three)
    else:
        side.set_major_locator(one if len(numbers(one)) > 1 else MaxNLocator(4))
    side.set_major_formatter("{x:g}")
    side.set_minor_locator(NullLocator())


def dashes(stage: str) -> str:
    """The line style of a stage: broken where the drug is off."""
    return "--" if stage == WITHDRAWN else "-"


def settle(drawn: Figure) -> None:
    """Find a figure's layout once, for all its files: else each of them would be drawn twice, first for the layout.

    Texts are as wide as in the PNG, whose letters stand on whole dots; those of an SVG are as wide or narrower.
    """
    engine = drawn.get_layout_engine()
    if engine is not None:
        before = drawn.dpi
        drawn.set_dpi(_RESOLUTION)
        engine.execute(drawn)
        drawn.set_layout_engine(None)
        drawn.set_dpi(before)


def svg(drawn: Any) -> bytes:
    """A figure as SVG; the same bytes for the same figure."""
    return _written(drawn, "svg", metadata={"Date": None, "Creator": None})


def png(drawn: Any) -> bytes:
    """A figure as PNG; the same bytes for the same figure."""
    return _written(drawn, "png", metadata={"Software": None}, dpi=_RESOLUTION, pil_kwargs=_QUICKLY_PACKED)


def _written(drawn: Any, kind: str, **options: Any) -> bytes:
    settle(drawn)
    file = io.BytesIO()
    drawn.savefig(file, format=kind, **options)
    return file.getvalue()

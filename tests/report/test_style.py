"""The look of figures: the same bytes every time, one colour per treatment, nothing global touched."""

from __future__ import annotations

import io
import subprocess
import sys
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.layout_engine import ConstrainedLayoutEngine
from PIL import Image

from depsim.report.figures import style
from tests.report.pages import figure as made

DRAW = """
import hashlib, sys
from depsim.report.figures import style
from tests.report.pages import figure as made
with style.look():
    figure = made().draw()
    print(hashlib.sha256(style.svg(figure)).hexdigest(), hashlib.sha256(style.png(figure)).hexdigest())
assert "matplotlib.pyplot" not in sys.modules
"""


@pytest.mark.slow
def test_two_processes_draw_the_same_bytes() -> None:
    digests = {
        subprocess.run([sys.executable, "-c", DRAW], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    }
    assert len(digests) == 1


def test_files_name_no_date_and_no_program() -> None:
    with style.look():
        figure = made().draw()
        svg, png = style.svg(figure), style.png(figure)
        assert svg == style.svg(made().draw())
    assert b"date" not in svg
    assert b"matplotlib.org" not in svg
    assert b"Software" not in png
    assert b"tEXt" not in png
    assert len(svg) < 30_000


def test_a_settled_figure_keeps_its_layout_and_cuts_no_text_off() -> None:
    with style.look():
        figure = style.figure(4.0, 2.0)
        axis = figure.subplots()
        axis.set_yticks([0.0], ["neurosteroid on − neurosteroid withdrawn"], fontsize=7.5)
        before = axis.get_position().x0
        style.settle(figure)
        after, dots = axis.get_position().x0, style.png(figure)
        assert figure.get_layout_engine() is None
        assert axis.get_position().x0 == after > before
    edge = np.asarray(Image.open(io.BytesIO(dots)).convert("L"))[:, :2]
    assert edge.min() == edge.max()


def test_the_layout_of_a_figure_is_found_once_for_all_its_files(monkeypatch: pytest.MonkeyPatch) -> None:
    executed: list[Any] = []
    monkeypatch.setattr(ConstrainedLayoutEngine, "execute", lambda _engine, drawn: executed.append(drawn))
    with style.look():
        figure = made().draw()
        style.svg(figure)
        style.png(figure)
    assert executed == [figure]


def test_settings_are_as_before_afterwards() -> None:
    before = dict(mpl.rcParams)
    with style.look():
        assert mpl.rcParams["svg.hashsalt"] == "depsim"
    assert dict(mpl.rcParams) == before


def test_a_treatment_has_one_colour_and_one_marker_in_every_company() -> None:
    paper = ["none", "ketamine", "ssri", "neurosteroid"]
    alone = {name: style.colours([name])[name] for name in paper}
    assert style.colours([*reversed(paper), "light", "a drug"]).items() >= alone.items()
    everyone = [*paper, "a", "b", "c", "d", "e"]
    for assigned in (style.colours(everyone), style.markers(everyone)):
        assert len(set(assigned.values())) == 9
    assert style.colours(["b", "a"])["b"] == style.colours(["a", "b"])["b"]


def test_more_treatments_than_colours_still_look_different() -> None:
    names = [f"drug {letter}" for letter in "abcdefghijklmnopqrstuvwxy"]
    colours, markers = style.colours(names), style.markers(names)
    assert len({(colours[name], markers[name]) for name in names}) == len(names) == 25


def test_a_matplotlibrc_of_the_machine_changes_nothing() -> None:
    with style.look():
        here = style.svg(made().draw())
    with mpl.rc_context({"axes.xmargin": 0.3, "text.color": "red", "xtick.minor.visible": True}), style.look():
        assert style.svg(made().draw()) == here

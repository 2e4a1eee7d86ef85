"""The page of every shipped sweep keeps to the limits of pages, also on a terminal and in a browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from depsim.report.ask import read_asks
from depsim.report.compose import compose
from depsim.report.parts import Page
from depsim.report.terminal import show_page
from depsim.report.writing import write_page
from depsim.search.sweep_files import load_sweep
from tests.report.test_approved import require_limits
from tests.shipped_studies import GRIDS, shipped_study
from tests.soak.test_in_browser import CHROMIUM, measured

MOST_PIXELS, MOST_LINES = 9_000, 25


def page_of(name: str) -> Page:
    file = load_sweep(name)
    asks = None if file.report is None else read_asks(file.report)
    return compose(shipped_study(name), (), f"depsim report {name}", file.question, asks)


@pytest.mark.parametrize("name", GRIDS)
def test_the_page_of_a_shipped_sweep_keeps_to_its_limits(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = page_of(name)
    require_limits(page)
    assert page.title == load_sweep(name).question
    monkeypatch.setenv("COLUMNS", "80")
    show_page(page, tmp_path / "index.html")
    assert len(capsys.readouterr().out.splitlines()) < MOST_LINES
    if CHROMIUM:
        write_page(page, tmp_path / "report")
        assert measured(tmp_path / "report", 1280, tmp_path)["height"] <= MOST_PIXELS  # type: ignore[operator]

"""The page of every shipped sweep keeps to the limits of pages, also on a terminal and in a browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from depsim.report.asking import read_asks
from depsim.report.compose import compose
from depsim.report.figures import style
from depsim.report.parts import Page
from depsim.report.terminal import show_page
from depsim.report.writing import write_page
from depsim.search.sweep_files import load_sweep
from tests.people import paper_study
from tests.report import approval
from tests.report.test_approved import require_limits
from tests.shipped_studies import GRIDS, shipped_study
from tests.soak.test_in_browser import CHROMIUM, measured

MOST_PIXELS, MOST_LINES = 9_000, 25


def page_of(name: str) -> Page:
    file = load_sweep(name)
    asks = None if file.report is None else read_asks(file.report)
    return compose(shipped_study(name), (), f"depsim report {name}", file.question, asks)


def paper_of(n: int) -> Page:
    return compose(paper_study(n), (), "depsim report paper")


OWN: Mapping[str, Callable[[], Page]] = {
    **{f"paper of {n}": partial(paper_of, n) for n in (1, 3, 12, 50)},
    **{
        kind: partial(approval.page_of, name)
        for kind, name in (
            ("over one key", "pruning_levels"), ("over two keys", "grid"), ("over own treatments", "crossed"),
            ("a search", "search"), ("a search with two objectives", "front"),
        )
    },
}  # fmt: skip
"""The paper at other sizes, sweeps as people write them, and searches."""


def blank(drawn: Any, kind: str, **_options: Any) -> bytes:
    """In place of a figure's file, which takes long: the page needs its size alone. Its layout is found as ever."""
    style.settle(drawn)
    width, height = drawn.get_size_inches()
    text = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}in" height="{height}in"/>'
    return text.encode() if kind == "svg" else b""


@pytest.mark.parametrize("name", GRIDS)
def test_the_page_of_a_shipped_sweep_keeps_to_its_limits(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = page_of(name)
    assert page.title == load_sweep(name).question
    require_limits_where_it_is_read(page, tmp_path, monkeypatch, capsys)


@pytest.mark.parametrize("kind", OWN)
def test_other_pages_keep_to_the_same_limits(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    require_limits_where_it_is_read(OWN[kind](), tmp_path, monkeypatch, capsys)


def require_limits_where_it_is_read(
    page: Page, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Fail where a page is too long in words, on a terminal or in a browser, or wider than 1280 pixels."""
    require_limits(page)
    monkeypatch.setenv("COLUMNS", "80")
    show_page(page, Path("reports/study/index.html"))
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) < MOST_LINES
    assert max(map(len, printed)) <= 80
    if CHROMIUM:
        monkeypatch.setattr(style, "_written", blank)
        write_page(page, folder / "report")
        sizes = measured(folder / "report", 1280, folder)
        assert sizes["height"] <= MOST_PIXELS  # type: ignore[operator]
        assert sizes["table"] <= 1280  # type: ignore[operator]

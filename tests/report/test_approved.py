"""Pages of studies made by hand say and draw what was approved, within the limits that every page has."""

from __future__ import annotations

import re

import pytest

from depsim.report.compose import MOST_FIGURES, MOST_TABLES, compose
from depsim.report.parts import MOST_ROWS, Page
from tests.people import paper_study
from tests.report.approval import FOLDER, STUDIES, difference, page_of

pytestmark = pytest.mark.slow  # whole pages
NOT_IN_PRINT = re.compile(
    r"cannot be told|tests together|confirming|one by one|vary together|by chance|\bbeside\b|told apart"
    r"|hold for everyone|\w+\.\w+=\S|\d\.\d{7,}"
)
"""Words and keys that no co-author would write, and digits that only binary fractions have."""


@pytest.mark.parametrize("name", STUDIES)
def test_a_page_says_and_draws_what_was_approved(name: str) -> None:
    assert difference(name) == ""


def test_every_approved_page_is_of_a_study() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(STUDIES)


@pytest.mark.parametrize("name", STUDIES)
def test_a_page_keeps_to_its_limits(name: str) -> None:
    require_limits(page_of(name))


@pytest.mark.parametrize("n", [12, 50])
def test_the_page_of_the_paper_keeps_to_its_limits_at_the_sizes_that_people_run(n: int) -> None:
    require_limits(compose(paper_study(n), (), "depsim report paper"))


def require_limits(page: Page) -> None:
    """Fail where a page is longer than pages are, or says what nobody would write."""
    assert len(page.tables) <= MOST_TABLES
    assert len(page.figures) <= MOST_FIGURES
    assert len(page.bullets) <= 3
    assert page.table is None or len(page.table.texts) <= 8
    assert all(len(table.texts) <= MOST_ROWS for table in page.tables)
    assert re.search(r"\d", page.answer)
    assert [text for text in texts(page) if NOT_IN_PRINT.search(re.sub(r"`[^`]*`", "", text))] == []
    names = {row.of(key) for table in page.tables for row in table.rows for key in ("condition", "a", "b")}
    assert "none" not in names


def texts(page: Page) -> list[str]:
    """All that a page says, tables and captions included."""
    printed = [page.title, page.answer, *page.bullets, *page.foot]
    printed += [text for part in page.sections for text in (part.title, part.text)]
    printed += [figure.caption for figure in page.figures]
    for table in page.tables:
        printed += [table.title, table.note, *table.headings, *(cell for row in table.texts for cell in row)]
    return printed

"""Every file, command and piece of Python of the tutorial, executed; what it prints is what the page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.masks import mask
from tests.docs.tutorial import FOLDER, PAGES, PageRun

pytestmark = pytest.mark.slow  # whole studies and their reports

TOY = {"first-answer.md": {"cohort=pilot": ["cohort.size=2"]}}
"""What is added to a command of a page that has a word: the paper's networks, but two of them. All other commands run as they stand."""


def toy(page: str, words: list[str]) -> list[str]:
    added = [setting for word, settings in TOY.get(page, {}).items() if word in words for setting in settings]
    return [*words, *added]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_prints_what_it_says(page: str, project: Path) -> None:
    text = (FOLDER / page).read_text()
    run = PageRun(lambda words: toy(page, words))
    found = run(text)
    assert not run.wrong
    assert mask(found) == mask(text)

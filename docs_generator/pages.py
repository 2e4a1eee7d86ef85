"""The generated pages."""

from __future__ import annotations

from pathlib import Path

from docs_generator import command_line, configuration, metrics, report

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
_PAGES = {
    "configuration.md": configuration.page,
    "report.md": report.page,
    "metrics.md": metrics.page,
    "command-line.md": command_line.page,
}
_MADE_BY = "<!-- Written by `make reference` from the sources; changes here are lost. -->\n\n"


def page_names() -> list[str]:
    """Their names."""
    return list(_PAGES)


def page(name: str) -> str:
    """The text of a page."""
    return _MADE_BY + _PAGES[name]()

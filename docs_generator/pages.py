"""The generated pages."""

from __future__ import annotations

from pathlib import Path

from docs_generator import command_line, configuration, metrics

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
_PAGES = {
    "configuration.md": configuration.page,
    "metrics.md": metrics.page,
    "command-line.md": command_line.page,
}
_MADE_BY = "<!-- Written by `make reference` from the sources; changes here are lost. -->\n\n"


def pages() -> dict[str, str]:
    """Name and text of each generated page."""
    return {name: _MADE_BY + make() for name, make in _PAGES.items()}

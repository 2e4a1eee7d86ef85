"""The generated files of the documentation."""

from __future__ import annotations

from pathlib import Path

from docs_generator import command_line, configuration, layers, metrics, python, report

DOCS = Path(__file__).resolve().parent.parent / "docs"
FOLDER = DOCS / "reference"
_MADE_BY = "<!-- Written by `make reference` from the sources; changes here are lost. -->\n"
_FILES = {
    "reference/configuration.md": configuration.page,
    "reference/keys.csv": configuration.keys_as_csv,
    "reference/report.md": report.page,
    "reference/metrics.md": metrics.page,
    "reference/tags.csv": metrics.tags_as_csv,
    "reference/command-line.md": command_line.page,
    "reference/python.md": python.page,
    "images/layers.svg": layers.picture,
}


def file_names() -> list[str]:
    """Their names below ``docs/``."""
    return list(_FILES)


def content(name: str) -> str:
    """The text of a file."""
    heads = {".md": f"{_MADE_BY}\n", ".svg": _MADE_BY, ".csv": ""}
    return heads[Path(name).suffix] + _FILES[name]()

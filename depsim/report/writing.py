"""A page as files: HTML, figures, tables and facts."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from depsim.report.figures import style
from depsim.report.files import rows_csv, table_csv, table_latex
from depsim.report.folder import FACTS, PAGE, check_files, replace_files
from depsim.report.html import Image, page_html
from depsim.report.parts import Figure, Page, Table

_FIGURE_KINDS = ("svg", "csv", "png")
_TABLE_KINDS: dict[str, Callable[[Table], str]] = {"csv": table_csv, "tex": table_latex}
LARGEST_DRAWING = 250_000
"""Bytes of an SVG that the page holds; of a larger one it holds a PNG."""
_PIXELS_AN_INCH = 96


def page_files(page: Page) -> tuple[str, ...]:
    """The names of the files that a page may consist of; not every figure has a PNG."""
    names = [PAGE, FACTS]
    names += [f"tables/{table.name}.{kind}" for table in (*page.tables, *page.files) for kind in _TABLE_KINDS]
    names += [f"figures/{figure.name}.{kind}" for figure in page.figures for kind in _FIGURE_KINDS]
    return tuple(names)


def write_page(
    page: Page,
    folder: Path,
    more: Mapping[str, bytes] | None = None,
    drawn: Callable[[Figure], None] = lambda _figure: None,
    templates: Path | None = None,
) -> tuple[str, ...]:
    """Write a report: ``index.html``, ``figures``, ``tables``, ``study.json`` and a manifest of them.

    Figures are SVG. The first one is a PNG, too, for whoever shows it elsewhere, and so is one whose SVG is large.

    Args:
        page: what it shows.
        folder: where; the files of a report that is there already are replaced once the new ones are complete.
        more: further files, name to content.
        drawn: called after each figure.
        templates: a folder with templates of one's own for the page (:func:`depsim.report.html.page_html`).

    Shape: the names of all its files.

    Raises:
        depsim.report.html.PageTemplateError: if a template cannot be used; then nothing is written.
        depsim.report.folder.ForeignFileError: if anything else stands in the way; then nothing is written.
    """
    files = dict(more or {})
    check_files(folder, {*page_files(page), *files})
    images = {}
    for table in (*page.tables, *page.files):
        files |= {f"tables/{table.name}.{kind}": form(table).encode() for kind, form in _TABLE_KINDS.items()}
    for place, figure in enumerate(page.figures):
        images[figure.name], drawings = _draw(figure, with_png=place == 0)
        files |= {f"figures/{figure.name}.{kind}": drawing for kind, drawing in drawings.items()}
        drawn(figure)
    files[FACTS] = facts_json(page).encode()
    files[PAGE] = page_html(page, images, templates).encode()
    return replace_files(folder, files)


def facts_json(page: Page) -> str:
    """All that a report holds as JSON: the answer, every row of every question, and where it comes from."""
    head = {"question": page.title, "answer": page.answer, "bullets": page.bullets}
    return json.dumps(_plain({**head, **page.facts}), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _draw(figure: Figure, with_png: bool) -> tuple[Image, dict[str, bytes]]:
    """A figure as the page holds it, and its files by kind."""
    files = {"csv": rows_csv(figure.rows).encode()}
    with style.look():
        drawing = figure.draw()
        files["svg"] = style.svg(drawing)
        is_large = len(files["svg"]) > LARGEST_DRAWING
        if is_large or with_png:
            files["png"] = style.png(drawing)
    width, height = (round(_PIXELS_AN_INCH * inches) for inches in drawing.get_size_inches())
    data, kind = (files["png"], "image/png") if is_large else (files["svg"], "image/svg+xml")
    return Image(data, kind, width, height), files


def _plain(value: Any) -> Any:
    """As JSON knows it: NumPy's numbers as Python's, and what is not finite as null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value

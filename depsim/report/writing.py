"""A document as files: a page, figures, tables and facts."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from depsim.report.comma_separated import sheet_csv
from depsim.report.document import Block, Document, Paragraph, Picture, Section, Sheet
from depsim.report.figures import style
from depsim.report.folder import FACTS, PAGE, check_files, replace_files
from depsim.report.html import Image, page
from depsim.report.latex import sheet_latex
from depsim.report.markdown import sheet_markdown

_PICTURE_KINDS = ("svg", "png", "csv")
_SHEET_KINDS: dict[str, Callable[[Sheet], str]] = {"csv": sheet_csv, "md": sheet_markdown, "tex": sheet_latex}
_LARGEST_DRAWING = 250_000
"""Bytes of an SVG that the page holds; of a larger one it holds the PNG."""
_PIXELS_AN_INCH = 96


def document_blocks(sections: Sequence[Section]) -> Iterator[Block]:
    """All blocks of these sections and of those within, in order."""
    for section in sections:
        yield from section.blocks
        yield from document_blocks(section.sub)


def document_files(document: Document) -> tuple[str, ...]:
    """The names of the files that a document consists of."""
    names = [PAGE, FACTS]
    for block in document_blocks(document.sections):
        if isinstance(block, Sheet):
            names += [f"tables/{block.name}.{kind}" for kind in _SHEET_KINDS]
        elif isinstance(block, Picture):
            names += [f"figures/{block.name}.{kind}" for kind in _PICTURE_KINDS]
    return tuple(names)


def write_document(
    document: Document,
    folder: Path,
    more: Mapping[str, bytes] | None = None,
    drawn: Callable[[Picture], None] = lambda _picture: None,
    templates: Path | None = None,
) -> tuple[str, ...]:
    """Write a report: ``index.html``, ``figures``, ``tables``, ``study.json`` and a manifest of them.

    Args:
        document: what it says.
        folder: where; the files of a report that is there already are replaced once the new ones are complete.
        more: further files, name to content.
        drawn: called after each picture.
        templates: a folder with templates of one's own for the page (:func:`depsim.report.html.page`).

    Shape: the names of all its files.

    Raises:
        depsim.report.html.PageTemplateError: if a template cannot be used; then nothing is written.
        depsim.report.folder.ForeignFileError: if anything else stands in the way; then nothing is written.
    """
    files = dict(more or {})
    check_files(folder, {*document_files(document), *files})
    images = {}
    for block in document_blocks(document.sections):
        if isinstance(block, Sheet):
            files |= {f"tables/{block.name}.{kind}": form(block).encode() for kind, form in _SHEET_KINDS.items()}
        elif isinstance(block, Picture):
            images[block.name], drawings = _draw(block)
            files |= {f"figures/{block.name}.{kind}": drawings[kind] for kind in _PICTURE_KINDS}
            drawn(block)
    files[FACTS] = facts_json(document).encode()
    files[PAGE] = page(document, images, templates).encode()
    return replace_files(folder, files)


def facts_json(document: Document) -> str:
    """All that a report says as JSON: answer, texts and tables, and where it comes from; what is not finite is null.

    A table is ``{"columns": [...], "rows": [[...], ...]}``, which ``pandas.DataFrame(rows, columns=columns)`` takes.
    """
    blocks = list(document_blocks(document.sections))
    said = {
        "answer": document.answer,
        "said": [block.text for block in blocks if isinstance(block, Paragraph)],
        "tables": {
            block.name: {"columns": [column.key for column in block.columns], "rows": block.rows}
            for block in blocks
            if isinstance(block, Sheet)
        },
    }
    return json.dumps(_plain({**said, **document.facts}), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _draw(picture: Picture) -> tuple[Image, dict[str, bytes]]:
    """A picture as the page holds it, and its files by kind."""
    with style.look():
        figure = picture.draw()
        style.settle(figure)
        drawing, dots = style.svg(figure), style.png(figure)
    files = {"svg": drawing, "png": dots, "csv": sheet_csv(picture.data).encode()}
    width, height = (round(_PIXELS_AN_INCH * inches) for inches in figure.get_size_inches())
    if len(drawing) > _LARGEST_DRAWING:
        return Image(dots, "image/png", width, height), files
    return Image(drawing, "image/svg+xml", width, height), files


def _plain(value: Any) -> Any:
    """As JSON knows it: NumPy's numbers as Python's."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value

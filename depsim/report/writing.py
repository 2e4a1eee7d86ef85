"""A document as a folder of files, which appears under its name only when it is whole."""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from depsim.report.comma_separated import sheet_csv
from depsim.report.document import Block, Document, Picture, Section, Sheet
from depsim.report.figures import style
from depsim.report.html import Image, page
from depsim.report.latex import sheet_latex
from depsim.report.markdown import sheet_markdown

INDIVIDUALS = ("individuals.csv", "individuals.parquet")
_OURS = {"index.html", "study.json", "figures", "tables", *INDIVIDUALS}
_LARGEST_DRAWING = 250_000
"""Bytes of an SVG that the page holds; of a larger one it holds the PNG."""
_PIXELS_AN_INCH = 96


class ForeignFolderError(OSError):
    """The folder for a report holds something else, which would be lost."""


def document_blocks(sections: Sequence[Section]) -> Iterator[Block]:
    """All blocks of these sections and of those within, in order."""
    for section in sections:
        yield from section.blocks
        yield from document_blocks(section.sub)


def write_document(
    document: Document,
    folder: Path,
    more: Mapping[str, bytes] | None = None,
    drawn: Callable[[Picture], None] = lambda _picture: None,
) -> None:
    """Write a report: ``index.html``, ``figures``, ``tables`` and ``study.json``.

    Args:
        document: what it says.
        folder: where; a report that is there already is replaced once the new one is complete.
        more: further files, name to content.
        drawn: called after each picture.

    Raises:
        ForeignFolderError: if the folder holds anything but a report.
    """
    folder = check_folder(folder)
    with _replacing(folder) as unfinished:
        (unfinished / "figures").mkdir()
        (unfinished / "tables").mkdir()
        images = {}
        for block in document_blocks(document.sections):
            if isinstance(block, Sheet):
                _write_sheet(block, unfinished / "tables")
            elif isinstance(block, Picture):
                images[block.name] = _write_picture(block, unfinished / "figures")
                drawn(block)
        (unfinished / "study.json").write_text(facts_json(document.facts), encoding="utf-8")
        (unfinished / "index.html").write_text(page(document, images), encoding="utf-8")
        for name, data in (more or {}).items():
            (unfinished / name).write_bytes(data)


def check_folder(folder: Path) -> Path:
    """The real place of a folder that may be replaced by a report.

    Raises:
        ForeignFolderError: if it may not.
    """
    real = folder.resolve()
    if not real.exists():
        return real
    foreign = sorted({entry.name for entry in real.iterdir()} - _OURS) if real.is_dir() else [real.name]
    if foreign:
        raise ForeignFolderError(f"{folder}: holds something other than a report ({foreign[0]}); nothing was written")
    if Path.cwd().is_relative_to(real):
        raise ForeignFolderError(f"{folder}: is the working directory, which cannot be replaced; nothing was written")
    return real


def facts_json(facts: Mapping[str, Any]) -> str:
    """Facts as JSON; what is not finite is null."""
    return json.dumps(_plain(facts), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


@contextmanager
def _replacing(folder: Path) -> Iterator[Path]:
    """A new folder beside this one, which takes its place at the end if nothing went wrong."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder.parent))
    try:
        new, old = scratch / "new", scratch / "old"
        new.mkdir()
        yield new
        if folder.exists():
            os.replace(folder, old)
        try:
            os.replace(new, folder)
        except OSError:
            if old.exists():
                os.replace(old, folder)
            raise
    finally:
        shutil.rmtree(scratch)


def _write_sheet(sheet: Sheet, folder: Path) -> None:
    for kind, written in (("csv", sheet_csv), ("md", sheet_markdown), ("tex", sheet_latex)):
        (folder / f"{sheet.name}.{kind}").write_text(written(sheet), encoding="utf-8")


def _write_picture(picture: Picture, folder: Path) -> Image:
    with style.look():
        figure = picture.draw()
        drawing = style.svg(figure)
        figure.set_layout_engine("none")  # the layout is found; the second file keeps it
        dots = style.png(figure)
    (folder / f"{picture.name}.svg").write_bytes(drawing)
    (folder / f"{picture.name}.png").write_bytes(dots)
    (folder / f"{picture.name}.csv").write_text(sheet_csv(picture.data), encoding="utf-8")
    width, height = (round(_PIXELS_AN_INCH * inches) for inches in figure.get_size_inches())
    if len(drawing) > _LARGEST_DRAWING:
        return Image(dots, "image/png", width, height)
    return Image(drawing, "image/svg+xml", width, height)


def _plain(value: Any) -> Any:
    """As JSON knows it: NumPy's numbers as Python's."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value

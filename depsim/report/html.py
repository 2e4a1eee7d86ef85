"""A document as one HTML page: no script, nothing from elsewhere, every text escaped, pictures inside."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateNotFound
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from depsim.report.document import Block, Column, Document, Paragraph, Picture, Section, Sheet, Value
from depsim.report.wording import code_spans, counted, is_code, is_number, spell_value

MOST_ROWS = 400
"""Rows of a folded table that the page still holds; a longer one is named with its file."""
_SHORT_TEXT, _LONG_TEXT = 26, 40
"""Characters up to which a column of texts is not wrapped, and from which it gets some width to wrap in."""
_KINDS = {"plain": "", "answer": ' class="told"', "note": ' class="note"', "warning": ' class="warning" role="note"'}
_TEMPLATES = Path(__file__).with_name("templates")
_MINUS = re.compile(r"(?<![^\s(\[])-(?=\d)")


class PageTemplateError(ValueError):
    """A template of one's own cannot be used; says where and why."""


@dataclass(frozen=True)
class Image:
    """A drawn picture.

    Args:
        data: the file.
        kind: its media type.
        width, height: CSS pixels.
    """

    data: bytes
    kind: str
    width: int
    height: int

    @property
    def source(self) -> str:
        """The whole file as an address."""
        return f"data:{self.kind};base64,{base64.b64encode(self.data).decode()}"


def page(document: Document, images: Mapping[str, Image], templates: Path | None = None) -> str:
    """The page.

    Args:
        document: what it shows.
        images: every picture's file, by the picture's name.
        templates: a folder whose files go before depsim's own of that name (``page.html``, ``block.html``,
            ``page.css``); they run in Jinja2's sandbox. ``{% extends "depsim/page.html" %}`` changes a part only.

    Raises:
        ValueError: if two parts of the document have one address.
        PageTemplateError: if a template cannot be used.
    """
    _refuse_doubles(document)
    environment = SandboxedEnvironment(
        loader=_Loader([*([templates] if templates else []), _TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["inline"] = lambda text: Markup(inline(text))

    def shown(block: Block) -> Markup:
        known = _about(block, images)
        return Markup(environment.get_template("block.html").render(known).strip())

    try:
        return environment.get_template("page.html").render(document=document, shown=shown)
    except Exception as error:
        if templates is None:
            raise
        place = f"{getattr(error, 'filename', None) or templates}, line {getattr(error, 'lineno', '?')}"
        raise PageTemplateError(f"{place}: {type(error).__name__}: {error}") from None


def check_templates(templates: Path) -> None:
    """Refuse a folder that is none of templates, before anything is drawn.

    Raises:
        PageTemplateError: naming it and what is allowed.
    """
    names = sorted(file.name for file in _TEMPLATES.iterdir())
    if not any((templates / name).is_file() for name in names):
        raise PageTemplateError(f"--template {templates}: none of {', '.join(names)} is there")


class _Loader(FileSystemLoader):
    """Finds templates by name in the first folder that has them, and depsim's own as ``depsim/NAME`` too."""

    def get_source(self, environment: Any, template: str) -> Any:
        """The text, from a plain file inside its folder: a link could lead anywhere."""
        folders = [_TEMPLATES] if template.startswith("depsim/") else [Path(folder) for folder in self.searchpath]
        name = template.removeprefix("depsim/")
        folder = next((folder for folder in folders if os.path.lexists(folder / name)), None)
        if folder is None:
            raise TemplateNotFound(template)
        file = folder / name
        if not file.is_file() or folder.resolve() not in file.resolve().parents or file.is_symlink():
            raise TemplateNotFound(template, f"{file}: no plain file inside that folder")
        return FileSystemLoader(folder).get_source(environment, name)


def inline(text: str) -> str:
    """Escaped text whose backquotes mark code.

    >>> inline("a < b, see `x`, -1")
    'a &lt; b, see <code>x</code>, −1'
    """
    return "".join(
        f"<code>{escape(piece)}</code>" if marked else escape(_MINUS.sub("−", piece))
        for marked, piece in code_spans(text)
    )


def _about(block: Block, images: Mapping[str, Image]) -> dict[str, Any]:
    """What the template of a block is given."""
    known: dict[str, Any] = {"block": block, "kind": type(block).__name__}
    if isinstance(block, Paragraph):
        return known | {"paragraph_class": Markup(_KINDS[block.kind])}
    if isinstance(block, Picture):
        return known | {"image": images[block.name]}
    classes = [_column_class([row[place] for row in block.rows]) for place in range(len(block.columns))]
    too_long = len(block.rows) > MOST_ROWS
    return known | {
        "classes": classes,
        "numbers": [place for place, kind in enumerate(classes) if kind == " class=number"],
        "rows": counted(len(block.rows), "row"),
        "too_long": too_long,
        "cells": []
        if block.folded and too_long
        else [[_cell(value, column) for value, column in zip(row, block.columns, strict=True)] for row in block.rows],
    }


def _refuse_doubles(document: Document) -> None:
    seen: set[str] = {"answer", "contents"}
    for address in _addresses(document.sections):
        if address in seen:
            raise ValueError(f"two parts of the report are called {address}")
        seen.add(address)


def _addresses(sections: Sequence[Section]) -> Iterator[str]:
    for section in sections:
        yield section.anchor
        for block in section.blocks:
            if isinstance(block, Sheet):
                yield f"table-{block.name}"
            elif isinstance(block, Picture):
                yield f"figure-{block.name}"
        yield from _addresses(section.sub)


def _cell(value: Value, column: Column) -> Markup:
    text = spell_value(value, column)
    shown = escape(text) if is_code(value, column) else escape(_MINUS.sub("−", text))
    return Markup("<code>{}</code>").format(shown) if is_code(value, column) else shown


def _column_class(values: Sequence[Value]) -> str:
    if any(is_number(value) for value in values):
        return " class=number"
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    return " class=short" if longest <= _SHORT_TEXT else " class=long" if longest > _LONG_TEXT else ""

"""A page as HTML: one file, no script, nothing from elsewhere, every text escaped, figures inside."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateNotFound
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from depsim.report.files import right_aligned
from depsim.report.parts import Page
from depsim.report.words import code_spans, true_minus

_TEMPLATES = Path(__file__).with_name("templates")
_UNIT = re.compile(r"(?<=\d) %")
"""Of a number, which stays on its line."""
_OPTION = re.compile(r"(?<!\S)--[\w-]+")
"""Of a command, whose hyphens are no places to break a line at."""
_BREAK_AFTER = ("/", "_", ".")
"""Characters of code after which a line may break."""


class PageTemplateError(ValueError):
    """A template of one's own cannot be used; the message names the place and the reason."""


@dataclass(frozen=True)
class Image:
    """A drawn figure.

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


def page_html(page: Page, images: Mapping[str, Image], templates: Path | None = None) -> str:
    """The page.

    Args:
        page: what it shows.
        images: every figure's file, by the figure's name.
        templates: a folder whose files go before depsim's own of that name (``page.html``, ``page.css``); they run in
            Jinja2's sandbox. ``{% extends "depsim/page.html" %}`` changes a part only.

    Raises:
        ValueError: if two parts of the page have one address.
        PageTemplateError: if a template cannot be used.
    """
    _refuse_doubles(page)
    environment = SandboxedEnvironment(
        loader=_TemplateLoader([*([templates] if templates else []), _TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["inline"] = lambda text: Markup(inline(str(text)))
    environment.filters["right_aligned"] = right_aligned
    try:
        return environment.get_template("page.html").render(page=page, images=images)
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


class _TemplateLoader(FileSystemLoader):
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
    """Escaped text whose backquotes mark code, which may break where a path or a name may.

    >>> inline("a < b, see `x_y`, -1")
    'a &lt; b, see <code>x_<wbr>y</code>, −1'
    """
    return "".join(
        f"<code>{_breakable(piece)}</code>" if is_code else str(escape(_UNIT.sub("\u00a0%", true_minus(piece))))
        for is_code, piece in code_spans(text)
    )


def _breakable(code: str) -> str:
    text = str(escape(code))
    for character in _BREAK_AFTER:
        text = text.replace(character, f"{character}\0")
    return _OPTION.sub(r'<span class="whole">\g<0></span>', text).replace("\0", "<wbr>")


def _refuse_doubles(page: Page) -> None:
    names = [
        *(part.anchor for part in page.sections),
        *(f"table-{table.name}" for table in page.tables),
        *(f"figure-{figure.name}" for figure in page.figures),
    ]
    if doubles := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two parts of the page are called {', '.join(sorted(doubles))}")

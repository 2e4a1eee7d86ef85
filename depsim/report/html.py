"""A document as one HTML page: no script, nothing from elsewhere, every text escaped, pictures inside."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from depsim.report.document import Block, Column, Document, Paragraph, Picture, Section, Sheet, Value
from depsim.report.wording import code_spans, counted, is_code, is_number, spell_value

MOST_ROWS = 400
"""Rows of a folded table that the page still holds; a longer one is named with its file."""
_SHORT_TEXT, _LONG_TEXT = 26, 40
"""Characters up to which a column of texts is not wrapped, and from which it gets some width to wrap in."""
_KINDS = {"plain": "", "answer": ' class="told"', "note": ' class="note"', "warning": ' class="warning" role="note"'}
_STYLE = Path(__file__).with_name("page.css")
_MINUS = re.compile(r"(?<![^\s(\[])-(?=\d)")


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


def page(document: Document, images: Mapping[str, Image]) -> str:
    """The page.

    Args:
        document: what it shows.
        images: every picture's file, by the picture's name.

    Raises:
        ValueError: if two parts of the document have one address.
    """
    _refuse_doubles(document)
    main = "\n".join(line for part in document.sections for line in _section(part, 2, images))
    answer = "\n".join(f"<li>{inline(line)}</li>" for line in document.answer)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{escape(document.title)}</title>
<style>
{_STYLE.read_text(encoding="utf-8")}</style>
</head>
<body>
<div class="page">
<header>
<h1>{escape(document.title)}</h1>
<section class="answer" aria-labelledby="answer">
<h2 id="answer">The answer</h2>
<ol>
{answer}
</ol>
</section>
</header>
<nav aria-labelledby="contents">
<h2 id="contents">Contents</h2>
{_contents(document.sections)}
</nav>
<main>
{main}
</main>
<footer>Made by depsim. Every table and figure lies beside this page as a file;
<a href="study.json">study.json</a> holds everything that is said here.</footer>
</div>
</body>
</html>
"""


def inline(text: str) -> str:
    """Escaped text whose backquotes mark code.

    >>> inline("a < b, see `x`, -1")
    'a &lt; b, see <code>x</code>, −1'
    """
    return "".join(
        f"<code>{escape(piece)}</code>" if marked else escape(_MINUS.sub("−", piece))
        for marked, piece in code_spans(text)
    )


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


def _contents(sections: Sequence[Section]) -> str:
    entries = [
        f'<li><a href="#{escape(part.anchor)}">{escape(part.title)}</a>{_contents(part.sub) if part.sub else ""}</li>'
        for part in sections
    ]
    return "\n".join(["<ul>", *entries, "</ul>"])


def _section(section: Section, level: int, images: Mapping[str, Image]) -> Iterator[str]:
    depth = min(level, 6)
    anchor = escape(section.anchor)
    yield f'<section aria-labelledby="{anchor}">'
    yield f'<h{depth} id="{anchor}">{escape(section.title)}</h{depth}>'
    for block in section.blocks:
        yield _block(block, images)
    for part in section.sub:
        yield from _section(part, level + 1, images)
    yield "</section>"


def _block(block: Block, images: Mapping[str, Image]) -> str:
    if isinstance(block, Paragraph):
        return f"<p{_KINDS[block.kind]}>{inline(block.text)}</p>"
    return _picture(block, images[block.name]) if isinstance(block, Picture) else _sheet(block)


def _picture(picture: Picture, image: Image) -> str:
    source = f"data:{image.kind};base64,{base64.b64encode(image.data).decode()}"
    stem = f"figures/{picture.name}"
    return f"""<figure id="figure-{escape(picture.name)}">
<figcaption>{inline(picture.title)}</figcaption>
<div class="scroll drawn" tabindex="0">
<img src="{source}" alt="{escape(picture.alt)}" width="{image.width}" height="{image.height}">
</div>
<p class="note">{inline(picture.caption)}</p>
{_files(stem, ("svg", "png", "csv"))}
</figure>"""


def _sheet(sheet: Sheet) -> str:
    stem = f"tables/{sheet.name}"
    address = f"table-{escape(sheet.name)}"
    note = f'<p class="note">{inline(sheet.note)}</p>\n' if sheet.note else ""
    tail = f"{note}{_files(stem, ('csv', 'md', 'tex'))}"
    title = inline(sheet.title)
    if not sheet.folded:
        return f'<figure id="{address}">\n<figcaption>{title}</figcaption>\n{_grid(sheet)}\n{tail}\n</figure>'
    rows = counted(len(sheet.rows), "row")
    if len(sheet.rows) > MOST_ROWS:
        said = f'<p>{rows}, in <a href="{escape(stem)}.csv">{escape(stem)}.csv</a>.</p>'
        return f'<figure id="{address}">\n<figcaption>{title}</figcaption>\n{said}\n{tail}\n</figure>'
    inner = f"<figure>\n{_grid(sheet)}\n{tail}\n</figure>"
    return f'<details id="{address}">\n<summary>{title} ({rows})</summary>\n{inner}\n</details>'


def _grid(sheet: Sheet) -> str:
    classes = [_column_class([row[place] for row in sheet.rows]) for place in range(len(sheet.columns))]
    heads = zip(sheet.columns, classes, strict=True)
    head = "".join(
        f'<th scope="col"{" class=number" if kind == " class=number" else ""}>{inline(column.heading)}</th>'
        for column, kind in heads
    )
    body = []
    for row in sheet.rows:
        texts = [_cell(value, column) for value, column in zip(row, sheet.columns, strict=True)]
        cells = [f"<td{kind}>{text}</td>" for text, kind in zip(texts[1:], classes[1:], strict=True)]
        body.append(f'<tr><th scope="row"{classes[0]}>{texts[0]}</th>{"".join(cells)}</tr>')
    label = escape(sheet.title)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">\n<table>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n" + "\n".join(body) + "\n</tbody>\n</table>\n</div>"
    )


def _cell(value: Value, column: Column) -> str:
    text = spell_value(value, column)
    return f"<code>{escape(text)}</code>" if is_code(value, column) else escape(_MINUS.sub("−", text))


def _column_class(values: Sequence[Value]) -> str:
    if any(is_number(value) for value in values):
        return " class=number"
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    return " class=short" if longest <= _SHORT_TEXT else " class=long" if longest > _LONG_TEXT else ""


def _files(stem: str, kinds: Sequence[str]) -> str:
    links = " · ".join(f'<a href="{escape(stem)}.{kind}">{kind.upper()}</a>' for kind in kinds)
    return f'<p class="files">{escape(stem)}: {links}</p>'

"""A small document with one of everything, and a reader of pages."""

from __future__ import annotations

from html.parser import HTMLParser

from depsim.report.document import CODE, Column, Document, Paragraph, Picture, Section, Sheet
from depsim.report.figures import style

VOID = {"meta", "img", "br", "hr", "link", "input"}
MARKUP = "<b>x</b> & \"y\" 'z'"


def sheet(name: str = "cells", rows: int = 2, folded: bool = False) -> Sheet:
    columns = (
        Column("who", f"who {MARKUP}"),
        Column("mean", "mean", ".1f"),
        Column("n", "n"),
        Column("run_key", "run key", CODE),
        Column("said", "said"),
    )
    first = (MARKUP, -1.25, 3, "a|b_c", "−0.5 to `x`")
    others = ((f"row {place}", None, None, None, None) for place in range(1, rows))
    return Sheet(name, f"Cells of {MARKUP}", columns, (first, *others), f"Note {MARKUP}, `code < 1`.", folded)


def picture(name: str = "lines", draw: object = None) -> Picture:
    def lines() -> object:
        figure = style.figure(6.0, 3.0)
        axes = figure.subplots()
        axes.plot([0, 1, 2], [1, 3, 2], color=style.colours(["ssri"])["ssri"], label=MARKUP)
        axes.fill_between([0, 1, 2], [0, 2, 1], [2, 4, 3], alpha=0.3)
        axes.set_xlabel("σ")
        axes.legend()
        return figure

    data = Sheet(f"{name}_data", "", (Column("x", "x"), Column("y", "y")), ((0, 1.0), (1, 3.0), (2, 2.0)))
    return Picture(name, f"Lines {MARKUP}", f"Caption {MARKUP}, n = 3", draw or lines, data, f"Alt {MARKUP}")  # type: ignore[arg-type]


def document(*more: Sheet, title: str = f"Study {MARKUP}") -> Document:
    texts = tuple(Paragraph(f"{kind} {MARKUP} `a<b`", kind) for kind in ("plain", "answer", "note", "warning"))
    inner = Section("inner", f"Inner {MARKUP}", (picture(), *more))
    section = Section("outer", f"Outer {MARKUP}", (*texts, sheet(), sheet("folded", 3, True)), (inner,))
    return Document(title, (f"First {MARKUP}", "Second `a<b`"), (section,), {"study": MARKUP, "share": float("nan")})


class Page(HTMLParser):
    """A page taken apart: fails at a tag that is never closed, closed twice, or closed in the wrong order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.texts.append(data)

    def attributes(self, name: str) -> list[str]:
        return [value or "" for _, own in self.tags for key, value in own.items() if key == name]

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [own for each, own in self.tags if each == tag]

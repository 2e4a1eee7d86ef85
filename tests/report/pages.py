"""A small page with one of everything, and a reader of pages."""

from __future__ import annotations

from html.parser import HTMLParser

from depsim.report.cell import NOTHING, Cell, count_cell
from depsim.report.figures import style
from depsim.report.parts import Figure, Page, PageSection, Table
from depsim.study.estimate import Estimate

VOID = {"meta", "img", "br", "hr", "link", "input", "wbr"}
MARKUP = "<b>x</b> & \"y\" 'z'"
ROWS = (
    Estimate({"condition": MARKUP, "outcome": "combined"}, 3, -1.25, -2.0, 0.123456789012, more={"d_z": 0.5}),
    Estimate({"condition": "b"}, 2, None),
)


def table(name: str = "cells", rows: int = 2) -> Table:
    cells = (
        (MARKUP, Cell(-1.25, -2.0, 0.123), count_cell(3)),
        *((f"row {place}", NOTHING, count_cell(2)) for place in range(1, rows)),
    )
    return Table(name, f"Cells of {MARKUP}", (f"who {MARKUP}", "mean", "n"), cells, ROWS, f"Note {MARKUP}, `code < 1`.")


def figure(name: str = "lines", draw: object = None) -> Figure:
    def lines() -> object:
        drawn = style.figure(6.0, 3.0)
        axes = drawn.subplots()
        axes.plot([0, 1, 2], [1, 3, 2], color=style.colours(["ssri"])["ssri"], label=MARKUP)
        axes.fill_between([0, 1, 2], [0, 2, 1], [2, 4, 3], alpha=0.3)
        axes.legend()
        return drawn

    return Figure(name, f"Caption {MARKUP}, n = 3", draw or lines, ROWS)  # type: ignore[arg-type]


def page(*more: Table, title: str = f"Why {MARKUP}?") -> Page:
    parts = [PageSection("inner", f"Inner {MARKUP}", f"Text {MARKUP} `a<b`", figure("lines"), table("inner_cells", 3))]
    parts += [PageSection(f"part_{table.name}", "More", "", None, table) for table in more]
    return Page(
        title=title,
        study="s",
        answer=f"Answer {MARKUP} 97 %",
        figure=figure("first"),
        table=table(),
        bullets=(f"Bullet {MARKUP}", "Second `a<b`"),
        sections=tuple(parts),
        foot=(f"Foot {MARKUP}",),
        files=(table("file_only"),),
        facts={"study": MARKUP, "share": float("nan")},
    )


class Html(HTMLParser):
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
        return [value or "" for _, attributes in self.tags for key, value in attributes.items() if key == name]

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

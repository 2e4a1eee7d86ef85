"""Looks into the blocks of a section."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from depsim.report.document import Block, Picture, Section, Sheet
from depsim.report.figures import style
from depsim.report.writing import document_blocks


def blocks_of(section: Section | None) -> list[Block]:
    assert section is not None
    for own in (section, *section.sub):
        assert re.fullmatch(r"[\w-]+", own.anchor), "an address in the page"
    return list(document_blocks([section]))


def named(found: list[Block], name: str) -> Sheet:
    (sheet,) = (block for block in found if isinstance(block, Sheet) and block.name == name)
    return sheet


def column(sheet: Sheet, key: str) -> list[object]:
    place = [each.key for each in sheet.columns].index(key)
    return [row[place] for row in sheet.rows]


def records(sheet: Sheet) -> list[dict[str, object]]:
    """The rows, each by the keys of its columns."""
    keys = [each.key for each in sheet.columns]
    return [dict(zip(keys, row, strict=True)) for row in sheet.rows]


def values(found: list[Block]) -> Iterator[object]:
    for block in found:
        sheet = block if isinstance(block, Sheet) else block.data if isinstance(block, Picture) else None
        yield from (value for row in (sheet.rows if sheet else ()) for value in row)


def draw_all(found: list[Block]) -> None:
    with style.look():
        for block in found:
            if isinstance(block, Picture):
                block.draw().draw_without_rendering()


def assert_sound(found: list[Block]) -> None:
    """Names are unique, no number is missing as NaN, every sheet is as wide as its heading, every picture draws."""
    names = [block.name for block in found if isinstance(block, Sheet)]
    assert len(set(names)) == len(names)
    pictures = [block.name for block in found if isinstance(block, Picture)]
    assert len(set(pictures)) == len(pictures)
    assert not [value for value in values(found) if isinstance(value, float) and not math.isfinite(value)]
    for block in found:
        if isinstance(block, Sheet):
            assert {len(row) for row in block.rows} <= {len(block.columns)}
            assert len({each.key for each in block.columns}) == len(block.columns)
    for block in (*found, *(block.data for block in found if isinstance(block, Picture))):
        if isinstance(block, Picture | Sheet):
            assert re.fullmatch(r"[\w.+-]+", block.name), "the stem of a file"
            assert not re.fullmatch(r"[a-z_0-9]+", block.title), "what people read"
    draw_all(found)

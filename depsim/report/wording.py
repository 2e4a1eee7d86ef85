"""How values and names are put for people, whatever the file."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from depsim.report.document import CODE, Column, Value

DASH = "–"
Part = TypeVar("Part")


def spell_value(value: Value, column: Column) -> str:
    """A table's cell for people; what is missing or not finite is a dash.

    >>> [spell_value(value, Column("a", "A")) for value in (1.25, -0.04, 3, True, None, float("nan"), "x")]
    ['1.25', '-0.04', '3', 'yes', '–', '–', 'x']
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return DASH
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    text = str(value) if isinstance(value, int) else format(value, column.form)
    return text if text.strip("+-0.%") else text.lstrip("+-")


def is_number(value: Value) -> bool:
    """Whether a cell is a number for people, to be set flush right."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_code(value: Value, column: Column) -> bool:
    """Whether a cell is a text to be shown as code."""
    return isinstance(value, str) and column.form == CODE


def code_spans(text: str) -> list[tuple[bool, str]]:
    """Text in pieces, each with whether it stood between backquotes; a lone backquote is an ordinary character.

    >>> code_spans("see `a` or b`")
    [(False, 'see '), (True, 'a'), (False, ' or b`')]
    """
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        pieces[-2:] = ["`".join(pieces[-2:])]
    return [(place % 2 == 1, piece) for place, piece in enumerate(pieces) if piece]


def told_apart(parts: Sequence[Part], data: Callable[[Part], str]) -> Iterator[tuple[Part, str, str]]:
    """Parts of a study, each with what ends its names, and its titles; nothing where there is one.

    Args:
        parts: all of them.
        data: of a part, ``shared`` or ``individual``.

    >>> list(told_apart(["shared"], str)), list(told_apart(["shared", "individual"], str))[1]
    ([('shared', '', '')], ('individual', '_2', ', individual data (2)'))
    """
    for place, part in enumerate(parts, 1):
        yield (part, "", "") if len(parts) == 1 else (part, f"_{place}", f", {data(part)} data ({place})")


def spell_seeds(seeds: Iterable[int]) -> str:
    """Seeds as a person would write them.

    >>> spell_seeds([2, 0, 1, 7, 9, 10])
    '0–2, 7, 9–10'
    """
    spans: list[tuple[int, int]] = []
    for seed in sorted(seeds):
        if spans and seed == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], seed)
        else:
            spans.append((seed, seed))
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in spans)


def counted(number: int, thing: str) -> str:
    """A number of things.

    >>> counted(1, "individual"), counted(1000, "run"), counted(2, "search")
    ('1 individual', '1,000 runs', '2 searches')
    """
    several = "es" if thing.endswith(("s", "x", "ch", "sh")) else "s"
    return f"{number:,} {thing}{'' if number == 1 else several}"


def tests_together(number: int) -> str:
    """So many tests that are judged together.

    >>> tests_together(33), tests_together(1)
    ('33 tests together', 'a test')
    """
    return f"{number} tests together" if number > 1 else "a test"


def first_of(said: Sequence[str], most: int, between: str = "; ") -> str:
    """The first of these, and how many more are in the tables.

    >>> first_of(["a", "b"], 2), first_of(["a", "b", "c"], 2)
    ('a; b', 'a; b; 1 more in the tables')
    """
    more = f"; {len(said) - most} more in the tables" if len(said) > most else ""
    return f"{between.join(said[:most])}{more}"


def span(numbers: Iterable[int]) -> str:
    """From the smallest to the largest, or the one where they are alike.

    >>> span([4, 3, 9]), span([3, 3])
    ('3 to 9', '3')
    """
    ordered = sorted({*numbers})
    return " to ".join(map(str, dict.fromkeys((ordered[0], ordered[-1]))))


def listed(names: Sequence[str]) -> str:
    """Names as a person would list them.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def spell_optimism(excess: float, value: float) -> str:
    """By how much a search's value is better than the same on fresh individuals, with its sign; rounding is none.

    >>> spell_optimism(0.751, 31.2), spell_optimism(-7e-15, 41.18), spell_optimism(-1.25, 1234.5)
    ('optimism +0.751', 'optimism +0', 'optimism -1.25')
    """
    return f"optimism {0.0 if abs(excess) <= 1e-9 * abs(value) else excess:+.3g}"

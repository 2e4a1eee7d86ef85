"""Tables and lists in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a column that is empty in every row is left out.

    >>> print(table(["a", "b", "c"], [["1", "", "2"]]))
    | a | c |
    |---|---|
    | 1 | 2 |
    <BLANKLINE>
    """
    rows = list(rows)
    kept = [place for place in range(len(headings)) if any(row[place] for row in rows)]
    lines = [[headings[place] for place in kept], *([row[place] for place in kept] for row in rows)]
    told = [f"| {' | '.join(line)} |" for line in lines]
    return "\n".join([told[0], "|" + "---|" * len(kept), *told[1:], ""])


def items(entries: Iterable[tuple[str, str, str]]) -> str:
    """A list of names, each with what stands in brackets, if anything, and its meaning.

    >>> print(items([("dose/l1", "weight", "mean change"), ("seed", "", "the individual")]))
    - `dose/l1` (weight): mean change
    - `seed`: the individual
    <BLANKLINE>
    """
    return "\n".join([*(f"- `{name}`{f' ({note})' if note else ''}: {text}" for name, note, text in entries), ""])

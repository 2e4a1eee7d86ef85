"""How numbers and names are put for people, whatever the file."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence

from depsim.outcomes import is_own
from depsim.study.estimate import Estimate

DASH = "–"
_MINUS = re.compile(r"(?<![^\s(\[,±/])-(?=\d)")


def number(value: float | None, digits: int = 1, sign: bool = False) -> str:
    """A number with so many decimals; a dash for none, and no minus before zeros.

    >>> [number(97.46), number(-0.04), number(1.25, 2, True), number(None), number(float("nan"))]
    ['97.5', '0.0', '+1.25', '–', '–']
    """
    if value is None or not math.isfinite(value):
        return DASH
    text = f"{value:{'+' if sign else ''}.{digits}f}"
    return text if text.strip("+-0.") else text.lstrip("+-")


def short(value: float | None) -> str:
    """A number for a sentence: without decimals from 10 on, with one below.

    >>> [short(97.46), short(4.25), short(-0.2), short(99.7)]
    ['97', '4.2', '-0.2', '99.7']
    """
    if value is None or not math.isfinite(value):
        return DASH
    return number(value, 0 if 10 <= abs(value) < 99.5 else 1)


def plain(value: float | str) -> str:
    """A setting's value as it was written: no digits that only binary fractions have.

    >>> [plain(0.1 + 0.2), plain(1e-05), plain(15.0), plain("gradient")]
    ['0.3', '1e-05', '15', 'gradient']
    """
    return value if isinstance(value, str) else f"{value:.6g}"


def interval(row: Estimate, digits: int = 1, sign: bool = False) -> str:
    """A row's interval in brackets; empty where it has none."""
    ends = row.interval
    return f"[{number(ends[0], digits, sign)}, {number(ends[1], digits, sign)}]" if ends else ""


def mean_interval(row: Estimate, digits: int = 1, sign: bool = False) -> str:
    """A row's estimate and its interval.

    >>> mean_interval(Estimate({}, 12, 97.46, 97.1, 97.83))
    '97.5 [97.1, 97.8]'
    """
    return f"{number(row.value, digits, sign)} {interval(row, digits, sign)}".strip()


def difference(row: Estimate) -> str:
    """A difference with its interval and signs; to the second decimal where one would hide it."""
    digits = 2 if any(0 < abs(end) < 0.05 for end in row.interval or ()) else 1
    return mean_interval(row, digits, True)


def share_words(row: Estimate) -> str:
    """A share in per cent with its interval.

    >>> share_words(Estimate({}, 128, 96.9, 92.2, 98.8))
    '97 % [92, 99]'
    """
    return f"{number(row.value, 0)} % [{number(row.low, 0)}, {number(row.high, 0)}]"


def n_words(rows: Sequence[Estimate]) -> str:
    """How many individuals are behind rows.

    >>> n_words([Estimate({}, 12, 1.0), Estimate({}, 10, 1.0)])
    'n = 10 to 12'
    """
    sizes = sorted({row.n for row in rows})
    return f"n = {sizes[0]}" if len(sizes) == 1 else f"n = {sizes[0]} to {sizes[-1]}" if sizes else "n = 0"


def p_value(p: float | None) -> str:
    """A p value.

    >>> [p_value(0.00001), p_value(0.0123), p_value(0.5), p_value(None)]
    ['< 0.001', '0.012', '0.50', '–']
    """
    if p is None:
        return DASH
    return "< 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def paragraph(sentences: Iterable[str]) -> str:
    """Sentences one after the other; empty ones are left out.

    >>> paragraph(["One.", "", "Two."])
    'One. Two.'
    """
    return " ".join(filter(None, sentences))


def counted(count: int, thing: str) -> str:
    """A number of things.

    >>> counted(1, "individual"), counted(1000, "run"), counted(2, "search")
    ('1 individual', '1,000 runs', '2 searches')
    """
    several = "es" if thing.endswith(("s", "x", "ch", "sh")) else "s"
    return f"{count:,} {thing}{'' if count == 1 else several}"


def listed(names: Sequence[str], last: str = "and") -> str:
    """Names as a person would list them.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"


def format_seeds(seeds: Iterable[int]) -> str:
    """Seeds as a person would write them.

    >>> format_seeds([2, 0, 1, 7, 9, 10])
    '0–2, 7, 9–10'
    """
    spans: list[tuple[int, int]] = []
    for seed in sorted(seeds):
        if spans and seed == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], seed)
        else:
            spans.append((seed, seed))
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in spans)


def true_minus(text: str) -> str:
    """Text with minus signs where hyphens stand before numbers.

    >>> true_minus("-1 and a-1, 2/-3")
    '−1 and a-1, 2/−3'
    """
    return _MINUS.sub("−", text)


def code_spans(text: str) -> list[tuple[bool, str]]:
    """Text in pieces, each with whether it stood between backquotes; a lone backquote is an ordinary character.

    >>> code_spans("see `a` or b`")
    [(False, 'see '), (True, 'a'), (False, ' or b`')]
    """
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        pieces[-2:] = ["`".join(pieces[-2:])]
    return [(place % 2 == 1, piece) for place, piece in enumerate(pieces) if piece]


def means_sentence(means: Sequence[Estimate], outcomes: Mapping[str, str], names: Sequence[str]) -> str:
    """What conditions reach: the outcomes, then each condition with its numbers in their order.

    Args:
        means: rows with a condition and an outcome.
        outcomes: an outcome's column to its words, in order.
        names: of the conditions in the sentence, in order.

    >>> rows = [Estimate({"condition": c, "outcome": o}, 3, v) for c, o, v in
    ...         (("a", "combined", 31.2), ("a", "internal_noise_2.5", 28.0), ("a", "treated/mine", 0.0015))]
    >>> means_sentence(rows, {"combined": "combined stress", "internal_noise_2.5": "sigma 2.5"}, ["a"])
    'Combined stress / sigma 2.5, %: a 31/28'
    >>> means_sentence(rows, {"treated/mine": "mine"}, ["a"])
    'Mine: a 0.0015'
    """
    table = {(row.of("condition"), row.of("outcome")): row.value for row in means}
    shown = [name for name in names if any((name, column) in table for column in outcomes)]
    used = [column for column in outcomes if any((name, column) in table for name in shown)]
    if not used:
        return ""
    unit = "" if any(is_own(column) for column in used) else ", %"
    head = f"{' / '.join(outcomes[column] for column in used)}{unit}"
    values = [f"{name} {'/'.join(_measured(column, table.get((name, column))) for column in used)}" for name in shown]
    return f"{head[:1].upper()}{head[1:]}: {', '.join(values)}"


def _measured(column: str, value: float | None) -> str:
    """A mean in a sentence; of a measurement of one's own, which can have any size, three digits."""
    return f"{value:.3g}" if value is not None and is_own(column) else short(value)

"""What may differ between a page's output and the output here: numbers, times, sizes, ids and paths; never a word."""

from __future__ import annotations

import re
from collections import Counter

_MASKS = (
    (r"(?<![\w.])/(?:[\w.+-]+/)+[\w.+-]*", "PATH"),
    (r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b", "ID"),
    (r"(?<![^\W\d_])[-+−]?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![^\W\d_])", "#"),
    (r"# ± #", "#"),
    (r"# (?:min|s|h)\b(?: # (?:min|s)\b)?", "TIME"),
    (r"# (?:KiB|MiB|GiB)\b", "SIZE"),
    (r"# \[#, #\]", "#"),
    (r"─+", "─"),
    (r" +", " "),
)


def mask(text: str) -> str:
    """A text with what may differ replaced: ``#``, ``TIME``, ``SIZE``, ``ID`` and ``PATH``.

    A mean with its SD or its interval is masked as a number is. Lengths of spaces and of rules of tables follow from
    the numbers' and are not kept.

    >>> mask("95 % in 1 min 24 s (12.5 ± 0.3 | -4), sigma 2.5, layer_2")
    '# % in TIME (# | #), sigma #, layer_#'
    """
    for pattern, replacement in _MASKS:
        text = re.sub(pattern, replacement, text)
    return "\n".join(line.strip() for line in text.strip().splitlines())


def words_of(page: str) -> list[Counter[str]]:
    """The masked words of each block of a page and of the text between them, how often each is there.

    Lines and headings of tables are folded where the numbers leave room, so their words come in another order.

    >>> words_of("a b\\n```text\\n12 c\\n```\\n") == words_of("b a\\n```text\\nc\\n3\\n```\\n")
    True
    """
    return [Counter(mask(part).split()) for part in re.split(r"^```", page, flags=re.MULTILINE)]

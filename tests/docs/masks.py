"""What may differ between a page's output and the output here: numbers, times, sizes, ids and paths; never a word."""

from __future__ import annotations

import re

_MASKS = (
    (r"(?<![\w.])/(?:[\w.+-]+/)+[\w.+-]*", "PATH"),
    (r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b", "ID"),
    (r"(?<![^\W\d_])[-+−]?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![^\W\d_])", "#"),
    (r"# ± #", "#"),
    (r"# (?:min|s|h)\b(?: # (?:min|s)\b)?", "TIME"),
    (r"# (?:KiB|MiB|GiB)\b", "SIZE"),
    (r"(?<=│) +[-–] +(?=│)", " # "),
    (r"([━─])\1+", r"\1"),
    (r" +", " "),
)


def mask(text: str) -> str:
    """A text with what may differ replaced: ``#``, ``TIME``, ``SIZE``, ``ID`` and ``PATH``.

    A missing number in a table is masked as a number is, and so is a mean with its SD. Lengths of spaces and of rules
    of tables follow from the numbers' and are not kept.

    >>> mask("95 % in 1 min 24 s (12.5 ± 0.3 | -4), sigma 2.5, layer_2")
    '# % in TIME (# | #), sigma #, layer_#'
    """
    for pattern, replacement in _MASKS:
        text = re.sub(pattern, replacement, text)
    return "\n".join(line.strip() for line in text.strip().splitlines())

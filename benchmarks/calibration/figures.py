"""Stored figures of the calibration: what a simulation reached, and the limits."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("calibration.json")
KINDS = {
    "normal": "normal values",
    "bimodal": "bimodal values",
    "skewed": "lognormal values",
    "ceiling": "values near a ceiling",
    "quantised": "shares of four questions",
    "rare": "values of which 2 % are far off",
    "real_ssri": "accuracies of real individuals after an SSRI",
    "real_neurosteroid": "accuracies of real individuals after a neurosteroid",
}
"""Kinds of values that estimators are tried on, in words; accuracies are those under combined stress."""


@dataclass(frozen=True)
class Figure:
    """A share of simulated studies, beside the limits it has to keep.

    Args:
        key: a short name.
        what: what the share is of, in words.
        n: individuals of each simulated study.
        replicates: simulated studies.
        reached: share of them, 0 to 1.
        error: Monte-Carlo standard error of that share.
        lowest, highest: limits of the share; None where none is set.
        power: whether it is the share in which something real was noticed.
        kind: of values, one of :data:`KINDS`; empty for what has values of its own.
        code: hash of the sources that the share was reached by.
    """

    key: str
    what: str
    n: int
    replicates: int
    reached: float
    error: float
    lowest: float | None
    highest: float | None
    power: bool = False
    kind: str = ""
    code: str = ""

    @property
    def weak(self) -> bool:
        """Whether it is a power below 0.8."""
        return self.power and self.reached < 0.8

    @property
    def gated(self) -> bool:
        """Whether a limit is set for the share."""
        return self.lowest is not None or self.highest is not None

    @property
    def kept(self) -> bool:
        """Whether the share lies within its limits."""
        return (self.lowest is None or self.reached >= self.lowest) and (
            self.highest is None or self.reached <= self.highest
        )


@cache
def stored_figures() -> tuple[Figure, ...]:
    """The stored figures, made by ``make calibrate``."""
    return tuple(Figure(**entry) for entry in json.loads(FILE.read_text(encoding="utf-8")))


def store(figures: Iterable[Figure], file: Path = FILE) -> None:
    """Write figures where :func:`stored_figures` reads them, one a line."""
    lines = ",\n".join(json.dumps(asdict(figure)) for figure in figures)
    file.write_text(f"[\n{lines}\n]\n", encoding="utf-8")

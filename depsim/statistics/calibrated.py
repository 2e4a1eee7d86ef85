"""How well intervals and tests are calibrated: what a simulation reached, and the limits."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("calibration.json")


@dataclass(frozen=True)
class CalibrationFigure:
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

    @property
    def weak(self) -> bool:
        """Whether it is a power below 0.8."""
        return self.power and self.reached < 0.8

    @property
    def kept(self) -> bool:
        """Whether the share lies within its limits."""
        return (self.lowest is None or self.reached >= self.lowest) and (
            self.highest is None or self.reached <= self.highest
        )


@cache
def calibration_figures() -> tuple[CalibrationFigure, ...]:
    """The stored figures, made by ``python -m depsim.statistics.calibration``."""
    return tuple(CalibrationFigure(**entry) for entry in json.loads(FILE.read_text(encoding="utf-8")))


def store(figures: Iterable[CalibrationFigure], file: Path = FILE) -> None:
    """Write figures where :func:`calibration_figures` reads them."""
    file.write_text(json.dumps([asdict(figure) for figure in figures], indent=1) + "\n", encoding="utf-8")

"""Calibration of intervals and tests: simulated studies whose truth is known; ``make calibrate`` runs them."""

from __future__ import annotations

import math
import zlib

import numpy as np

from depsim.statistics.calibrated import CalibrationFigure, calibration_figures
from depsim.statistics.calibration_checks import CHECKS, Check

__all__ = ["CHECKS", "CalibrationFigure", "Check", "calibration_figures", "simulate"]

_BATCH = 500
"""Studies that are simulated at a time."""


def simulate(check: Check, replicates: int | None = None) -> CalibrationFigure:
    """Run one check with its own generator, however many others run.

    Args:
        check: what to try.
        replicates: studies; as many as the check asks for if left out.
    """
    generator, left, hits = np.random.default_rng(zlib.crc32(check.key.encode())), replicates or check.replicates, 0
    total = left
    while left:
        count = min(left, _BATCH)
        hits += int(check.study(generator, check.n, count).sum())
        left -= count
    reached = hits / total
    # Agresti and Coull's centre: an error that is not 0 where every study came out alike.
    centre = (hits + 2) / (total + 4)
    error = math.sqrt(centre * (1 - centre) / total)
    return CalibrationFigure(
        check.key, check.what, check.n, total, reached, round(error, 6), check.lowest, check.highest, check.power,
        check.kind,
    )  # fmt: skip

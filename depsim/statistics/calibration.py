"""Calibration of intervals and tests: simulated studies whose truth is known.

``python -m depsim.statistics.calibration`` runs all of them and stores what they reached beside this module; with keys
of checks, only these.
"""

from __future__ import annotations

import math
import sys
import time
import zlib
from collections.abc import Sequence

import numpy as np

from depsim.statistics.calibrated import CalibrationFigure, calibration_figures, store
from depsim.statistics.calibration_checks import CHECKS, Check

__all__ = ["CHECKS", "CalibrationFigure", "Check", "calibration_figures", "main", "simulate"]

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


def main(keys: Sequence[str] = ()) -> None:
    """Run checks, print what they reached, and store it.

    Args:
        keys: of those to run; all if left out. What is stored of the others stays.
    """
    if unknown := set(keys) - {check.key for check in CHECKS}:
        raise SystemExit(f"{', '.join(sorted(unknown))}: no such check")
    figures = {figure.key: figure for figure in calibration_figures()} if keys else {}
    for check in [check for check in CHECKS if not keys or check.key in keys]:
        began = time.monotonic()
        figure = figures[check.key] = simulate(check)
        bounds = (("at least", figure.lowest), ("at most", figure.highest))
        limits = [f"{word} {limit:.1%}: {'kept' if figure.kept else 'MISSED'}" for word, limit in bounds if limit]
        limits += ["power: weak" if figure.weak else "power"] if figure.power else []
        print(
            f"{figure.reached:7.2%} ± {figure.error:.2%} {figure.words}"
            f" (n = {figure.n}; {', '.join(limits) or 'no limit'}; {figure.replicates} studies,"
            f" {time.monotonic() - began:.1f} s)",
            flush=True,
        )
    store(figures[check.key] for check in CHECKS if check.key in figures)


if __name__ == "__main__":
    main(sys.argv[1:])

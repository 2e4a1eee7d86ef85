"""Calibration of intervals and tests: simulated studies whose truth is known (``make calibrate``).

Runs the checks whose code has changed since they were run, or those that are named, prints what they reached and stores
it in depsim/statistics/calibration.json. All of them take hours.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from depsim.execution.sources import sources_digest
from depsim.statistics.calibrated import CalibrationFigure, calibration_figures, store
from depsim.statistics.calibration import CHECKS, Check, simulate


def code_of(check: Check) -> str:
    """Hash of the sources that a check runs, without comments and docstrings."""
    return sources_digest(frozenset({check.study.__module__}))


def stale() -> list[str]:
    """Checks that were never run by the present code."""
    stored = {figure.key: figure.code for figure in calibration_figures()}
    return [check.key for check in CHECKS if stored.get(check.key) != code_of(check)]


def described(figure: CalibrationFigure, seconds: float) -> str:
    """What a check reached, in a line."""
    low, high = figure.lowest, figure.highest
    limits = [] if low is None else [f"at least {low:.1%}: {'kept' if figure.reached >= low else 'MISSED'}"]
    limits += [] if high is None else [f"at most {high:.1%}: {'kept' if figure.reached <= high else 'MISSED'}"]
    limits += ["power: weak" if figure.weak else "power"] if figure.power else []
    return (
        f"{figure.reached:7.2%} ± {figure.error:.2%} {figure.words} (n = {figure.n}; "
        f"{', '.join(limits) or 'no limit'}; {figure.replicates} studies, {seconds:.1f} s)"
    )


def main(keys: Sequence[str] = ()) -> None:
    """Run checks and store each at once, so that nothing is lost when it is stopped.

    Args:
        keys: of those to run; the stale ones if left out.
    """
    if unknown := set(keys) - {check.key for check in CHECKS}:
        raise SystemExit(f"{', '.join(sorted(unknown))}: no such check")
    figures = {figure.key: figure for figure in calibration_figures()}
    wanted = keys or stale()
    for check in [check for check in CHECKS if check.key in wanted]:
        began = time.monotonic()
        figures[check.key] = replace(simulate(check), code=code_of(check))
        print(described(figures[check.key], time.monotonic() - began), flush=True)
        store(figures[each.key] for each in CHECKS if each.key in figures)
    print(f"{len(wanted)} of {len(CHECKS)} checks were run")


if __name__ == "__main__":
    main(sys.argv[1:])

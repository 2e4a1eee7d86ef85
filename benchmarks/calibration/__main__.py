"""Calibration of intervals and tests: simulated studies whose truth is known (``make calibrate``).

    python -m benchmarks.calibration              the checks whose code has changed since they were run
    python -m benchmarks.calibration KEY ...      these
    python -m benchmarks.calibration page         runs nothing

Prints what the checks reached, stores it in benchmarks/calibration/calibration.json and writes the tables of
docs/explanation/calibration.md. All of them take two hours of one core.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from benchmarks.calibration import page
from benchmarks.calibration.check import simulate
from benchmarks.calibration.checks import CHECKS
from benchmarks.calibration.figures import Figure, store, stored_figures

PAGE_ONLY = "page"


def stale() -> list[str]:
    """Checks that were never run by the present code."""
    stored = {figure.key: figure.code for figure in stored_figures()}
    return [check.key for check in CHECKS if stored.get(check.key) != check.code]


def described(figure: Figure, seconds: float) -> str:
    """What a check reached, in a line."""
    low, high = figure.lowest, figure.highest
    limits = [] if low is None else [f"at least {low:.1%}: {'kept' if figure.reached >= low else 'MISSED'}"]
    limits += [] if high is None else [f"at most {high:.1%}: {'kept' if figure.reached <= high else 'MISSED'}"]
    limits += ["power: weak" if figure.weak else "power"] if figure.power else []
    words = f"{figure.what}, {figure.kind}" if figure.kind else figure.what
    return (
        f"{figure.reached:7.2%} ± {figure.error:.2%} {words} (n = {figure.n}; "
        f"{', '.join(limits) or 'not gated'}; {figure.replicates} studies, {seconds:.1f} s)"
    )


def main(keys: Sequence[str] = ()) -> None:
    """Run checks, store each at once, so that nothing is lost when it is stopped, and write the page.

    Args:
        keys: of those to run; the stale ones if left out; ``page`` for none.
    """
    if unknown := set(keys) - {check.key for check in CHECKS} - {PAGE_ONLY}:
        raise SystemExit(f"{', '.join(sorted(unknown))}: no such check")
    figures = {figure.key: figure for figure in stored_figures()}
    wanted = keys or stale()
    for check in [check for check in CHECKS if check.key in wanted]:
        began = time.monotonic()
        figures[check.key] = simulate(check)
        print(described(figures[check.key], time.monotonic() - began), flush=True)
        store(figures[each.key] for each in CHECKS if each.key in figures)
    stored_figures.cache_clear()
    page.write(set(stale()))
    print(f"{len(set(wanted) - {PAGE_ONLY})} of {len(CHECKS)} checks were run")


if __name__ == "__main__":
    main(sys.argv[1:])

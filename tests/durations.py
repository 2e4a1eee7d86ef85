"""How long the tests take: written by ``make measure-durations``, printed by ``make durations``, limited in CI.

Seconds are those of pytest (set-up, call and tear-down), added up over the workers, so that a busy machine shows less
than in wall time.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

KEPT = Path(__file__).with_name("durations.json")
FAST, SLOW, SOAK = "fast", "slow", "soak"
LIMIT = 1.0
"""Seconds that a test without a mark may take."""
BUDGETS = {"check": ((FAST,), 2), "test": ((FAST, SLOW), 8)}
"""Targets: the kinds of tests that they run, and minutes on two cores."""
_CORES, _TOLERANCE = 2, 1.5
_SHOWN, _LEAST = 20, 0.1


def summary(seconds: Mapping[tuple[str, str], float]) -> dict[str, Any]:
    """What is kept of a run: seconds of each kind and file, and of single tests from a tenth of a second on.

    Args:
        seconds: of each (kind, test).
    """
    found: dict[str, Any] = {}
    for kind in (FAST, SLOW, SOAK):
        own = {test: spent for (its, test), spent in seconds.items() if its == kind}
        files: Counter[str] = Counter()
        for test, spent in own.items():
            files[test.partition("::")[0]] += spent  # type: ignore[assignment]
        found[kind] = {
            "tests": len(own),
            "seconds": round(sum(own.values()), 1),
            "files": {name: round(spent, 1) for name, spent in sorted(files.items())},
            "heaviest": {test: round(spent, 2) for test, spent in sorted(own.items()) if spent >= _LEAST},
        }
    return found


def write(file: Path, found: Mapping[str, Any]) -> None:
    """Keep a summary; of kinds that it has no tests of, what is there stays."""
    before = json.loads(file.read_text()) if file.exists() else {}
    kept = {kind: before[kind] if kind in before and not own["tests"] else own for kind, own in found.items()}
    file.write_text(json.dumps(kept, indent=1) + "\n")


def over_budget(found: Mapping[str, Any]) -> list[str]:
    """Targets that take more than one and a half times their budget, in words."""
    wrong = []
    for target, (kinds, minutes) in BUDGETS.items():
        spent, allowed = sum(found[kind]["seconds"] for kind in kinds), minutes * 60 * _CORES * _TOLERANCE
        if spent > allowed:
            wrong.append(f"make {target}: {spent:.0f} test-seconds, {allowed:.0f} are allowed")
    return wrong


def lines(found: Mapping[str, Any]) -> Iterable[str]:
    """The heaviest files and tests, and the sums."""
    for part, name in (("files", "files"), ("heaviest", "tests")):
        rows = [(spent, kind, test) for kind, own in found.items() for test, spent in own[part].items()]
        yield f"The {_SHOWN} heaviest {name}:"
        yield from (f"{spent:8.1f} s  {kind:4}  {test}" for spent, kind, test in sorted(rows, reverse=True)[:_SHOWN])
    for kind, own in found.items():
        yield f"{kind}: {own['tests']} tests, {own['seconds']:.0f} test-seconds"


def main(words: Sequence[str] | None = None) -> int:
    """Print what is kept, or say which targets of a run took too long; the exit code."""
    parser = argparse.ArgumentParser(description="How long the tests take.")
    parser.add_argument(
        "--within-budget", type=Path, metavar="FILE", help="fail if a target in this file took too long"
    )
    file = parser.parse_args(words).within_budget
    if file is None:
        print("\n".join(lines(json.loads(KEPT.read_text()))))
        return 0
    wrong = over_budget(json.loads(file.read_text()))
    print("\n".join(wrong or ["make check and make test are within one and a half times their budgets"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())

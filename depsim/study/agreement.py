"""How the paper's claims go together: in how many individuals all hold, and which answer alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from depsim.study.findings import Finding


@dataclass(frozen=True)
class Pair:
    """Two claims that hold for some individuals and not for others.

    Args:
        first, second: their names.
        n: individuals with an answer to both.
        same: share of those with the same answer.
        phi: correlation of the answers, -1 to 1.
    """

    first: str
    second: str
    n: int
    same: float
    phi: float


@dataclass(frozen=True)
class Agreement:
    """How claims go together; those that another implies are left out, as they agree by themselves.

    Args:
        claims: how many of them were measured.
        n: individuals with an answer to each.
        all_hold: individuals for whom each of them holds.
        fewest, median, most: claims that hold for one individual; None without an individual.
        everyone, nobody: claims that hold for each, and for none, of the individuals: they go with every other.
        pairs: of the remaining ones, the strongest correlation of either sign first.
    """

    claims: int
    n: int
    all_hold: int
    fewest: int | None
    median: float | None
    most: int | None
    everyone: int
    nobody: int
    pairs: tuple[Pair, ...]


def agreement(found: Sequence[Finding]) -> Agreement:
    """How the claims of a panel go together."""
    counted = [one for one in found if one.answers and one.claim.implied_by is None]
    seeds = sorted(set.intersection(*(set(one.answers) for one in counted))) if counted else []
    held = np.array([[one.answers[seed] for one in counted] for seed in seeds], dtype=bool)
    each = held.reshape(len(seeds), len(counted)).sum(axis=1)
    return Agreement(
        claims=len(counted),
        n=len(seeds),
        all_hold=int((each == len(counted)).sum()),
        fewest=int(each.min()) if seeds else None,
        median=float(np.median(each)) if seeds else None,
        most=int(each.max()) if seeds else None,
        everyone=sum(all(one.answers.values()) for one in counted),
        nobody=sum(not any(one.answers.values()) for one in counted),
        pairs=tuple(sorted(_pairs(counted), key=lambda pair: -round(abs(pair.phi), 9))),
    )


def _pairs(counted: Sequence[Finding]) -> list[Pair]:
    found = []
    for one, other in combinations(counted, 2):
        seeds = sorted(one.answers.keys() & other.answers.keys())
        a, b = (np.array([each.answers[seed] for seed in seeds], dtype=float) for each in (one, other))
        if a.size and a.std() and b.std():
            same = float((a == b).mean())
            found.append(Pair(one.claim.name, other.claim.name, a.size, same, float(np.corrcoef(a, b)[0, 1])))
    return found

"""The paper's Figure 4: which drug it sends whom to, and for how many of each kind its sentences hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from depsim.stages import TREATED
from depsim.statistics import (
    FEWEST_FOR_INFERENCE,
    LEVEL,
    contrast,
    exact_proportion,
    share_p,
    smallest_share_p,
    verdict,
)
from depsim.study.analyses.traits import drugs
from depsim.study.estimate import Estimate, Value, family, of_proportion
from depsim.study.groups import Condition, Group, align
from depsim.traits import STRESS_SENSITIVITY, STRUCTURAL_LOSS

_DRUGS = ("ketamine", "neurosteroid", "ssri")
"""Which the rule sends to, for much structural loss, for sensitivity, and else."""
_MOST = 0.5
"""Share of individuals that a sentence about a kind of them has to hold for."""
_AREA = "resilience_auc"
"""By which its sentences say that a drug does best."""


def papers_rule(
    conditions: Sequence[Condition], measures: Sequence[str], learners: np.ndarray, fresh: np.ndarray
) -> np.ndarray | None:
    """The paper's Figure 4, split at the medians of the learners; None unless each drug is one of the conditions."""
    if (places := _places(conditions)) is None:
        return None
    loss, slope = (measures.index(name) for name in ("sparsity", "slope"))
    middle = np.median(learners, axis=0)
    lost, sensitive = fresh[:, loss] > middle[loss], fresh[:, slope] < middle[slope]
    ketamine, neurosteroid, ssri = places
    return np.where(lost, ketamine, np.where(sensitive, neurosteroid, ssri))


def _places(conditions: Sequence[Condition]) -> list[int] | None:
    """Where the paper's drugs are among the conditions; None unless each of them is one."""
    places = [
        [place for place, condition in enumerate(conditions) if condition.arm.treatment == drug] for drug in _DRUGS
    ]
    return [matching[0] for matching in places] if all(len(matching) == 1 for matching in places) else None


def kinds(group: Group) -> tuple[Estimate, ...]:
    """For how many individuals of a kind a sentence of the paper's Figure 4 holds, and for how many of the others.

    Exact test against half of them, adjusted by Holm over the three sentences. A drug that does best for nearly all of
    a kind is no drug for that kind where it does best for nearly all others, too: ``others``, per cent.

    Args:
        group: with the paper's three drugs and both traits; else no rows.
    """
    treated = drugs(group)
    if (places := _places(treated)) is None:
        return ()
    papers_drugs = [treated[place] for place in places]
    traits = [papers_drugs[0].values(f"trait/{trait}") for trait in (STRUCTURAL_LOSS, STRESS_SENSITIVITY)]
    _, table = align([*traits, *(drug.values(_AREA) for drug in papers_drugs)])
    if not len(table):
        return ()
    middle = np.median(table[:, :2], axis=0)
    lost, sensitive = (table[:, :2] > middle).T
    ahead = [table[:, 2 + k] - np.delete(table[:, 2:], k, axis=1).max(axis=1) for k in (0, 1)]
    _, remitted = align([*traits, papers_drugs[2].values(f"{TREATED}/remission")])
    mild = (remitted[:, :2] <= middle).all(axis=1)
    asked = (
        ("structural loss above the median", "ketamine does best", lost, ahead[0] > 0, ahead[0]),
        ("stress sensitivity above the median", "neurosteroid does best", sensitive, ahead[1] > 0, ahead[1]),
        ("neither above the median", "SSRI brings remission", mild, remitted[:, 2] > 0.5, None),
    )
    return _judged(
        tuple(
            _kind({**group.key, "who": who, "says": says}, of_kind, holds, by)
            for who, says, of_kind, holds, by in asked
        )
    )


def _kind(key: Mapping[str, str | float], of_kind: np.ndarray, holds: np.ndarray, ahead: np.ndarray | None) -> Estimate:
    inside, others = holds[of_kind], holds[~of_kind]
    more: dict[str, Value] = {"others": 100 * float(others.mean()) if others.size else None}
    if ahead is not None and inside.size:
        difference = contrast(ahead[of_kind], np.zeros(inside.size)).difference
        more |= {"ahead": difference.mean, "ahead_low": difference.ends[0], "ahead_high": difference.ends[1]}
    p = share_p(int(inside.sum()), inside.size, _MOST) if inside.size else None
    return of_proportion(key, exact_proportion(inside), **more)._replace(p=p)


def _judged(rows: Sequence[Estimate]) -> tuple[Estimate, ...]:
    tests = len(rows)
    return tuple(
        row._replace(
            verdict=verdict(row.p_holm, row.n, tests, (row.value or 0.0) > 100 * _MOST, smallest_share_p(row.n, _MOST)),
            more={**row.more, "noticed": noticed_share(row.n, tests)},
        )
        for row in family(rows)
    )


def noticed_share(n: int, tests: int) -> float | None:
    """The share above a half that n individuals tell from it 8 times of 10, in a family of so many tests; None: none.

    >>> noticed_share(100, 3), noticed_share(5, 3)
    (0.67, None)
    """
    from scipy.special import bdtrc

    if n < FEWEST_FOR_INFERENCE:
        return None
    least = next((k for k in range(n // 2 + 1, n + 1) if share_p(k, n, _MOST) <= LEVEL / tests), None)
    if least is None:
        return None
    shares = np.arange(51, 101) / 100
    enough = shares[bdtrc(least - 1, n, shares) >= 0.8]
    return float(enough[0]) if enough.size else None

"""Who responds, who remits, who recovers at which step of a ladder, and who collapses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from depsim.stages import TREATED
from depsim.statistics import collapsed, paired_rates, proportion, smallest_share_p, verdict
from depsim.study.analyses.placebos import placebo_pairs
from depsim.study.estimate import Estimate, Value, family, of_proportion
from depsim.study.groups import Condition, Group, align
from depsim.study.stored import stored_treatment
from depsim.treatment import Regimen
from depsim.treatment.regimen_step import RegimenStep

RATES = ("response", "remission")
REMISSION = f"{TREATED}/remission"
_GIVEN = "treatment/given/"
_MEANS = {"deficit": f"{TREATED}/deficit", "epochs": "treatment/epochs", "rate_steps": "treatment/rate_steps"}
"""What else a table of rates has: the deficit that is left, in points, and what the treatment cost."""
STAR_D = (36.8, 30.6, 13.7, 13.0)
"""Remission of those who began each step, per cent: Rush et al. (2006), QIDS-SR; only a shape to look at."""


def rate_rows(conditions: Sequence[Condition], apart: Mapping[str, str | float] = {}) -> tuple[Estimate, ...]:
    """Response and remission of each treated condition, with Wilson's interval; who had no deficit is in neither."""
    rows = []
    for condition in (condition for condition in conditions if condition.stage == TREATED):
        means = {name: condition.values(metric) for name, metric in _MEANS.items()}
        cost: dict[str, Value] = {
            name: float(np.mean(list(values.values()))) if values else None for name, values in means.items()
        }
        for rate in RATES:
            share = proportion(np.array([*condition.values(f"{TREATED}/{rate}").values()]))
            if share.n:
                key = {**apart, "condition": condition.name, "outcome": rate}
                rows.append(of_proportion(key, share, **cost))
    return tuple(rows)


def rate_differences(group: Group) -> tuple[Estimate, ...]:
    """Rates of each condition less those of its placebo, and of the untreated one: one family.

    Paired within individuals: Bonett and Price's interval, McNemar's exact test.
    """
    treated = [condition for condition in group.conditions if condition.stage == TREATED]
    pairs = [(pair.a, pair.b, "placebo") for pair in placebo_pairs(group) if pair.a.stage == TREATED]
    if (control := group.control) is not None:
        pairs += [(condition, control, "untreated") for condition in treated if condition is not control]
    rows = [row for pair in pairs for rate in RATES if (row := _difference(*pair, rate, group.key)) is not None]
    return tuple(
        row._replace(
            verdict=verdict(row.p_holm, row.n, len(rows), smallest=smallest_share_p(row.n, 0.5)),
            more={**row.more, "tests": len(rows)},
        )
        for row in family(rows)
    )


def _difference(a: Condition, b: Condition, how: str, rate: str, apart: Mapping[str, str | float]) -> Estimate | None:
    seeds, both = align([condition.values(f"{TREATED}/{rate}") for condition in (a, b)])
    if not seeds:
        return None
    compared = paired_rates(both[:, 0], both[:, 1])
    value, low, high = compared.per_cent
    key = {**apart, "a": a.name, "b": b.name, "outcome": rate, "how": how}
    more: dict[str, Value] = {"mean_a": 100 * compared.first, "mean_b": 100 * compared.second}
    return Estimate(key, compared.n, value, low, high, p=compared.p, more=more)


def ladder_rows(condition: Condition, apart: Mapping[str, str | float] = {}) -> tuple[Estimate, ...]:
    """Who recovers at which step: of those who got a step, the ones for whom it was the last and who are in remission.

    ``more`` has who is in remission with this step or an earlier one as the last, in per cent of all with a deficit.
    None where the treatment is no regimen with two steps or more for those only who are not in remission.
    """
    treatment = stored_treatment(condition.arm.settings)
    if not isinstance(treatment, Regimen) or condition.stage != TREATED:
        return ()
    arm, further = condition.arm, [step for step in treatment.steps if step.unless == "remitted"]
    asked = sorted(
        {int(name.removeprefix(_GIVEN)) for one in arm.individuals for name in one.metrics if name.startswith(_GIVEN)}
    )
    remitted = arm.values(REMISSION)
    counted = np.isfinite(remitted)
    if len(further) < 2 or len(asked) != len(further) or not counted.any():
        return ()
    given = np.array([arm.values(f"{_GIVEN}{number}") for number in asked])[:, counted] == 1
    got = np.vstack([np.ones((1, given.shape[1]), dtype=bool), given])
    last, well = len(got) - 1 - got[::-1].argmax(axis=0), remitted[counted] > 0.5
    first = [step for step in treatment.steps if step.unless is None]
    drugs = [" and ".join(name for step in first for name in step.give), *(_given(step) for step in further)]
    rows = []
    for place, name in enumerate(drugs):
        key = {**apart, "condition": condition.name, "outcome": "recovered", "step": place + 1}
        share = proportion((well & (last == place))[got[place]])
        more: dict[str, Value] = {"drugs": name, "total": 100 * float((well & (last <= place)).mean())}
        more |= {"published": STAR_D[place]} if place < len(STAR_D) else {}
        row = of_proportion(key, share, **more)
        rows.append(row if share.n else row._replace(low=None, high=None))
    return tuple(rows)


def _given(step: RegimenStep) -> str:
    """The drugs of a step, and how often where it is repeated."""
    if step.repeat is None:
        return " and ".join(step.give)
    return f"{step.repeat} x {', '.join(map(_given, step.steps))}"


def collapse_rows(
    conditions: Sequence[Condition], threshold: float, apart: Mapping[str, str | float] = {}
) -> tuple[Estimate, ...]:
    """The share of individuals whose standard accuracy lies below a threshold, with Clopper and Pearson's interval.

    Args:
        conditions: in order.
        threshold: per cent.
        apart: what every key begins with.
    """
    rows = []
    for condition in conditions:
        standard = np.array([*condition.values("standard").values()])
        if standard.size:
            key = {**apart, "condition": condition.name, "outcome": "collapsed"}
            rows.append(of_proportion(key, collapsed(standard, threshold), lowest=float(standard.min())))
    return tuple(rows)

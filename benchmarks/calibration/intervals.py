"""Which interval of a mean of values in per cent holds it best: five kinds of interval on ten kinds of values.

    python -m benchmarks.calibration.intervals     writes docs/explanation/intervals.csv and its summary (two minutes)

depsim takes the one that keeps the limits of the calibration on normal and bimodal values and falls short of 95 % by
the least, on average over kinds and sizes; the narrower one where two are within half a point.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

import numpy as np

from benchmarks.calibration import page
from benchmarks.calibration.values import PER_CENT, Population, drawn_again, real_values
from depsim.statistics.mean_interval import LARGEST_PER_CENT, per_cent_interval, student_interval

Interval = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Samples (n, studies), none constant, to the ends of each study's interval."""
STUDIES = {10: 2_000, 20: 2_000, 50: 2_000, 200: 1_000}
"""Individuals to simulated studies."""
_RESAMPLES = 999
"""Of the bootstraps that are compared; depsim's own has its own number."""
_TAILS = (0.025, 0.975)
_TIE = 0.005
"""Shares of studies that are as good as the same."""


class Cell(NamedTuple):
    """What one interval reached on one kind of values at one size.

    Args:
        coverage: share of studies whose interval holds the mean.
        width: of the interval in the median study, points.
    """

    coverage: float
    width: float


def clipped_t(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Student's t, cut off at 0 and 100."""
    low, high = student_interval(samples)
    return low.clip(0, LARGEST_PER_CENT), high.clip(0, LARGEST_PER_CENT)


def t_on_the_logit(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Student's t on the logit of the mean error, whose standard error is that of the delta method."""
    error = (1 - samples.mean(axis=0) / LARGEST_PER_CENT).clip(1e-9, 1 - 1e-9)
    low, high = student_interval(samples)
    reach = (high - low) / 2 / LARGEST_PER_CENT / (error * (1 - error))
    centre = np.log(error / (1 - error))
    return tuple(LARGEST_PER_CENT / (1 + np.exp((centre + sign * reach).clip(-700, 700))) for sign in (1, -1))


def bca(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The bias-corrected and accelerated bootstrap (Efron 1987)."""
    from scipy.special import ndtr, ndtri

    n, centre = len(samples), samples.mean(axis=0)
    centred = samples - centre
    means = np.sort(_counts(n) @ centred / n, axis=0)
    below = ((means < 0).sum(axis=0) + (means <= 0).sum(axis=0)) / (2 * _RESAMPLES)
    bias = ndtri(below.clip(0.5 / _RESAMPLES, 1 - 0.5 / _RESAMPLES))
    acceleration = (centred**3).sum(axis=0) / (6 * (centred**2).sum(axis=0) ** 1.5)
    moved = bias + ndtri(np.array(_TAILS))[:, None]
    shares = ndtr(bias + moved / (1 - acceleration * moved))
    ends = np.array([np.quantile(column, own) for column, own in zip(means.T, shares.T, strict=True)]).T
    return centre + ends[0], centre + ends[1]


def percentile_t(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The percentile-t bootstrap as the textbook has it, cut off at 0 and 100.

    A resample that is all one value is infinitely many standard errors off.
    """
    n, centre = len(samples), samples.mean(axis=0)
    centred = samples - centre
    spread = centred.std(axis=0)
    shifts = _counts(n) @ centred / n
    variance = _counts(n) @ centred**2 / n - shifts**2
    with np.errstate(divide="ignore", invalid="ignore"):
        studentised = shifts / np.sqrt(np.where(variance > 1e-9 * spread**2, variance, 0.0))
        quantiles = np.quantile(
            np.nan_to_num(studentised, posinf=np.inf, neginf=-np.inf), _TAILS, axis=0, method="inverted_cdf"
        )
        ends = centre - quantiles[::-1] * spread
    return ends[0].clip(0, LARGEST_PER_CENT), ends[1].clip(0, LARGEST_PER_CENT)


@cache
def _counts(n: int) -> np.ndarray:
    return np.random.default_rng(1).multinomial(n, np.full(n, 1 / n), size=_RESAMPLES).astype(float)


def betting(samples: np.ndarray, orders: int = 8, most: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """The hedged betting interval of Waudby-Smith and Ramdas (2023), theorem 3, with the bets of their equation 24.

    The capital is averaged over fixed random orders of the individuals, so that the interval depends on the order no
    more than it has to.

    Args:
        samples: (n, studies).
        orders: of the individuals.
        most: of the capital that is bet at a time.
    """
    shares, (n, studies) = samples / LARGEST_PER_CENT, samples.shape
    generator = np.random.default_rng(3)
    values = np.stack([shares[generator.permutation(n)] for _ in range(orders)])
    place = np.arange(1, n + 1)[:, None]
    means = (0.5 + values.cumsum(axis=1)) / (place + 1)
    variances = (0.25 + ((values - means) ** 2).cumsum(axis=1)) / (place + 1)
    before = np.concatenate([np.full((orders, 1, studies), 0.25), variances[:, :-1]], axis=1)
    bets, limit = np.sqrt(2 * np.log(2 / 0.05) / (n * before)), np.log(2 / 0.05)

    def rejected(mean: np.ndarray, sign: int) -> np.ndarray:
        room = mean if sign > 0 else 1 - mean
        capital = np.log1p(np.minimum(bets, most / np.maximum(room, 1e-12)) * sign * (values - mean)).sum(axis=1)
        return np.asarray(np.logaddexp.reduce(capital, axis=0) - np.log(orders) >= limit)

    ends = []
    for sign, bound in ((1, 0.0), (-1, 1.0)):
        kept, out = shares.mean(axis=0), np.full(studies, bound)  # the capital falls from the bound to the mean
        for _ in range(18):
            middle = (kept + out) / 2
            too_far = rejected(middle, sign)
            kept, out = np.where(too_far, kept, middle), np.where(too_far, middle, out)
        ends.append(LARGEST_PER_CENT * out)
    return ends[0], ends[1]


OURS = "percentile-t, least spread"
INTERVALS: Mapping[str, Interval] = {
    "t, clipped": clipped_t,
    "t on the logit": t_on_the_logit,
    "BCa": bca,
    "percentile-t": percentile_t,
    OURS: per_cent_interval,
    "betting": betting,
}
KINDS: Mapping[str, Population] = {
    **PER_CENT,
    **{f"real_{name}": drawn_again(values) for name, values in real_values().items()},
}


def compared(studies: Mapping[int, int] = STUDIES) -> dict[tuple[int, str, str], Cell]:
    """Size, kind of values and interval to what it reached; studies where all are equal have no interval.

    Args:
        studies: individuals to simulated studies.
    """
    found = {}
    for n, count in studies.items():
        for kind, population in KINDS.items():
            samples = population.draw(np.random.default_rng(7), (n, count))
            samples = samples[:, np.ptp(samples, axis=0) > 0]
            for name, interval in INTERVALS.items():
                low, high = interval(samples)
                held = (low - 1e-9 <= population.mean) & (population.mean <= high + 1e-9)
                found[n, kind, name] = Cell(float(held.sum() / count), float(np.median(high - low)))
    return found


def keeps_limits(cells: Mapping[tuple[int, str, str], Cell], name: str) -> bool:
    """Whether an interval of 95 % holds the mean of normal and bimodal values in 93 to 97 % from 50 individuals on."""
    judged = [
        cell for (n, kind, own), cell in cells.items() if own == name and n >= 50 and kind in ("normal", "bimodal")
    ]
    return all(0.93 <= cell.coverage <= 0.97 for cell in judged)


def shortfall(cells: Mapping[tuple[int, str, str], Cell], name: str) -> float:
    """By how much an interval falls short of 95 %, on average over kinds of values and sizes."""
    return float(np.mean([max(0.0, 0.95 - cell.coverage) for (*_, own), cell in cells.items() if own == name]))


def relative_width(cells: Mapping[tuple[int, str, str], Cell], name: str) -> float:
    """How wide an interval is, as a multiple of Student's, on average over kinds of values and sizes."""
    first = next(iter(INTERVALS))
    ratios = [cell.width / cells[n, kind, first].width for (n, kind, own), cell in cells.items() if own == name]
    return float(np.exp(np.mean(np.log(ratios))))


def best(cells: Mapping[tuple[int, str, str], Cell]) -> str:
    """The interval to take."""
    kept = [name for name in INTERVALS if keeps_limits(cells, name)]
    least = min(shortfall(cells, name) for name in kept)
    alike = [name for name in kept if shortfall(cells, name) <= least + _TIE]
    return min(alike, key=lambda name: relative_width(cells, name))


def lines_of(cells: Mapping[tuple[int, str, str], Cell]) -> str:
    """The comparison as CSV: kind of values, n, interval, coverage (%) and width (points) in the median study."""
    rows = [f'{kind},{n},"{name}",{100 * c.coverage:.1f},{c.width:.2g}' for (n, kind, name), c in cells.items()]
    return "\n".join(["values,n,interval,coverage,width", *rows, ""])


def table(cells: Mapping[tuple[int, str, str], Cell]) -> str:
    """What the comparison comes to, in Markdown."""
    ends = (
        ("short of 95 %, points", [f"{100 * shortfall(cells, name):.1f}" for name in INTERVALS]),
        ("width beside Student's", [f"{relative_width(cells, name):.2f}" for name in INTERVALS]),
        ("keeps 93 to 97 %", ["yes" if keeps_limits(cells, name) else "no" for name in INTERVALS]),
    )
    head = [f"| interval | {' | '.join(INTERVALS)} |", f"| --- |{' ---: |' * len(INTERVALS)}"]
    return "\n".join(head + [f"| {what} | {' | '.join(values)} |" for what, values in ends])


def main() -> None:
    """Write the comparison and its summary, and print the interval to take."""
    cells = compared()
    page.PAGE.with_name("intervals.csv").write_text(lines_of(cells), encoding="utf-8")
    page.renew({"intervals": table(cells)})
    print(f"{table(cells)}\n\nTaken: {best(cells)}.")


if __name__ == "__main__":
    main()

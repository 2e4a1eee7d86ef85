"""Dose and response: the dose of half the effect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from depsim.statistics.families import LEVEL
from depsim.statistics.resampling import bootstrap_counts, weighted_sums

_FEWEST_DOSES = 4
_REVERSAL = 0.2
"""How far mean responses may go back against their direction, as a share of their range."""
_BEYOND = 1.0
"""How far a plateau may lie outside the mean responses, as a share of their range."""
_RESAMPLES = 1_999
_ED50S, _SLOPES = 481, 25
_SETTLED = 0.02
"""A response nearer to a plateau than this share of the way between both does not tell where the half of it lies."""


@dataclass(frozen=True)
class DoseResponse:
    """A sigmoid (Hill curve) through mean responses: lower + (upper - lower) / (1 + (ed50 / dose) ** slope).

    Args:
        ed50: dose of half the effect.
        low, high: 95 % bootstrap interval of it over individuals; it reaches to the doses on both sides where the
            response jumps from one to the next. None below three individuals, or where more than one resample in
            twenty has no half-way point.
        lower, upper: plateaus; the response goes from lower to upper with the dose where the slope is positive.
        slope: steepness; negative for a response that falls.
    """

    ed50: float
    low: float | None
    high: float | None
    lower: float
    upper: float
    slope: float

    def at(self, dose: np.ndarray) -> np.ndarray:
        """The curve's response to ``dose`` (K,), none of them negative."""
        rise = _hill(np.asarray(dose, dtype=np.float64), np.array([self.ed50]), np.array([abs(self.slope)]))[0]
        return np.asarray(self.lower + (self.upper - self.lower) * (rise if self.slope > 0 else 1 - rise))


def fit_dose_response(dose: np.ndarray, response: np.ndarray) -> DoseResponse | None:
    """The sigmoid that fits mean responses best, or None where they have no half-way point.

    There is none with fewer than four doses; where the mean response does not change with the dose (analysis of
    variance within individuals, p > 0.05); where it rises and falls again, by more than a fifth of its range; and where
    the fitted ED50 lies at the border of the doses, or a fitted plateau farther beyond the mean responses than their
    range: then no end of the effect was seen.

    Args:
        dose: (K,) all different, none negative.
        response: (N, K); individuals with a NaN are left out.

    Raises:
        ValueError: for a negative dose or one that comes twice, or shapes that do not match.

    >>> doses = np.array([0.0, 1.0, 2.0, 4.0, 8.0])
    >>> fit_dose_response(doses, 100 * doses**2 / (doses**2 + 3.0**2)[None]).low is None
    True
    """
    dose, response = np.asarray(dose, dtype=np.float64), np.asarray(response, dtype=np.float64)
    if dose.ndim != 1 or response.shape[1:] != dose.shape:
        raise ValueError(f"responses are individuals x doses, got {response.shape} for {dose.size} doses")
    if (dose < 0).any() or np.unique(dose).size < dose.size:
        raise ValueError(f"doses are all different and none is negative, got {dose.tolist()}")
    order = np.argsort(dose)
    dose, response = dose[order], response[~np.isnan(response).any(axis=1)][:, order]
    if response.shape[0] == 0 or dose.size < _FEWEST_DOSES or not _depends_on_dose(response):
        return None
    grid = _grid(dose)
    best = _best(dose, response.mean(axis=0)[None], *grid)[0]
    if np.isnan(best[0]):
        return None
    # Once more, around the best point of the coarse grid.
    fine = _around(best[0], grid[0]), _around(abs(best[3]), grid[1])
    refined = _best(dose, response.mean(axis=0)[None], *fine, edges=False)[0]
    ed50, lower, upper, slope = (float(part) for part in (best if np.isnan(refined[0]) else refined)[:4])
    low, high = _interval(dose, response, grid)
    return DoseResponse(ed50, low, high, lower, upper, slope)


def _depends_on_dose(response: np.ndarray) -> bool:
    """Whether mean responses differ, beside how individuals differ in their response to a dose."""
    means = response.mean(axis=0)
    n, k = response.shape
    if np.ptp(means) == 0:
        return False
    if n == 1:
        return True
    from scipy.special import fdtrc

    within = response - response.mean(axis=1, keepdims=True) - means + means.mean()
    error = (within**2).sum() / ((n - 1) * (k - 1))
    between = n * ((means - means.mean()) ** 2).sum() / (k - 1)
    return bool(error == 0 or fdtrc(k - 1, (n - 1) * (k - 1), between / error) <= LEVEL)


def _grid(dose: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """ED50s and slopes to try. Below the smallest positive dose only if dose 0 stands on its other side."""
    positive = dose[dose > 0]
    start = positive.min() / (4 if (dose == 0).any() else 1)
    # Steep enough to settle on both sides of the narrowest step between doses.
    steepest = max(20.0, -2 * np.log(_SETTLED) / np.log(positive[1:] / positive[:-1]).min())
    return np.geomspace(start, positive.max(), _ED50S), np.geomspace(0.5, steepest, _SLOPES)


def _around(value: float, grid: np.ndarray) -> np.ndarray:
    step = grid[1] / grid[0]
    return np.geomspace(max(value / step, grid[0]), min(value * step, grid[-1]), 101)


def _hill(dose: np.ndarray, ed50s: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """Rise from 0 to 1 with the dose, (len(ed50s) * len(slopes), K)."""
    with np.errstate(divide="ignore"):
        distance = np.log(dose) - np.log(ed50s)[:, None]
    logits = slopes[None, :, None] * distance[:, None, :]
    return np.asarray(0.5 * (1 + np.tanh(logits / 2))).reshape(-1, dose.size)


def _best(dose: np.ndarray, means: np.ndarray, ed50s: np.ndarray, slopes: np.ndarray, edges: bool = True) -> np.ndarray:
    """The best curve for each row of mean responses; NaN where there is none.

    ED50, lower, upper, slope, and the two doses between which the ED50 is known to lie.

    Args:
        dose: (K,) ascending.
        means: (R, K).
        edges: whether an ED50 at the border of ``ed50s`` is none.

    Shape:
        (R, 6)
    """
    rise = _hill(dose, ed50s, slopes)
    jumps = np.all(np.abs(rise - 0.5) > 0.5 - _SETTLED, axis=1)
    centred = rise - rise.mean(axis=1, keepdims=True)
    norms = (centred**2).sum(axis=1)
    norms[norms == 0] = np.inf  # the same response to every dose explains nothing
    best, products = _explains_most(means, centred, norms)
    # The plateaus of a curve of given ED50 and slope follow by linear regression.
    effect = products / norms[best]
    start = means.mean(axis=1) - effect * rise[best].mean(axis=1)
    lower, upper = np.minimum(start, start + effect), np.maximum(start, start + effect)
    place, steepness = np.divmod(best, slopes.size)
    lowest, highest = means.min(axis=1), means.max(axis=1)
    none = np.maximum(lowest - lower, upper - highest) > _BEYOND * (highest - lowest)
    none |= _goes_back(np.sign(effect)[:, None] * means)
    if edges:
        none |= (place == 0) | (place == ed50s.size - 1)
    ed50, step = ed50s[place], ed50s[1] / ed50s[0]
    after = np.searchsorted(dose, ed50, side="right").clip(max=dose.size - 1)
    before = (np.searchsorted(dose, ed50, side="left") - 1).clip(min=0)
    low, high = np.where(jumps[best], (dose[before], dose[after]), (ed50 / step, ed50 * step))
    curves = np.stack([ed50, lower, upper, np.sign(effect) * slopes[steepness], low, high], axis=1)
    curves[none] = np.nan
    return curves


def _explains_most(means: np.ndarray, curves: np.ndarray, norms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each row of mean responses (R, K) the curve of (G, K) that explains most, and its product with the row."""
    best, products = np.empty(means.shape[0], dtype=np.intp), np.empty(means.shape[0])
    product, explained = np.empty_like(norms), np.empty_like(norms)
    for row, response in enumerate(means):
        np.matmul(curves, response, out=product)
        np.divide(np.square(product, out=explained), norms, out=explained)
        best[row] = explained.argmax()
        products[row] = product[best[row]]
    return best, products


def _goes_back(rising: np.ndarray) -> np.ndarray:
    """Which rows of responses (R, K) that should rise fall too far in between, or do not differ at all."""
    back = (np.maximum.accumulate(rising, axis=1) - rising).max(axis=1)
    spread = np.ptp(rising, axis=1)
    return np.asarray((spread == 0) | (back > _REVERSAL * spread))


def _interval(
    dose: np.ndarray, response: np.ndarray, grid: tuple[np.ndarray, np.ndarray]
) -> tuple[float | None, float | None]:
    n = response.shape[0]
    if n < 3:
        return None, None
    means = weighted_sums(bootstrap_counts(n), response)[:_RESAMPLES] / n
    below, above = _best(dose, means, *grid)[:, 4:].T
    if np.isnan(below).mean() > LEVEL:
        return None, None
    return float(np.nanquantile(below, 0.025)), float(np.nanquantile(above, 0.975))

"""Calibration of intervals and tests: simulated studies whose truth is known.

``python -m depsim.statistics.calibration`` runs all of them and stores what they reached beside this module.
"""

from __future__ import annotations

import math
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from depsim.statistics.calibrated import CalibrationFigure, calibration_figures, store
from depsim.statistics.contrasts import holm, sign_flip_p
from depsim.statistics.dose_response import fit_dose_response
from depsim.statistics.equivalence import equivalence, room_margin
from depsim.statistics.joint import joint_verdict
from depsim.statistics.orthogonal_array import orthogonal_array
from depsim.statistics.prediction import Prediction, predict_accuracy, predict_by_order, predict_value
from depsim.statistics.proportions import proportion, share_p
from depsim.statistics.summary import summarise
from depsim.statistics.variance import VarianceSplit, split_variance

__all__ = ["CHECKS", "CalibrationFigure", "Check", "calibration_figures", "main", "simulate"]

_ALPHA = 0.05
_MARGIN = 2.0
_QUESTIONS = 1_000
_REQUIRED = (0.5, 0.95) * 10 + (0.5,)
"""Shares of individuals for whom the claims of a family have to hold."""
_BATCH = 500
"""Studies that are simulated at a time."""

Draw = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]
Study = Callable[[np.random.Generator, int, int], np.ndarray]
"""Generator, individuals and number of studies to whether each study came out as counted, (studies,) booleans."""


@dataclass(frozen=True)
class Population:
    """Values of individuals, and their mean."""

    draw: Draw
    mean: float


NORMAL = Population(lambda generator, shape: generator.normal(size=shape), 0.0)
BIMODAL = Population(
    lambda generator, shape: generator.normal(4.0 * (generator.random(shape) < 0.3), 0.5),
    1.2,
)
CEILING = Population(lambda generator, shape: 100 * generator.beta(20.0, 0.5, size=shape), 100 * 20 / 20.5)


@dataclass(frozen=True)
class Check:
    """One promise and how it is tried.

    Args:
        key: a short name.
        what: what is counted, in words.
        n: individuals of each study.
        replicates: studies.
        study: simulates them.
        lowest, highest: limits of the share counted; None where none is set.
        power: whether it is counted how often something real is noticed; below 0.8 that is a weakness, and said.
    """

    key: str
    what: str
    n: int
    replicates: int
    study: Study
    lowest: float | None = None
    highest: float | None = None
    power: bool = False


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
        check.key, check.what, check.n, total, reached, round(error, 6), check.lowest, check.highest, check.power
    )


def _interval_holds_the_mean(population: Population) -> Study:
    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        intervals = [summary.interval for summary in summarise(population.draw(generator, (n, studies)))]
        return np.array([i is not None and i[0] <= population.mean <= i[1] for i in intervals])

    return study


def _arms_differ(population: Population, shift: float = 0.0) -> Study:
    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        differences = population.draw(generator, (studies, n)) - population.draw(generator, (studies, n)) + shift
        return np.array([sign_flip_p(own) <= _ALPHA for own in differences])

    return study


def _any_of_a_family_differs(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
    """Five arms, four outcomes that share half their variance, forty contrasts."""
    individual, arm = generator.normal(size=(studies, n, 1, 4)), generator.normal(size=(studies, n, 5, 1))
    values = individual + arm + generator.normal(size=(studies, n, 5, 4))
    first, second = np.triu_indices(5, 1)
    differences = (values[:, :, first] - values[:, :, second]).reshape(studies, n, -1)
    adjusted = [holm([sign_flip_p(family[:, i]) for i in range(family.shape[1])]) for family in differences]
    return np.array([min(p for p in family if p is not None) <= _ALPHA for family in adjusted])


def _one_more_value_is_inside(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
    values = generator.normal(size=(studies, n + 1))
    return _inside([predict_value(own[:-1]) for own in values], values[:, -1])


def _one_more_exam_is_inside(error: Draw) -> Study:
    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        errors = generator.binomial(_QUESTIONS, error(generator, (studies, n + 1)))
        accuracies = 100 * (1 - errors / _QUESTIONS)
        return _inside([predict_accuracy(own[:-1], _QUESTIONS) for own in accuracies], accuracies[:, -1])

    return study


def _inside(predictions: list[Prediction | None], values: np.ndarray) -> np.ndarray:
    pairs = zip(predictions, values, strict=True)
    return np.array([p is not None and p.low <= value <= p.high for p, value in pairs])


def _one_more_rank_is_inside(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
    """Shares of four questions, most of them faultless."""
    values = 25.0 * generator.binomial(4, 0.9, size=(studies, n + 1))
    return _inside([predict_by_order(own[:-1]) for own in values], values[:, -1])


def _one_more_individual_stands_out(skewed: bool, shift: float) -> Study:
    """Eight values (or their logarithms) that share half their variance, four of them shifted by so many SD."""

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        values = generator.normal(size=(studies, n + 1, 8)) + generator.normal(size=(studies, n + 1, 1))
        values = np.exp(values) if skewed else values
        values[:, -1, :4] += shift * values[:, :-1, :4].std(axis=1, ddof=1)
        return np.array([joint_verdict(own[:-1], own[-1], np.full(8, 1e-3)).p <= _ALPHA for own in values])

    return study


def _arms_are_equivalent(part: float) -> Study:
    """A's mean lies this part of the margin below B's; B leaves some 8 points to be gained, so the margin is 2."""

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        rooms = generator.gamma(4.0, _MARGIN, size=(studies, n))
        differences = generator.normal(-part * _MARGIN, 3.0, size=(studies, n))
        found = [equivalence(own, np.zeros(n), room_margin(room)) for own, room in zip(differences, rooms, strict=True)]
        return np.array([one.within is not None and one.within < _ALPHA for one in found])

    return study


def _interval_holds_the_share(share: float) -> Study:
    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        found = [proportion(support) for support in generator.random((studies, n)) < share]
        return np.array([p.low <= share <= p.high for p in found])

    return study


def _any_of_the_claims_is_decided(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
    """Claims that hold for exactly the required share are neither true nor false."""
    return np.array([min(ps) <= _ALPHA for ps in _claims(generator, n, studies, _REQUIRED)])


def _a_claim_is_supported(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
    """The first of them holds for more individuals than the half that it needs."""
    return np.array([ps[0] <= _ALPHA for ps in _claims(generator, n, studies, (0.75, *_REQUIRED[1:]))])


def _claims(generator: np.random.Generator, n: int, studies: int, shares: tuple[float, ...]) -> list[list[float]]:
    """Holm's p of independent claims that hold for these shares of individuals, study by study."""
    counts = generator.binomial(n, shares, size=(studies, len(shares)))
    tests = [[share_p(int(count), n, own) for count, own in zip(row, _REQUIRED, strict=True)] for row in counts]
    return [[p for p in holm(row) if p is not None] for row in tests]


def _interval_holds_the_component(name: str) -> Study:
    """Eight seeds each of four streams in an orthogonal array; variances 4, 1, 0.25 and 0, residual 1."""

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        sds = {"train": 2.0, "test": 1.0, "init": 0.5, "order": 0.0}
        splits = (_split_of_an_array(generator, sds, n) for _ in range(studies))
        shares = [next(c for c in split.components if c.name == name) for split in splits]
        truth = sds[name] ** 2 / 6.25
        return np.array([c.low is not None and c.high is not None and c.low <= truth <= c.high for c in shares])

    return study


def _equal_streams_have_a_largest(streams: int) -> Study:
    """So many streams of four with a variance of 1, the others 0, residual 1."""

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        sds = {name: float(place < streams) for place, name in enumerate(("train", "test", "init", "order"))}
        leads = [_split_of_an_array(generator, sds, n).lead for _ in range(studies)]
        return np.array([lead is not None and lead.is_certain for lead in leads])

    return study


def _split_of_an_array(generator: np.random.Generator, sds: Mapping[str, float], n: int) -> VarianceSplit:
    """A simulated study of n networks in an array of strength 2."""
    levels = dict(zip(sds, orthogonal_array(len(sds), 2).T, strict=True))
    draws = (generator.normal(0, sds[name], 8)[own] for name, own in levels.items())
    return split_variance(sum(draws, generator.normal(size=n)), {name: own.tolist() for name, own in levels.items()})


def _interval_holds_the_ed50(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
    dose = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0])
    curve = 50 + 40 * dose**4 / (dose**4 + 0.3**4)
    held = []
    for _ in range(studies):
        fit = fit_dose_response(dose, curve + generator.normal(0, 5, (n, 1)) + generator.normal(0, 5, (n, dose.size)))
        held.append(fit is not None and fit.low is not None and fit.high is not None and fit.low <= 0.3 <= fit.high)
    return np.array(held)


def _usual_error(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return 1 / (1 + np.exp(-generator.normal(-3.0, 0.6, size=shape)))


def _rare_error(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return 1 - generator.beta(20.0, 0.5, size=shape)


_MEAN = "95 % intervals that hold the mean of"
_ZERO = "identical arms called different at the 5 % level,"
_NEW = "95 % prediction intervals that hold a new individual's"
CHECKS = (
    Check("mean_normal", f"{_MEAN} normal values", 50, 10_000, _interval_holds_the_mean(NORMAL), 0.93, 0.97),
    Check("mean_bimodal", f"{_MEAN} bimodal values", 50, 10_000, _interval_holds_the_mean(BIMODAL), 0.93, 0.97),
    Check("mean_ceiling", f"{_MEAN} values near a ceiling", 50, 10_000, _interval_holds_the_mean(CEILING), 0.91),
    Check("mean_normal_10", f"{_MEAN} normal values", 10, 10_000, _interval_holds_the_mean(NORMAL)),
    Check("mean_ceiling_10", f"{_MEAN} values near a ceiling", 10, 10_000, _interval_holds_the_mean(CEILING)),
    Check("mean_normal_20", f"{_MEAN} normal values", 20, 10_000, _interval_holds_the_mean(NORMAL)),
    Check("mean_ceiling_20", f"{_MEAN} values near a ceiling", 20, 10_000, _interval_holds_the_mean(CEILING)),
    Check("mean_normal_200", f"{_MEAN} normal values", 200, 5_000, _interval_holds_the_mean(NORMAL), 0.93, 0.97),
    Check("mean_ceiling_200", f"{_MEAN} values near a ceiling", 200, 5_000, _interval_holds_the_mean(CEILING), 0.91),
    Check("flip_normal", f"{_ZERO} normal values", 50, 10_000, _arms_differ(NORMAL), None, 0.065),
    Check("flip_ceiling", f"{_ZERO} values near a ceiling", 50, 10_000, _arms_differ(CEILING), None, 0.065),
    Check("flip_normal_10", f"{_ZERO} normal values", 10, 10_000, _arms_differ(NORMAL), None, 0.065),
    Check("holm", "families of 40 contrasts of identical arms with any called different at 5 % after Holm", 50, 2_000,
          _any_of_a_family_differs, None, 0.055),
    Check("predict_value", f"{_NEW} normal value", 49, 10_000, _one_more_value_is_inside, 0.93),
    Check("predict_accuracy", f"{_NEW} accuracy", 49, 10_000, _one_more_exam_is_inside(_usual_error), 0.93),
    Check("predict_ceiling", f"{_NEW} accuracy near 100 %", 49, 10_000, _one_more_exam_is_inside(_rare_error), 0.93),
    Check("predict_order", f"{_NEW} share of four questions", 49, 10_000, _one_more_rank_is_inside, 0.93),
    Check("joint", "new individuals of the same kind told apart by eight skewed values together", 49, 10_000,
          _one_more_individual_stands_out(True, 0.0), None, 0.055),
    Check("equivalence", "arms that differ by just the margin called equivalent at the 5 % level", 50, 10_000,
          _arms_are_equivalent(1.0), None, 0.055),
    Check("flip_power", "arms that differ by half an SD of their difference called different at the 5 % level", 50,
          10_000, _arms_differ(NORMAL, math.sqrt(0.5)), power=True),
    Check("joint_power", "individuals with four of eight normal values shifted by 3 SD told apart", 49, 10_000,
          _one_more_individual_stands_out(False, 3.0), power=True),
    Check("equivalence_power", "equal arms called equivalent at the 5 % level (differences vary by 1.5 margins)", 50,
          10_000, _arms_are_equivalent(0.0), power=True),
    Check("wilson", "95 % Wilson intervals that hold a share of 70 %", 50, 10_000, _interval_holds_the_share(0.7),
          0.93, 0.97),
    Check("claims", "families of 21 claims that hold for just the required share with any called supported or refuted",
          50, 10_000, _any_of_the_claims_is_decided, None, 0.055),
    Check("claims_200", "families of 21 claims that hold for just the required share with any called supported or"
          " refuted", 200, 10_000, _any_of_the_claims_is_decided, None, 0.055),
    Check("claims_power", "claims that hold for 75 % and need 50 %, among 20 others, called supported", 50, 10_000,
          _a_claim_is_supported, power=True),
    Check("component_large", "95 % intervals that hold a stream's share of 64 % of the variance (64 networks)",
          64, 1_500, _interval_holds_the_component("train"), 0.93),
    Check("component_small", "95 % intervals that hold a stream's share of 4 % of the variance (64 networks)",
          64, 1_500, _interval_holds_the_component("init"), 0.93),
    Check("largest_of_two", "two equal streams of four of which one is called the largest (64 networks)",
          64, 1_500, _equal_streams_have_a_largest(2), None, 0.065),
    Check("largest_of_four", "four equal streams of which one is called the largest (64 networks)",
          64, 1_500, _equal_streams_have_a_largest(4), None, 0.055),
    Check("ed50", "95 % bootstrap intervals that hold the dose of half the effect", 50, 300, _interval_holds_the_ed50,
          0.90),
)  # fmt: skip
"""Every promise: those of the study's design with their limits, and what else the report prints an interval of."""


def main() -> None:
    """Run all checks, print what they reached, and store it."""
    figures = []
    for check in CHECKS:
        began = time.monotonic()
        figure = simulate(check)
        figures.append(figure)
        bounds = (("at least", figure.lowest), ("at most", figure.highest))
        limits = [f"{word} {limit:.1%}: {'kept' if figure.kept else 'MISSED'}" for word, limit in bounds if limit]
        limits += ["power: weak" if figure.weak else "power"] if figure.power else []
        print(
            f"{figure.reached:7.2%} ± {figure.error:.2%} {figure.what}"
            f" (n = {figure.n}; {', '.join(limits) or 'no limit'}; {figure.replicates} studies,"
            f" {time.monotonic() - began:.1f} s)",
            flush=True,
        )
    store(figures)


if __name__ == "__main__":
    main()

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
from dataclasses import dataclass

import numpy as np

from depsim.statistics.calibrated import CalibrationFigure, calibration_figures, store
from depsim.statistics.simulated_from_real import (
    one_more_real_accuracy_is_inside,
    real_differences_from_the_best_are_held,
)
from depsim.statistics.simulated_people import (
    a_cell_has_a_best,
    any_of_the_slopes_is_told,
    interval_holds_the_share_of_individuals,
    interval_holds_the_slope,
    the_rule_is_useful,
)
from depsim.statistics.simulated_studies import (
    Study,
    a_claim_is_supported,
    an_equal_condition_is_ruled_out,
    any_of_a_family_differs,
    any_of_the_claims_is_decided,
    arms_are_equivalent,
    arms_differ,
    differences_from_the_best_are_held,
    equal_streams_have_a_largest,
    hazard_ratio_is_held,
    hazards_differ,
    interval_holds_the_component,
    interval_holds_the_ed50,
    interval_holds_the_mean,
    interval_holds_the_share,
    one_more_exam_is_inside,
    one_more_individual_stands_out,
    one_more_rank_is_inside,
    one_more_value_is_inside,
    skewed_differences_differ,
    the_best_stands_alone,
)
from depsim.statistics.simulated_values import (
    BIMODAL,
    CEILING,
    NORMAL,
    QUANTISED,
    RARE,
    SKEWED,
    Population,
    drawn_again,
    rare_error,
    real_values,
    usual_error,
)

__all__ = ["CHECKS", "CalibrationFigure", "Check", "calibration_figures", "main", "simulate"]

_BATCH = 500
"""Studies that are simulated at a time."""


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


_MEAN = "95 % intervals that hold the mean of"
_ZERO = "identical arms called different at the 5 % level,"
_NEW = "95 % prediction intervals that hold a new individual's"
_BEST = "95 % simultaneous intervals that hold each of five conditions' differences from the best, of"
_EQUAL = "families of five equal conditions of which any is said not to be the best,"
_SLOPE = "95 % intervals (HC3) that hold the slope of a trait along which outcomes spread more and more"
_SHARE = "95 % resampled intervals that hold the share of individuals in the variance,"
_EXPONENTIAL = interval_holds_the_share_of_individuals(
    lambda generator, shape: generator.exponential(size=shape), 1, 0.6
)
_LOGNORMAL = interval_holds_the_share_of_individuals(SKEWED.draw, (math.e - 1) * math.e, 0.6)
_HAZARD = "95 % intervals that hold a hazard ratio of"
_HALF = "arms that differ by half an SD of their difference called different at the 5 % level,"
_AGAIN = "accuracies under combined stress, of real individuals after"


def _means(name: str, what: str, population: Population, lowest: float | None, highest: float | None) -> list[Check]:
    """The mean's interval at four sizes, of which the larger two have limits."""
    held, sizes = interval_holds_the_mean(population), {50: 10_000, 200: 5_000, 10: 10_000, 20: 10_000}
    limits = {50: (lowest, highest), 200: (lowest, highest)}
    return [
        Check(f"mean_{name}" + ("" if n == 50 else f"_{n}"), f"{_MEAN} {what}", n, studies, held, *limits.get(n, ()))
        for n, studies in sizes.items()
    ]


CHECKS = (
    *_means("normal", "normal values", NORMAL, 0.93, 0.97),
    *_means("bimodal", "bimodal values", BIMODAL, 0.93, 0.97),
    *_means("skewed", "lognormal values", SKEWED, 0.91, None),
    *_means("ceiling", "values near a ceiling", CEILING, 0.91, None),
    *_means("quantised", "shares of four questions", QUANTISED, 0.91, None),
    *_means("rare", "values of which 2 % are far off", RARE, None, None),
    *_means("real_ssri", f"{_AGAIN} ssri", drawn_again(real_values()["ssri"]), None, None),
    *_means("real_neurosteroid", f"{_AGAIN} neurosteroid", drawn_again(real_values()["neurosteroid"]), None, None),
    Check("flip_normal", f"{_ZERO} normal values", 50, 10_000, arms_differ(NORMAL), None, 0.065),
    Check("flip_ceiling", f"{_ZERO} values near a ceiling", 50, 10_000, arms_differ(CEILING), None, 0.065),
    Check("flip_normal_10", f"{_ZERO} normal values", 10, 10_000, arms_differ(NORMAL), None, 0.065),
    *(
        Check(f"flip_{name}", f"{_ZERO} {what}", 50, 10_000, arms_differ(population), None, 0.065)
        for name, what, population in (
            ("bimodal", "bimodal values", BIMODAL),
            ("quantised", "shares of four questions", QUANTISED),
            ("rare", "values of which 2 % are far off", RARE),
            ("real", f"{_AGAIN} ssri", drawn_again(real_values()["ssri"])),
        )
    ),
    Check("flip_one_sided", "differences near a ceiling whose mean is 0 called different at the 5 % level", 50, 10_000,
          skewed_differences_differ(CEILING)),
    Check("flip_skewed", "lognormal differences whose mean is 0 called different at the 5 % level", 50, 10_000,
          skewed_differences_differ(SKEWED)),
    Check("holm", "families of 40 contrasts of identical arms with any called different at 5 % after Holm", 50, 2_000,
          any_of_a_family_differs, None, 0.055),
    Check("predict_value", f"{_NEW} normal value", 49, 10_000, one_more_value_is_inside, 0.93),
    Check("predict_accuracy", f"{_NEW} accuracy", 49, 10_000, one_more_exam_is_inside(usual_error), 0.93),
    Check("predict_ceiling", f"{_NEW} accuracy near 100 %", 49, 10_000, one_more_exam_is_inside(rare_error), 0.93),
    Check("predict_order", f"{_NEW} share of four questions", 49, 10_000, one_more_rank_is_inside, 0.93),
    *(
        Check(f"predict_real_{name}", f"{_NEW} accuracy under combined stress, real individuals after {name}", 49,
              10_000, one_more_real_accuracy_is_inside(name))
        for name in real_values()
    ),
    Check("joint", "new individuals of the same kind told apart by eight skewed values together", 49, 10_000,
          one_more_individual_stands_out(True, 0.0), None, 0.055),
    Check("equivalence", "arms that differ by just the margin called equivalent at the 5 % level", 50, 10_000,
          arms_are_equivalent(1.0), None, 0.055),
    Check("flip_power", "arms that differ by half an SD of their difference called different at the 5 % level", 50,
          10_000, arms_differ(NORMAL, math.sqrt(0.5)), power=True),
    *(
        Check(f"flip_power_{name}", f"{_HALF} {what}", 50, 10_000, arms_differ(population, shift), power=True)
        for name, what, population, shift in (
            ("skewed", "lognormal values", SKEWED, math.sqrt((math.e - 1) * math.e / 2)),
            ("ceiling", "values near a ceiling", CEILING, 100 * math.sqrt(10 / 20.5**2 / 21.5 / 2)),
            ("quantised", "shares of four questions", QUANTISED, 25 * math.sqrt(0.36 / 2)),
        )
    ),
    Check("joint_power", "individuals with four of eight normal values shifted by 3 SD told apart", 49, 10_000,
          one_more_individual_stands_out(False, 3.0), power=True),
    Check("equivalence_power", "equal arms called equivalent at the 5 % level (differences vary by 1.5 margins)", 50,
          10_000, arms_are_equivalent(0.0), power=True),
    Check("wilson", "95 % Wilson intervals that hold a share of 70 %", 50, 10_000, interval_holds_the_share(0.7),
          0.93, 0.97),
    Check("claims", "families of 21 claims that hold for just the required share with any called supported or refuted",
          50, 10_000, any_of_the_claims_is_decided, None, 0.055),
    Check("claims_200", "families of 21 claims that hold for just the required share with any called supported or"
          " refuted", 200, 10_000, any_of_the_claims_is_decided, None, 0.055),
    Check("claims_power", "claims that hold for 75 % and need 50 %, among 20 others, called supported", 50, 10_000,
          a_claim_is_supported, power=True),
    Check("component_large", "95 % intervals that hold a stream's share of 64 % of the variance (64 networks)",
          64, 1_500, interval_holds_the_component("train"), 0.93),
    Check("component_small", "95 % intervals that hold a stream's share of 4 % of the variance (64 networks)",
          64, 1_500, interval_holds_the_component("init"), 0.93),
    Check("largest_of_two", "two equal streams of four of which one is called the largest (64 networks)",
          64, 1_500, equal_streams_have_a_largest(2), None, 0.065),
    Check("largest_of_four", "four equal streams of which one is called the largest (64 networks)",
          64, 1_500, equal_streams_have_a_largest(4), None, 0.055),
    Check("best_normal", f"{_BEST} normal values", 50, 2_000, differences_from_the_best_are_held(NORMAL, 1.0), 0.93),
    Check("best_bimodal", f"{_BEST} bimodal values", 50, 2_000, differences_from_the_best_are_held(BIMODAL, 2.0), 0.93),
    Check("best_skewed", f"{_BEST} lognormal values", 50, 2_000, differences_from_the_best_are_held(SKEWED, 2.0), 0.91),
    Check("best_ceiling", f"{_BEST} values near a ceiling", 50, 2_000,
          differences_from_the_best_are_held(CEILING, 4.0), 0.91),
    Check("best_quantised", f"{_BEST} shares of four questions", 50, 2_000,
          differences_from_the_best_are_held(QUANTISED, 10.0), 0.91),
    Check("best_rare", f"{_BEST} values of which 2 % are far off", 50, 2_000,
          differences_from_the_best_are_held(RARE, 4.0)),
    Check("best_real", "95 % simultaneous intervals that hold each of four conditions' differences from the best, of"
          " accuracies under combined stress of real individuals", 50, 2_000, real_differences_from_the_best_are_held),
    Check("best_normal_10", f"{_BEST} normal values", 10, 2_000, differences_from_the_best_are_held(NORMAL, 1.0)),
    Check("best_normal_200", f"{_BEST} normal values", 200, 1_000, differences_from_the_best_are_held(NORMAL, 1.0),
          0.93),
    Check("best_skewed_200", f"{_BEST} lognormal values", 200, 1_000, differences_from_the_best_are_held(SKEWED, 2.0),
          0.91),
    Check("best_equal", f"{_EQUAL} normal values", 50, 4_000, an_equal_condition_is_ruled_out(NORMAL), None, 0.055),
    Check("best_equal_ceiling", f"{_EQUAL} values near a ceiling", 50, 4_000, an_equal_condition_is_ruled_out(CEILING),
          None, 0.055),
    Check("best_power", "families of five conditions, four of them half an SD of the difference behind, of which the"
          " best stands alone", 50, 2_000, the_best_stands_alone(math.sqrt(0.5)), power=True),
    Check("hazard", f"{_HAZARD} 2", 50, 2_000, hazard_ratio_is_held(2.0, 0.15), 0.93),
    Check("hazard_200", f"{_HAZARD} 2", 200, 500, hazard_ratio_is_held(2.0, 0.15), 0.93),
    Check("hazard_equal", "equal hazards called different at the 5 % level", 50, 2_000, hazards_differ(1.0, 0.15), None,
          0.065),
    Check("hazard_rare", "equal hazards of 3 % a cycle called different at the 5 % level", 50, 2_000,
          hazards_differ(1.0, 0.03), None, 0.065),
    Check("hazard_power", "hazards with a ratio of 2 called different at the 5 % level", 50, 2_000,
          hazards_differ(2.0, 0.15), power=True),
    Check("slope", _SLOPE, 50, 2_000, interval_holds_the_slope, 0.91),
    Check("slope_200", _SLOPE, 200, 2_000, interval_holds_the_slope, 0.91),
    Check("slopes", "families of 18 slopes of nothing with any called different from 0 at 5 % after Holm", 100, 1_000,
          any_of_the_slopes_is_told(0.0), None, 0.055),
    Check("slopes_power", "slopes of a correlation of 0.3, among 17 others, called different from 0 after Holm", 200,
          1_000, any_of_the_slopes_is_told(0.3), power=True),
    Check("rule", "rules learned where nobody benefits from another treatment than others do, called useful", 300,
          2_000, the_rule_is_useful(0.0), None, 0.055),
    Check("rule_power", "rules called useful where a treatment is 5 points better for half of all, and worse for the"
          " others", 300, 2_000, the_rule_is_useful(5.0), power=True),
    Check("map", "maps of nine cells of three equal treatments of which any cell names the best", 40, 500,
          a_cell_has_a_best(0.0, 9), None, 0.055),
    Check("map_power", "maps of nine cells that name the best where it is one SD ahead in one cell", 40, 1_000,
          a_cell_has_a_best(1.0, 9), power=True),
    Check("share_exponential", f"{_SHARE} exponential effects", 50, 2_000, _EXPONENTIAL, 0.91),
    Check("share_exponential_200", f"{_SHARE} exponential effects", 200, 1_000, _EXPONENTIAL, 0.91),
    Check("share_lognormal", f"{_SHARE} lognormal effects", 50, 2_000, _LOGNORMAL),
    Check("ed50", "95 % bootstrap intervals that hold the dose of half the effect", 50, 300, interval_holds_the_ed50,
          0.90),
)  # fmt: skip
"""Every promise: those of the study's design with their limits, and what else the report prints an interval of."""


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
            f"{figure.reached:7.2%} ± {figure.error:.2%} {figure.what}"
            f" (n = {figure.n}; {', '.join(limits) or 'no limit'}; {figure.replicates} studies,"
            f" {time.monotonic() - began:.1f} s)",
            flush=True,
        )
    store(figures[check.key] for check in CHECKS if check.key in figures)


if __name__ == "__main__":
    main(sys.argv[1:])

"""What the calibration tries: each estimator on each kind of values, with the limits that were set beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from benchmarks.calibration.best import (
    an_equal_condition_is_ruled_out,
    differences_from_the_best_are_held,
    real_differences_from_the_best_are_held,
    the_best_stands_alone,
)
from benchmarks.calibration.check import Check
from benchmarks.calibration.components import (
    EXPONENTIAL,
    RARE_LEVELS,
    equal_streams_have_a_largest,
    interval_holds_the_component,
    the_largest_is_named,
)
from benchmarks.calibration.contrasts import (
    any_of_a_family_differs,
    arms_are_equivalent,
    arms_differ,
    skewed_differences_differ,
)
from benchmarks.calibration.means import interval_holds_the_mean
from benchmarks.calibration.predictions import (
    one_more_exam_is_inside,
    one_more_individual_stands_out,
    one_more_rank_is_inside,
    one_more_real_accuracy_is_inside,
    one_more_real_individual_stands_out,
    one_more_value_is_inside,
)
from benchmarks.calibration.rates import (
    a_claim_is_supported,
    any_of_the_claims_is_decided,
    interval_holds_the_difference_of_rates,
    interval_holds_the_share,
    rates_differ,
)
from benchmarks.calibration.reliability import interval_holds_the_share_of_individuals
from benchmarks.calibration.slopes import any_of_the_slopes_is_told, interval_holds_the_slope
from benchmarks.calibration.triage import the_rule_is_useful
from benchmarks.calibration.values import (
    BIMODAL,
    CEILING,
    HEAVY_TAILED,
    NORMAL,
    PER_CENT,
    QUANTISED,
    RARE,
    SKEWED,
    Population,
    Study,
    difference_of_two,
    drawn_again,
    rare_error,
    real_difference,
    real_values,
    usual_error,
)
from depsim.statistics.proportions import exact_proportion, proportion


@dataclass(frozen=True)
class _Kind:
    """A kind of values, and the limits of an interval's coverage from 50 individuals on; None where none is set."""

    population: Population
    lowest: float | None = None
    highest: float | None = None


_KINDS = {
    "normal": _Kind(NORMAL, 0.93, 0.97),
    "bimodal": _Kind(BIMODAL, 0.93, 0.97),
    "skewed": _Kind(SKEWED, 0.91),
    "ceiling": _Kind(CEILING, 0.91),
    "quantised": _Kind(QUANTISED, 0.91),
    "rare": _Kind(RARE),
    "real_ssri": _Kind(drawn_again(real_values()["ssri"])),
    "real_neurosteroid": _Kind(drawn_again(real_values()["neurosteroid"])),
}
_AS_PER_CENT = {name: replace(kind, population=PER_CENT.get(name, kind.population)) for name, kind in _KINDS.items()}
_AS_DIFFERENCES = {
    **{name: replace(kind, population=difference_of_two(kind.population)) for name, kind in _KINDS.items()},
    "rare": _Kind(difference_of_two(RARE), 0.91),
    "real_ssri": _Kind(real_difference("ssri", "ketamine")),
    "real_neurosteroid": _Kind(real_difference("neurosteroid", "ketamine")),
}
"""Of two arms within individuals; of real individuals the other arm is ketamine, which has no collapses."""
_GATED = 49
"""Individuals from which on an interval's coverage has limits; one more is predicted from one less than fifty."""


def _key(stem: str, n: int, first: int = 50) -> str:
    """The key of a check that is tried at several sizes: at the first of them without the size."""
    return stem if n == first else f"{stem}_{n}"


def _on_each(
    key: str,
    words: str,
    study: Callable[[Population], Study],
    sizes: dict[int, int],
    highest: float | None = None,
    *,
    kinds: Mapping[str, _Kind] = _KINDS,
    holds: bool = False,
    longer: bool = False,
    without: str = "",
    power: bool = False,
) -> list[Check]:
    """One estimator on each kind of values.

    Args:
        key: what its checks' keys begin with; those of other sizes than the first end with the size.
        words: what is counted.
        study: of a population.
        sizes: individuals to studies.
        highest: limit of a share of errors.
        kinds: of values.
        holds: whether it is an interval, which has the kinds' limits from 50 individuals on.
        longer: whether it may hold more often than it says, as several together do.
        without: a kind for which it is known to fall short, and has no limits.
        power: whether something real is noticed.
    """
    first = next(iter(sizes))
    checks = []
    for name, kind in kinds.items():
        tried = study(kind.population)
        for n, studies in sizes.items():
            limited = holds and n >= _GATED and name != without
            lowest, most = kind.lowest if limited else None, kind.highest if limited and not longer else highest
            checks.append(Check(_key(f"{key}_{name}", n, first), words, n, studies, tried, lowest, most, power, name))
    return checks


_NEW = "95 % prediction intervals that hold a new individual's"
_SLOPE = "95 % intervals (HC3) that hold the slope of a trait along which outcomes spread more and more"
_SHARE = "95 % resampled intervals that hold the share of individuals in the variance"
_OF_EXPONENTIAL = interval_holds_the_share_of_individuals(
    lambda generator, shape: generator.exponential(size=shape), 1, 0.6
)


_LEVELS = (
    ("", "normal", NORMAL, 0.93),
    ("_exponential", "exponential", EXPONENTIAL, None),
    ("_rare", "rarely collapsing", RARE_LEVELS, None),
)
"""Of streams: what keys end with, kind, population, and the lowest coverage."""


def _share_of(population: Population) -> Study:
    return interval_holds_the_share_of_individuals(population.draw, population.sd**2, 0.6)


def _interval_of_differences(population: Population) -> Study:
    return interval_holds_the_mean(population, bounded=False)


CHECKS = (
    *_on_each(
        "mean",
        "95 % intervals (per cent) that hold the mean",
        lambda population: interval_holds_the_mean(population, bounded=True),
        {50: 4_000, 200: 2_000, 10: 4_000, 20: 4_000, 100: 2_000},
        kinds=_AS_PER_CENT,
        holds=True,
    ),
    *_on_each(
        "paired",
        "95 % intervals that hold the mean difference of two arms",
        _interval_of_differences,
        {50: 10_000, 200: 5_000, 10: 10_000, 20: 10_000, 100: 5_000},
        kinds=_AS_DIFFERENCES,
        holds=True,
    ),
    *(
        Check(
            _key("paired_heavy_tailed", n),
            "95 % intervals that hold a mean difference with tails like Student's t with three degrees of freedom",
            n,
            studies,
            _interval_of_differences(HEAVY_TAILED),
            0.91,
        )
        for n, studies in ((50, 10_000), (200, 5_000))
    ),
    *_on_each(
        "one_sided",
        "95 % intervals that hold the mean of differences spread like one arm",
        _interval_of_differences,
        {50: 10_000, 200: 10_000, 10: 10_000, 20: 10_000, 100: 10_000},
    ),
    *_on_each(
        "flip",
        "identical arms called different at the 5 % level",
        arms_differ,
        {50: 10_000, 200: 2_000, 10: 10_000},
        0.065,
    ),
    *_on_each(
        "flip_power",
        "arms that differ by half an SD of their difference called different at the 5 % level",
        lambda population: arms_differ(population, 0.5),
        {50: 4_000, 20: 4_000},
        power=True,
    ),
    *_on_each(
        "flip_one_sided",
        "differences whose mean is 0, spread like one arm, called different at the 5 % level",
        skewed_differences_differ,
        {50: 4_000, 200: 2_000},
    ),
    *_on_each(
        "holm",
        "families of 40 contrasts of identical arms with any called different at 5 % after Holm",
        any_of_a_family_differs,
        {50: 2_000, 200: 1_000},
        0.055,
    ),
    *_on_each(
        "predict_value",
        "95 % prediction intervals (t) that hold one more",
        one_more_value_is_inside,
        {49: 10_000, 199: 5_000},
        holds=True,
        longer=True,
    ),
    *(
        Check(_key(f"predict_{name}", n, 49), f"{_NEW} {what}", n, 10_000, study, 0.93)
        for name, what, study in (
            ("accuracy", "accuracy", one_more_exam_is_inside(usual_error)),
            ("ceiling", "accuracy near 100 %", one_more_exam_is_inside(rare_error)),
            ("order", "share of four questions", one_more_rank_is_inside),
        )
        for n in (49, 199)
    ),
    *(
        Check(
            f"predict_real_{name}",
            f"{_NEW} accuracy under combined stress, real individuals after {name}",
            49,
            10_000,
            one_more_real_accuracy_is_inside(name),
        )
        for name in real_values()
    ),
    *_on_each(
        "joint",
        "new individuals of the same kind told apart by eight values together",
        one_more_individual_stands_out,
        {49: 10_000, 199: 10_000},
        0.055,
    ),
    Check(
        "joint_real",
        "new individuals told apart by four accuracies together, all of real individuals",
        49,
        10_000,
        one_more_real_individual_stands_out,
        None,
        0.055,
    ),
    *_on_each(
        "joint_power",
        "individuals with four of eight values shifted by 3 SD told apart",
        lambda population: one_more_individual_stands_out(population, 3.0),
        {49: 4_000},
        power=True,
    ),
    *_on_each(
        "equivalence",
        "arms that differ by just the margin called equivalent at the 5 % level",
        lambda population: arms_are_equivalent(population, 1.0),
        {50: 10_000, 200: 5_000},
        0.065,
    ),
    *_on_each(
        "equivalence_power",
        "equal arms called equivalent at the 5 % level (differences vary by 1.5 margins)",
        lambda population: arms_are_equivalent(population, 0.0),
        {50: 4_000, 20: 4_000},
        power=True,
    ),
    *_on_each(
        "best",
        "95 % simultaneous intervals that hold each of five conditions' differences from the best",
        differences_from_the_best_are_held,
        {50: 2_000, 200: 1_000, 10: 2_000},
        holds=True,
        longer=True,
    ),
    Check(
        "best_real",
        "95 % simultaneous intervals that hold each of four conditions' differences from the best, of"
        " accuracies under combined stress of real individuals",
        50,
        2_000,
        real_differences_from_the_best_are_held,
    ),
    *_on_each(
        "best_equal",
        "families of five equal conditions of which any is said not to be the best",
        an_equal_condition_is_ruled_out,
        {50: 4_000, 200: 6_000},
        0.055,
    ),
    *_on_each(
        "best_power",
        "families of five conditions, four of them half an SD of the difference behind, of which the best stands alone",
        the_best_stands_alone,
        {50: 1_000, 200: 500},
        power=True,
    ),
    *(
        Check(
            _key(f"{key}_{share:.0%}", n),
            f"95 % {whose} intervals that hold a share of {share:.0%}",
            n,
            studies,
            interval_holds_the_share(share, interval),
            lowest,
            highest,
        )
        for key, whose, interval, share, studies, lowest, highest in (
            ("wilson", "Wilson", proportion, 0.7, 10_000, 0.93, 0.97),
            # Near 0 and 1 a share of so few individuals takes few values, and coverage goes up and down with it.
            ("wilson", "Wilson", proportion, 0.9, 10_000, 0.91, None),
            ("wilson", "Wilson", proportion, 0.98, 10_000, 0.91, None),
            *(("exact", "Clopper-Pearson", exact_proportion, share, 2_000, 0.94, None) for share in (0.7, 0.9, 0.98)),
        )
        for n in (50, 200)
    ),
    *(
        Check(
            _key(f"rates{suffix}", n),
            f"95 % intervals that hold the difference of rates of {first:.0%} and {second:.0%} of the same individuals",
            n,
            4_000,
            interval_holds_the_difference_of_rates(first, second),
            0.93,
        )
        for suffix, first, second in (("", 0.8, 0.6), ("_rare", 0.98, 0.9))
        for n in (50, 200)
    ),
    *(
        Check(
            _key("rates_equal", n),
            "equal rates of 80 % called different at the 5 % level",
            n,
            4_000,
            rates_differ(0.8, 0.8),
            None,
            0.065,
        )
        for n in (50, 200)
    ),
    Check(
        "rates_power",
        "rates of 80 % and 60 % called different at the 5 % level",
        50,
        4_000,
        rates_differ(0.8, 0.6),
        power=True,
    ),
    *(
        Check(
            _key("claims", n),
            "families of 21 claims that hold for just the required share with any called supported or refuted",
            n,
            10_000,
            any_of_the_claims_is_decided,
            None,
            0.055,
        )
        for n in (50, 200)
    ),
    Check(
        "claims_power",
        "claims that hold for 75 % and need 50 %, among 20 others, called supported",
        50,
        10_000,
        a_claim_is_supported,
        power=True,
    ),
    *(
        Check(
            f"component_{size}{suffix}",
            f"95 % intervals that hold a stream's share of {share} % of the variance (64 networks, {kind} levels)",
            64,
            1_000,
            interval_holds_the_component(name, population),
            lowest,
        )
        for suffix, kind, population, lowest in _LEVELS
        for size, name, share in (("large", "train", 64), ("small", "init", 4))
    ),
    *(
        Check(
            f"largest_of_{words}{suffix}",
            f"{words} equal streams of four of which one is called the largest (64 networks, {kind} levels)",
            64,
            1_000,
            equal_streams_have_a_largest(streams, population),
            None,
            0.055,
        )
        for suffix, kind, population, _ in _LEVELS
        for words, streams in (("two", 2), ("four", 4))
    ),
    *(
        Check(
            f"largest_power{suffix}",
            f"streams that vary ten times as much as any other called the largest (64 networks, {kind} levels)",
            64,
            1_000,
            the_largest_is_named(population),
            power=True,
        )
        for suffix, kind, population, _ in _LEVELS
    ),
    Check("slope", _SLOPE, 50, 2_000, interval_holds_the_slope, 0.91),
    Check("slope_200", _SLOPE, 200, 2_000, interval_holds_the_slope, 0.91),
    Check(
        "slopes",
        "families of 18 slopes of nothing with any called different from 0 at 5 % after Holm",
        100,
        1_000,
        any_of_the_slopes_is_told(0.0),
        None,
        0.055,
    ),
    Check(
        "slopes_power",
        "slopes of a correlation of 0.3, among 17 others, called different from 0 after Holm",
        200,
        1_000,
        any_of_the_slopes_is_told(0.3),
        power=True,
    ),
    Check(
        "rule",
        "rules learned where nobody benefits from another treatment than others do, called useful",
        300,
        2_000,
        the_rule_is_useful(0.0),
        None,
        0.055,
    ),
    Check(
        "rule_power",
        "rules called useful where a treatment is 5 points better for half of all, and worse for the others",
        300,
        2_000,
        the_rule_is_useful(5.0),
        power=True,
    ),
    Check("share_exponential", f"{_SHARE}, exponential effects", 50, 2_000, _OF_EXPONENTIAL, 0.91),
    Check("share_exponential_200", f"{_SHARE}, exponential effects", 200, 1_000, _OF_EXPONENTIAL, 0.91),
    *_on_each("share", _SHARE, _share_of, {50: 2_000, 200: 1_000}, holds=True, without="skewed"),
)
"""Every promise: those of the study's design with their limits, and what else the report prints an interval of."""

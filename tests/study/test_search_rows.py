"""The gain of a search's winners over the paper's settings within fresh individuals."""

from __future__ import annotations

import numpy as np
import pytest

from depsim.statistics import contrast, holm
from depsim.study.analyses.search import gain_rows, gain_word, search_rows
from depsim.study.searches import People, Score, Search, Winner
from tests.searches import objective

METRIC = "treated/combined"


def people(values: np.ndarray, metric: str = METRIC, first: int = 100) -> People:
    return {first + place: {metric: float(value)} for place, value in enumerate(values)}


def winner(trial: int, fresh: People, papers: People) -> Winner:
    return Winner(trial, {}, (), Score((), people=fresh), Score((), people=papers))


def test_the_gain_is_the_paired_difference_in_points_better() -> None:
    values = np.random.default_rng(0).normal(80, 3, (2, 12))
    for sign, direction in ((1, "maximise"), (-1, "minimise")):
        (row,) = gain_rows([objective(METRIC, direction)], [winner(7, people(values[0]), people(values[1]))])
        expected = contrast(sign * values[0], sign * values[1])
        assert (row.n, row.value, row.p) == (12, expected.difference.mean, expected.p)
        assert row.interval == expected.difference.interval
        assert row.key == {"trial": 7, "metric": METRIC}


def test_individuals_that_lack_the_metric_on_one_side_are_left_out() -> None:
    (row,) = gain_rows(
        [objective(METRIC)], [winner(0, people(np.array([1.0, 2.0, np.nan, 5.0])), people(np.arange(3.0), first=101))]
    )
    assert (row.n, row.value) == (2, pytest.approx(((2 - 0) + (5 - 2)) / 2))
    (none,) = gain_rows([objective(METRIC)], [winner(0, people(np.ones(2)), {})])
    assert (none.n, none.value, none.verdict) == (0, None, "too few")


def test_winners_of_a_trade_off_are_one_family_and_a_loss_is_answered_no() -> None:
    noise = np.random.default_rng(1).normal(0, 1, 14)
    better, worse, papers = people(5 + noise), people(noise - 5), people(np.random.default_rng(2).normal(0, 1, 14))
    rows = gain_rows([objective(METRIC)], [winner(k, own, papers) for k, own in enumerate((better, worse, papers))])
    assert [row.verdict for row in rows] == ["yes", "no", "undecided"]
    assert [gain_word(row) for row in rows] == ["gain", "loss", "no gain"]
    assert [row.p_holm for row in rows] == holm([row.p for row in rows], 3)


def test_a_winner_by_luck_alone_has_optimism_and_no_gain() -> None:
    """Thirty equal trials of ten individuals: the best one is too good, and gains nothing on fresh ones."""
    generator = np.random.default_rng(5)
    optimism, gains = [], 0
    for _ in range(100):
        trials = generator.normal(80, 4, (30, 10)).mean(axis=1)
        fresh, papers = generator.normal(80, 4, (2, 20))
        optimism.append(trials.max() - fresh.mean())
        (row,) = gain_rows([objective(METRIC)], [winner(int(trials.argmax()), people(fresh), people(papers))])
        gains += row.verdict in ("yes", "no")
    assert np.mean(optimism) > 1.5
    assert gains <= 9  # 5 in the long run


def test_rows_of_a_search_have_the_values_of_its_statistic_and_the_settings() -> None:
    objectives = (objective(METRIC, "maximise", "median"), objective("relapse_drop", "minimise", "mean"))
    people = {seed: {METRIC: 80.0 + seed, "relapse_drop": 2.0} for seed in range(4)}
    papers = {seed: {METRIC: 79.0 + seed, "relapse_drop": 3.0} for seed in range(4)}
    scores = Score((81.5, 2.0), people=people), Score((80.5, 3.0), people=papers)
    search = Search(
        "mine", objectives, {}, (), (), (Winner(3, {"treatment.epochs": 9}, (82.0, 1.5), *scores),), True, ""
    )
    gain, drop = search_rows(search)
    assert (gain.key, gain.value) == (
        {"search": "mine", "trial": 3, "objective": "median of treated/combined"}, 1.0)  # fmt: skip
    assert gain.more == {"in_search": 82.0, "fresh": 81.5, "reference": 80.5, "optimism": 0.5, "treatment.epochs": 9}
    assert (drop.value, drop.more["optimism"]) == (1.0, 0.5)
    assert search_rows(Search("mine", objectives, {}, (), (), (), False, "")) == ()

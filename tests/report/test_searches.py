from __future__ import annotations

from dataclasses import replace

from depsim.execution.recorder import ABANDONED
from depsim.report.document import Paragraph
from depsim.report.figures import style
from depsim.report.figures.search import draw_history, draw_settings
from depsim.report.sections import searches
from depsim.study.reading import Study
from depsim.study.searches import Cohort, Objective, Search, Trial, Winner
from tests.report.blocks import assert_sound, blocks_of, column, named

GAIN = Objective("treated/internal_noise_2.5", "maximise", "mean")
COST = Objective("treated/sparsity", "maximise", "median")
MARKUP = "<b>x</b> & $y$"
KEY = "treatment.regrow_fraction"


def trial(number: int, *values: float, state: str = "COMPLETE") -> Trial:
    return Trial(number, state, MARKUP if not values else "", 6, values, bool(values), {KEY: str(number / 10)})


TRIALS = (trial(0, 60.0), trial(1, state="PRUNED"), trial(2, 70.0), trial(3, state="FAIL"), trial(4, 65.0))
OWN, FRESH = Cohort(6, 70.0, (69.0, 72.0)), Cohort(10, 67.5, (66.0, 69.0))
BEST = Winner(2, {KEY: 0.2}, (70.0,), (67.5,), None, (), (OWN,), (FRESH,))
PARAMS = {"sampler": "tpe", "pruner": "wilcoxon", f"space.{KEY}": "interval(0.01,0.8)"}
WEIGHTS = ((KEY, GAIN.metric, 0.9), ("treatment.epochs", GAIN.metric, 0.1))
DONE = Search("search_ketamine", (GAIN,), PARAMS, TRIALS, WEIGHTS, (BEST,), True, "depsim sweep search_ketamine")


def told(*found: Search) -> Study:
    return Study("study", "1", (), found)


def test_points_of_trials_are_what_they_were_whatever_their_type() -> None:
    points = ("random", "-3", "1e-05", "", 2, True, None)
    varied = tuple(replace(TRIALS[0], number=place, point={KEY: value}) for place, value in enumerate(points))
    sheet = named(blocks_of(searches.section(told(replace(DONE, trials=varied)))), "trials_search_ketamine")
    assert column(sheet, f"at_{KEY}") == ["random", -3, 1e-05, None, 2, True, None]


def test_a_search_without_a_feasible_trial_says_that_there_is_no_winner() -> None:
    trials = tuple(replace(each, feasible=False) for each in TRIALS)
    found = blocks_of(searches.section(told(replace(DONE, trials=trials, winners=()))))
    assert any(isinstance(block, Paragraph) and "no winner" in block.text for block in found)
    assert_sound(found)


def test_a_search_that_has_only_begun_and_one_trial_alone_are_fine() -> None:
    begun = replace(DONE, trials=(), importance=(), winners=(), finished=False)
    assert_sound(blocks_of(searches.section(told(begun))))
    one = replace(DONE, trials=TRIALS[:1], importance=(), winners=(replace(BEST, trial=0),))
    assert_sound(blocks_of(searches.section(told(one, replace(one, name="search_ketamine (2)")))))
    failed = replace(DONE, trials=(trial(0, state="FAIL"),), importance=(), winners=())
    assert_sound(blocks_of(searches.section(told(failed))))


def test_an_interrupted_trial_is_no_failed_one() -> None:
    gone = replace(trial(3, state="FAIL"), reason=ABANDONED)
    search = replace(DONE, trials=(trial(0, 60.0), gone, trial(4, state="FAIL")), importance=(), winners=())
    found = blocks_of(searches.section(told(search)))
    assert column(named(found, "trials_search_ketamine"), "fate") == ["complete", "interrupted", "failed"]
    assert any("3 trials (1 complete, 1 failed, 1 interrupted)" in block.text
               for block in found if isinstance(block, Paragraph))  # fmt: skip


def test_settings_that_are_words_or_span_decades_have_axes_of_their_own() -> None:
    words = draw_settings([("criterion", "mean", [("random", 1.0, True), ("gradient", 2.0, False)]),
                           ("rate", "mean", [(1e-5, 1.0, True), (1e-2, 2.0, True)])])  # fmt: skip
    left, right = words.axes
    assert [label.get_text() for label in left.get_xticklabels()] == ["random", "gradient"]
    assert [line.get_markerfacecolor() == "none" for line in left.lines] == [False, True]
    assert (left.get_xscale(), right.get_xscale()) == ("linear", "log")


def test_trials_are_counted_in_whole_numbers_of_one_alone_too() -> None:
    for numbers in ((7,), (0, 1), range(40)):
        with style.look():
            drawn = draw_history({"value": [(number, 1.0, True) for number in numbers]}, [], [])
            drawn.draw_without_rendering()
        (axis,) = drawn.axes
        low, high = axis.get_xlim()
        shown = [at for at in axis.get_xticks() if low <= at <= high]
        assert shown
        assert all(at == round(at) for at in shown)

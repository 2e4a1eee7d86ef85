from __future__ import annotations

from dataclasses import replace

from depsim.execution.recorder import ABANDONED
from depsim.report.document import Paragraph, Picture
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


def test_the_result_is_the_value_on_fresh_individuals_with_the_optimism_beside_it() -> None:
    found = blocks_of(searches.section(told(DONE)))
    sheet = named(found, "winners_search_ketamine")
    (row,) = sheet.rows
    cells = dict(zip([each.key for each in sheet.columns], row, strict=True))
    assert (cells["value"], cells["fresh_value"], cells["optimism"]) == (70.0, 67.5, 2.5)
    assert (cells["own_n"], cells["own_low"], cells["own_high"]) == (6, 69.0, 72.0)
    assert (cells["fresh_n"], cells["fresh_low"], cells["fresh_high"]) == (10, 66.0, 69.0)
    pictures = {block.name for block in found if isinstance(block, Picture)}
    assert pictures == {f"{stem}_search_ketamine" for stem in ("optimism", "history", "settings", "importance")}
    assert_sound(found)


def test_every_trial_is_listed_with_its_state_and_the_best_so_far() -> None:
    sheet = named(blocks_of(searches.section(told(DONE))), "trials_search_ketamine")
    assert column(sheet, "fate") == ["complete", "stopped early", "complete", "failed", "complete"]
    assert column(sheet, "best") == [60.0, None, 70.0, None, 70.0]
    assert column(sheet, f"at_{KEY}") == [0.0, 0.1, 0.2, 0.3, 0.4]
    assert column(sheet, "reason")[1] == MARKUP
    points = ("random", "-3", "1e-05", "", 2, True, None)
    varied = tuple(replace(TRIALS[0], number=place, point={KEY: value}) for place, value in enumerate(points))
    sheet = named(blocks_of(searches.section(told(replace(DONE, trials=varied)))), "trials_search_ketamine")
    assert column(sheet, f"at_{KEY}") == ["random", -3, 1e-05, None, 2, True, None]


def test_two_objectives_have_a_front_and_a_winner_for_each_point_of_it() -> None:
    trials = (trial(0, 60.0, 90.0), trial(1, 70.0, 50.0), trial(2, 55.0, 80.0), trial(3, state="FAIL"))
    winners = tuple(
        Winner(t.number, {KEY: 0.1}, t.values, (t.values[0] - 1, t.values[1]), None, (), (None, None), (None, None))
        for t in trials[:2]
    )
    found = blocks_of(searches.section(told(replace(DONE, objectives=(GAIN, COST), trials=trials, winners=winners))))
    assert len(named(found, "winners_search_ketamine").rows) == 4
    (front,) = (block for block in found if isinstance(block, Picture) and block.name.startswith("pareto"))
    assert column(front.data, "front") == [True, True, False, False]
    assert_sound(found)


def test_an_unfinished_search_has_no_winner_and_says_how_to_go_on() -> None:
    section = searches.section(told(replace(DONE, winners=(), finished=False)))
    found = blocks_of(section)
    (warning,) = (block for block in found if isinstance(block, Paragraph) and block.kind == "warning")
    assert "depsim sweep search_ketamine" in warning.text
    assert_sound(found)


def test_a_search_without_a_feasible_trial_says_that_there_is_no_winner() -> None:
    trials = tuple(replace(each, feasible=False) for each in TRIALS)
    found = blocks_of(searches.section(told(replace(DONE, trials=trials, winners=()))))
    assert any(isinstance(block, Paragraph) and "no winner" in block.text for block in found)
    assert_sound(found)
    trials = tuple(replace(each, state="FAIL", reason="2 of 12 have no value", values=()) for each in TRIALS)
    (remark,) = searches._remarks(replace(DONE, trials=trials, winners=()))
    assert remark.text.endswith("so there is no winner. Trial 0 failed: 2 of 12 have no value.")


def test_a_winner_that_failed_on_fresh_individuals_has_no_optimism() -> None:
    lost = replace(BEST, fresh_values=None, failure="individual 3: nan", fresh=(None,))
    found = blocks_of(searches.section(told(replace(DONE, winners=(lost,)))))
    assert column(named(found, "winners_search_ketamine"), "optimism") == [None]
    assert any(isinstance(block, Paragraph) and "individual 3: nan" in block.text for block in found)
    assert_sound(found)


def test_a_winner_that_breaks_a_constraint_on_fresh_individuals_is_remarked() -> None:
    lax = replace(BEST, breaks=("mean of treated/clean >= 97",))
    found = blocks_of(searches.section(told(replace(DONE, winners=(lax,)))))
    (warning,) = (block for block in found if isinstance(block, Paragraph) and block.kind == "warning")
    assert "Not kept on fresh individuals" in warning.text
    assert "mean of treated/clean >= 97" in warning.text
    assert_sound(found)


def test_a_search_that_has_only_begun_and_one_trial_alone_are_fine() -> None:
    begun = replace(DONE, trials=(), importance=(), winners=(), finished=False)
    assert_sound(blocks_of(searches.section(told(begun))))
    one = replace(DONE, trials=TRIALS[:1], importance=(), winners=(replace(BEST, trial=0),))
    assert_sound(blocks_of(searches.section(told(one, replace(one, name="search_ketamine (2)")))))
    failed = replace(DONE, trials=(trial(0, state="FAIL"),), importance=(), winners=())
    assert_sound(blocks_of(searches.section(told(failed))))


def test_nothing_searched_no_section() -> None:
    assert searches.section(told()) is None


def test_an_interrupted_trial_is_no_failed_one() -> None:
    gone = replace(trial(3, state="FAIL"), reason=ABANDONED)
    search = replace(DONE, trials=(trial(0, 60.0), gone, trial(4, state="FAIL")), importance=(), winners=())
    found = blocks_of(searches.section(told(search)))
    assert column(named(found, "trials_search_ketamine"), "fate") == ["complete", "interrupted", "failed"]
    assert any("3 trials (1 complete, 1 failed, 1 interrupted)" in block.text
               for block in found if isinstance(block, Paragraph))  # fmt: skip


def test_values_are_shown_against_each_setting() -> None:
    found = blocks_of(searches.section(told(DONE)))
    (picture,) = (block for block in found if isinstance(block, Picture) and block.name.startswith("settings"))
    (axis,) = picture.draw().axes
    assert [(float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in axis.lines] == [
        (0.0, 60.0), (0.2, 70.0), (0.4, 65.0)
    ]  # fmt: skip
    assert (axis.get_xlabel(), axis.get_ylabel()) == (KEY, "mean of treated/internal_noise_2.5")
    words = draw_settings([("criterion", "mean", [("random", 1.0, True), ("gradient", 2.0, False)]),
                           ("rate", "mean", [(1e-5, 1.0, True), (1e-2, 2.0, True)])])  # fmt: skip
    left, right = words.axes
    assert [label.get_text() for label in left.get_xticklabels()] == ["random", "gradient"]
    assert [line.get_markerfacecolor() == "none" for line in left.lines] == [False, True]
    assert (left.get_xscale(), right.get_xscale()) == ("linear", "log")
    words.draw_without_rendering()
    assert {"1e−05", "0.001"} <= {label.get_text() for label in right.get_xticklabels()}


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

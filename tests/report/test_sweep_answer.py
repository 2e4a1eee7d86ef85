"""The answer of a sweep and of a search: planted ends, planted turns, planted winners."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from depsim.report.contrasts import spell_contrast
from depsim.report.sections.answer import answer
from depsim.report.sections.sweep_answer import axis_lines, beside_others, largest_contrasts, search_lines
from depsim.statistics import contrast
from depsim.study.contrasts import contrasts
from depsim.study.panels import panels
from depsim.study.reading import Study, StudyArm
from tests.people import arm, paper_study, study
from tests.report.test_searches import BEST, DONE

LEVELS = ("0.5", "0.8", "0.9", "0.95")


def level(
    value: str, mean: float, n: int = 20, treatment: str = "ketamine", key: str = "pathology.sparsity", seed: int = 0
) -> StudyArm:
    """Individuals that differ by up to 4 points from each other, and by a tenth from one level to the next."""
    person, wobble = np.linspace(-2, 2, n), np.random.default_rng(int(mean) + seed).normal(0, 0.1, n)
    values = mean + person + wobble - wobble.mean()
    return arm(treatment, {"treated/combined": values}, changed={key: value, "training.epochs": "7"})


def test_a_sweep_is_answered_from_end_to_end_and_by_where_it_first_falls() -> None:
    means = (97.0, 97.0, 97.0, 80.0)
    (line,) = axis_lines(study(*[level(v, mean) for v, mean in zip(LEVELS, means, strict=True)]))
    assert line.startswith("By share of synapses pruned: ketamine: -17.0 points [-17.")
    assert line.endswith("from 0.5 to 0.95, first falls from 0.9 to 0.95 (-17.0) (combined stress).")


def test_a_rise_is_a_rise_and_the_first_step_beyond_chance_is_named() -> None:
    (line,) = axis_lines(study(*[level(v, mean) for v, mean in zip(LEVELS, (50, 60, 90, 80), strict=True)]))
    assert "+30.0 points" in line
    assert "first rises from 0.5 to 0.8 (+10.0)" in line


def test_where_nothing_moves_no_step_is_named() -> None:
    (line,) = axis_lines(study(*[level(v, 97.0, seed=place) for place, v in enumerate(LEVELS)]))
    assert "no single step beyond chance" in line


def test_too_few_individuals_name_no_turn() -> None:
    (line,) = axis_lines(study(*[level(v, mean, n=9) for v, mean in zip(LEVELS, (97, 97, 50, 20), strict=True)]))
    assert "-77.0 points" in line
    assert "too few individuals to say where it turns" in line
    assert "first" not in line


def test_two_numbers_say_what_is_not_beyond_chance_and_what_cannot_be_judged() -> None:
    (line,) = axis_lines(study(level("0.5", 97), level("0.9", 97, seed=1)))
    assert line.endswith("] from 0.5 to 0.9, not beyond chance (combined stress).")
    (line,) = axis_lines(study(level("0.5", 97, n=9), level("0.9", 80, n=9)))
    assert line.endswith("] from 0.5 to 0.9, too few individuals to judge (combined stress).")


def test_an_interval_that_ends_near_nothing_says_on_which_side() -> None:
    values = np.array([2.0, 4.0, 6.0, 20.0])
    assert spell_contrast(contrast(values, np.zeros(4))) == "+8.0 [-5.0, +21.0]"
    assert spell_contrast(contrast(values / 100, np.zeros(4))) == "+0.08 [-0.05, +0.21]"


def test_of_several_values_the_two_farthest_apart_are_named_whichever_is_higher() -> None:
    made = study(*(level(name, mean, key="treatment.criterion") for name, mean in (("a", 60), ("b", 80), ("c", 70))))
    (line,) = axis_lines(made)
    assert "ketamine: a − b -20.0 points" in line


def in_layers(n: int, **means: float) -> Study:
    where = {"everywhere": "null"} | {f"layer_{k}": f"[{k}]" for k in range(1, 5)}
    return study(*[level(where[at], mean, n=n, key="treatment.layers", seed=9) for at, mean in means.items()])


def test_each_layer_is_compared_with_everywhere() -> None:
    """A quarter of what 91.6 % leaves to be gained, up to 98.1 %, is 1.6 points."""
    (line,) = axis_lines(in_layers(20, everywhere=90, layer_1=70, layer_2=90.1, layer_3=95, layer_4=91.62))
    assert "[2] as good as everywhere (to 2.0 points), [1] -20.0 points" in line
    assert line.endswith("] beside everywhere, [4] undecided (combined stress).")


def test_a_few_individuals_make_no_layer_as_good_as_everywhere() -> None:
    (line,) = axis_lines(in_layers(9, everywhere=90, layer_1=90.1))
    assert line.endswith("too few individuals to say what is as good as everywhere (combined stress).")
    assert "null" not in line
    assert "as good as everywhere [" not in line


def test_a_treatment_of_ones_own_beside_the_papers_is_answered_before_them() -> None:
    paper = paper_study(12)
    untreated = next(one for one in paper.arms if one.treatment == "none")
    light = arm("light", {"treated/combined": untreated.values("treated/combined") + np.linspace(29, 31, 12)})
    _, own, ranking, *_ = answer(study(*paper.arms, light))
    said, _, pairs = own.partition(": ")
    assert said == "Largest differences in combined stress, paired within individuals"
    assert "light − untreated +30.0 points" in pairs
    assert all("light" in pair for pair in pairs.split("; "))
    assert "The paper's ranking" in ranking
    assert not any("Largest differences" in line for line in answer(paper))


def test_settings_of_a_treatment_of_ones_own_are_compared_with_untreated() -> None:
    wobble = np.random.default_rng(3).normal(0, 0.1, (5, 20))
    arms = [
        arm(name, {"treated/combined": mean + own}, changed={"treatment.noise": noise, "training.epochs": "7"})
        for (name, noise, mean), own in zip(
            [("none", "0", 30), ("sham", "0", 60), ("light", "0", 62), ("light", "0.5", 64), ("light", "1", 25)],
            wobble, strict=True,
        )
    ]  # fmt: skip
    (line,) = [each for each in answer(study(*arms)) if each.startswith("Beside untreated")]
    first, other = line.split(". Beside sham: ")
    told = first.partition("the largest: ")[2].split("; ")
    beside = [each.split(" [")[0].rpartition(" ")[0].split()[-1] for each in other.split("; ")]
    assert beside == ["-35.0", "+4.0", "+2.0"]
    assert [each.split(" [")[0].rpartition(" ")[0].split()[-1] for each in told] == ["+34.0", "+32.0", "+30.0"]
    assert ["light" in each for each in told] == [True, True, False]
    assert "0.5" in told[0]
    assert not any("Largest differences" in each for each in answer(study(*arms)))
    alias = replace(arms[1], treatment="twin")
    twice = beside_others(study(*arms, alias))
    assert [each.partition(": ")[2] for each in twice.split(". Beside ")[1:]] == [other], "not beside itself"
    same = {"treatment.noise": "0", "training.epochs": "7"}
    more = [arm(f"t{k}", {"treated/combined": 50.0 + wobble[0]}, changed=same) for k in range(4)]
    told = beside_others(study(*arms, *more))
    assert told.count("Beside ") == 4
    assert told.endswith(" 2 further conditions to compare with left out.")
    assert beside_others(study(*arms[:3])) == "", "each treatment once: the largest differences say it"
    assert beside_others(study(*arms[1:])) == "", "nobody is untreated"


def test_the_largest_differences_are_those_of_the_level_where_conditions_lie_farthest_apart() -> None:
    means = {"0.8": (97, 80), "0.9": (95, 52), "0.98": (50, 23)}
    levels = [(share, *pair) for share, both in means.items() for pair in zip(("ketamine", "ssri"), both, strict=True)]
    made = study(*(level(share, mean, treatment=treatment) for share, treatment, mean in levels))
    (line,) = [each for each in answer(made) if each.startswith("Largest differences")]
    assert "ketamine − ssri +43.0 points" in line
    assert "90 % pruned" in line


def test_the_largest_contrast_is_named_first_whatever_its_sign() -> None:
    means = {"none": 60, "light": 50, "music": 90, "sport": 65, "sleep": 61}
    wobble = np.random.default_rng(5).normal(0, 0.1, (len(means), 20))
    arms = [
        arm(name, {"treated/combined": mean + own}) for (name, mean), own in zip(means.items(), wobble, strict=True)
    ]
    line = largest_contrasts(contrasts(panels(study(*arms))[0]))
    order = [line.index(f"{pair} ") for pair in ("light − music", "music − untreated", "music − sleep")]
    assert order == sorted(order)
    assert line.count(";") == 2


def test_the_papers_conditions_along_an_axis_are_answered_along_it_too() -> None:
    paper = paper_study(12)
    other = level("0.5", 99, n=12)
    same = {key: text for key, text in paper.arms[1].settings.items() if key not in other.settings}
    moved = arm("ketamine", {"treated/combined": other.values("treated/combined")},
                changed=same | {"pathology.sparsity": "0.5", "cohort.data": "shared"})  # fmt: skip
    lines = answer(study(*paper.arms, moved))
    assert any(line.startswith("By share of synapses pruned: ketamine: ") for line in lines)
    assert len(lines) <= 5


def test_one_individual_breaks_nothing() -> None:
    (line,) = axis_lines(study(*[level(v, mean, n=1) for v, mean in zip(LEVELS, (97, 97, 97, 80), strict=True)]))
    assert "-17.0 points from 0.5 to 0.95, too few individuals" in line


def test_a_promise_kept_but_for_the_last_bit_has_no_optimism() -> None:
    alike = replace(BEST, fresh_values=(70.0 + 1e-14,), fresh=(None,))
    (line,) = search_lines([replace(DONE, winners=(alike,))])
    assert line.endswith(" 70 on fresh individuals, 70 in the search (optimism +0).")


def test_a_search_without_a_winner_is_over_or_goes_on() -> None:
    (line,) = search_lines([replace(DONE, winners=())])
    assert line == "search_ketamine: no winner, as none of 5 trials is complete and keeps the constraints."
    (line,) = search_lines([replace(DONE, winners=(), finished=False)])
    assert line == "search_ketamine: no winner yet after 5 trials; depsim sweep search_ketamine goes on."

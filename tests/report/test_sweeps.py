from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from depsim.report.document import Block, Paragraph, Picture, Section, Sheet
from depsim.report.half_way import half_way_block, half_ways
from depsim.report.sections import sweeps
from depsim.report.settings import places, setting_of
from depsim.report.wording import spell_value
from depsim.study.axes import Axis, slices
from depsim.study.reading import Study, StudyArm
from tests.people import arm, paper_study, study, without
from tests.report.blocks import assert_sound, blocks_of, column, named, records, values

pytestmark = pytest.mark.slow  # studies of many individuals

OUTCOMES = ("combined", "internal_noise_2.5", "resilience_auc")


def people(mean: float, n: int = 6) -> list[float]:
    scatter = np.random.default_rng(8).normal(0, 0.5, n)
    return list(mean + scatter - scatter.mean())


def case(treatment: str, mean: float, n: int = 6, **changed: str) -> StudyArm:
    """An arm with all primary outcomes; the relapse costs a tenth."""
    values = {f"treated/{outcome}": people(mean, n) for outcome in OUTCOMES}
    if treatment == "neurosteroid":
        values |= {f"withdrawn/{outcome}": people(mean - 20, n) for outcome in OUTCOMES}
    values |= {"relapse_drop": people(mean / 10, n), "relapsed/combined": people(0.9 * mean, n)}
    values |= {"dose/l1": [0.01] * n, "treated/sparsity": [95.0] * n, "relapsed/sparsity": [97.0] * n}
    return arm(treatment, values, changed={key.replace("__", "."): value for key, value in changed.items()})


def doses(n: int = 6, criterion: str = "gradient") -> list[StudyArm]:
    """Ketamine along a Hill curve from 40 to 90 with its middle at 0.2."""
    return [
        case("ketamine", 40 + 50 / (1 + (0.2 / dose) ** 3), n, treatment__regrow_fraction=str(dose),
             treatment__criterion=criterion)
        for dose in (0.05, 0.1, 0.2, 0.4, 0.6, 0.8)
    ]  # fmt: skip


def blocks(told: Study) -> list[Block]:
    return blocks_of(sweeps.section(told))


def pages(told: Study) -> list[str]:
    section = sweeps.section(told)
    return [] if section is None else [page.title for page in section.sub]


def test_a_planted_half_way_point_is_in_the_table() -> None:
    told = study(*doses())
    found = blocks(told)
    sheet = named(found, "half_way_treatment_regrow_fraction")
    assert column(sheet, "half") == [pytest.approx(0.2, rel=0.03)] * 4
    assert column(sheet, "before") == pytest.approx([40, 40, 40, 4], rel=0.03)
    assert column(sheet, "after") == pytest.approx([90, 90, 90, 9], rel=0.03)
    assert_sound(found)


@pytest.mark.parametrize(("upper", "explained"), [(100.0, False), (100.5, True)])
def test_a_plateau_beyond_what_can_be_measured_is_explained(upper: float, explained: bool) -> None:
    (part,) = slices(study(*doses()))
    (axis,) = part.axes()
    found = half_ways(axis, part.lines(axis))
    beyond = [replace(half, curve=replace(half.curve, upper=upper)) for half in found]
    sheet = half_way_block(axis, beyond, [], "x")
    assert isinstance(sheet, Sheet)
    assert ("it is reached by no dose" in sheet.note) == explained


def test_each_panel_marks_the_half_way_point_of_its_own_outcome() -> None:
    (picture,) = (b for b in blocks(study(*doses())) if isinstance(b, Picture) and b.name.startswith("along"))
    marks = [line for axes in picture.draw().axes for line in axes.lines if line.get_marker() == "|"]
    assert [line.get_xdata()[0] for line in marks] == [pytest.approx(0.2, rel=0.03)] * 4
    assert [line.get_ydata()[0] for line in marks] == pytest.approx([65, 65, 65, 6.5], rel=0.03)


def test_every_point_is_listed_with_n_mean_interval_and_sd() -> None:
    sheet = named(blocks(study(*doses())), "points_treatment_regrow_fraction")
    assert len(sheet.rows) == 6 * 4
    first = dict(zip([each.key for each in sheet.columns], sheet.rows[0], strict=True))
    own = np.array(people(40 + 50 / (1 + 4.0**3)))
    assert first["treatment.regrow_fraction"] == 0.05
    assert (first["n"], first["mean"], first["sd"]) == (6, pytest.approx(own.mean()), pytest.approx(own.std(ddof=1)))
    assert own.min() < first["ci_low"] < own.mean() < first["ci_high"] < own.max()  # type: ignore[operator]


def test_the_cliff_is_where_it_was_planted_on_the_pruning_axis() -> None:
    arms = [
        case(name, 30 + 60 / (1 + (0.1 / (1 - level)) ** 4), pathology__sparsity=str(level))
        for name, level in itertools.product(("none", "ssri"), (0.5, 0.7, 0.8, 0.9, 0.95, 0.99))
    ]
    found = blocks(study(*arms))
    sheet = named(found, "half_way_pathology_sparsity")
    assert column(sheet, "half") == pytest.approx([0.9] * 8, abs=0.005)
    assert column(sheet, "before")[0] == pytest.approx(90, rel=0.03)
    assert column(sheet, "after")[0] == pytest.approx(30, rel=0.05)
    assert pages(study(*arms)) == ["The pruning cliff", "Across all conditions"]
    assert_sound(found)


def test_a_criterion_is_contrasted_within_individuals_at_each_dose() -> None:
    arms = [
        case("ketamine", 80 + gain, treatment__criterion=criterion, treatment__regrow_fraction=dose)
        for (criterion, gain), dose in itertools.product((("gradient", 3.0), ("random", 0.0)), ("0.1", "0.5"))
    ]
    found = blocks(study(*arms))
    sheet = named(found, "contrasts_treatment_criterion")
    assert column(sheet, "contrast") == ["gradient − random"] * 8
    assert column(sheet, "treatment.regrow_fraction") == [0.1] * 4 + [0.5] * 4
    assert column(sheet, "difference") == pytest.approx([3, 3, 3, 0.3] * 2)
    assert column(sheet, "p") == pytest.approx([2 / 64] * 8)
    assert column(sheet, "p_holm") == pytest.approx([8 * 2 / 64] * 8)
    assert_sound(found)


def test_damping_shows_the_drug_withdrawn_and_both_responses() -> None:
    arms = [
        case("neurosteroid", 60 + 30 * float(factor), treatment__damping_factor=factor, treatment__bounded=bounded)
        for factor, bounded in itertools.product(("0.5", "0.7", "1.0"), ("True", "False"))
    ]
    found = blocks(study(*arms))
    points = named(found, "points_treatment_damping_factor")
    assert set(column(points, "when")) == {"treated", "withdrawn", "relapsed"}
    assert column(named(found, "contrasts_treatment_bounded"), "contrast")[0] == "ReLU − tanh"
    (picture,) = (b for b in found if isinstance(b, Picture) and b.name == "along_treatment_damping_factor")
    assert "withdrawn" in picture.caption
    assert_sound(found)


def test_a_grid_has_heat_maps_with_the_width_of_the_intervals() -> None:
    arms = [
        case("ketamine", 50 + 10 * float(dose), pathology__sparsity=level, treatment__regrow_fraction=dose)
        for level, dose in itertools.product(("0.9", "0.95", "0.99"), ("0.2", "0.5"))
    ]
    found = blocks(study(*arms))
    maps = [block for block in found if isinstance(block, Picture) and block.name.startswith("map_")]
    stem = "map_pathology_sparsity_by_treatment_regrow_fraction"
    names = [each.name for each in maps]
    assert [name for name in names if name.endswith("combined_treated")] == [f"{stem}_combined_treated"]
    assert len(names) == 4
    others = [case("ssri", 50, pathology__sparsity=s, treatment__regrow_fraction=d)
              for s in ("0.9", "0.95") for d in ("0.2", "0.5")]  # fmt: skip
    two = [each.name for each in blocks(study(*arms, *others)) if isinstance(each, Picture)]
    assert {f"{stem}_{number}_combined_treated" for number in (1, 2)} <= set(two)
    widths, lows, highs = (column(maps[0].data, key) for key in ("width", "ci_low", "ci_high"))
    assert widths == pytest.approx([high - low for low, high in zip(lows, highs, strict=True)])  # type: ignore[operator]
    assert_sound(found)


@pytest.mark.parametrize(
    ("key", "settings", "title"),
    [
        ("training.learning_rate", ("0.001", "0.01", "0.1", "1.0"), "Along training.learning_rate"),
        ("model.hidden", ("[512, 512, 256]", "[64, 64]"), "Along model.hidden"),
        ("task.note", ("<b>x</b>", "$y$ & _z_"), "Along task.note"),
    ],
)
def test_a_sweep_over_anything_gets_a_page_without_code(key: str, settings: tuple[str, ...], title: str) -> None:
    told = study(*(case("none", 50, **{key.replace(".", "__"): value}) for value in settings))
    assert pages(told)[0] == title
    assert setting_of(key).dose is None
    assert_sound(blocks(told))


def test_pruning_levels_lie_by_the_logarithm_of_what_they_leave_and_others_as_they_are() -> None:
    levels = Axis("pathology.sparsity", ("0", "0.5", "0.9", "0.99"), numeric=True)
    assert places(levels, ("0.9", "0.99", "0")) == pytest.approx([1.0, 2.0, 0.0])
    with_all = Axis("pathology.sparsity", ("0.5", "1"), numeric=True)
    assert places(with_all, with_all.values) == [0.5, 1.0]
    rates = Axis("training.learning_rate", ("0.001", "0.1"), numeric=True)
    assert places(rates, rates.values) == [0.001, 0.1]


def test_the_papers_four_arms_have_no_axis_but_stand_together() -> None:
    told = study(*(case(name, 50) for name in ("none", "ketamine", "ssri", "neurosteroid")))
    assert pages(told) == ["Across all conditions"]
    assert_sound(blocks(told))


def test_two_conditions_alone_and_nobody_make_no_page() -> None:
    assert sweeps.section(study(case("none", 50), case("ssri", 60))) is None
    assert sweeps.section(study(arm("none", {}))) is None


def test_a_crossed_design_is_no_sweep() -> None:
    cells = [
        case("none", 50, 1, cohort__hold__data=str(data), cohort__hold__init=str(init))
        for data, init in itertools.product(range(3), range(3))
    ]
    assert sweeps.section(study(*cells)) is None


@pytest.mark.parametrize("n", [1, 2])
def test_one_or_two_individuals_have_means_and_no_intervals(n: int) -> None:
    found = blocks(study(*doses(n)))
    sheet = named(found, "points_treatment_regrow_fraction")
    assert set(column(sheet, "ci_low")) == {None}
    assert set(column(sheet, "n")) == {n}
    assert_sound(found)


def test_equal_individuals_are_constant_and_nothing_breaks() -> None:
    arms = [
        arm("ketamine", {"treated/combined": [97.0] * 5}, changed={"treatment.regrow_fraction": dose})
        for dose in ("0.1", "0.2", "0.3", "0.4")
    ]
    found = blocks(study(*arms))
    assert set(column(named(found, "points_treatment_regrow_fraction"), "sd")) == {0.0}
    assert [block for block in found if isinstance(block, Paragraph) and "No half-way point" in block.text]
    assert_sound(found)


def test_unequal_sets_of_individuals_are_said_and_contrasts_are_of_the_common_ones() -> None:
    gradient, random = (case("ketamine", 80, treatment__criterion=name) for name in ("gradient", "random"))
    found = blocks(study(without(gradient, 1, 2), random))
    assert set(column(named(found, "contrasts_treatment_criterion"), "n")) == {4}
    assert set(column(named(found, "points_treatment_criterion"), "n")) == {4, 6}
    (warning,) = (block for block in found if isinstance(block, Paragraph) and block.kind == "warning")
    assert "Not all conditions have the same individuals" in warning.text
    assert_sound(found)


def test_individuals_that_nobody_shares_have_no_contrast() -> None:
    gradient, random = (case("ketamine", 80, treatment__criterion=name) for name in ("gradient", "random"))
    found = blocks(study(without(gradient, 0, 1, 2), without(random, 3, 4, 5)))
    assert named(found, "contrasts_treatment_criterion").rows == ()
    assert_sound(found)


def test_missing_values_leave_a_gap_and_no_nan() -> None:
    arms = doses()
    arms[2] = arm("ketamine", {"treated/combined": [math.nan, 60.0, 61.0]}, changed=dict(arms[2].settings))
    found = blocks(study(*arms))
    assert_sound(found)


def test_shared_and_individual_data_get_parts_of_their_own() -> None:
    arms = [
        arm("none", {"treated/combined": people(50)}, data=data, changed={"pathology.sparsity": level})
        for data, level in itertools.product(("shared", "individual"), ("0.9", "0.95", "0.97"))
    ]
    told = study(*arms)
    assert pages(told) == ["With data individual", "With data shared"]
    anchors = [page.anchor for page in flat(sweeps.section(told))]
    assert len(set(anchors)) == len(anchors)
    assert_sound(blocks(told))


def test_many_lines_go_without_bands_and_say_so() -> None:
    arms = [
        case("ketamine", 50, pathology__sparsity=level, treatment__epochs=str(epochs))
        for level, epochs in itertools.product(("0.9", "0.95", "0.99"), range(1, 9))
    ]
    found = blocks(study(*arms))
    (picture,) = (b for b in found if isinstance(b, Picture) and b.name == "along_pathology_sparsity")
    assert "table only" in picture.caption
    assert_sound(found)


def test_a_relapse_that_takes_nothing_is_said_to_be_noise() -> None:
    arms = [case(name, 50) for name in ("none", "ssri", "ketamine")]
    capped = arm("none", {"treated/sparsity": [99.5], "relapsed/sparsity": [99.5], "relapse_drop": [0.3]},
                 changed={"pathology.sparsity": "0.995"})  # fmt: skip
    (warning,) = (b for b in blocks(study(*arms, capped)) if isinstance(b, Paragraph) and "nothing left" in b.text)
    assert "none, pruned 0.995" in warning.text


def test_a_study_of_the_paper_is_the_same_twice() -> None:
    told = paper_study(8)
    assert list(values(blocks(told))) == list(values(blocks(told)))


def flat(section: Section | None) -> Iterator[Section]:
    if section is not None:
        yield section
        for inner in section.sub:
            yield from flat(inner)


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("pathology.sparsity", ("0.85", "0.93", "0.95", "0.97", "0.99", "0.9999")),
        ("training.learning_rate", ("1e-05", "0.0001", "0.00015", "0.0002")),
        ("treatment.regrow_fraction", ("0.05", "0.1", "0.12", "0.125")),
    ],
)
def test_distinct_values_of_a_setting_have_distinct_labels_everywhere(key: str, told: tuple[str, ...]) -> None:
    arms = [case("ketamine", 60 + place, **{key.replace(".", "__"): value}) for place, value in enumerate(told)]
    sheets = [block.data if isinstance(block, Picture) else block for block in blocks(study(*arms))]
    of_the_key = [s for s in sheets if isinstance(s, Sheet) and key in [each.key for each in s.columns]]
    assert of_the_key
    for sheet in of_the_key:
        (heading,) = (each for each in sheet.columns if each.key == key)
        shown = {value: spell_value(value, heading) for value in column(sheet, key)}  # type: ignore[arg-type]
        assert len(set(shown.values())) == len(shown) == len(told)
        assert {float(text) for text in shown.values()} == set(map(float, told))


def picture(told: Study, name: str) -> Picture:
    (found,) = (block for block in blocks(told) if isinstance(block, Picture) and block.name == name)
    return found


def test_a_broken_line_is_the_drug_withdrawn_and_lies_where_its_means_are() -> None:
    arms = [case("neurosteroid", 90 - place, treatment__damping_factor=f"0.{9 - place}") for place in range(4)]
    drawn = picture(study(*arms), "along_treatment_damping_factor").draw()
    (axis,) = [axis for axis in drawn.axes if axis.get_title() == "combined stress"]
    lines = {line.get_linestyle(): line.get_ydata() for line in axis.lines if len(line.get_ydata()) == 4}
    assert lines["-"] == pytest.approx([87, 88, 89, 90])
    assert lines["--"] == pytest.approx([67, 68, 69, 70])
    handles, labels = axis.get_legend_handles_labels()
    named_lines = {label: handle.get_linestyle() for handle, label in zip(handles, labels, strict=True)}
    assert named_lines == {"neurosteroid": "-", "neurosteroid (withdrawn)": "--"}


def test_a_point_across_conditions_lies_at_its_dose_and_its_outcome() -> None:
    found = picture(
        study(*(case(name, mean) for name, mean in (("none", 40), ("ssri", 60), ("ketamine", 90)))), "by_dose"
    )
    (axis,) = [axis for axis in found.draw().axes if axis.get_title() == "combined stress"]
    dots = {(round(float(line.get_xdata()[0]), 6), round(float(line.get_ydata()[0]), 6))
            for line in axis.lines if len(line.get_xdata()) == 1}  # fmt: skip
    assert dots == {(0.01, 40.0), (0.01, 60.0), (0.01, 90.0)}
    rows = [row for row in records(found.data) if row["outcome"] == "combined stress"]
    assert [(row["x"], row["mean"]) for row in rows] == [(0.01, pytest.approx(mean)) for mean in (40, 60, 90)]


def test_every_dose_of_every_condition_stands_in_a_table_and_what_an_older_version_did_not_measure_is_missing() -> None:
    metrics = {
        "l1": "dose/l1",
        "l2": "dose/l2",
        "path": "dose/path",
        "turnover": "dose/turnover",
        "logit": "dose/logit",
    }
    new = arm("ssri", {"treated/combined": [50.0, 60.0], **{m: [k, k + 2.0] for k, m in enumerate(metrics.values())}})
    sheet = named(blocks(study(case("none", 40), new, case("ketamine", 90))), "doses")
    none, ssri, _ = records(sheet)
    assert {name: ssri[name] for name in metrics} == {name: k + 1.0 for k, name in enumerate(metrics)}
    assert (ssri["condition"], ssri["n"]) == ("ssri", 2)
    assert {name: none[name] for name in metrics} == dict.fromkeys(metrics) | {"l1": pytest.approx(0.01)}


def test_where_the_relapse_took_synapses_its_drop_is_no_noise() -> None:
    told = [block.text for block in blocks(study(*(case(name, 50) for name in ("none", "ssri", "ketamine"))))
            if isinstance(block, Paragraph)]  # fmt: skip
    assert not any("nothing left to take" in text for text in told)

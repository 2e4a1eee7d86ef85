from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np
import pytest

from depsim.report.document import Block, Paragraph, Picture, Section, Sheet
from depsim.report.sections import sweeps
from depsim.report.settings import places, setting_of
from depsim.report.wording import spell_value
from depsim.study.axes import Axis
from depsim.study.reading import Study, StudyArm
from tests.people import arm, study, without
from tests.report.blocks import assert_sound, blocks_of, column, named

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


def test_a_criterion_is_contrasted_within_individuals_at_each_dose() -> None:
    arms = [
        case("ketamine", 80 + gain, treatment__criterion=criterion, treatment__regrow_fraction=dose)
        for (criterion, gain), dose in itertools.product((("gradient", 3.0), ("random", 0.0)), ("0.1", "0.5"))
    ]
    sheet = named(blocks(study(*arms)), "contrasts_treatment_criterion")
    assert column(sheet, "difference") == pytest.approx([3, 3, 3, 0.3] * 2)
    assert column(sheet, "p") == pytest.approx([2 / 64] * 8)
    assert column(sheet, "p_holm") == pytest.approx([8 * 2 / 64] * 8)


def test_grids_of_several_treatments_have_names_of_their_own() -> None:
    arms = [
        case(name, 50, 2, pathology__sparsity=level, treatment__regrow_fraction=dose)
        for name, level, dose in itertools.product(("ketamine", "ssri"), ("0.9", "0.95"), ("0.2", "0.5"))
    ]
    names = {each.name for each in blocks(study(*arms)) if isinstance(each, Picture)}
    stem = "map_pathology_sparsity_by_treatment_regrow_fraction"
    assert {f"{stem}_{number}_combined_treated" for number in (1, 2)} <= names


@pytest.mark.parametrize(
    ("key", "settings", "title"),
    [
        ("training.learning_rate", ("0.001", "0.01", "0.1", "1.0"), "Along training.learning_rate"),
        ("model.hidden", ("[512, 512, 256]", "[64, 64]"), "Along model.hidden"),
        ("task.note", ("<b>x</b>", "$y$ & _z_"), "Along task.note"),
    ],
)
def test_a_sweep_over_anything_gets_a_page_without_code(key: str, settings: tuple[str, ...], title: str) -> None:
    told = study(*(case("none", 50, 2, **{key.replace(".", "__"): value}) for value in settings))
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


def test_two_conditions_alone_and_nobody_make_no_page() -> None:
    assert sweeps.section(study(case("none", 50, 1), case("ssri", 60, 1))) is None
    assert sweeps.section(study(arm("none", {}))) is None


@pytest.mark.parametrize("n", [1, 2])
def test_one_or_two_individuals_have_means_and_no_intervals(n: int) -> None:
    found = blocks(study(*doses(n)))
    sheet = named(found, "points_treatment_regrow_fraction")
    assert set(column(sheet, "ci_low")) == {None}
    assert set(column(sheet, "n")) == {n}
    assert_sound(found)


def test_equal_individuals_are_constant_and_nothing_breaks() -> None:
    arms = [
        arm("ketamine", {"treated/combined": [97.0] * 3}, changed={"treatment.regrow_fraction": dose})
        for dose in ("0.1", "0.2", "0.3", "0.4")
    ]
    found = blocks(study(*arms))
    assert set(column(named(found, "points_treatment_regrow_fraction"), "sd")) == {0.0}
    assert_sound(found)


def test_unequal_sets_of_individuals_are_said_and_contrasts_are_of_the_common_ones() -> None:
    gradient, random = (case("ketamine", 80, treatment__criterion=name) for name in ("gradient", "random"))
    found = blocks(study(without(gradient, 1, 2), random))
    assert set(column(named(found, "contrasts_treatment_criterion"), "n")) == {4}
    assert set(column(named(found, "points_treatment_criterion"), "n")) == {4, 6}
    assert [block for block in found if isinstance(block, Paragraph) and block.kind == "warning"]
    assert_sound(found)


def test_individuals_that_nobody_shares_have_no_contrast() -> None:
    gradient, random = (case("ketamine", 80, treatment__criterion=name) for name in ("gradient", "random"))
    found = blocks(study(without(gradient, 0, 1, 2), without(random, 3, 4, 5)))
    assert named(found, "contrasts_treatment_criterion").rows == ()
    assert_sound(found)


def test_missing_values_leave_a_gap_and_no_nan() -> None:
    arms = doses(3)
    arms[2] = arm("ketamine", {"treated/combined": [math.nan, 60.0, 61.0]}, changed=dict(arms[2].settings))
    found = blocks(study(*arms))
    assert_sound(found)


def test_shared_and_individual_data_get_parts_of_their_own() -> None:
    arms = [
        arm("none", {"treated/combined": people(50, 2)}, data=data, changed={"pathology.sparsity": level})
        for data, level in itertools.product(("shared", "individual"), ("0.9", "0.95", "0.97"))
    ]
    told = study(*arms)
    assert pages(told) == ["With data individual", "With data shared"]
    anchors = [page.anchor for page in flat(sweeps.section(told))]
    assert len(set(anchors)) == len(anchors)
    assert_sound(blocks(told))


def test_many_lines_go_without_bands_and_say_so() -> None:
    arms = [
        case("ketamine", 50, 2, pathology__sparsity=level, treatment__epochs=str(epochs))
        for level, epochs in itertools.product(("0.9", "0.95", "0.99"), range(1, 9))
    ]
    found = blocks(study(*arms))
    (picture,) = (b for b in found if isinstance(b, Picture) and b.name == "along_pathology_sparsity")
    assert "table only" in picture.caption
    assert_sound(found)


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
    arms = [case("ketamine", 60 + place, 2, **{key.replace(".", "__"): value}) for place, value in enumerate(told)]
    sheets = [block.data if isinstance(block, Picture) else block for block in blocks(study(*arms))]
    of_the_key = [s for s in sheets if isinstance(s, Sheet) and key in [each.key for each in s.columns]]
    assert of_the_key
    for sheet in of_the_key:
        (heading,) = (each for each in sheet.columns if each.key == key)
        shown = {value: spell_value(value, heading) for value in column(sheet, key)}  # type: ignore[arg-type]
        assert len(set(shown.values())) == len(shown) == len(told)
        assert {float(text) for text in shown.values()} == set(map(float, told))

"""Names of conditions: different ones differ, and say in what."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from depsim.config import prepare
from depsim.execution.job import scientific_settings
from depsim.stages import TREATED, WITHDRAWN
from depsim.study.labels import spell_setting
from depsim.study.naming import name_arms, name_at, name_condition, name_conditions, name_treatment
from tests import people
from tests.contracts.choices import names

GROUPS = ("task", "model", "pathology", "treatment", "follow_up", "assessment")
CHOICES = [*((group, name) for group in GROUPS for name in names(group)), ("cohort", "diverse")]


def settings_of(*overrides: str) -> dict[str, str]:
    return scientific_settings(prepare([*overrides, "tracking=none"]).job.params())


def another(text: str) -> str:
    """Another value of the same kind."""
    if text in ("True", "False"):
        return "False" if text == "True" else "True"
    if text == "null":
        return "3"
    if ":" in text:  # a function's name
        return f"{text}_too"
    if re.search(r"\d", text):
        return re.sub(r"\d(?=\D*$)", lambda last: str((int(last[0]) + 1) % 10), text, count=1)
    return text.replace("']", "_too']") if "']" in text else f"other_{text}"


@pytest.mark.parametrize(("group", "choice"), CHOICES)
def test_two_values_of_any_setting_make_two_names_in_words(group: str, choice: str) -> None:
    settings = settings_of(f"{group}={choice}")
    for key, value in settings.items():
        changed = settings | {key: another(value)}
        one, other = name_conditions([settings, changed])
        assert one != other, key
        assert name_condition(settings, [key]) != name_condition(changed, [key])
        for name in (one, other):
            assert not re.search(r"=|\w\.[a-z]|_", name), name
            if key != "treatment":
                assert name.startswith(name_treatment(settings["treatment"]))
                assert len(name.partition(", ")[2]) < 80


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"pathology.sparsity": "0.8"}, "ketamine, 80 % pruned"),
        ({"pathology.criterion": "random"}, "ketamine, random pruning"),
        ({"treatment.regrow_fraction": "0.20000000000000284"}, "ketamine, 20 % regrown"),
        ({"treatment.regrow_fraction": "0.953344"}, "ketamine, 95.3344 % regrown"),
        ({"treatment.learning_rate": "1e-05"}, "ketamine, lr 1e-05"),
        ({"treatment.epochs": "1", "treatment.criterion": "random"}, "ketamine, random regrowth, 1 epoch"),
        ({"treatment.maintenance.epochs": "3"}, "ketamine, maintenance 3 epochs"),
        ({"training.epochs": "5", "task.spread": "0.5"}, "ketamine, cluster spread 0.5, 5 training epochs"),
        ({"model.hidden": "[16, 12]"}, "ketamine, hidden 16/12"),
        ({"model": "mlp_wide", "model.hidden": "[1024, 1024, 512]"}, "ketamine, mlp wide"),
        ({"pathology": "none"}, "ketamine, no pathology"),
        ({"follow_up": "stress_cycles", "follow_up.cycles": "8"}, "ketamine, stress cycles"),
        ({"assessment.further_pruning": "0.7"}, "ketamine, relapse of 70 %"),
        ({"cohort.data": "individual", "cohort.hold.init": "4"}, "ketamine, individual data, weights of 4"),
        ({"device": "cuda"}, "ketamine, on cuda"),
    ],
)
def test_a_name_is_the_treatment_and_what_differs_from_the_other(changed: dict[str, str], name: str) -> None:
    settings = people.SURROUNDINGS | people.TREATMENTS["ketamine"] | {"treatment": "ketamine", "cohort.data": "shared"}
    assert name_conditions([settings, settings | changed])[1] == name
    assert name_conditions([settings, settings]) == ["ketamine", "ketamine"]


def test_settings_of_a_treatment_count_among_its_namesakes_and_all_others_everywhere() -> None:
    arms = [
        people.paper_arm("none", 1),
        people.paper_arm("ketamine", 1),
        people.paper_arm("ketamine", 1, treatment__regrow_fraction="0.1"),
        people.paper_arm("ssri", 1, treatment__epochs="25"),
    ]
    assert list(name_arms(arms).values()) == ["untreated", "ketamine, 50 % regrown", "ketamine, 10 % regrown", "ssri"]
    milder = people.paper_arm("ssri", 1, pathology__sparsity="0.9")
    assert list(name_arms([*arms[:2], milder]).values()) == [
        "untreated, 95 % pruned", "ketamine, 95 % pruned", "ssri, 90 % pruned"
    ]  # fmt: skip


@pytest.mark.slow  # six configurations are composed
def test_a_choice_stands_for_the_settings_that_follow_from_it() -> None:
    conditions = [
        settings_of(f"experiment={name}", f"treatment={treatment}")
        for name in ("digits_mlp", "digits_recurrent", "four_clusters_mlp")
        for treatment in ("none", "ssri")
    ]
    assert name_conditions(conditions)[::2] == [
        "untreated, digits, mlp", "untreated, digits, recurrent", "untreated, four clusters, mlp"
    ]  # fmt: skip
    assert name_conditions([*conditions, conditions[0] | {"model.noise_scale": "0.2"}])[::6] == [
        "untreated, digits, mlp, model noise scale 0.1", "untreated, digits, mlp, model noise scale 0.2"
    ]  # fmt: skip


def test_numbers_have_as_many_digits_as_tell_them_apart() -> None:
    settings = {"treatment": "ketamine"}
    rates = [settings | {"treatment.learning_rate": rate} for rate in ("0.0012345678", "0.0012345679", "0.5")]
    assert name_conditions(rates) == ["ketamine, lr 0.0012345678", "ketamine, lr 0.0012345679", "ketamine, lr 0.5"]
    assert name_conditions(rates[1:]) == ["ketamine, lr 0.00123457", "ketamine, lr 0.5"]
    assert name_conditions(rates[:1], ["treatment.learning_rate"]) == ["ketamine, lr 0.0012345678"]


def test_what_words_cannot_tell_apart_is_numbered() -> None:
    alike = [{"treatment": "none"}, {"treatment": "untreated"}, {"treatment": "none"}]
    assert name_conditions(alike) == ["untreated", "untreated (2)", "untreated"]


def test_an_arm_with_several_names_has_them_all() -> None:
    maintained, sham = (people.paper_arm("none", 1, follow_up__maintenance=kind) for kind in ("own", "sham"))
    arms = [
        maintained,
        replace(sham, arm_key=maintained.arm_key),
        people.paper_arm("ssri", 1, follow_up__maintenance="own"),
    ]
    assert list(name_arms(arms).values()) == [
        "untreated, own maintenance = untreated, sham maintenance", "ssri, own maintenance"
    ]  # fmt: skip


def test_a_stage_follows_the_treatment() -> None:
    assert name_at("neurosteroid", WITHDRAWN, True) == "neurosteroid withdrawn"
    assert name_at("neurosteroid, tanh = neurosteroid, ReLU", TREATED, True) == (
        "neurosteroid on, tanh = neurosteroid on, ReLU"
    )
    assert name_at("untreated", TREATED, False) == "untreated"


def test_values_too_long_for_a_name_are_still_told_apart() -> None:
    values = [str({seed: 1.0 + seed for seed in range(size)}) for size in (50, 51)]
    one, other = (spell_setting("cohort.traits.plasticity.values", value) for value in values)
    assert one != other
    assert len(one) < 80

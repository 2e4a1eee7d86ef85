"""Which class a name in a configuration stands for, and what a setting is called."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import depsim
from depsim.component import Component, Label, Neutral, label_of
from depsim.config import ConfigError, prepare
from depsim.registry import (
    PluginError,
    class_of_choice,
    conf_folders,
    fields_of_choice,
    find_class,
    label_of_key,
    packages,
    title_of,
)
from depsim.study.labels import setting_of
from depsim.training import HealthyTraining
from tests.contracts.choices import build, fields, names
from tests.plugins import write_plugin

GROUPS = ("task", "model", "pathology", "treatment", "assessment", "tracking")
CHOICES = [(group, name) for group in GROUPS for name in names(group)]
UNITS = {
    "points": {"assessment.remission", "assessment.relapse_deficit", "assessment.relevant"},
    "%": {"assessment.collapse"},
    "SD": {
        "assessment.internal_noise",
        "assessment.input_noise",
        "assessment.combined_internal_noise",
        "task.spread",
        "treatment.init_scale",
        "treatment.initial_noise",
    },
}
PLUGIN = """
from collections.abc import Sequence
from dataclasses import dataclass
from depsim.steps import Path, Step
from depsim.treatment import Treatment

@dataclass(frozen=True)
class Shine(Step):
    def __call__(self, path: Path) -> Path:
        return path

class Light(Treatment):
    hours: int

    def plan(self) -> Sequence[Step]:
        return (Shine(),)
"""


def every_component() -> set[type[Component]]:
    """All component classes that depsim defines."""
    for module in pkgutil.walk_packages(depsim.__path__, "depsim."):
        if not module.name.endswith(("__main__", "execution.worker")):
            importlib.import_module(module.name)

    def below(kind: type[Component]) -> Iterator[type[Component]]:
        for child in kind.__subclasses__():
            yield child
            yield from below(child)

    return {kind for kind in below(Component) if kind.__module__.split(".")[0] == "depsim"}


def test_a_setting_that_came_later_has_its_neutral_value_by_default() -> None:
    later = [
        (f"{kind.__name__}.{name}", field.default, mark.value)
        for kind in every_component() for name, field in kind.model_fields.items()
        for mark in field.metadata if isinstance(mark, Neutral) and not field.is_required()
    ]  # fmt: skip
    assert len(later) > 20
    assert [each for each in later if each[1] != each[2]] == []


def test_no_two_components_have_the_same_class_name() -> None:
    counts = Counter(kind.__name__ for kind in every_component())
    assert {"Regrowth", "Mlp", "Overpruning", "Battery", "Population", "Sampler"} <= set(counts)
    assert {name: count for name, count in counts.items() if count > 1} == {}


@pytest.mark.parametrize(("group", "name"), CHOICES)
def test_every_target_names_one_class_however_it_is_written(group: str, name: str) -> None:
    target = fields(group, name)["_target_"]
    kind = find_class(target)
    assert isinstance(kind, type)
    assert kind is class_of_choice(group, name)
    assert kind.__name__ == target.rpartition(".")[2]
    assert find_class(f"{kind.__module__}.{kind.__qualname__}") is kind
    namesakes = [other for other in every_component() if other.__name__ == kind.__name__]
    assert namesakes == [kind]


@pytest.mark.parametrize(
    "target",
    [
        "depsim.treatment.Flu",
        "depsim.no_such_module.Regrowth",
        "depsim.treatment.regrow_fraction",
        "depsim.treatment",
        "Regrowth",
        "depsim.Regrowth",
        "depsim..treatment.Regrowth",
        "depsim.treatment.Regrowth.plan",
        "depsim.treatment.Regrowth ",
        "os.PathLike",
        "tests.tiny.Failing",
        None,
        3,
    ],
)
def test_any_other_target_names_nothing(target: object) -> None:
    assert find_class(target) is None


Plugins = Callable[..., None]


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plugins]:
    """Makes packages with a treatment ``Light``, each a choice of a name of its own, and allows them."""
    made: list[str] = []

    def make(**choices: str) -> None:
        for package, choice in choices.items():
            (tmp_path / package / "conf" / "treatment").mkdir(parents=True)
            (tmp_path / package / "__init__.py").write_text(PLUGIN)
            text = f"_target_: {package}.Light\nhours: 2\n"
            (tmp_path / package / "conf" / "treatment" / f"{choice}.yaml").write_text(text)
            made.append(package)
        monkeypatch.setenv("DEPSIM_PLUGINS", ",".join(choices))
        monkeypatch.syspath_prepend(str(tmp_path))

    yield make
    for package in made:
        sys.modules.pop(package, None)


def test_a_module_that_cannot_be_imported_is_named_with_the_reason(plugins: Plugins, tmp_path: Path) -> None:
    plugins(lab_x="light_x")
    for name, line, why in (
        ("one", "import no_such_thing", "No module named 'no_such_thing'"),
        ("two", "from depsim.steps import NoStep", "cannot import name 'NoStep' from 'depsim.steps'"),
    ):
        (tmp_path / "lab_x" / f"{name}.py").write_text(f"{line}\n")
        with pytest.raises(PluginError, match=rf"lab_x\.{name}\.Light: its module cannot be imported: {why}"):
            find_class(f"lab_x.{name}.Light")
    assert find_class("lab_x.three.Light") is None


def test_classes_of_one_name_in_two_plugins_are_told_apart_by_their_package(plugins: Plugins, empty: Path) -> None:
    plugins(clinic_one="light", clinic_two="lamp")
    assert packages()[:3] == ("depsim", "clinic_one", "clinic_two")
    kinds = [find_class(f"{package}.Light") for package in ("clinic_one", "clinic_two")]
    assert [kind.__module__ for kind in kinds if isinstance(kind, type)] == ["clinic_one", "clinic_two"]
    assert [class_of_choice("treatment", choice) for choice in ("light", "lamp")] == kinds
    jobs = [prepare([f"treatment={choice}"]).job for choice in ("light", "lamp")]
    steps = [{type(step) for step in job.arm.steps if type(step).__name__ == "Shine"} for job in jobs]
    assert [{step.__module__ for step in own} for own in steps] == [{"clinic_one"}, {"clinic_two"}]
    assert jobs[0].arm_key != jobs[1].arm_key
    assert jobs[0].sources != jobs[1].sources


def test_one_choice_in_two_plugins_is_the_first_ones_wherever_it_is_looked_up(plugins: Plugins, empty: Path) -> None:
    plugins(clinic_three="light", clinic_four="light")
    assert [folder.parent.name for folder in conf_folders()[1:]] == ["clinic_three", "clinic_four"]
    kind = class_of_choice("treatment", "light")
    job = prepare(["treatment=light"]).job
    assert kind is find_class("clinic_three.Light")
    assert job.config["treatment"]["_target_"] == "clinic_three.Light"


def test_a_plugin_takes_no_choice_of_depsims_away(plugins: Plugins, empty: Path) -> None:
    plugins(clinic_five="ketamine")
    before = build("treatment", "ketamine")
    assert type(before).__module__ == "depsim.treatment.regrowth"
    assert prepare(["treatment=ketamine"]).job.config["treatment"]["_target_"] == "depsim.treatment.Regrowth"


@pytest.mark.parametrize("wrong", ["raise RuntimeError", "import nowhere_to_be_found", "def ("])
def test_a_broken_plugin_takes_no_name_from_a_key(wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / f"clinic_broken_{len(wrong)}"
    (package / "conf" / "treatment").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "broken.py").write_text(wrong)
    (package / "conf" / "treatment" / "lamp.yaml").write_text(f"_target_: {package.name}.broken.Lamp\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("DEPSIM_PLUGINS", package.name)
    assert fields_of_choice("treatment", "lamp") == {}
    assert setting_of("treatment.learning_rate").label == "learning rate"


def test_a_key_is_called_what_all_choices_call_it_those_of_plugins_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert label_of_key("treatment.learning_rate") == Label("learning rate", symbol="lr")
    assert label_of_key("model.hidden") is None, "networks differ in what that is"
    assert label_of_key("treatment.factor") is label_of_key("seed") is None
    assert setting_of("treatment.factor").label == "factor"
    write_plugin(tmp_path, "clinic_with_labels")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("DEPSIM_PLUGINS", "clinic_with_labels")
    assert label_of_key("treatment.factor") == Label("factor of the weights")
    assert (found := setting_of("treatment.factor")).label == "factor of the weights"
    assert found.phrase == "factor {}"
    assert setting_of("treatment.init_scale").label == "spread of the weights of regrown synapses (SD)"


def test_a_plugin_that_is_not_allowed_is_not_imported(
    plugins: Plugins, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugins(clinic_six="light")
    monkeypatch.delenv("DEPSIM_PLUGINS")
    assert find_class("clinic_six.Light") is None
    assert "clinic_six" not in sys.modules
    with pytest.raises(ConfigError, match="treatment=light: unknown choice"):
        prepare(["treatment=light"])


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ("no_such_clinic", "no_such_clinic: no package no_such_clinic, neither installed nor in this folder"),
        ("../clinic", "../clinic: must be the name of a package"),
        ("clinic.sub", "clinic.sub: must be the name of a package"),
    ],
)
def test_a_plugin_that_is_not_there_is_an_error(
    empty: Path, monkeypatch: pytest.MonkeyPatch, variable: str, message: str
) -> None:
    monkeypatch.setenv("DEPSIM_PLUGINS", variable)
    with pytest.raises(PluginError, match=f"DEPSIM_PLUGINS={variable}: .*{message.partition(': ')[2]}"):
        packages()


def config_of(group: str, name: str) -> dict[str, Any]:
    return {group: fields(group, name)}


@pytest.mark.parametrize(("group", "name"), CHOICES)
def test_every_setting_is_spoken_of_with_its_title_and_unit(group: str, name: str) -> None:
    config, kind = config_of(group, name), type(build(group, name))
    for field in kind.model_fields:
        label = label_of(kind, field)
        assert label.title
        assert label.title != field
        key = f"{group}.{field}"
        unit = next((unit for unit, keys in UNITS.items() if key in keys), "")
        assert label.unit == unit
        shown = f" ({label.title}, {unit})" if unit else f" ({label.title})"
        assert title_of(config, f"{group}.{field}") == shown
        assert title_of(config, f"++{group}.{field}") == shown


def test_the_settings_of_the_healthy_networks_training_have_titles() -> None:
    titles = [label_of(HealthyTraining, field).title for field in HealthyTraining.model_fields]
    assert titles == ["training epochs", "learning rate", "samples per batch"]
    assert label_of(HealthyTraining, "learning_rate") == Label("learning rate", symbol="lr")


@pytest.mark.parametrize(
    "key",
    [
        "treatment",
        "treatment.magic",
        "treatment._target_",
        "treatment.epochs.more",
        "magic.epochs",
        "seed",
        "",
        "study",
    ],
)
def test_whatever_is_no_setting_of_a_component_has_no_title(key: str) -> None:
    config = config_of("treatment", "ketamine") | {"seed": 3, "study": None}
    assert title_of(config, key) == ""


def test_a_group_of_an_unknown_class_has_no_titles_and_a_field_without_label_its_name() -> None:
    for target in ("os.PathLike", "depsim.treatment.Flu", "depsim.steps.Train", None):
        assert title_of({"treatment": {"_target_": target, "epochs": 3}}, "treatment.epochs") == ""
    assert label_of(HealthyTraining, "magic") == Label("magic")

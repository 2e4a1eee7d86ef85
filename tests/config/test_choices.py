"""A choice is one name of a file in its group, however it is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from depsim.config import Composer, ConfigError, parse_overrides, prepare
from tests.contracts.choices import names

ALLOWED, EXPERIMENTS = (", ".join(names(group)) for group in ("treatment", "experiment"))


def refusal(overrides: list[str], folder: Path | None = None) -> str:
    with pytest.raises(ConfigError) as told:
        Composer(folder and str(folder)).compose(parse_overrides(overrides))
    assert len(str(told.value).splitlines()) == 1
    return str(told.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("treatment=ketamine.yaml", f"unknown choice; allowed are {ALLOWED} (did you mean ketamine?)"),
        ("treatment=ketamine.yml", f"unknown choice; allowed are {ALLOWED} (did you mean ketamine?)"),
        ("treatment=./ketamine", f"unknown choice; allowed are {ALLOWED}"),
        ("treatment=[ketamine]", f"must be chosen by one name; allowed are {ALLOWED}"),
        ("treatment=[ketamine,ssri]", f"must be chosen by one name; allowed are {ALLOWED}"),
        ("treatment=[]", f"must be chosen by one name; allowed are {ALLOWED}"),
        ("treatment=5", f"unknown choice; allowed are {ALLOWED}"),
        ("treatment=true", f"unknown choice; allowed are {ALLOWED}"),
        ("treatment=null", f"unknown choice; allowed are {ALLOWED}"),
        ("cohort=[paper,smoke]", "must be chosen by one name; allowed are diverse, large, paper, pilot, smoke, stand"),
        ("experiment=null", f"unknown choice; allowed are {EXPERIMENTS}"),
        ("experiment=mild_pruning.yaml", f"unknown choice; allowed are {EXPERIMENTS}"),
        ("+treatment@second=ketamine.yaml", f"unknown choice; allowed are {ALLOWED}"),
        ("hydra/sweeper=[basic]", "must be chosen by one name; allowed are basic, depsim_optuna"),
        ("hydra/sweeper=nope", "unknown choice; allowed are basic, depsim_optuna"),
    ],
)
def test_an_override_that_is_no_name(word: str, message: str) -> None:
    key = word.partition("=")[0].lstrip("+")
    said = refusal([word])
    assert said.startswith(key)
    assert message in said


@pytest.mark.parametrize(
    ("default", "message"),
    [
        ("/treatment: ketamine.yaml", "treatment=ketamine.yaml: unknown choice"),
        ("/treatment: [ketamine]", "treatment: must be chosen by one name"),
        ("/cohort: [paper, smoke]", "cohort: must be chosen by one name"),
        ("/hydra/sweeper: [basic]", "hydra/sweeper: must be chosen by one name"),
        ("/hydra/sweeper: null", "hydra/sweeper"),
        ("/treatment: ../treatment/ketamine", "treatment=../treatment/ketamine: unknown choice"),
    ],
)
def test_a_file_that_chooses_by_no_name(default: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "experiment").mkdir()
    text = f"# @package _global_\ndefaults:\n  - override {default}\n"
    (tmp_path / "experiment" / "mine.yaml").write_text(text)
    assert message in refusal(["experiment=mine"], tmp_path)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["treatment.epochs=3", "pathology.nope=3"], "treatment.epochs=3: unknown key; treatment=none has no keys"),
        (["++treatment.x=3", "pathology.nope=3"], "pathology.nope=3: unknown key of pathology=overpruning; "),
        (["model.hidden.0=3", "pathology.nope=3"], "pathology.nope=3: unknown key of pathology=overpruning; "),
        (["~treatment.nope", "pathology.nope=3"], "~treatment.nope: unknown key; treatment=none has no keys"),
        (["~pathology.nope=2"], "~pathology.nope=2: unknown key of pathology=overpruning; allowed are sparsity, cri"),
        (["~nope"], "~nope: unknown key; allowed are task, model, "),
        (["model.hidden.7=3"], "model.hidden.7=3: unknown key; model.hidden has no keys"),
        (["+training.epochs=3", "pathology.nope=3"], "pathology.nope=3: unknown key of pathology=overpruning; "),
        (["+training.epochs=3"], "Could not append to config. An item is already at 'training.epochs'"),
    ],
)
def test_of_several_overrides_the_one_at_fault_is_named(words: list[str], message: str) -> None:
    assert refusal(words).startswith(message)


REGIMEN = """\
defaults: [/treatment@drugs.ketamine: ketamine, _self_]
_target_: depsim.treatment.Regimen
drugs: {ketamine: {epochs: 2}%s}
steps: [{give: ketamine}, {give: ssri}]
"""


@pytest.mark.parametrize(
    ("further", "words", "begins"),
    [
        ("", [], "treatment: steps[1]: ssri is no drug of this regimen; allowed are ketamine, or list it under def"),
        ("", ["treatment.drugs.ssri.epochs=3"], "treatment.drugs.ssri.epochs=3: unknown key; allowed are ketamine; "),
        ("", ["+treatment.drugs.ssri.epochs=3"], "treatment.drugs.ssri: no choice stands there; "),
        (", ssri: {epochs: 3}", [], "treatment.drugs.ssri: no choice stands there; the treatment's file must list "),
    ],
)
def test_a_drug_that_a_regimen_does_not_take_in(further: str, words: list[str], begins: str, tmp_path: Path) -> None:
    (tmp_path / "treatment").mkdir()
    (tmp_path / "treatment" / "mine.yaml").write_text(REGIMEN % further)
    with pytest.raises(ConfigError) as told:
        prepare(["treatment=mine", *words], Composer(str(tmp_path)))
    assert str(told.value).startswith(begins)
    assert str(told.value).endswith("/treatment@drugs.ssri: ssri")


@pytest.mark.slow
@pytest.mark.parametrize("words", [["treatment.steps=[{give: ketamien}]"], ["treatment.drugs.ketamien.epochs=3"]])
def test_a_drug_that_may_be_misspelt_is_not_told_to_be_listed(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "treatment").mkdir()
    (tmp_path / "treatment" / "mine.yaml").write_text(REGIMEN % "")
    with pytest.raises(ConfigError) as told:
        prepare(["treatment=mine", *words], Composer(str(tmp_path)))
    assert str(told.value).endswith("allowed are ketamine (did you mean ketamine?)")


def test_keys_of_a_choice_of_ones_own_are_named(tmp_path: Path) -> None:
    (tmp_path / "treatment").mkdir()
    (tmp_path / "treatment" / "mine.yaml").write_text(REGIMEN % "")
    said = refusal(["treatment=mine", "treatment.drugs.ketamine.epcohs=3"], tmp_path)
    assert said.startswith("treatment.drugs.ketamine.epcohs=3: unknown key of treatment.drugs.ketamine=ketamine; ")
    assert said.endswith(" (did you mean epochs?)")


def test_a_group_that_is_given_keys_of_its_own_is_still_chosen() -> None:
    composed = Composer().compose(parse_overrides(["cohort={size:2}"]))
    assert (composed.choices["cohort"], composed.config.cohort.size) == ("paper", 2)


def test_a_group_of_keys_that_a_group_does_not_have() -> None:
    assert (
        refusal(["training={a:1}"])
        == "Could not override 'training'. Key 'a' is not in struct full_key: training.a object_type=dict"
    )


@pytest.mark.parametrize("text", ["a: [", "a: *b", "\x00"])
def test_a_file_that_hydra_cannot_read(text: str, tmp_path: Path) -> None:
    (tmp_path / "treatment").mkdir()
    (tmp_path / "treatment" / "mine.yaml").write_text(text)
    assert refusal(["treatment=mine"], tmp_path)


def test_a_file_that_is_nested_without_end(tmp_path: Path) -> None:
    (tmp_path / "treatment").mkdir()
    (tmp_path / "treatment" / "mine.yaml").write_text("a: " + 3000 * "[" + 3000 * "]")
    assert refusal(["treatment=mine"], tmp_path) == f"{tmp_path}/treatment/mine.yaml: nested too deeply"


def test_a_folder_or_a_link_to_nowhere_is_no_choice(tmp_path: Path) -> None:
    (tmp_path / "treatment" / "folder.yaml").mkdir(parents=True)
    (tmp_path / "treatment" / "gone.yaml").symlink_to(tmp_path / "nowhere")
    for name in ("folder", "gone"):
        assert f"treatment={name}: unknown choice; allowed are {ALLOWED}" in refusal([f"treatment={name}"], tmp_path)

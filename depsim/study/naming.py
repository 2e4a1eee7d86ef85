"""Names of conditions: the treatment, and what differs from the others; two different conditions never share one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from depsim.stages import TREATED, WITHDRAWN
from depsim.study.labels import CHOICES, place_of, spell_setting

if TYPE_CHECKING:
    from depsim.study.reading import StudyArm

Settings = Mapping[str, str]
"""The scientific settings of a condition: configuration key to value as text."""
UNTREATED = "untreated"
"""What the treatment ``none`` is called."""
PLACEBO, PLACEBO_OF = "placebo", "treatment.of"
"""The treatment, and the key of what it is the placebo of."""
PLACEBO_PREFIX = "placebo of "
"""What the name of a placebo begins with; the name of its treatment follows."""
SHAM = "sham"
"""The treatment that is plain training."""
_OF_A_SHAM = ("treatment.epochs", "treatment.learning_rate")
"""What is in the name of each sham beside another: epochs say little without the learning rate."""
_ORDER = ("treatment", "pathology", *CHOICES, "training", "cohort", "device")
_DIGITS = (6, 12, None)
"""Significant digits of numbers in names; more where fewer would make two conditions one."""


def name_treatment(choice: str) -> str:
    """What a treatment is called.

    >>> name_treatment("none"), name_treatment("ketamine_then_ssri")
    ('untreated', 'ketamine then ssri')
    """
    return UNTREATED if choice == "none" else choice.replace("_", " ")


def name_condition(settings: Settings, keys: Iterable[str], digits: int | None = None) -> str:
    """A condition by its treatment and some of its settings.

    Args:
        settings: of the condition.
        keys: of those that are part of the name, in any order; what it does not have is left out.
        digits: significant ones of numbers, at most; None prints them as they were written.

    >>> name_condition({"treatment": "ketamine", "treatment.regrow_fraction": "0.1"}, ["treatment.regrow_fraction"])
    'ketamine, 10 % regrown'
    >>> settings = {"treatment": "placebo", "treatment.of": "ssri", "treatment.of.epochs": "9"}
    >>> name_condition(settings, ["treatment.of.epochs"])
    'placebo of ssri, 9 epochs'
    """
    shown = sorted({key for key in keys if key in settings and key not in ("treatment", PLACEBO_OF)}, key=_place)
    parts = [spell_setting(key, settings[key], digits) for key in shown]
    return ", ".join([_title(settings), *parts])


def _title(settings: Settings) -> str:
    """A treatment's name; a placebo's with what it is of."""
    if settings["treatment"] == PLACEBO and PLACEBO_OF in settings:
        return f"{PLACEBO_PREFIX}{name_treatment(settings[PLACEBO_OF])}"
    return name_treatment(settings["treatment"])


def name_conditions(conditions: Sequence[Settings], given: Collection[str] = ()) -> list[str]:
    """A name for each condition: its treatment, and the settings in which it differs from the others.

    Settings of a treatment count where they differ between conditions with that treatment, all others where they
    differ between any two; one of several shams has its epochs and its learning rate. Choices such as ``model`` stand
    for the settings that follow from them.

    Args:
        conditions: of a study, or of a sweep; two with equal settings have one name.
        given: keys that are part of every name whose condition has them.
    """
    around = _differing(conditions, [key for key in _keys(conditions) if not _is_treatments(key)])
    by_title = _differing_settings(conditions)
    names: list[str] = []
    for digits in _DIGITS if len(conditions) > 1 else (None,):
        names = [
            name_condition(settings, {*given, *around, *by_title[_title(settings)]}, digits) for settings in conditions
        ]
        if len(set(names)) == len(set(map(_frozen, conditions))):
            return names
    return _numbered(names, conditions)


def name_at(name: str, stage: str, can_be_withdrawn: bool) -> str:
    """The name of a condition at a stage, as in the paper's tables.

    Args:
        name: of the condition.
        stage: ``treated`` or ``withdrawn``.
        can_be_withdrawn: whether its treatment has both stages.

    >>> name_at("neurosteroid, damping 0.5", "withdrawn", True), name_at("neurosteroid", "treated", True)
    ('neurosteroid withdrawn, damping 0.5', 'neurosteroid on')
    >>> name_at("ketamine", "treated", False)
    'ketamine'
    """
    when = {TREATED: " on", WITHDRAWN: " withdrawn"}.get(stage, "") if can_be_withdrawn else ""
    return " = ".join(part.replace(",", f"{when},", 1) if "," in part else part + when for part in name.split(" = "))


def distinct(arms: Iterable[StudyArm]) -> list[StudyArm]:
    """Each arm that has an individual once, whatever its names."""
    return list({arm.arm_key: arm for arm in arms if arm.individuals}.values())


def name_arms(arms: Sequence[StudyArm]) -> dict[str, str]:
    """A name for each arm, by arm key, as :func:`name_conditions` gives it; several names of one arm with `` = ``.

    Args:
        arms: of a study.
    """
    names: dict[str, dict[str, None]] = {}
    for arm, name in zip(arms, name_conditions([arm.settings for arm in arms]), strict=True):
        names.setdefault(arm.arm_key, {})[name] = None
    return {key: " = ".join(arm_names) for key, arm_names in names.items()}


def _is_treatments(key: str) -> bool:
    return key.startswith("treatment.")


def _keys(conditions: Iterable[Settings]) -> list[str]:
    return sorted({key for settings in conditions for key in settings} - {"treatment"})


def _differing_settings(conditions: Sequence[Settings]) -> dict[str, list[str]]:
    """For each treatment its settings that differ between conditions with it."""
    namesakes: dict[str, list[Settings]] = {}
    for settings in conditions:
        namesakes.setdefault(_title(settings), []).append(settings)
    differing = {
        title: [key for key in _keys(same_title) if _is_treatments(key) and not _is_common(key, same_title)]
        for title, same_title in namesakes.items()
    }
    if differing.get(SHAM):
        differing[SHAM] = [*dict.fromkeys((*differing[SHAM], *_OF_A_SHAM))]
    return differing


def _differing(conditions: Sequence[Settings], keys: Sequence[str]) -> list[str]:
    """Keys that differ between conditions, without those whose value follows from choices that differ."""
    varied = [key for key in keys if not _is_common(key, conditions)]
    choices = [key for key in CHOICES if key in varied]
    chosen = [tuple(settings.get(key) for key in choices) for settings in conditions]
    if "experiment" in choices:  # which stands for the other choices, too
        by_experiment = [settings.get("experiment") for settings in conditions]
        choices = [key for key in choices if key == "experiment" or not _follows(key, by_experiment, conditions)]
    return [key for key in varied if key in choices or (key not in CHOICES and not _follows(key, chosen, conditions))]


def _follows(key: str, chosen: Sequence[object], conditions: Sequence[Settings]) -> bool:
    """Whether a setting has one value for each choice."""
    pairs = {(choice, settings.get(key)) for choice, settings in zip(chosen, conditions, strict=True)}
    return len(pairs) == len(set(chosen))


def _is_common(key: str, settings: Sequence[Settings]) -> bool:
    return len({condition.get(key) for condition in settings}) == 1


def _frozen(settings: Settings) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(settings.items()))


def _numbered(names: Sequence[str], conditions: Sequence[Settings]) -> list[str]:
    """Names with a number from the second condition on where several have one, as two components may allow."""
    numbers: dict[str, dict[tuple[tuple[str, str], ...], int]] = {}
    numbered = []
    for name, settings in zip(names, map(_frozen, conditions), strict=True):
        alike = numbers.setdefault(name, {})
        number = alike.setdefault(settings, len(alike) + 1)
        numbered.append(name if number == 1 else f"{name} ({number})")
    return numbered


def _place(key: str) -> tuple[int, int, str]:
    """Where a setting stands in a name."""
    group = key.partition(".")[0]
    return _ORDER.index(group) if group in _ORDER else len(_ORDER), place_of(key), key

"""Names of a study's arms: as short as tells them apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from depsim.study.reading import StudyArm


def distinct(arms: Iterable[StudyArm]) -> list[StudyArm]:
    """Each arm that has an individual once, whatever its names."""
    return list({arm.arm_key: arm for arm in arms if arm.individuals}.values())


def name_arms(arms: Sequence[StudyArm]) -> dict[str, str]:
    """A name for each arm, by condition key: its treatment, and the settings in which it differs from its namesakes.

    Args:
        arms: of a study, none twice.
    """
    names: dict[str, list[str]] = {}
    for arm in arms:
        names.setdefault(arm.arm_key, []).append(", ".join([arm.treatment, *_differences(arm, arms)]))
    return {key: " = ".join(own) for key, own in names.items()}


def _differences(arm: StudyArm, arms: Sequence[StudyArm]) -> list[str]:
    namesakes = [other.settings for other in arms if other.treatment == arm.treatment]
    return [f"{key}={value}" for key, value in arm.settings.items() if not _is_common(key, namesakes)]


def _is_common(key: str, settings: Sequence[Mapping[str, str]]) -> bool:
    return len({own.get(key) for own in settings}) == 1


def spell_pruned(arms: Sequence[StudyArm]) -> str:
    """What the pathology took from the individuals of these arms, as a part of a sentence; empty without any."""
    ends = [end for arm in arms for end in arm.pruned or ()]
    if not ends:
        return ""
    low, high = (f"{end:.4g}" for end in (min(ends), max(ends)))
    return f"{low} % pruned" if low == high else f"{low} to {high} % pruned"


def common_settings(arms: Sequence[StudyArm]) -> dict[str, str]:
    """The settings that all arms have with one value."""
    settings = [arm.settings for arm in arms]
    return {key: value for key, value in (settings[0] if settings else {}).items() if _is_common(key, settings)}

"""A job: one arm applied to one cohort, and what it is called."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from depsim.component import neutral_settings
from depsim.execution.keys import arm_key, arm_sources, digest, run_key
from depsim.population import Hold, Population, format_seeds
from depsim.protocol import Arm
from depsim.registry import neutral_keys
from depsim.traits import NO_TRAITS

_GROUPS = ("task", "model", "training", "pathology", "treatment", "follow_up", "assessment")
READERS = frozenset({"assessment.relevant", "assessment.collapse"})
"""Settings that change no measurement but how it is read: of all jobs of a study, the newest has the say."""
HOLD, _TRAITS = "cohort.hold.", "cohort.traits."
"""What the settings of held streams begin with, and those of traits; the name of the stream or trait follows."""

POINT = "point."
"""What the parameters begin with that say at which point of a multiverse a condition is."""


@dataclass(frozen=True)
class TrialRef:
    """The trial of a search that a job is.

    Args:
        search: where the search is kept; empty if nowhere.
        trial: its number there, or ``winner`` for the winner on fresh individuals.
    """

    search: str
    trial: str


@dataclass(frozen=True)
class PointRef:
    """The point of a multiverse that a job is at.

    Args:
        number: of the point; 0 is the paper's own.
        arm: what the condition is called, the same at every point.
        settings: of the point: key of the multiverse's file to value as text.
        space: what each of them may be, as plain values.
    """

    number: int
    arm: str
    settings: Mapping[str, str]
    space: Mapping[str, Mapping[str, Any]]

    @property
    def name(self) -> str:
        """Of the condition at this point.

        >>> PointRef(0, "ketamine", {}, {}).name, PointRef(7, "ssri", {}, {}).name
        ("ketamine, the paper's settings", 'ssri, settings 7')
        """
        return f"{self.arm}, settings {self.number}" if self.number else f"{self.arm}, the paper's settings"


@dataclass(frozen=True)
class Job:
    """One arm applied to one cohort.

    Args:
        arm: what is done.
        name: of the arm, as shown: its treatment, and what was set for it or differs from others; part of no key.
        population: to whom.
        device_kind: ``cpu`` or ``cuda``; part of the keys, as the arithmetic differs.
        study: what the runs are filed under.
        config: the resolved configuration, for the record.
        choices: the name chosen in each configuration group.
        overrides: the command-line overrides that compose this job again.
        config_dir: the folder with configuration of one's own that it was composed with, or None.
        trial: the trial that it is, or None outside a search.
        claims: hash of every claim as it stands before the job starts, by the claim's name; part of no key.
        replicate: which replicate of the individuals; its arm differs from the others' in the chance it addresses.
        point: where in a multiverse it is, or None outside of one; part of no key.
    """

    arm: Arm
    name: str
    population: Population
    device_kind: str
    study: str
    config: Mapping[str, Any]
    choices: Mapping[str, str]
    overrides: tuple[str, ...]
    config_dir: str | None = None
    trial: TrialRef | None = None
    claims: Mapping[str, str] = field(default_factory=dict)
    replicate: int = 0
    point: PointRef | None = None

    @property
    def replicates(self) -> tuple[Job, ...]:
        """This job for each replicate of its individuals, the first as it is without any others."""
        return tuple(
            replace(self, arm=self.arm.in_replicate(number), replicate=number)
            for number in range(self.population.replicates)
        )

    @cached_property
    def seeds(self) -> tuple[int, ...]:
        """The individuals."""
        return self.population.members

    @property
    def is_individual(self) -> bool:
        """Whether the condition's run is the individual's too: a cohort of one, outside a search."""
        return len(self.seeds) == 1 and self.trial is None

    @property
    def command(self) -> str:
        """The command that runs this job again."""
        folder = ["--config-dir", self.config_dir] if self.config_dir is not None else []
        return shlex.join(["depsim", "run", *folder, *self.overrides])

    @cached_property
    def arm_key(self) -> str:
        """Hash of what is done, by whatever version of the program."""
        return arm_key(self.arm, self.device_kind)

    @cached_property
    def first_arm_key(self) -> str:
        """The arm key of replicate 0, by which all replicates of the individuals are found together."""
        return arm_key(self.arm.in_replicate(0), self.device_kind)

    @cached_property
    def sources(self) -> str:
        """Hash of the sources that the numbers come from."""
        return arm_sources(self.arm)

    @cached_property
    def job_key(self) -> str:
        """Hash of the arm, its sources, its name and who undergoes it; a trial is a job of its own."""
        trial = [] if self.trial is None else [self.trial.search, self.trial.trial]
        neutral = as_texts(neutral_keys(self.config) | neutral_of_cohorts())
        settings = scientific_settings(self.params())
        name = {key: text for key, text in settings.items() if neutral.get(key) != text and key not in READERS}
        return digest([self.arm_key, self.sources, name, list(self.seeds), *trial])

    @property
    def identity(self) -> tuple[str, str]:
        """What makes two jobs one: their study and their key."""
        return self.study, self.job_key

    def params(self, seed: int | None = None) -> dict[str, str]:
        """Every setting as text, by its key on the command line; of one individual, or of the cohort."""
        return dict(self._params) | ({} if seed is None else {"seed": str(seed)})

    @cached_property
    def _params(self) -> dict[str, str]:
        who = {"cohort.seeds": format_seeds(self.seeds), "cohort.size": len(self.seeds)}
        at = {} if self.point is None else {f"{POINT}{key}": text for key, text in self.point.settings.items()}
        return as_texts(
            dict(self.choices) | dict(flatten(self.config)) | who | {"cohort.first_seed": self.seeds[0]} | at
        )

    def run_key(self, seed: int) -> str:
        """Hash of all that decides one individual's outcome."""
        return run_key(self.arm_key, self.sources, seed)

    @cached_property
    def title(self) -> str:
        """A short name: arm and size."""
        title = f"{self.name} · {f'seed {self.seeds[0]}' if len(self.seeds) == 1 else f'n={len(self.seeds)}'}"
        title += f" · replicate {self.replicate}" if self.replicate else ""
        if self.trial is None:
            return title
        trial = self.trial.trial
        return f"{f'trial {trial}' if trial.isdecimal() else trial} · {title}"


def scientific_settings(params: Mapping[str, str]) -> dict[str, str]:
    """Those of a job's parameters that say what was done to its individuals: the name of its arm.

    Different settings can plan the same steps; such an arm is computed once and shown under each of its names.
    """
    chosen = {key: value for key, value in params.items() if key.partition(".")[0] in _GROUPS}
    held = {key: value for key, value in params.items() if key.startswith((HOLD, _TRAITS))}
    return dict(sorted((chosen | held | {key: params[key] for key in ("cohort.data", "device")}).items()))


def neutral_of_cohorts() -> dict[str, Any]:
    """The neutral values of the held streams that came later, and of traits: dotted key to value."""
    held = {f"{HOLD}{name}": value for name, value in neutral_settings(Hold).items()}
    return held | dict(flatten(NO_TRAITS.model_dump(), _TRAITS))


def is_same_name(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two names of an arm are one: versions of the program may lack a setting, and some are a reader's.

    >>> is_same_name({"a": "1", "b": "2"}, {"a": "1"}), is_same_name({"a": "1"}, {"a": "2"})
    (True, False)
    """
    return all(one[key] == other[key] for key in (one.keys() & other.keys()) - READERS)


def as_texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Settings as a store holds them."""
    return {key: "null" if value is None else str(value) for key, value in values.items()}


def flatten(node: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted keys and values, items of a list of groups by their number; targets are an inner matter.

    What is said of single individuals, by seed, is one value, and so is a group whose keys have dots of their own.

    >>> dict(flatten({"a": {"b": 1, "c": {"d_2.5": 2}}}))
    {'a.b': 1, 'a.c': {'d_2.5': 2}}
    """
    for name, value in node.items():
        if isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
            value = dict(enumerate(value))
        elif isinstance(value, Mapping) and any("." in str(key) for key in value):
            yield f"{prefix}{name}", dict(value)
            continue
        elif isinstance(value, Mapping) and value and all(str(key).isdecimal() for key in value):
            yield f"{prefix}{name}", {int(seed): setting for seed, setting in value.items()}
            continue
        if isinstance(value, Mapping):
            yield from flatten(value, f"{prefix}{name}.")
        elif name != "_target_":
            yield f"{prefix}{name}", value

"""A job: one condition applied to one cohort, and what it is called."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from depsim.execution.keys import condition_key, digest, run_key
from depsim.population import Population
from depsim.protocol import Condition

_SHORT = {"regrow_fraction": "regrow", "damping_factor": "damping", "learning_rate": "lr", "initial_noise": "noise"}
"""Settings that have a shorter name in titles."""


@dataclass(frozen=True)
class Filing:
    """The trial of a search that a job is.

    Args:
        search: where the search is kept; empty if nowhere.
        trial: its number there, or ``winner`` for the winner on fresh individuals.
    """

    search: str
    trial: str


@dataclass(frozen=True)
class Job:
    """One condition applied to one cohort.

    Args:
        condition: what is done.
        population: to whom.
        device_kind: ``cpu`` or ``cuda``; part of the keys, as the arithmetic differs.
        study: what the runs are filed under.
        config: the resolved configuration, for the record.
        choices: the name chosen in each configuration group.
        overrides: the command-line overrides that compose this job again.
        config_dir: the folder with configuration of one's own that it was composed with, or None.
        filing: the trial that it is, or None outside a search.
    """

    condition: Condition
    population: Population
    device_kind: str
    study: str
    config: Mapping[str, Any]
    choices: Mapping[str, str]
    overrides: tuple[str, ...]
    config_dir: str | None = None
    filing: Filing | None = None

    @property
    def seeds(self) -> tuple[int, ...]:
        """The individuals."""
        return self.population.members

    @property
    def is_individual(self) -> bool:
        """Whether the condition's run is the individual's too: a cohort of one, outside a search."""
        return len(self.seeds) == 1 and self.filing is None

    @property
    def command(self) -> str:
        """The command that runs this job again."""
        folder = ["--config-dir", self.config_dir] if self.config_dir is not None else []
        return shlex.join(["depsim", "run", *folder, *self.overrides])

    @cached_property
    def condition_key(self) -> str:
        """Hash of all that decides the outcome besides the seed."""
        return condition_key(self.condition, self.device_kind)

    @cached_property
    def job_key(self) -> str:
        """Hash of the condition and of who undergoes it; a trial is a job of its own."""
        trial = [] if self.filing is None else [self.filing.search, self.filing.trial]
        return digest([self.condition_key, list(self.seeds), *trial])

    @property
    def identity(self) -> tuple[str, str]:
        """What makes two jobs one: their study and their key."""
        return self.study, self.job_key

    def run_key(self, seed: int) -> str:
        """Hash of all that decides one individual's outcome."""
        return run_key(self.condition, seed, self.device_kind)

    @property
    def title(self) -> str:
        """A short name for people: treatment and what was set for it, sparsity, size."""
        sparsity = getattr(self.condition.pathology, "sparsity", None)
        pruned = f"{100 * sparsity:.4g} %" if sparsity is not None else self.choices["pathology"]
        who = f"seed {self.seeds[0]}" if len(self.seeds) == 1 else f"n={len(self.seeds)}"
        name = " ".join([self.choices["treatment"], *self._settings("treatment.")])
        if self.filing is None:
            return " · ".join([name, pruned, who])
        trial = self.filing.trial
        return " · ".join([f"trial {trial}" if trial.isdecimal() else trial, name, pruned, who])

    def _settings(self, prefix: str) -> list[str]:
        """The settings below a key that were given, by the last word of their keys."""
        given = dict(override.lstrip("+").partition("=")[::2] for override in self.overrides)
        return [
            f"{_SHORT.get(key.removeprefix(prefix), key.removeprefix(prefix))}={_shorten(value)}"
            for key, value in given.items()
            if key.startswith(prefix)
        ]


def _shorten(value: str) -> str:
    """A setting as a title shows it: a long decimal fraction with four digits.

    >>> [_shorten(text) for text in ("0.34210987", "0.9", "100", "gradient")]
    ['0.3421', '0.9', '100', 'gradient']
    """
    if len(value) <= 6 or not re.fullmatch(r"-?\d*\.?\d+(e-?\d+)?", value):
        return value
    return f"{float(value):.4g}"

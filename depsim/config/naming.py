"""Names of jobs: what was set for them, and what they differ in from the other jobs of a sweep."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from depsim.execution.job import Job, as_texts, neutral_of_cohorts, scientific_settings
from depsim.population import format_seeds
from depsim.study.labels import CHOICES
from depsim.study.naming import name_condition, name_conditions

_TRIAL_DIGITS = 4
"""Significant digits in the name of a trial, which its number tells from others."""
_SEEDS = "cohort.seeds"
_WHO = (_SEEDS, "cohort.first_seed")
"""Keys that say which individuals a cohort has."""


def given_keys(overrides: Iterable[str]) -> set[str]:
    """The keys that overrides set.

    >>> sorted(given_keys(["+treatment.x=1", "treatment@treatment.drugs.ssri=ssri_gain", "cohort=pilot"]))
    ['cohort', 'treatment.drugs.ssri', 'treatment.x']
    """
    return {override.partition("=")[0].lstrip("+~").rpartition("@")[2] for override in overrides}


def name_job(job: Job) -> Job:
    """A job that is composed by itself, named after its treatment and what its overrides set."""
    given = given_keys(job.overrides)
    if job.trial is None:
        return name_jobs([job], given)[0]
    given -= {*_WHO}
    settings = _settings([job], given)[0]
    return replace(job, name=name_condition(settings, _shown([job], [settings], given), _TRIAL_DIGITS))


def name_jobs(jobs: Sequence[Job], given: Collection[str]) -> list[Job]:
    """Jobs of one sweep under names that tell them from each other.

    Args:
        jobs: of a sweep.
        given: keys that the command line sets, which are part of each name, as other commands of the study lack them.
    """
    settings = _settings(jobs, given)
    names = name_conditions(settings, _shown(jobs, settings, given))
    return [replace(job, name=name) for job, name in zip(jobs, names, strict=True)]


def _settings(jobs: Sequence[Job], given: Collection[str]) -> list[dict[str, str]]:
    """What decides the numbers of each job; also its experiment, where that is given, and where two cohorts of one size
    are different individuals, who they are.
    """
    cohorts = {job.seeds for job in jobs if len(job.seeds) > 1}
    several = len({len(seeds) for seeds in cohorts}) < len(cohorts) or set(_WHO) & set(given)
    rows = []
    for job in jobs:
        row = scientific_settings(job.params())
        if "experiment" in given:
            row["experiment"] = job.choices["experiment"]
        if several and job.seeds in cohorts:
            row[_SEEDS] = format_seeds(job.seeds)
        rows.append(row)
    return rows


def _shown(jobs: Sequence[Job], settings: Sequence[dict[str, str]], given: Collection[str]) -> set[str]:
    """Keys of settings that are given: by themselves, or as a part of a group of them."""
    known = {key for row in settings for key in row}
    shown = {key for key in given if key in known} | {_SEEDS}
    groups = tuple(f"{key}." for key in given if key not in (*shown, *CHOICES, "cohort", "treatment"))
    shown |= {key for key in known if key.startswith(groups)}
    if any(key == "seed" or key.partition(".")[0] == "cohort" for key in given):
        shown |= {key for job, row in zip(jobs, settings, strict=True) for key in _unusual(job, row)}
    return shown


def _unusual(job: Job, settings: dict[str, str]) -> list[str]:
    """How a cohort differs from what the number of its individuals suggests: the paper's one has the paper's data, the
    individuals of others have their own, and chance alone tells them apart.
    """
    usual = as_texts(neutral_of_cohorts()) | {"cohort.data": "shared" if len(job.seeds) == 1 else "individual"}
    return [key for key, value in settings.items() if key.startswith("cohort.") and usual.get(key, "null") != value]

"""Every shipped sweep as a study, without running it: its conditions and sizes, individuals drawn from real ones."""

from __future__ import annotations

import zlib
from functools import cache

import numpy as np

from depsim.execution.job import Job, scientific_settings
from depsim.search.multiverse_file import MultiverseFile
from depsim.search.sweep_files import is_search, load_sweep, sweep_names
from depsim.search.sweeps import plan_sweep
from depsim.study.multiverse import multiverse_of_jobs
from depsim.study.reading import Individual, Study, StudyArm
from tests.golden import golden_study

GRIDS = [name for name in sweep_names() if not is_search(name)]
_BIASES = (0.25, 0.5, 0.75, 1.0)
_SHARES = 5
_ROUNDING = 3
_NETWORKS, _POINTS = 64, 24
"""Of an array, which has hundreds, and of a multiverse; a page about more is no longer."""


@cache
def shipped_study(name: str) -> Study:
    """The study that a sweep makes; every value is somebody's of a real study, with a little noise."""
    networks = _POINTS if isinstance(load_sweep(name), MultiverseFile) else _NETWORKS
    jobs = plan_sweep(name, ["tracking=none"], networks=networks).jobs
    points = [(job.point, job.arm_key, job.seeds) for job in jobs if job.point is not None]
    arms = tuple(_arm(job) for job in jobs if not job.replicate)
    return Study(name, "1", arms, (), multiverse_of_jobs(points))


def _arm(job: Job) -> StudyArm:
    settings = scientific_settings(job.params())
    people = tuple(Individual(seed, f"{job.arm_key}-{seed}", "", _metrics(job, seed)) for seed in job.seeds)
    return StudyArm(
        job.arm_key, job.choices["treatment"], job.choices["pathology"], job.choices["model"], job.population.data,
        dict(sorted(settings.items())), people, (), (), (), 0,
    )  # fmt: skip


def _metrics(job: Job, seed: int) -> dict[str, float]:
    draw = np.random.default_rng([seed, zlib.crc32(job.arm_key.encode())])
    source = _source(job.choices["follow_up"], job.choices["cohort"], job.choices["treatment"])
    person = source.individuals[int(draw.integers(len(source.individuals)))]
    metrics = {name: round(float(_near(name, value, draw)), _ROUNDING) for name, value in person.metrics.items()}
    if job.choices["assessment"] == "mood":
        stages = ("healthy", "depressed", "treated", *(("withdrawn",) if "gain" in job.choices["treatment"] else ()))
        metrics |= {f"{stage}/biased_{bias}": round(80 - 40 * bias + draw.normal(), _ROUNDING)
                    for stage in stages for bias in _BIASES}  # fmt: skip
    if job.choices["follow_up"] == "withdrawal_curve":
        measures = ("combined", "internal_noise_2.5", "biased_0.5")
        metrics |= {f"withdrawal/{measure}/{place}": round(90 - 5 * place + draw.normal(), _ROUNDING)
                    for measure in measures for place in range(_SHARES)}  # fmt: skip
    return metrics


@cache
def _source(follow_up: str, cohort: str, treatment: str) -> StudyArm:
    """Real individuals of the same treatment, or of one that trains alone."""
    name = "stress_cycles" if follow_up == "stress_cycles" else "who_benefits" if cohort == "diverse" else "paper"
    arms = golden_study(name).arms
    stem = next((drug for drug in ("ketamine", "neurosteroid", "none") if drug in treatment), "ssri")
    return next(arm for arm in arms if arm.treatment == stem and arm.individuals)


def _near(name: str, value: float, draw: np.random.Generator) -> float:
    """A value as of somebody else: shares stay shares, and what is 0 or 1 stays so."""
    if value in (0.0, 1.0) or name.startswith(("trait/", "follow_up/")):
        return value
    return float(np.clip(value + 0.5 * draw.normal(), 0.0, 100.0)) if value > 1 else value

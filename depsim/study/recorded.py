"""A study of what was computed just now, whether or not anything keeps it."""

from __future__ import annotations

from collections.abc import Sequence

from depsim.execution.job import scientific_settings
from depsim.execution.recorder import JobRecord
from depsim.study.multiverse import multiverse_of_jobs
from depsim.study.reading import Failure, Individual, Replicate, Study, StudyArm


def study_of_records(name: str, records: Sequence[JobRecord]) -> Study:
    """The conditions of finished jobs as a study; what else a store has of them is not in it.

    Args:
        name: of the study.
        records: of its jobs, those of replicates among them.
    """
    replicates: dict[str, list[Replicate]] = {}
    for record in records:
        if record.job.replicate:
            again = Replicate(record.job.replicate, _individuals(record), _failures(record), ())
            replicates.setdefault(record.job.first_arm_key, []).append(again)
    arms = tuple(_arm(record, replicates) for record in records if not record.job.replicate)
    jobs = [record.job for record in records if not record.job.replicate]
    points = [(job.point, job.arm_key, job.seeds) for job in jobs if job.point is not None]
    measured = tuple(arm for arm in arms if arm.individuals or arm.failures)
    return Study(name, "", measured, (), multiverse_of_jobs(points))


def _arm(record: JobRecord, replicates: dict[str, list[Replicate]]) -> StudyArm:
    job = record.job
    return StudyArm(
        arm_key=job.arm_key,
        treatment=job.choices["treatment"],
        pathology=job.choices["pathology"],
        model=job.choices["model"],
        data=job.population.data,
        settings=dict(sorted(scientific_settings(job.params()).items())),
        individuals=_individuals(record),
        failures=_failures(record),
        commands=(job.command,),
        parents=(),
        began=0,
        replicates=tuple(sorted(replicates.get(job.arm_key, ()), key=lambda one: one.number)),
    )


def _individuals(record: JobRecord) -> tuple[Individual, ...]:
    return tuple(
        Individual(seed, "", "", metrics, claims=record.job.claims)
        for seed, metrics in sorted(record.metrics().items())
    )


def _failures(record: JobRecord) -> tuple[Failure, ...]:
    return tuple(Failure(seed, record.reason(seed) or "unknown", "") for seed in sorted(record.failures))

"""Workers beside a store that is being made."""

from __future__ import annotations

from depsim.execution.progress import NoProgress
from depsim.execution.runner import run_jobs
from tests.execution.test_pool import children
from tests.execution.test_runner import SMALL, NewStore, alone
from tests.jobs import spec


def test_workers_are_at_work_before_a_new_store_is_ready_and_the_results_are_the_same() -> None:
    specs, seen = [spec(name, *SMALL, "workers=2", "seed=null") for name in ("none", "ssri")], list[set[int]]()
    jobs = [each.job for each in specs]
    logs = run_jobs(jobs, NewStore(lambda: seen.append(children())), specs[0].resources, NoProgress())
    (workers,) = seen
    assert len(workers) == 2
    for job, log in zip(jobs, logs, strict=True):
        assert log.outcomes() == [alone(job, seed) for seed in job.seeds]
    assert children() == set()

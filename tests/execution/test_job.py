"""What a job is called, and what makes two jobs one."""

from __future__ import annotations

from dataclasses import replace

from depsim.config import prepare
from depsim.execution.job import Job, TrialRef
from tests.jobs import SIZES, spec


def of_trial(search: str, trial: str, *more: str) -> Job:
    return replace(spec("none", *more).job, trial=TrialRef(search, trial))


def test_a_trial_is_a_job_of_its_own() -> None:
    jobs = [spec("none").job, of_trial("a", "0"), of_trial("a", "1"), of_trial("b", "0"), of_trial("a", "winner")]
    assert len({job.job_key for job in jobs}) == 5
    assert len({job.run_key(7) for job in jobs}) == 1


def test_who_undergoes_a_job_is_part_of_its_key_and_none_of_an_individuals() -> None:
    jobs = [spec("none", f"cohort.seeds={seeds}").job for seeds in ("[1,2]", "[2,1]", "[1,2,3]")]
    assert len({job.job_key for job in jobs}) == 3
    assert len({job.run_key(1) for job in jobs}) == 1
    assert jobs[0].run_key(1) != jobs[0].run_key(2)


def test_one_condition_in_two_studies_is_two_jobs_with_one_key() -> None:
    one, other = (spec("none", f"study={study}").job for study in "ab")
    assert one.job_key == other.job_key
    assert one.identity != other.identity


def test_a_cohort_of_one_is_its_individual_unless_it_is_a_trial() -> None:
    alone = spec("none", "seed=3").job
    assert alone.is_individual
    assert not spec("none", "cohort.seeds=[3,4]").job.is_individual
    assert not of_trial("a", "0", "seed=3").is_individual


def test_a_title_says_what_is_done_to_whom_and_which_trial_it_is() -> None:
    assert prepare(["seed=3"]).job.title == "untreated · seed 3"
    assert prepare(["cohort=smoke"]).job.title == "untreated · n=3"
    assert of_trial("a", "4", "cohort=smoke").title == f"trial 4 · untreated, {SIZES} · n=3"
    assert of_trial("a", "winner", "cohort=smoke").title == f"winner · untreated, {SIZES} · n=3"

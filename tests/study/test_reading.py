"""Studies that several versions of the program have written, from runs made by hand."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from depsim.config import prepare
from depsim.paper.published import is_papers, is_papers_treatment
from depsim.study.reading import Study, read_study, scientific_settings
from depsim.study.stored import stored_arm_key
from tests.people import SURROUNDINGS, TREATMENTS

pytestmark = pytest.mark.slow  # whole jobs on a store

_clock = itertools.count(1_000)


class Page(list[Any]):
    """Runs as a client gives them."""

    token = None


def read(runs: Iterable[Any]) -> Study:
    """The study that these runs make."""
    page = Page(runs)
    client: Any = SimpleNamespace(
        get_experiment_by_name=lambda name: SimpleNamespace(
            experiment_id="1", name=name, lifecycle_stage="active", tags={}
        ),
        search_runs=lambda *_, **__: page,
    )
    return read_study(client, "study")


def run(treatment: str, seed: int | None, status: str = "FINISHED", **tags: str) -> Any:
    """A run of the paper's condition, by older code unless tags are given; without a seed that of the cohort."""
    tags = tags or new_tags(treatment, "old")
    identity = {} if seed is None else {"depsim.seed": str(seed), "depsim.run_key": f"{seed} {tags}"}
    started = next(_clock)
    return SimpleNamespace(
        info=SimpleNamespace(run_id=f"run-{started}", start_time=started, status=status),
        data=SimpleNamespace(
            params=SURROUNDINGS | TREATMENTS.get(treatment, {}) | {"treatment": treatment, "cohort.data": "shared"},
            metrics={"treated/combined": 50.0 + started},
            tags=identity
            | {
                "depsim.kind": "condition" if seed is None else "individual",
                "depsim.treatment": treatment,
                "depsim.pathology": "overpruning",
                "depsim.model": "mlp",
                "depsim.data": "shared",
                "mlflow.source.name": f"depsim run treatment={treatment}",
            }
            | tags,
        ),
    )


def new_tags(treatment: str, sources: str = "new") -> dict[str, str]:
    """What the program writes of an arm."""
    return {"depsim.arm_key": prepare([f"treatment={treatment}"]).job.arm_key, "depsim.sources": sources}


def test_one_individual_that_is_run_again_hides_none_of_the_others() -> None:
    old = [run("ssri", None), *(run("ssri", seed) for seed in range(4))]
    new = [run("ssri", None, **new_tags("ssri")), run("ssri", 2, **new_tags("ssri"))]
    for runs in ([*old, *new], [*new, *old]):
        (arm,) = read(runs).arms
        assert (arm.seeds, arm.older, len(arm.parents)) == ((0, 1, 2, 3), (0, 1, 3), 2)
        assert arm.individuals[2].run_id == new[1].info.run_id


def test_the_packages_of_each_individual_are_read() -> None:
    packages = {"depsim.packages": "numpy 2.1"}
    alike = [run("none", 9, **new_tags("none")), *(run("none", k, **new_tags("none"), **packages) for k in (0, 1))]
    assert [person.packages for person in read(alike).arms[0].individuals] == ["numpy 2.1", "numpy 2.1", ""]


def test_individuals_by_two_newer_versions_are_told_apart_from_the_newest() -> None:
    versions = {"first": (0, 1, 2), "second": (1, 2), "third": (2,)}
    (arm,) = read([run("none", k, **new_tags("none", name)) for name, seeds in versions.items() for k in seeds]).arms
    assert [person.sources for person in arm.individuals] == ["first", "second", "third"]
    assert arm.older == (0, 1)


def test_a_failure_of_today_leaves_the_older_outcome_and_a_success_takes_the_place_of_an_older_failure() -> None:
    runs = [run("none", 0), run("none", 0, "FAILED", **new_tags("none"))]
    runs += [run("none", 1, "FAILED"), run("none", 1, **new_tags("none"))]
    runs += [run("none", 2, "FAILED")]
    (arm,) = read(runs).arms
    assert (arm.seeds, arm.older, [failure.seed for failure in arm.failures]) == ((0, 1), (0,), [2])


def known(settings: Mapping[str, str]) -> dict[str, str]:
    """Settings without the maintenance, which older runs lack and which no step of an arm without a follow-up has."""
    return {key: value for key, value in settings.items() if not key.startswith("treatment.maintenance")}


@pytest.mark.parametrize("treatment", sorted(TREATMENTS))
def test_older_and_new_runs_of_the_papers_condition_are_one_arm_and_still_the_papers(treatment: str) -> None:
    (arm,) = read([run(treatment, 0), run(treatment, 1, **new_tags(treatment))]).arms
    assert arm.arm_key == new_tags(treatment)["depsim.arm_key"]
    assert arm.seeds == (0, 1)
    assert is_papers(arm.settings)
    assert is_papers_treatment(arm.settings)
    assert known(arm.settings) == known(scientific_settings(prepare([f"treatment={treatment}"]).job.params()))


def test_older_runs_of_a_part_that_is_gone_stay_an_arm() -> None:
    tags = {"depsim.arm_key": "of hypnosis", "depsim.sources": "old"}
    (arm,) = read([run("hypnosis", 0, **tags), run("hypnosis", 1, **tags)]).arms
    assert (arm.treatment, arm.seeds, arm.older) == ("hypnosis", (0, 1), ())
    assert not is_papers_treatment(arm.settings)


def test_a_setting_that_a_stored_run_lacks_counts_as_neutral(plugin: str) -> None:
    old = SURROUNDINGS | {"treatment": "mine", "cohort.data": "shared", "treatment.epochs": "3",
                          "treatment.learning_rate": "0.001", "treatment.factor": "0.5"}  # fmt: skip
    job = prepare(["treatment=mine", "treatment.epochs=3", "treatment.factor=0.5"]).job
    assert job.params()["treatment.rests"] == "0"
    assert stored_arm_key(old) == job.arm_key
    assert stored_arm_key(old | {"treatment.rests": "0"}) == job.arm_key

    stored, fresh = (
        run("mine", seed, **{"depsim.arm_key": job.arm_key, "depsim.sources": name})
        for seed, name in enumerate(("old", "new"))
    )
    stored.data.params, fresh.data.params = old, job.params()
    for runs in ([stored, fresh], [stored]):
        (arm,) = read(runs).arms
        assert known(arm.settings) == known(scientific_settings(job.params()))

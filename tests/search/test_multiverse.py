"""Multiverses: which conditions a file stands for, and what is refused before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from depsim.config import ConfigError
from depsim.search.multiverse_file import MOST_POINTS
from depsim.search.multiverse_record import record_of, require_same
from depsim.search.points import sobol_shares
from depsim.search.sweep_files import is_search, load_sweep
from depsim.search.sweeps import Sweep, plan_sweep
from depsim.tracking.untracked import NoTracking
from tests.jobs import SMALL

SPACE: dict[str, Any] = {
    "pathology.sparsity": {"low": 0.8, "high": 0.98},
    "ketamine.epochs": {"low": 1, "high": 3},
    "ssri.learning_rate": {"low": 1e-6, "high": 1e-3, "log": True},
}
FIXED = dict(line.split("=") for line in SMALL if "hidden" not in line)


def write(folder: Path, **changes: object) -> None:
    content = {
        "question": "Whatever we choose?",
        "study": "mine",
        "settings": {"cohort.size": 2, "cohort.first_seed": 500, **{k: int(v) for k, v in FIXED.items()}},
        "arms": {"treatment": ["none", "ketamine", "ssri"]},
        "placebo": True,
        "space": SPACE,
        "points": 3,
    } | changes
    (folder / "sweeps").mkdir(exist_ok=True)
    (folder / "sweeps" / "mine.yaml").write_text(yaml.safe_dump(content, sort_keys=False))


def plan(*overrides: str, placebo: bool = False) -> Sweep:
    return plan_sweep("mine", ["tracking=none", "model.hidden=[8,6]", *overrides], placebo=placebo)


def at(sweep: Sweep, point: int, arm: str) -> dict[str, Any]:
    (job,) = [job for job in sweep.jobs if job.point and (job.point.number, job.point.arm) == (point, arm)]
    return {"treatment": job.config["treatment"], "pathology": job.config["pathology"], "seeds": job.seeds, "job": job}


@pytest.mark.slow
def test_every_arm_takes_its_own_settings_at_every_point_and_the_papers_point_is_the_first(empty: Path) -> None:
    write(empty)
    sweep = plan()
    assert not is_search("mine")
    arms = ["untreated", "ketamine", "ssri", "placebo of ketamine", "placebo of ssri"]
    assert [job.point.arm for job in sweep.jobs if job.point] == 3 * arms
    settings = {job.point.number: job.point.settings for job in sweep.jobs if job.point}
    papers = {"pathology.sparsity": "0.95", "ketamine.epochs": "15", "ssri.learning_rate": "1e-05"}
    assert settings[0] == papers
    assert at(sweep, 0, "ssri")["treatment"]["epochs"] == 100, "what is not varied stays as it is"
    for point in (1, 2):
        own = settings[point]
        assert own != papers
        assert 0.8 <= float(own["pathology.sparsity"]) <= 0.98
        assert own["ketamine.epochs"] in ("1", "2", "3")
        for arm in arms:
            assert at(sweep, point, arm)["pathology"]["sparsity"] == float(own["pathology.sparsity"])
        assert at(sweep, point, "ketamine")["treatment"]["epochs"] == int(own["ketamine.epochs"])
        assert at(sweep, point, "placebo of ketamine")["treatment"]["of"]["epochs"] == int(own["ketamine.epochs"])
        assert at(sweep, point, "ssri")["treatment"]["learning_rate"] == float(own["ssri.learning_rate"])
        assert at(sweep, point, "placebo of ssri")["treatment"]["of"]["learning_rate"] == float(
            own["ssri.learning_rate"]
        )
        assert at(sweep, point, "ssri")["treatment"]["epochs"] == 100
    job = at(sweep, 2, "ssri")["job"]
    assert job.params()["point.ketamine.epochs"] == settings[2]["ketamine.epochs"]
    assert job.name == "ssri, settings 2"


@pytest.mark.slow
def test_no_individual_is_at_two_points_and_more_points_or_individuals_change_nobody(empty: Path) -> None:
    write(empty)
    few, more, larger = plan(), plan("points=6"), plan("cohort.size=3")

    def seeds(sweep: Sweep) -> dict[int, tuple[int, ...]]:
        return {job.point.number: job.seeds for job in sweep.jobs if job.point}

    everyone = [seed for own in seeds(more).values() for seed in own]
    assert len(everyone) == len(set(everyone)) == 12
    assert seeds(few)[1] == (501, 501 + MOST_POINTS)
    assert {point: seeds(more)[point] for point in range(3)} == seeds(few)
    assert all(own == seeds(larger)[point][:2] for point, own in seeds(few).items())
    keys = {(job.job_key, job.name) for job in few.jobs}
    assert keys <= {(job.job_key, job.name) for job in more.jobs}, "more points extend it"


def test_the_sequence_fills_the_space_evenly_and_goes_on() -> None:
    drawn = sobol_shares(64, 5)
    assert ((drawn >= 0) & (drawn < 1)).all()
    assert ((drawn * 4).astype(int).T[:, :, None] == range(4)).sum(1).tolist() == [[16, 16, 16, 16]] * 5
    assert (sobol_shares(10, 5) == drawn[:10]).all()
    assert sobol_shares(0, 3).shape == (0, 3)


@pytest.mark.slow
def test_a_setting_of_the_space_can_be_held_on_the_command_line(empty: Path) -> None:
    write(empty)
    sweep = plan("ketamine.epochs=7")
    assert {at(sweep, point, "ketamine")["treatment"]["epochs"] for point in range(3)} == {7}
    assert {at(sweep, point, "placebo of ketamine")["treatment"]["of"]["epochs"] for point in range(3)} == {7}
    assert all("ketamine.epochs" not in job.point.settings for job in sweep.jobs if job.point)
    only = plan("points=1")
    assert len(only.jobs) == 5, "the paper's point alone"


@pytest.mark.slow
def test_a_drug_of_a_regimen_takes_its_own_settings_too(empty: Path) -> None:
    write(empty, arms={"treatment": ["ketamine", "ketamine_then_ssri"]}, placebo=False, points=2)
    sweep = plan()
    drugs = at(sweep, 1, "ketamine then ssri")["treatment"]["drugs"]
    own = sweep.jobs[-1].point.settings if sweep.jobs[-1].point else {}
    assert drugs["ketamine"]["epochs"] == int(own["ketamine.epochs"])
    assert drugs["ssri"]["learning_rate"] == float(own["ssri.learning_rate"])


@pytest.mark.parametrize(
    ("space", "said"),
    [
        ({"pathology.sparsity": {}}, "space.pathology.sparsity: an empty range; needs low and high, or values"),
        (
            {"pathology.sparsity": {"low": 0.9, "high": 0.9}},
            "low=0.9 high=0.9: an empty range; high must be above low",
        ),
        ({"pathology.sparsity": {"low": 0.9, "high": 0.8}}, "low=0.9 high=0.8: low must be below high"),
        (
            {"ssri.learning_rate": {"low": 0.0, "high": 0.1, "log": True}},
            "low=0 log=true: a logarithmic range must lie above 0",
        ),
        ({"pathology.sparsity": {"low": 0.8, "high": float("inf")}}, "must be finite"),
        ({"pathology.criterion": {"values": ["random"]}}, "values=['random']: needs at least two, none twice"),
        ({"pathology.criterion": {"values": ["random", "magnitude"], "low": 1}}, "values stand alone"),
        ({"pathology.sparsity": {"low": 0.8, "hi": 0.9}}, "space.pathology.sparsity.hi=0.9: unknown key"),
        ({}, "space={}: needs at least 1"),
    ],
)
def test_wrong_ranges_are_refused(empty: Path, space: object, said: str) -> None:
    write(empty, space=space)
    with pytest.raises(ConfigError) as refusal:
        load_sweep("mine")
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    ("points", "said"), [(10**6, "less than or equal to 10000"), (0, "greater than or equal to 1")]
)
def test_a_number_of_points_beyond_limits_is_refused(empty: Path, points: int, said: str) -> None:
    write(empty, points=points)
    with pytest.raises(ConfigError, match=f"points={points}: must be {said}"):
        load_sweep("mine")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("space", "said"),
    [
        ({"lithium.epochs": {"low": 1, "high": 2}}, "space.lithium.epochs: no arm has it; allowed are task.KEY"),
        ({"neurosteroid.epochs": {"low": 1, "high": 2}}, "space.neurosteroid.epochs: no arm has it"),
        ({"treatment.epochs": {"low": 1, "high": 2}}, "space.treatment.epochs: no arm has it"),
        ({"seed": {"low": 1, "high": 2}}, "space.seed: no arm has it"),
        ({"ketamine.epoch": {"low": 1, "high": 2}}, "space.ketamine.epoch: no setting of ketamine; allowed are regrow"),
        (
            {"pathology.sparse": {"low": 0.1, "high": 0.2}},
            "space.pathology.sparse: no arm has it; allowed are",
        ),
        ({"ketamine.epochs": {"low": 1.5, "high": 3}}, "space.ketamine.epochs: 1.5 to 3: must be whole numbers"),
        ({"treatment": {"values": [1, 2]}}, "space.treatment: no arm has it"),
        ({"task.centres": {"low": 1, "high": 3}}, "space.task.centres: 1 to 3: is [[-3,-3],[3,3],[-3,3],[3,-3]] now"),
        ({"pathology.sparsity": {"low": 0.5, "high": 1.5}}, "space.pathology.sparsity: 1.5: pathology.sparsity=1.5"),
        ({"ketamine.criterion": {"values": ["gradient", "luck"]}}, "space.ketamine.criterion: luck: treatment.crit"),
    ],
)
def test_settings_that_no_arm_has_and_corners_that_a_component_refuses_are_refused(
    empty: Path, space: object, said: str
) -> None:
    write(empty, space=space)
    with pytest.raises(ConfigError) as refusal:
        plan()
    assert said in str(refusal.value)


@pytest.mark.slow
def test_wrong_words_on_the_command_line_are_refused(empty: Path) -> None:
    write(empty)
    for words, said in {
        ("points=0",): r"points=0: must be a whole number from 1, the paper's own settings, to 10000",
        ("points=1000000",): r"points=1000000: must be a whole number",
        ("points=401",): r"points=401: 2,005 jobs at once; allowed are 2,000, or more with max_jobs=2005",
        ("ketamine.epochs=1,2",): r"ketamine.epochs=1,2: allowed is one value",
        ("treatment=ssri",): r"treatment=ssri: every point has the arms of the file",
        ("cohort.seeds=[1,2]", "cohort.size=null", "cohort.first_seed=null"): r"cohort.seeds=\[1,2\]: every point has",
        ("cohort.size=500",): r"cohort.size=500: the last seed, 4990502, is above 4294966",
    }.items():
        with pytest.raises(ConfigError, match=said):
            plan(*words)
    write(empty, settings={"pathology.sparsity": 0.9})
    with pytest.raises(ConfigError, match=r"settings.pathology.sparsity: is in the space, too"):
        plan()


class Kept(type(NoTracking().open())):  # type: ignore[misc]
    """A tracker that holds a study's multiverse."""

    def __init__(self, record: dict[str, Any]) -> None:
        self.record = record

    def read_multiverse(self, study: str) -> dict[str, Any]:
        return self.record


@pytest.mark.slow
def test_a_space_that_changed_after_it_began_is_refused_and_more_of_it_is_not(empty: Path) -> None:
    write(empty)
    began = plan().multiverse
    assert began is not None
    tracker = Kept(record_of(began))

    def again(*words: str) -> dict[str, Any]:
        now = plan(*words).multiverse
        assert now is not None
        return require_same(now, tracker)

    assert again() == record_of(began)
    assert again("points=5") == again("cohort.size=4") == again("workers=1") == record_of(began)
    write(empty, arms={"treatment": ["none", "ketamine", "ssri", "sham"]})
    assert "sham" in again()["arms"], "an arm more"
    write(empty, arms={"treatment": ["ketamine", "ssri"]}, placebo=False)
    assert set(again()["arms"]) == set(record_of(began)["arms"]), "what was there stays"
    write(empty)
    with pytest.raises(ConfigError, match=r"began as another multiverse: cohort.data: nothing before, individual now"):
        again("cohort.data=individual")
    with pytest.raises(ConfigError, match=r"first_seed: 500 before, 501 now"):
        again("cohort.first_seed=501")
    with pytest.raises(ConfigError, match=r"space.ketamine.epochs: low 1, high 3 before, nothing now"):
        again("ketamine.epochs=7")
    write(empty, space={**SPACE, "ketamine.epochs": {"low": 1, "high": 4}})
    with pytest.raises(ConfigError, match=r"ketamine.epochs: low 1, high 3 before, low 1, high 4 now") as told:
        again()
    assert "Allowed are more points, arms and individuals; --fresh or study=NAME" in str(told.value)
    tracker.record["sequence"] = "0.1"
    write(empty)
    with pytest.raises(ConfigError, match=r"sequence: 0.1 before"):
        again()

"""Results survive the growth of the program: a copy of it is changed between two runs of the same command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from depsim.study.reading import Study, StudyArm, read_study
from depsim.tracking.mlflow_store import open_client
from tests.faults.drivers import finished_runs
from tests.jobs import TINY, runs
from tests.plugins import ASSESSMENT
from tests.programs import code_of, copy_program, drive, driven, edit, healthy_networks, words
from tests.searches import SMALL, optuna_trials, states, write_search

SEEDS = (42, 43)
TREATMENTS = ("none", "ketamine", "ssri", "neurosteroid")
SWEEP = words("sweep paper study=grown cohort.size=2", TINY)
SEARCH = words("sweep mine", SMALL)
TREATMENT = '''"""A treatment that came later."""

from collections.abc import Sequence

from depsim.component import Epochs, LearningRate
from depsim.steps import Step, Train
from depsim.training import Phase
from depsim.treatment.base import Treatment


class Light(Treatment):
    """Training."""

    epochs: Epochs
    learning_rate: LearningRate

    def plan(self) -> Sequence[Step]:
        """One training."""
        return (Train(Phase.plain(self.epochs, self.learning_rate)),)
'''
CRITERION = '''"""A pruning criterion that came later."""

from depsim.steps.pruning_criteria.magnitude import scores as kept


def scores(path, position):
    """What is usually kept goes."""
    return tuple(1 / (1 + score) * mask for score, mask in zip(kept(path, position), path.cohort.masks, strict=True))
'''
DRIVE_AND_READ = """
import json, shlex, sys
from depsim.__main__ import main
from depsim.paper.published import differences, is_papers_treatment
from depsim.study.reading import read_study
from depsim.tracking.mlflow_store import open_client
assert [main(shlex.split(line)) for line in sys.argv[1:]] == [0] * len(sys.argv[1:])
print(json.dumps([
    {"treatment": arm.treatment, "key": arm.arm_key, "seeds": arm.seeds, "older": arm.older, "settings": arm.settings,
     "differences": differences(arm.settings), "treatment_is_papers": is_papers_treatment(arm.settings)}
    for arm in read_study(open_client(), "grown").arms
]))
"""


@pytest.fixture
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program."""
    return copy_program(tmp_path_factory.mktemp("program"))


def grow(program: Path) -> None:
    """What a year of work adds, and remarks in files that are in use."""
    new = {
        "depsim/treatment/light.py": TREATMENT,
        "conf/treatment/light.yaml": "_target_: depsim.treatment.light.Light\nepochs: 2\nlearning_rate: 0.001\n",
        "depsim/assessment/strongest.py": ASSESSMENT,
        "conf/assessment/longer.yaml": (program / "conf/assessment/paper.yaml")
        .read_text()
        .replace("depsim.assessment.Battery", "depsim.assessment.strongest.Longer"),
        "depsim/steps/pruning_criteria/reversed.py": CRITERION,
    }
    for name, text in new.items():
        (program / name).write_text(text)
    with (program / "depsim/treatment/__init__.py").open("a") as file:
        file.write("\nfrom depsim.treatment.light import Light as Light\n")
    edit(program / "depsim/steps/regrow.py", '"""Regrowth of synapses, as a step."""', '"""How synapses regrow."""')
    edit(program / "depsim/steps/regrow.py", "_DRAWS = 1\n", "_DRAWS = 1  # a remark\n")
    edit(program / "depsim/training/trainer.py", "from __future__", "# another remark\n\nfrom __future__")


def read() -> Study:
    """The study in the working directory."""
    return read_study(open_client(), "grown")


def arms() -> dict[str, StudyArm]:
    found = read().arms
    assert len({arm.treatment for arm in found}) == len(found)
    return {arm.treatment: arm for arm in found}


def arms_after(program: Path, folder: Path, *lines: str) -> list[dict[str, Any]]:
    """The arms of the study after commands, as a version of the program reads them in the same process."""
    code, said, errors = code_of(program, folder, DRIVE_AND_READ, *lines)
    assert code == 0, errors
    found = json.loads(said.splitlines()[-1])
    assert isinstance(found, list)
    return found


def computed(before: dict[str, str], folder: Path) -> list[Any]:
    """The finished runs that were not there before."""
    return [run for run in runs("grown") if run.info.run_id in finished_runs(folder).keys() - before.keys()]


def test_what_is_added_and_what_is_remarked_leaves_every_result_valid(program: Path, project: Path) -> None:
    write_search(project, n_trials=2)
    driven(program, project, SWEEP, SEARCH)
    before, healthy, trials = finished_runs(project), healthy_networks(project), optuna_trials(project)
    numbers = {name: arm.individuals for name, arm in arms().items()}
    assert len(numbers) == 4
    assert states(trials) == ["COMPLETE"] * 2

    grow(program)
    new = words("run treatment=light study=grown cohort.size=2", TINY)
    more = words(new, "assessment=longer pathology.criterion=reversed study=more")
    said = driven(program, project, SWEEP, SEARCH, new, more)
    assert before.items() <= finished_runs(project).items()
    assert len(finished_runs(project)) == len(before) + 4
    assert [run.data.tags["depsim.seed"] for run in computed(before, project)] == ["42", "43"]
    assert healthy_networks(project) == healthy  # the healthy networks of before served the new treatment, too
    assert [trial.datetime_complete for trial in optuna_trials(project)] == [t.datetime_complete for t in trials]
    assert "ketamine" in said
    assert {name: arm.individuals for name, arm in arms().items() if name != "light"} == numbers
    assert arms()["light"].seeds == SEEDS
    assert all("healthy/strongest" in run.data.metrics for run in runs("more", kind="individual"))
    assert {arm.older for arm in arms().values()} == {()}


def test_an_edit_of_a_step_computes_just_the_arms_anew_that_take_it_and_one_of_what_all_use_everything(
    program: Path, project: Path
) -> None:
    write_search(project, n_trials=1)
    driven(program, project, SWEEP, SEARCH)
    before, healthy = finished_runs(project), healthy_networks(project)
    old = arms()

    step = program / "depsim/steps/regrow.py"
    edit(step, "* self.init_scale\n", "* (2 * self.init_scale)\n")
    driven(program, project, words("run treatment=ketamine study=grown seed=43", TINY))
    assert [run.data.tags["depsim.seed"] for run in computed(before, project)] == ["43"]
    assert arms()["ketamine"].seeds == SEEDS
    assert arms()["ketamine"].older == (42,)
    assert arms()["none"].older == ()

    code, _, refusal = drive(program, project, SWEEP, SEARCH)
    assert code == 2
    assert "mine: was begun as another one" in refusal
    assert "sources: " in refusal
    assert len(optuna_trials(project)) == 1
    assert [run.data.tags["depsim.treatment"] for run in computed(before, project)] == ["ketamine"] * 2
    assert healthy_networks(project) == healthy
    new = arms()
    for name in TREATMENTS:
        assert (new[name].individuals == old[name].individuals) == (name != "ketamine")
        assert new[name].seeds == SEEDS
        assert new[name].older == ()

    before = finished_runs(project)
    edit(program / "depsim/training/trainer.py", "from __future__ import annotations\n",
         "from __future__ import annotations\n\nX = 1\n")  # fmt: skip
    driven(program, project, SWEEP)
    again = [(run.data.tags["depsim.treatment"], run.data.tags["depsim.seed"]) for run in computed(before, project)]
    assert sorted(again) == sorted((name, str(seed)) for name in TREATMENTS for seed in SEEDS)
    assert len(healthy_networks(project).keys() - healthy.keys()) == len(SEEDS)
    assert {arm.older for arm in arms().values()} == {()}


def test_a_new_setting_at_its_neutral_value_leaves_arms_what_they_were(program: Path, project: Path) -> None:
    command = words("run treatment=ketamine study=grown cohort.size=2", TINY)
    (old,) = arms_after(program, project, command)
    before = finished_runs(project)

    regrowth = program / "depsim/treatment/regrowth.py"
    edit(regrowth, "from depsim.component import ", "from depsim.component import Neutral, ")
    edit(regrowth, "    epochs: Epochs\n", '    epochs: Epochs\n    extra: Annotated[int, Neutral(0), Label("more")]\n')
    edit(regrowth, "Phase.plain(self.epochs,", "Phase.plain(self.epochs + self.extra,")
    with (program / "conf/treatment/ketamine.yaml").open("a") as file:
        file.write("extra: 0\n")
    driven(program, project, command)
    assert finished_runs(project) == before

    task = program / "depsim/task/gaussian_clusters.py"
    edit(task, "from depsim.component import ", "from depsim.component import Neutral, ")
    edit(
        task,
        "    spread: Annotated[",
        '    shift: Annotated[float, Neutral(0.0), Label("shift")]\n    spread: Annotated[',
    )
    with (program / "conf/task/four_clusters.yaml").open("a") as file:
        file.write("shift: 0.0\n")
    one = words("run treatment=ketamine study=grown seed=43", TINY)
    (new,) = arms_after(program, project, one)  # by other code, as is the task
    assert len(computed(before, project)) == 1
    assert new == old | {"older": [42], "settings": old["settings"] | {"treatment.extra": "0", "task.shift": "0.0"}}
    found = arms_after(program, project, words(one, "treatment.extra=1"))
    assert [arm["treatment_is_papers"] for arm in found] == [True, False]

"""Packages of somebody else's with components of every kind, written to a folder for a test."""

from __future__ import annotations

from pathlib import Path

STEPS = '''"""A step."""

from dataclasses import dataclass, replace

from depsim.steps import Path, Step


@dataclass(frozen=True)
class Shrink(Step):
    """Makes all weights smaller."""

    factor: float

    def __call__(self, path: Path) -> Path:
        """The weaker networks."""
        weaker = tuple(weight * self.factor for weight in path.cohort.weights)  # the biases stay
        return path.with_cohort(replace(path.cohort, weights=weaker))
'''
TREATMENT = '''"""A treatment of two phases."""

from collections.abc import Sequence
from typing import Annotated

from depsim.component import Epochs, Label, LearningRate, Neutral, Share
from depsim.steps import Step, Train
from depsim.training import Phase
from depsim.treatment import Treatment
from NAME.steps import Shrink


class Exercise(Treatment):
    """Trains, shrinks the weights, and trains again."""

    epochs: Epochs
    learning_rate: LearningRate
    factor: Annotated[Share, Label("factor of the weights")]
    rests: Annotated[int, Neutral(0), Label("rests")]

    def plan(self) -> Sequence[Step]:
        """Two phases of equal length."""
        phase = Phase.plain(self.epochs, self.learning_rate)
        return (Train(phase), Shrink(self.factor), Train(phase))
'''
PATHOLOGY = '''"""A pathology."""

from collections.abc import Sequence
from typing import Annotated

from depsim.component import Label, Share
from depsim.pathology import Pathology
from depsim.steps import Prune, Step
from depsim.steps.pruning_criteria import magnitude
from NAME.steps import Shrink


class Lesion(Pathology):
    """Some synapses go, and the others get weaker."""

    share: Annotated[Share, Label("share that goes")]

    def plan(self) -> Sequence[Step]:
        """In this order."""
        return (Prune(self.share, magnitude.scores), Shrink(0.9))
'''
MODEL = '''"""A model."""

from depsim.model import Mlp, Model


class Plain(Mlp):
    """A network that leaves its gradients to PyTorch."""

    is_layered = False
    loss_and_gradients = Model.loss_and_gradients
'''
TASK = '''"""A task."""

from depsim.task import GaussianClusters


class Tight(GaussianClusters):
    """Clusters that are as wide as they are said to be."""
'''
ASSESSMENT = '''"""A probe, and the assessment that has it."""

from dataclasses import dataclass

from depsim.assessment import Battery
from depsim.steps import Exam, Measured, Probe


@dataclass(frozen=True)
class Strongest(Probe):
    """The largest weight of the first matrix."""

    passes = 0

    def __call__(self, exam: Exam) -> Measured:
        """One number."""
        return Measured({f"{exam.name}/strongest": exam.cohort.weights[0].abs().amax((1, 2)).double().cpu()})


class Longer(Battery):
    """The paper's battery and the probe."""

    def probes(self) -> tuple[Probe, ...]:
        """One more."""
        return (*super().probes(), Strongest())
'''
FILES = {
    "__init__.py": "",
    "steps.py": STEPS,
    "treatment.py": TREATMENT,
    "pathology.py": PATHOLOGY,
    "model.py": MODEL,
    "task.py": TASK,
    "assessment.py": ASSESSMENT,
    "conf/treatment/mine.yaml": (
        "_target_: NAME.treatment.Exercise\nepochs: 2\nlearning_rate: 0.001\nfactor: 0.75\nrests: 0\n"
    ),
    "conf/pathology/mine.yaml": "_target_: NAME.pathology.Lesion\nshare: 0.8\n",
    "conf/model/mine.yaml": "_target_: NAME.model.Plain\nhidden: [16, 12]\n",
    "conf/task/mine.yaml": (
        "_target_: NAME.task.Tight\ncentres: [[-3, -3], [3, 3], [-3, 3], [3, -3]]\nspread: 0.4\n"
        "train_size: 300\ntest_size: 200\nclean_size: 40\n"
    ),
    "conf/assessment/mine.yaml": (
        "_target_: NAME.assessment.Longer\ninternal_noise: [0.5]\ninput_noise: 1.0\n"
        "combined_internal_noise: 0.5\nfurther_pruning: 0.4\n"
    ),
}
GROUPS = ("treatment", "pathology", "model", "task", "assessment")
MINE = tuple(f"{group}=mine" for group in GROUPS)
"""Overrides that choose nothing but the package's components."""


def write_plugin(folder: Path, name: str) -> Path:
    """A package in a folder; returns where it is."""
    for file, text in FILES.items():
        path = folder / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("NAME", name))
    return folder / name

"""The five primitive steps that every course consists of: prune, regrow, train, modulate, examine.

Pathologies, treatments and assessments plan steps and compute nothing themselves.
"""

from depsim.steps.base import ChunkContext, Curve, Path, SideBranch, Step, number_steps, state_after
from depsim.steps.cost import NetworkEstimate
from depsim.steps.examine import DivergedError, Exam, Examine, Measured, Probe
from depsim.steps.modulate import Modulate
from depsim.steps.prune import Prune
from depsim.steps.regrow import Regrow
from depsim.steps.train import Train

__all__ = [
    "ChunkContext",
    "Curve",
    "DivergedError",
    "Exam",
    "Examine",
    "Measured",
    "Modulate",
    "NetworkEstimate",
    "Path",
    "Probe",
    "Prune",
    "Regrow",
    "SideBranch",
    "Step",
    "Train",
    "number_steps",
    "state_after",
]

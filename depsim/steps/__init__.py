"""The five primitive steps that every course consists of: prune, regrow, train, modulate, examine.

Pathologies, treatments and assessments plan steps and compute nothing themselves.
"""

from depsim.steps.base import ChunkContext, Curve, Examining, Path, SideBranch, Step, number_steps, state_after
from depsim.steps.cost import NetworkEstimate
from depsim.steps.decide import Unless
from depsim.steps.endow import Endow
from depsim.steps.examine import DivergedError, Exam, Examine, Measured, Probe
from depsim.steps.maintenance import Maintenance
from depsim.steps.modulate import Fade, Keep, Modulate
from depsim.steps.prune import Prune
from depsim.steps.regrow import Regrow
from depsim.steps.train import Train

__all__ = [
    "ChunkContext",
    "Curve",
    "DivergedError",
    "Endow",
    "Exam",
    "Examine",
    "Examining",
    "Fade",
    "Keep",
    "Maintenance",
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
    "Unless",
    "number_steps",
    "state_after",
]

"""Networks, and the cohort of them that everything else passes around."""

from depsim.model.base import Architecture, HiddenLayer, Model
from depsim.model.cohort import Cohort, initial_cohort
from depsim.model.mlp import Mlp
from depsim.model.recurrent import Recurrent
from depsim.model.state import StandingState

__all__ = ["Architecture", "Cohort", "HiddenLayer", "Mlp", "Model", "Recurrent", "StandingState", "initial_cohort"]

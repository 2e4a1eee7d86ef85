"""Networks, and the cohort of them that everything else passes around."""

from depsim.model.base import Model
from depsim.model.cohort import Activity, Cohort
from depsim.model.mlp import Mlp

__all__ = ["Activity", "Cohort", "Mlp", "Model"]

"""Training: the one interface behind which the fast paths hide."""

from depsim.training.schedules import Phase, linear_rise, linear_taper
from depsim.training.trainer import HealthyTraining, Trained, Trainer

__all__ = ["HealthyTraining", "Phase", "Trained", "Trainer", "linear_rise", "linear_taper"]

"""Training: the one interface behind which the fast paths hide."""

from depsim.training.trainer import HealthyTraining, Trained, Trainer

__all__ = ["HealthyTraining", "Trained", "Trainer"]

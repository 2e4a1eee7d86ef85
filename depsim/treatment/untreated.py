"""No treatment: the untreated control."""

from __future__ import annotations

import torch

from depsim.model import Cohort
from depsim.training import Trained, Trainer
from depsim.treatment.base import Treatment


class NoTreatment(Treatment):
    """Leaves every network as it is."""

    def __call__(self, cohort: Cohort, trainer: Trainer) -> Trained:
        """The same cohort, after no epoch."""
        return Trained(cohort, torch.zeros(len(cohort), 0, dtype=torch.float64))

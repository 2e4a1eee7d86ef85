"""Assessments: what is measured at each examination. One module per probe; ``conf/assessment/`` names the batteries."""

from depsim.assessment.base import Assessment
from depsim.assessment.battery import Battery
from depsim.assessment.dose import Dose
from depsim.assessment.mood import Mood
from depsim.assessment.regrowth import RegrowthOverlap

__all__ = ["Assessment", "Battery", "Dose", "Mood", "RegrowthOverlap"]

"""Assessments: what is measured at each stage. One module per part; ``conf/assessment/`` names the batteries."""

from depsim.assessment.battery import Battery
from depsim.assessment.dose import dose
from depsim.assessment.regrown import regrowth
from depsim.assessment.relapse import relapse

__all__ = ["Battery", "dose", "regrowth", "relapse"]

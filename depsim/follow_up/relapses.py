"""When an individual relapses."""

from __future__ import annotations

from dataclasses import dataclass

from depsim.lazy_torch import torch
from depsim.stages import BEFORE, MAINTAINED
from depsim.steps import Exam, Measured, Probe
from depsim.steps.examine import COMBINED_BEFORE

NEVER_WELL = "not in remission at the beginning of the follow-up: no relapse-free cycle"


@dataclass(frozen=True)
class RelapseFreeCycles(Probe):
    """How many cycles an individual in remission goes without a relapse: ``follow_up/relapse_free_cycles``.

    A relapse is a deficit above a limit at two ``maintained`` examinations in a row, dated to the first; whoever has
    none has all cycles, and ``follow_up/relapse`` is 0. Whoever is not in remission at cycle 0 has neither and a note;
    whoever had no deficit before the treatment, which is in no rate, has neither.

    Args:
        cycles: how many there are.
        relapse, remission: limits of the deficit in combined accuracy, in points.
    """

    cycles: int
    relapse: float
    remission: float
    passes = 0

    def __call__(self, exam: Exam) -> Measured:
        """Two metrics."""
        healthy = exam.metrics[COMBINED_BEFORE]
        deficits = torch.stack(
            [healthy - exam.metrics[f"{MAINTAINED}/combined/{cycle}"] for cycle in range(self.cycles + 1)]
        )
        above = deficits > self.relapse
        begins = above[:-1] & above[1:]
        cycles = torch.where(begins.any(0), begins.double().argmax(0).double(), float(self.cycles))
        well = deficits[0] <= self.remission
        counted = exam.metrics[f"{BEFORE}/depressed_deficit"] > self.remission
        return Measured(
            {
                f"{exam.name}/relapse_free_cycles": torch.where(counted & well, cycles, torch.nan),
                f"{exam.name}/relapse": torch.where(counted & well, begins.any(0).double(), torch.nan),
            },
            notes={NEVER_WELL: counted & ~well},
        )

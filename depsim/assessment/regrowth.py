"""Regrown synapses: which of the lost ones came back, and which are lost again."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import starmap

from depsim.lazy_torch import torch
from depsim.steps import Exam, Measured, Probe


@dataclass(frozen=True)
class RegrowthOverlap(Probe):
    """Overlap of regrown synapses with the original ones, in per cent; held when some are lost again.

    ``regrowth/restored/layer_k``: of the k-th matrix's regrown synapses, those that a milder pruning by magnitude, one
    that leaves as many, would have spared. ``regrowth/lost_again/layer_k``: of the synapses that the relapse
    removes, those that had regrown. Each beside ``..._chance/layer_k``, the exact expectation if it had been drawn at
    random (of a hypergeometric distribution: the share of successes among all). Matrices in which some individual has
    nothing regrown, or nothing to lose, are left out.

    Args:
        healthy, depressed, treated: the examinations before.
    """

    healthy: str
    depressed: str
    treated: str
    passes = 0

    def __call__(self, exam: Exam) -> Measured:
        """Up to four metrics per weight matrix."""
        earlier = [exam.earlier[name] for name in (self.healthy, self.depressed, self.treated)]
        metrics: dict[str, torch.Tensor] = {}
        for k, name in enumerate(exam.cohort.architecture.matrices):
            whole, pruned, grown, left = (c.masks[k].flatten(1) for c in (*earlier, exam.cohort))
            regrown, lost, removed = grown & ~pruned, whole & ~pruned, grown & ~left
            if not bool((regrown & lost).any(1).all()):
                continue
            strength = earlier[0].weights[k].flatten(1).abs().masked_fill(~lost, -1)
            restored = torch.stack(list(starmap(_among_the_strongest, zip(strength, regrown & lost, strict=True))))
            metrics[f"regrowth/restored/{name}"] = 100 * restored
            metrics[f"regrowth/restored_chance/{name}"] = _per_cent(regrown & lost, lost)
            if bool(removed.any(1).all()):
                metrics[f"regrowth/lost_again/{name}"] = _per_cent(removed & regrown, removed)
                metrics[f"regrowth/lost_again_chance/{name}"] = _per_cent(regrown, grown)
        return Measured(metrics)


def _among_the_strongest(strength: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
    """Share of the chosen that are among the strongest, as many as there are chosen."""
    count = int(chosen.sum())
    return chosen[strength.topk(count).indices].sum().double().cpu() / count


def _per_cent(part: torch.Tensor, whole: torch.Tensor) -> torch.Tensor:
    return (100 * part.sum(1).double() / whole.sum(1)).cpu()

"""Regrown synapses: which of the lost ones came back, and which are lost again."""

from __future__ import annotations

from itertools import starmap

import torch

from depsim.model import Cohort


def regrowth(healthy: Cohort, depressed: Cohort, treated: Cohort, relapsed: Cohort) -> dict[str, torch.Tensor]:
    """Overlap of regrown synapses with the original ones: metric name to (N,) float64, in per cent.

    ``regrowth/restored/layer_k``: of the k-th layer's regrown synapses, those that a milder pruning by magnitude, one
    that leaves as many, would have spared. ``regrowth/lost_again/layer_k``: of the synapses that the relapse
    removes, those that had regrown. Each beside ``..._chance/layer_k``, the exact expectation if it had been drawn by
    lot (of a hypergeometric distribution: the share of successes among all). Layers in which some individual has
    nothing regrown, or nothing to lose, are left out.

    Args:
        healthy, depressed, treated, relapsed: the same individuals at four stages.
    """
    metrics: dict[str, torch.Tensor] = {}
    for k in range(1, len(healthy.masks) + 1):
        whole, pruned, grown, left = (c.masks[k - 1].flatten(1) for c in (healthy, depressed, treated, relapsed))
        regrown, lost, removed = grown & ~pruned, whole & ~pruned, grown & ~left
        if not bool((regrown & lost).any(1).all()):
            continue
        strength = healthy.weights[k - 1].flatten(1).abs().masked_fill(~lost, -1)
        restored = torch.stack(list(starmap(_among_the_strongest, zip(strength, regrown & lost, strict=True))))
        metrics[f"regrowth/restored/layer_{k}"] = 100 * restored
        metrics[f"regrowth/restored_chance/layer_{k}"] = _per_cent(regrown & lost, lost)
        if bool(removed.any(1).all()):
            metrics[f"regrowth/lost_again/layer_{k}"] = _per_cent(removed & regrown, removed)
            metrics[f"regrowth/lost_again_chance/layer_{k}"] = _per_cent(regrown, grown)
    return metrics


def _among_the_strongest(strength: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
    """Share of the chosen that are among the strongest, as many as there are chosen."""
    count = int(chosen.sum())
    return chosen[strength.topk(count).indices].sum().double().cpu() / count


def _per_cent(part: torch.Tensor, whole: torch.Tensor) -> torch.Tensor:
    return (100 * part.sum(1).double() / whole.sum(1)).cpu()

"""What is there of a network, layer by layer and stage by stage, and where regrowth went, beside chance."""

from __future__ import annotations

import itertools
import json
import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from depsim.stages import DEPRESSED, HEALTHY, RELAPSED, STAGES, TREATED
from depsim.statistics import Proportion, Summary, proportion, summarise
from depsim.study.reading import StudyArm

_TAIL = 0.025


@dataclass(frozen=True)
class Layered:
    """One structural quantity of one layer at one stage.

    Args:
        stage: when.
        layer: counted from 1, input side first.
        summary: over individuals.
    """

    stage: str
    layer: int
    summary: Summary


def layered(arm: StudyArm, what: str) -> list[Layered]:
    """What was measured of ``<stage>/<what>/layer_k``, by stage and layer.

    Args:
        arm: of whom.
        what: ``sparsity``, ``units_without_input`` or another metric of layers.
    """
    places = [(stage, layer) for stage in STAGES for layer in _layers(arm, f"{stage}/{what}")]
    if not places:
        return []
    columns = [arm.values(f"{stage}/{what}/layer_{layer}") for stage, layer in places]
    summaries = summarise(np.stack(columns, axis=1))
    return [Layered(*place, summary) for place, summary in zip(places, summaries, strict=True)]


@dataclass(frozen=True)
class Overlap:
    """How often synapses that were chosen are the ones that matter, beside chance, in one layer.

    Args:
        kind: ``restored``: regrown synapses among the strongest of those that were lost; ``lost_again``: regrown
            synapses among those that the relapse removes.
        layer: counted from 1, input side first.
        share: in per cent, over individuals.
        chance: the exact expectation if synapses had been drawn by lot, in per cent, over individuals.
        difference: of the two, in points, over individuals.
        interval: 95 % of individuals would lie within, in per cent, if synapses were drawn by lot (exact quantiles of
            the hypergeometric distribution; of individuals with different counts the widest); None where the sizes
            of layers are not known.
        above, below: share of individuals outside their own such interval; None as above.
    """

    kind: str
    layer: int
    share: Summary
    chance: Summary
    difference: Summary
    interval: tuple[float, float] | None
    above: Proportion | None
    below: Proportion | None


KINDS = ("restored", "lost_again")


def overlaps(arm: StudyArm) -> list[Overlap]:
    """The overlaps of an arm, by kind and layer; none where nothing regrew."""
    found = []
    for kind in KINDS:
        for layer in _layers(arm, f"regrowth/{kind}"):
            share = arm.values(f"regrowth/{kind}/layer_{layer}")
            chance = arm.values(f"regrowth/{kind}_chance/layer_{layer}")
            own, expected, difference = summarise(np.stack([share, chance, share - chance], axis=1))
            if own.n:
                bounds = _chance_bounds(arm, kind, layer, chance)
                found.append(Overlap(kind, layer, own, expected, difference, *_outside(share, bounds)))
    return found


def layer_sizes(arm: StudyArm) -> tuple[int, ...] | None:
    """Synapses that each layer has room for, or None where the settings do not say."""
    try:
        hidden = json.loads(arm.settings["model.hidden"])
        centres = json.loads(arm.settings["task.centres"])
        units = [len(centres[0]), *map(int, hidden), len(centres)]
    except (KeyError, ValueError, TypeError, IndexError):
        return None
    return tuple(below * above for below, above in itertools.pairwise(units))


def _layers(arm: StudyArm, stem: str) -> list[int]:
    """Layers with a metric ``<stem>/layer_k``."""
    pattern = re.compile(re.escape(stem) + r"/layer_(\d+)")
    names = {name for person in arm.individuals for name in person.metrics}
    return sorted(int(match[1]) for name in names if (match := pattern.fullmatch(name)))


def _chance_bounds(arm: StudyArm, kind: str, layer: int, chance: np.ndarray) -> np.ndarray | None:
    """Each individual's 95 % interval of chance in per cent, (N, 2); NaN where something was not measured."""
    sizes = layer_sizes(arm)
    if sizes is None or layer > len(sizes):
        return None
    size = sizes[layer - 1]
    stages = {s: arm.values(f"{s}/sparsity/layer_{layer}") for s in (HEALTHY, DEPRESSED, TREATED, RELAPSED)}
    bounds = np.full((len(chance), 2), np.nan)
    for place, expected in enumerate(chance):
        gone = {stage: values[place] / 100 * size for stage, values in stages.items()}
        if kind == "restored":
            pool = gone[DEPRESSED] - gone[HEALTHY]
            wanted = drawn = expected / 100 * pool
        else:
            pool, drawn = size - gone[TREATED], gone[RELAPSED] - gone[TREATED]
            wanted = expected / 100 * pool
        if all(map(math.isfinite, (pool, wanted, drawn))) and round(drawn) > 0:
            bounds[place] = _quantiles(round(pool), round(wanted), round(drawn))
    return bounds


@lru_cache(maxsize=1024)
def _quantiles(pool: int, wanted: int, drawn: int) -> tuple[float, float]:
    """Per cent of the drawn that are wanted: the 2.5 % and 97.5 % quantiles of drawing by lot (hypergeometric)."""
    from scipy.special import betaln  # not scipy.stats, which takes a second to import

    def log_choose(n: int, k: Any) -> Any:
        return -betaln(n - k + 1, k + 1) - np.log(n + 1)

    counts = np.arange(max(0, drawn - (pool - wanted)), min(wanted, drawn) + 1)
    each = log_choose(wanted, counts) + log_choose(pool - wanted, drawn - counts) - log_choose(pool, drawn)
    low, high = 100 * counts[np.searchsorted(np.cumsum(np.exp(each)), [_TAIL, 1 - _TAIL])] / drawn
    return float(low), float(high)


def _outside(
    share: np.ndarray, bounds: np.ndarray | None
) -> tuple[tuple[float, float] | None, Proportion | None, Proportion | None]:
    """The widest interval, and who lies above and below their own."""
    if bounds is None:
        return None, None, None
    known = np.isfinite(share) & np.isfinite(bounds).all(axis=1)
    if not known.any():
        return None, None, None
    low, high, own = bounds[known, 0], bounds[known, 1], share[known]
    slack = 1e-9  # shares are quotients of whole numbers, rounded
    interval = (float(low.min()), float(high.max()))
    return interval, proportion(own > high + slack), proportion(own < low - slack)

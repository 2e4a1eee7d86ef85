"""What is left of a network, layer by layer and stage by stage, and how much of what regrew is what mattered."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from depsim.stages import DEPRESSED, HEALTHY, RELAPSED, STAGES, TREATED
from depsim.statistics import simultaneous, summarise
from depsim.study.estimate import Estimate, Value, of_summary
from depsim.study.groups import Condition
from depsim.study.reading import StudyArm

SPARSITY, RESTORED, LOST_AGAIN = "sparsity", "restored", "lost_again"
"""Share of a layer's synapses that is masked out; share of the regrown synapses among the strongest of those that were
lost; share of the regrown synapses among those that the relapse removes."""
_TAIL = 0.025


def sparsity_rows(condition: Condition, apart: Mapping[str, str | float] = {}) -> tuple[Estimate, ...]:
    """Sparsity of each layer, counted from 1 on the input side, at each stage of the paper."""
    arm = condition.arm
    places = [(layer, stage) for stage in STAGES for layer in _layers(arm, f"{stage}/{SPARSITY}")]
    if not places:
        return ()
    columns = np.stack([arm.values(f"{stage}/{SPARSITY}/layer_{layer}") for layer, stage in places], axis=1)
    return tuple(
        of_summary({**apart, "condition": condition.name, "outcome": SPARSITY, "layer": layer, "stage": stage}, summary)
        for (layer, stage), summary in zip(places, summarise(columns, bounded=True), strict=True)
    )


def overlap_rows(condition: Condition, apart: Mapping[str, str | float] = {}) -> tuple[Estimate, ...]:
    """How much of what regrew is what mattered, by kind and layer, with what synapses drawn at random would give.

    ``more`` has the exact expectation; the interval in which 95 % of individuals would lie (quantiles of the
    hypergeometric distribution; of individuals with different counts the widest), None where the sizes of layers are
    not known; how many individuals are above and below their own such interval; the mean difference from the
    expectation with its interval; and whether it is ``above`` or ``below`` the expectation in intervals that hold for
    all layers at once, which one needs to count such layers.
    """
    arm, rows = condition.arm, []
    for kind in (RESTORED, LOST_AGAIN):
        together = _together(arm, kind)
        for layer in _layers(arm, f"regrowth/{kind}"):
            share = arm.values(f"regrowth/{kind}/layer_{layer}")
            expected = arm.values(f"regrowth/{kind}_chance/layer_{layer}")
            columns = np.stack([share, expected, share - expected], axis=1)
            overlap, at_random, difference = summarise(columns, bounded=np.array([True, True, False]))
            if not overlap.n:
                continue
            low, high = difference.ends
            more: dict[str, Value] = {
                "expected": at_random.mean,
                **_outside(share, _bounds(arm, kind, layer, expected)),
                "difference": difference.mean,
                "difference_low": low,
                "difference_high": high,
                "beyond": together.get(layer),
            }
            key = {**apart, "condition": condition.name, "outcome": kind, "layer": layer}
            rows.append(of_summary(key, overlap, **more))
    return tuple(rows)


def _together(arm: StudyArm, kind: str) -> dict[int, str]:
    """On which side of the expectation the layers are whose means surely differ from it, all of them at once."""
    layers = _layers(arm, f"regrowth/{kind}")
    if not layers:
        return {}
    stems = (f"regrowth/{kind}", f"regrowth/{kind}_chance")
    shares, expected = (np.stack([arm.values(f"{stem}/layer_{layer}") for layer in layers], axis=1) for stem in stems)
    differences = shares - expected
    low, high = simultaneous(differences[np.isfinite(differences).all(axis=1)])
    return {
        layer: "above" if start > 0 else "below"
        for layer, start, end in zip(layers, low, high, strict=True)
        if start > 0 or end < 0
    }


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
    return sorted(int(match[1]) for name in arm.metrics if (match := pattern.fullmatch(name)))


def _bounds(arm: StudyArm, kind: str, layer: int, expected: np.ndarray) -> np.ndarray | None:
    """Each individual's 95 % interval at random in per cent, (N, 2); NaN where something was not measured."""
    sizes = layer_sizes(arm)
    if sizes is None or layer > len(sizes):
        return None
    size = sizes[layer - 1]
    stages = {s: arm.values(f"{s}/{SPARSITY}/layer_{layer}") for s in (HEALTHY, DEPRESSED, TREATED, RELAPSED)}
    bounds = np.full((len(expected), 2), np.nan)
    for place, share in enumerate(expected):
        gone = {stage: values[place] / 100 * size for stage, values in stages.items()}
        if kind == RESTORED:
            pool = gone[DEPRESSED] - gone[HEALTHY]
            wanted = drawn = share / 100 * pool
        else:
            pool, drawn = size - gone[TREATED], gone[RELAPSED] - gone[TREATED]
            wanted = share / 100 * pool
        if all(map(math.isfinite, (pool, wanted, drawn))) and round(drawn) > 0:
            bounds[place] = random_interval(round(pool), round(wanted), round(drawn))
    return bounds


@lru_cache(maxsize=1024)
def random_interval(pool: int, wanted: int, drawn: int) -> tuple[float, float]:
    """Per cent of the drawn that are wanted: the 2.5 % and 97.5 % quantiles of drawing at random (hypergeometric).

    Args:
        pool: synapses that are drawn from, at least ``drawn``.
        wanted: of them, those that matter.
        drawn: at least one.
    """
    from scipy.special import betaln  # not scipy.stats, which takes a second to import

    def log_choose(n: int, k: Any) -> Any:
        return -betaln(n - k + 1, k + 1) - np.log(n + 1)

    # Farther from the mean than this lies less than 1e-20 of all.
    mean = drawn * wanted / pool
    around = 40 + 12 * math.sqrt(mean * (1 - wanted / pool))
    first = max(0, drawn - (pool - wanted), math.floor(mean - around))
    counts = np.arange(first, min(wanted, drawn, math.ceil(mean + around)) + 1)
    log_weights = log_choose(wanted, counts) + log_choose(pool - wanted, drawn - counts) - log_choose(pool, drawn)
    low, high = 100 * counts[np.searchsorted(np.cumsum(np.exp(log_weights)), [_TAIL, 1 - _TAIL])] / drawn
    return float(low), float(high)


def _outside(share: np.ndarray, bounds: np.ndarray | None) -> dict[str, Value]:
    """The widest interval, and how many lie above and below their own; all None where none is known."""
    known = np.zeros(len(share), dtype=bool)
    if bounds is not None:
        known = np.isfinite(share) & np.isfinite(bounds).all(axis=1)
    if bounds is None or not known.any():
        return {"expected_low": None, "expected_high": None, "above": None, "below": None}
    low, high, shares = bounds[known, 0], bounds[known, 1], share[known]
    slack = 1e-9  # shares are quotients of whole numbers, rounded
    return {
        "expected_low": float(low.min()),
        "expected_high": float(high.max()),
        "above": int((shares > high + slack).sum()),
        "below": int((shares < low - slack).sum()),
    }

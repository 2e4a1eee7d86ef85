"""What a run keeps as files: its configuration, its masks, tables and a picture."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import yaml

from depsim.execution.course import Outcome
from depsim.model.masks import unpack
from depsim.stages import DEPRESSED, RELAPSED, TREATED

_PICTURED = (DEPRESSED, TREATED, RELAPSED)
_RESOLUTION = 110


def config_yaml(config: Mapping[str, Any]) -> bytes:
    """The resolved configuration."""
    return yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True).encode()


def layer_table(outcome: Outcome) -> bytes:
    """Sparsity of each layer at each stage in per cent, as CSV."""
    stages = unpack(outcome.masks)
    rows: list[list[object]] = [["stage", "layer", "weights", "kept", "sparsity"]]
    for stage, masks in stages.items():
        for layer, mask in enumerate(masks, start=1):
            kept = int(mask.sum())
            rows.append([stage, layer, mask.size, kept, 100 * (1 - kept / mask.size)])
    return _csv(rows)


def individuals_table(rows: Sequence[tuple[int, str, str, Mapping[str, float]]]) -> bytes:
    """All individuals of a condition as CSV.

    Args:
        rows: seed, run key, run id and metrics of each.
    """
    names = sorted({name for *_, metrics in rows for name in metrics})
    table: list[list[object]] = [["seed", "run_key", "run_id", *names]]
    table += [[seed, key, run, *(metrics.get(name, "") for name in names)] for seed, key, run, metrics in rows]
    return _csv(table)


def masks_figure(masks: bytes, title: str) -> bytes:
    """One individual's masks, layer by stage, as PNG: a dark dot is a synapse."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # half a second to import, and needed only here
    from matplotlib.figure import Figure

    stages = {stage: layers for stage, layers in unpack(masks).items() if stage in _PICTURED}
    layers = len(next(iter(stages.values())))
    figure = Figure(figsize=(2.6 * layers, 2.7 * len(stages)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = np.atleast_2d(figure.subplots(len(stages), layers, squeeze=False))
    for row, (stage, own) in zip(axes, stages.items(), strict=True):
        for layer, (axis, mask) in enumerate(zip(row, own, strict=True), start=1):
            axis.imshow(_shrink(mask), cmap="Greys", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
            axis.set_title(f"{stage}, layer {layer}: {100 * (1 - mask.mean()):.1f} % masked", fontsize=8)
            axis.set_xticks([])
            axis.set_yticks([])
    figure.suptitle(title, fontsize=10)
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=_RESOLUTION, metadata={"Software": None})
    return file.getvalue()


def _shrink(mask: np.ndarray) -> np.ndarray:
    """Density in blocks of 2 x 2 where a layer has more units than the picture has pixels."""
    rows, columns = mask.shape
    if rows < 256 or columns < 256:
        return mask.astype(float)
    even = mask[: rows // 2 * 2, : columns // 2 * 2].astype(float)
    return np.asarray(even.reshape(rows // 2, 2, columns // 2, 2).mean(axis=(1, 3)))


def _csv(rows: Sequence[Sequence[object]]) -> bytes:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue().encode()

"""What a run keeps as files: its configuration, its masks, tables and an image."""

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
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
"""libyaml's where PyYAML has it: ten times as fast."""
_PANEL, _MARGIN, _LINE = 256, 14, 20
"""Pixels."""


def config_yaml(config: Mapping[str, Any]) -> bytes:
    """The resolved configuration."""
    return yaml.dump(dict(config), Dumper=_DUMPER, sort_keys=False, allow_unicode=True).encode()


def layer_table(outcome: Outcome) -> bytes:
    """Sparsity of each layer at each stage in per cent, as CSV."""
    stages = unpack(outcome.masks)
    rows: list[list[object]] = [["stage", "layer", "weights", "kept", "sparsity"]]
    for stage, masks in stages.items():
        for layer, mask in enumerate(masks, start=1):
            kept = int(mask.sum())
            rows.append([stage, layer, mask.size, kept, 100 * (1 - kept / mask.size)])
    return csv_bytes(rows)


def individuals_table(rows: Sequence[tuple[int, str, str, Mapping[str, float]]]) -> bytes:
    """All individuals of a condition as CSV.

    Args:
        rows: seed, run key, run id and metrics of each.
    """
    names = sorted({name for *_, metrics in rows for name in metrics})
    table: list[list[object]] = [["seed", "run_key", "run_id", *names]]
    table += [[seed, key, run, *(metrics.get(name, "") for name in names)] for seed, key, run, metrics in rows]
    return csv_bytes(table)


def masks_image(masks: bytes, title: str) -> bytes:
    """One individual's masks, a column a layer and a row a stage, as PNG: the darker, the more synapses."""
    from PIL import Image, ImageDraw, ImageFont

    stages = {stage: layers for stage, layers in unpack(masks).items() if stage in _PICTURED}
    width = _MARGIN + len(next(iter(stages.values()))) * (_PANEL + _MARGIN)
    image = Image.new("L", (width, _MARGIN + _LINE + len(stages) * (_PANEL + _LINE + _MARGIN)), 255)
    drawing, font = ImageDraw.Draw(image), ImageFont.load_default(size=_LINE * 2 // 3)
    drawing.text((_MARGIN, _MARGIN // 2), title, 0, font)
    for row, (stage, layers) in enumerate(stages.items()):
        for column, mask in enumerate(layers):
            left, top = panel_position(row, column)
            caption = f"{stage}, layer {column + 1}: {100 * (1 - mask.mean()):.1f} % masked"
            drawing.text((left, top - _LINE), caption, 0, font)
            synapses = Image.fromarray(np.where(mask, 0, 255).astype(np.uint8))
            image.paste(synapses.resize((_PANEL, _PANEL), Image.Resampling.BOX), (left, top))
            drawing.rectangle((left - 1, top - 1, left + _PANEL, top + _PANEL), outline=0)
    file = io.BytesIO()
    image.save(file, format="png")
    return file.getvalue()


def panel_position(row: int, column: int) -> tuple[int, int]:
    """Left and upper pixel of the panel of a stage and a layer, which is 256 pixels wide and high."""
    return _MARGIN + column * (_PANEL + _MARGIN), _MARGIN + 2 * _LINE + row * (_PANEL + _LINE + _MARGIN)


def csv_bytes(rows: Sequence[Sequence[object]]) -> bytes:
    """A table, its head first, as CSV."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue().encode()

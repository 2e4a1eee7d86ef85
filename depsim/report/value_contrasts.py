"""Contrasts between the values of one setting, paired within individuals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from depsim.report.columns import columns_of, of_settings, with_interval
from depsim.report.contrasts import contrast_cells, superiority_cells
from depsim.report.document import Sheet, Value
from depsim.report.points import examined, setting
from depsim.report.settings import setting_of
from depsim.statistics import MEAN_INTERVAL, contrast_family
from depsim.study.axes import Axis, Line
from depsim.study.reading import paired

_MOST_UNFOLDED = 40


def contrasts_sheet(axis: Axis, lines: Sequence[Line], told: Sequence[str], stem: str) -> Sheet:
    """Every pair of values of every line in every primary outcome.

    Args:
        axis: the setting.
        lines: the arms along it.
        told: settings that tell lines apart.
        stem: of the sheet's name.
    """
    label = setting_of(axis.key).label
    found = list(_contrasts(axis, lines, told))
    rows = tuple(
        (*head, *contrast_cells(own), own.d_z, *superiority_cells(own))
        for (head, _), own in zip(found, contrast_family([both for _, both in found]), strict=True)
    )
    columns = columns_of(
        "treatment",
        *of_settings(told),
        "contrast outcome when n",
        *with_interval("difference", "difference", "+.2f", "ci_"),
        "p p_holm d_z",
        *with_interval("superiority", "P(A > B)", ".2f", "superiority_"),
    )
    note = (
        f"Differences A − B are paired within individuals, in the outcome's unit, with the {MEAN_INTERVAL}"
        "; p of the sign-flip permutation test, beside Holm's over all rows of this table; d_z is the "
        "mean difference in SDs of the difference; P(A > B) the share of individuals with A above B, ties half, with "
        "its Wilson interval. Exploratory."
    )
    return Sheet(f"contrasts_{stem}", f"Contrasts: {label}", columns, rows, note, folded=len(rows) > _MOST_UNFOLDED)


def _contrasts(
    axis: Axis, lines: Sequence[Line], told: Sequence[str]
) -> Iterator[tuple[tuple[Value, ...], np.ndarray]]:
    """What is compared, and the values of both, (N, 2)."""
    spell = setting_of(axis.key).spell
    for line in lines:
        fixed = [setting(line.arms[0], key) for key in told]
        for outcome, when, metric in examined(line.arms):
            for (one, first), (other, second) in combinations(zip(line.values, line.arms, strict=True), 2):
                values = paired([first, second], metric)[1]
                if len(values) and first.arm_key != second.arm_key:
                    head = (line.treatment, *fixed, f"{spell(one)} − {spell(other)}", outcome.name, when)
                    yield head, values

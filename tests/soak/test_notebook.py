"""The notebook, cell by cell in order, as Jupyter would run it; and without outputs, which would be large and stale."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.programs import ROOT

FILE = ROOT / "docs" / "notebooks" / "first-look.ipynb"


def code_cells() -> list[dict[str, Any]]:
    return [cell for cell in json.loads(FILE.read_text())["cells"] if cell["cell_type"] == "code"]


def test_the_cells_run_and_find_what_the_notebook_says(project: Path) -> None:
    import matplotlib.pyplot as plt

    plt.switch_backend("agg")
    namespace: dict[str, Any] = {}
    try:
        for number, cell in enumerate(code_cells()):
            exec(compile("".join(cell["source"]), f"<cell {number}>", "exec"), namespace)
        drawn = [plt.figure(number).axes for number in plt.get_fignums()]
    finally:
        plt.close("all")
    assert list(namespace["combined"].columns) == ["untreated", "ketamine", "repeated ketamine"]
    assert namespace["found"].n == 12
    assert namespace["found"].difference.mean > 10
    assert namespace["masks"]["treated"][1].sum() > namespace["masks"]["depressed"][1].sum()
    assert [len(axes) for axes in drawn] == [1, 2]
    assert len(drawn[0][0].get_lines()) == 39  # twelve individuals and their mean in three conditions


def test_no_output_is_stored() -> None:
    assert code_cells()
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code_cells())

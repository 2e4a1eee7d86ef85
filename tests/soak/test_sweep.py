"""What a finished sweep and its report load, in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pytest

from tests.jobs import TINY, depsim

pytestmark = pytest.mark.usefixtures("project")
HEAVY = ("torch", "torch._C", "numba", "matplotlib.pyplot", "hydra")


def loaded_by(words: Sequence[str]) -> set[str]:
    """Which of the heavy packages a command loads that ends well."""
    code = f"""
import sys
from depsim.__main__ import main
code = main({list(words)!r})
print(code, *({set(HEAVY)!r} & set(sys.modules)))
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    code, *found = answer.stdout.splitlines()[-1].split()
    assert code == "0"
    return set(found)


def test_a_finished_sweep_needs_no_pytorch_and_a_report_no_hydra_either() -> None:
    words = ["sweep", "paper", *TINY]
    assert depsim(*words) == 0
    assert "torch._C" not in loaded_by(words)
    assert loaded_by(["report", "paper", "--export"]) == set()

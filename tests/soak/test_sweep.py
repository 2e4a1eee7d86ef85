"""What a finished sweep loads, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.jobs import TINY, depsim

pytestmark = pytest.mark.usefixtures("project")


def test_a_finished_sweep_needs_no_pytorch() -> None:
    words = ["sweep", "paper", *TINY]
    assert depsim(*words) == 0
    code = (
        f"import sys; from depsim.__main__ import main; code = main({words!r}); print(code, 'torch._C' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines()[-1] == "0 False"

"""``depsim.simulate`` in a script of one's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import depsim
from tests.test_api import NEUROSTEROID


def test_it_runs_in_a_script_without_a_guard_and_with_two_workers(tmp_path: Path) -> None:
    words = [word for word in NEUROSTEROID if not word.startswith("workers")]
    script = f"import depsim\nresult = depsim.simulate(*{[*words, 'workers=2']!r})\nprint(result.metrics['dose/l1'])\n"
    (tmp_path / "script.py").write_text(script)
    answer = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.strip() == str(depsim.simulate(*NEUROSTEROID).metrics["dose/l1"])
    assert [path.name for path in tmp_path.iterdir()] == ["script.py"]

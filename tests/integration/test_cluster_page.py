"""docs/cluster.md: its arithmetic is that of the measurement it names, and its commands exist."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

import depsim
from tests.jobs import depsim as command

DOCS = Path(depsim.__file__).parents[1] / "docs"
PAGE = (DOCS / "cluster.md").read_text()
TEXT = " ".join(PAGE.split())
BLOCKS = [text for kind, text in re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE) if not kind]


def test_the_arithmetic_is_that_of_the_measurements() -> None:
    engine, driver = (json.loads((DOCS / f"benchmark-{name}cpu.json").read_text()) for name in ("", "driver-"))
    rate, cores = engine["seconds_per_individual"]["depsim"], engine["machine"]["cores"]
    assert cores == driver["machine"]["cores"] == driver["workers"] == 2
    each = rate * cores  # seconds of a core
    sqlite, postgres, none = (
        found["driver_ms"]
        for found in (driver["sqlite, the paper's epochs"], driver["postgres, the paper's epochs"], driver["none"])
    )
    assert driver["sqlite, the paper's epochs"]["mlflow_alone_ms"] > sqlite / 2
    assert "More than half of it is MLflow's own client" in TEXT
    assert f"**{rate:.2f} s an individual**" in TEXT
    assert f"which is {each:.1f} core-seconds" in TEXT
    assert f"**{sqlite:.0f} ms** of a core on an individual with SQLite, {postgres:.0f} ms with PostgreSQL" in TEXT
    assert f"and {none:.1f} ms with `tracking=none`" in TEXT
    writing = 10_000 * sqlite / 1000 / 60
    for nodes, unit in (("one node", 60), ("100 nodes", 1)):
        cores = 64 * int(nodes.replace("one", "1").replace(",", "").split()[0])
        took = 10_000 * each / cores / unit
        told = f"{took:.0f} min" if unit == 60 else f"{took:.0f} s"
        assert f"| {nodes} | {cores:,} | {told} | {writing:.0f} min |" in TEXT
    assert f"beyond some {1000 * each / sqlite:.0f} cores" in TEXT
    assert f"One block takes 100 × {rate:.2f} s, {100 * rate / 60:.0f} min" in TEXT


def test_the_driver_of_thousands_is_as_it_was_measured() -> None:
    driver = json.loads((DOCS / "benchmark-driver-cpu.json").read_text())["sqlite"]
    assert driver["individuals"] == 10_000
    assert f"a driver at ten thousand individuals {driver['peak_mib'] / 1024:.1f}" in TEXT
    assert driver["peak_mib"] < 1.5 * 1024


def test_the_room_is_that_of_sixty_four_times_ten_thousand() -> None:
    database, artifacts, networks = map(
        float, re.findall(r"database ([\d.]+) MiB, artifacts ([\d.]+) MiB, healthy networks ([\d.]+) MiB", TEXT)[0]
    )
    many = [f"{size * 10_000 / 64 / 1024:.1f} GiB" for size in (database, artifacts, networks)]
    assert f"about {many[0]} in PostgreSQL, {many[1]} of artifacts, and {many[2]} of healthy networks" in TEXT


def test_the_scripts_are_shell() -> None:
    assert len(BLOCKS) == 6
    for block in BLOCKS:
        subprocess.run(["bash", "-n"], input=block, text=True, check=True)


def test_the_array_covers_ten_thousand_individuals_once() -> None:
    (script,) = [block for block in BLOCKS if "#SBATCH" in block]
    first, last = map(int, re.findall(r"--array=(\d+)-(\d+)", script)[0])
    (size,) = map(int, re.findall(r"cohort.size=(\d+)", script))
    assert f"$(({size} * SLURM_ARRAY_TASK_ID))" in script
    assert (first, (last + 1) * size) == (0, 10_000)


@pytest.mark.slow
@pytest.mark.parametrize("line", sorted({w for w in re.findall(r"depsim sweep [^`'\n]*", PAGE) if "..." not in w}))
def test_every_sweep_on_the_page_can_be_planned(line: str, project: Path) -> None:
    words = line.replace("$((100 * SLURM_ARRAY_TASK_ID))", "9900").replace("$SLURM_CPUS_PER_TASK", "2").split()
    assert command(*words[1:], *([] if "--dry-run" in words else ["--dry-run"])) == 0

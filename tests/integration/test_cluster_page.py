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
    alone = [driver[f"{store}, the paper's epochs"]["mlflow_alone_ms"] for store in ("sqlite", "postgres")]
    assert f"takes {alone[0]:.0f} ms with SQLite and {alone[1]:.0f} ms with PostgreSQL to write the same" in PAGE
    assert f"**{rate:.2f} s an individual**" in PAGE
    assert f"which is {each:.1f} core-seconds" in PAGE
    assert f"**{sqlite:.0f} ms** of a core on an individual with SQLite,\n{postgres:.0f} ms with PostgreSQL" in PAGE
    assert f"and {none:.1f} ms with `tracking=none`" in PAGE
    writing = 10_000 * sqlite / 1000 / 60
    for nodes, unit in (("one node", 60), ("100 nodes", 1), ("1,000 nodes", 1)):
        cores = 64 * int(nodes.replace("one", "1").replace(",", "").split()[0])
        took = 10_000 * each / cores / unit
        told = f"{took:.0f} min" if unit == 60 else f"{took:.0f} s"
        assert f"| {nodes} | {cores:,} | {told} | {writing:.0f} min |" in PAGE
    assert f"beyond some {1000 * each / sqlite:.0f} cores" in PAGE
    assert f"keeps up with {1000 * each / none:,.0f} cores" in PAGE
    assert f"One block takes 100 × {rate:.2f} s, {100 * rate / 60:.0f} min" in PAGE


def test_toys_in_thousands_are_as_they_were_measured() -> None:
    driver = json.loads((DOCS / "benchmark-driver-cpu.json").read_text())
    found, report = driver["sqlite"], driver["report, sqlite"]
    assert found["individuals"] == 10_000
    first, _, third, last = found["quarters_mib"]
    assert f"Ten thousand toys of four conditions took {found['wall_s'] / 60:.0f} min with SQLite" in PAGE
    assert f"the driver held {first:.0f} MiB in the first quarter and {third:.0f} MiB in the third, and at" in PAGE
    assert f"most {last:.0f} MiB in the last, in which it closes the conditions" in PAGE
    assert last == found["peak_mib"] < 1.5 * 1024
    assert report["wall_s"] < 600
    assert f"`depsim report` took {report['wall_s']:.0f} s with {report['peak_mib']:,.0f} MiB" in PAGE


def test_the_room_is_that_of_sixty_four_times_ten_thousand() -> None:
    database, artifacts, networks = map(
        float, re.findall(r"database ([\d.]+) MiB, artifacts ([\d.]+) MiB, healthy networks ([\d.]+) MiB", PAGE)[0]
    )
    many = [f"{size * 10_000 / 64 / 1024:.1f} GiB" for size in (database, artifacts, networks)]
    assert f"about {many[0]} in\nPostgreSQL, {many[1]} of artifacts, and {many[2]} of healthy networks" in PAGE


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

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


def test_the_arithmetic_is_that_of_the_measurement() -> None:
    found = json.loads((DOCS / "benchmark-growth-cpu.json").read_text())
    (largest,) = [each for each in found["growth"] if each["individuals"] == 64]
    rate, cores = largest["per_individual"], found["machine"]["cores"]
    further = found["beyond_the_start"]["seconds_per_further_individual"]
    assert cores == 2
    assert f"**{rate:.2f} s an individual**, {further:.2f} s for each further one" in PAGE
    assert f"that is {rate * cores:.1f} core-seconds" in PAGE
    hours = 10_000 * rate * cores / 3600
    assert f"| core-hours | {hours:.1f} |" in PAGE
    assert f"| on one node of two cores | {hours / 2:.1f} h |" in PAGE
    for cores in (64, 400):
        assert f"| on {cores} cores ({cores // 2} jobs of two) | {60 * hours / cores:.0f} min |" in PAGE
    assert f"One block takes 100 × {rate:.2f} s, {100 * rate / 60:.0f} min" in PAGE


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


@pytest.mark.parametrize("line", sorted({w for w in re.findall(r"depsim sweep [^`'\n]*", PAGE) if "..." not in w}))
def test_every_sweep_on_the_page_can_be_planned(line: str, project: Path) -> None:
    words = line.replace("$((100 * SLURM_ARRAY_TASK_ID))", "9900").replace("$SLURM_CPUS_PER_TASK", "2").split()
    assert command(*words[1:], *([] if "--dry-run" in words else ["--dry-run"])) == 0

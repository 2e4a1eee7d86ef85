"""The project's own finding: runs its studies, and writes what docs and README show of them.

    make finding    every study and report (four hours on two cores; again: only what is missing), then the files

In the working directory: `mlruns/` and `reports/`. In the checkout: `docs/finding/`, `depsim/study/spreads.json`,
`docs/beyond.md`, and in the README what stands between its marks. No number there is typed by hand.
"""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from depsim.study import foreseen
from depsim.tracking.mlflow_store import open_client, pages

ROOT = Path(__file__).parent.parent
DOCS, README = ROOT / "docs/finding", ROOT / "README.md"
BEGIN, END = "<!-- make finding: {} -->\n", "<!-- end -->\n"


class Finding(NamedTuple):
    """A study of the finding.

    Args:
        sweep: the words after ``depsim sweep``; the first is the study's name, too.
        data: ``shared`` or ``individual``.
        figures: of its report that are kept.
    """

    sweep: tuple[str, ...]
    data: str
    figures: tuple[str, ...]


FINDINGS = (
    Finding(("paper", "cohort=large", "cohort.data=shared"), "shared", ("strips_shared", "resilience_shared")),
    Finding(("seeds", "cohort=large"), "individual", ("strips_individual",)),
)
BEYOND = (
    Finding(("regimens",), "individual", ("regimen_timelines",)),
    Finding(("stress_cycles",), "individual", ("follow_up_accuracy", "follow_up_relapse_free")),
    Finding(("gain", "cohort.size=20"), "individual", ("bias_curves",)),
)
"""What the paper left open."""
PAGE = ROOT / "docs/beyond.md"
PRINTED = {"reproduce": ("paper",)}
"""What the README shows as printed: the words after ``depsim sweep``."""


def main() -> None:
    """Run everything, then write."""
    for found in (*FINDINGS, *BEYOND):
        _depsim("sweep", *found.sweep)
        _depsim("report", found.sweep[0])
    keep((*FINDINGS, *BEYOND))
    foreseen.main([str(_report(found)) for found in FINDINGS])
    write_pages()
    printed = {name: _depsim("sweep", *words) for name, words in PRINTED.items()}
    README.write_text(renewed(README.read_text(encoding="utf-8"), printed), encoding="utf-8")


def write_pages() -> None:
    """How the studies were made, and what those beyond the paper say."""
    (DOCS / "README.md").write_text(how_it_was_made(), encoding="utf-8")
    explained = {found.sweep: _depsim("sweep", *found.sweep, "--help") for found in BEYOND}
    seconds = {found.sweep: core_seconds(found.sweep[0]) for found in BEYOND}
    PAGE.write_text(beyond(explained, seconds), encoding="utf-8")


def core_seconds(study: str) -> dict[str, list[float]]:
    """What each finished individual of a study of this working directory took, on one core, by treatment."""
    client = open_client()
    experiment = client.get_experiment_by_name(study).experiment_id
    runs = pages(client.search_runs, [experiment], "attributes.status = 'FINISHED'")
    found: dict[str, list[float]] = {}
    for run in runs:
        if "depsim.seconds" in run.data.tags:
            found.setdefault(run.data.tags["depsim.treatment"], []).append(float(run.data.tags["depsim.seconds"]))
    return found


def keep(findings: Sequence[Finding]) -> None:
    """Store what is shown of reports: numbers and figures."""
    for found in findings:
        folder = DOCS / found.sweep[0]
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        facts = json.loads((_report(found) / "study.json").read_text(encoding="utf-8"))
        (folder / "study.json").write_text(json.dumps(facts, separators=(",", ":")) + "\n", encoding="utf-8")
        for name in found.figures:
            shutil.copy(_report(found) / "figures" / f"{name}.png", folder)


def _report(found: Finding) -> Path:
    return Path("reports") / found.sweep[0]


def beyond(
    explained: Mapping[tuple[str, ...], str], seconds: Mapping[tuple[str, ...], Mapping[str, Sequence[float]]]
) -> str:
    """The page about what the paper left open.

    Args:
        explained: what ``depsim sweep ... --help`` says of each study, first its question.
        seconds: of one core that each took, by treatment, an individual each.
    """
    parts = ["# Beyond the paper: regimens, stress that goes on, gain\n\nEach part is the first lines of a report.\n"]
    for found in BEYOND:
        question = explained[found.sweep].strip().splitlines()[0]
        figures = "".join(f"\n![{name}](finding/{found.sweep[0]}/{name}.png)\n" for name in found.figures)
        command = shlex.join(["depsim", "sweep", *found.sweep])
        own = seconds[found.sweep]
        dearest, mean = max(((name, sum(each) / len(each)) for name, each in own.items()), key=lambda each: each[1])
        cost = f"{sum(map(sum, own.values())) / 60:.0f} minutes of one core, beside other work"
        said = (
            f"`{command}` and `depsim report {found.sweep[0]}` make all of it. It took {cost}; the dearest treatment "
            f"is {dearest}, {mean:.0f} s an individual."
        )
        parts.append(f"## {question}\n\n{answered(found)}{figures}\n{said}\n")
    return "\n".join(parts)


def renewed(readme: str, printed: Mapping[str, str]) -> str:
    """The README with what stands between its marks made anew: answers from docs, and what commands print."""
    made = {
        name: f"```\n{chr(10).join(map(str.rstrip, text.rstrip().splitlines()))}\n```\n"
        for name, text in printed.items()
    }
    made |= {found.sweep[0]: answered(found) for found in FINDINGS}
    for name, text in made.items():
        before, begin, rest = readme.partition(BEGIN.format(name))
        _, end, after = rest.partition(END)
        if not begin or not end:
            raise SystemExit(f"{README}: no place for {name}")
        readme = before + begin + text + end + after
    return readme


def answered(found: Finding) -> str:
    """The lines that a report opens with, and beside the sequel's ten individuals where they can be compared."""
    facts = stored(found)
    lines = [f"{number}. {line}\n" for number, line in enumerate(facts["answer"], start=1)]
    if sequel := rows_of(facts, f"sequel_{found.data}"):
        lines.append(f"\n{beside_the_sequel(sequel)}\n")
    return "".join(lines)


def rows_of(facts: Mapping[str, Any], table: str) -> list[dict[str, Any]]:
    """The rows of a table of a report, by column; none where there is no such table."""
    found = facts.get("tables", {}).get(table, {"columns": [], "rows": []})
    return [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]


def beside_the_sequel(cells: Sequence[Mapping[str, Any]]) -> str:
    """How far our means lie from those of the author's ten individuals."""
    far = [cell for cell in cells if cell["distance"] is not None and abs(cell["distance"]) >= 3]
    compared = sum(cell["distance"] is not None for cell in cells)
    named = "; ".join(f"{cell['condition']}, {cell['outcome']}: {cell['distance']:+.1f}" for cell in far)
    return (
        f"Beside the ten individuals of the author's sequel, {compared - len(far)} of {compared} means lie within "
        f"three standard errors of the difference{f' (not: {named})' if named else ''}."
    )


def how_it_was_made() -> str:
    """The page of docs/finding: machine, commits, commands."""
    runs = [run["provenance"] for found in (*FINDINGS, *BEYOND) for run in stored(found)["condition_runs"]]
    places = {f"{p['cpu']}, {p['cores']} cores, Python {p['python']}, PyTorch {p['packages']['torch']}" for p in runs}
    commits = sorted({p["git_commit"] for p in runs})
    commands = [["depsim", verb, *words] for found in (*FINDINGS, *BEYOND)
                for verb, words in (("sweep", found.sweep), ("report", found.sweep[:1]))]  # fmt: skip
    return (
        "# How the finding was made\n\n"
        f"On {'; '.join(sorted(places))}; sources of commit {', '.join(f'`{c}`' for c in commits)}. "
        f"`make finding` runs\n\n```\n{chr(10).join(map(shlex.join, commands))}\n```\n\n"
        "and keeps of each report its numbers (`study.json`, with the provenance of every run) and the figures that\n"
        "are shown. The same commands make the whole reports.\n"
    )


def stored(found: Finding) -> dict[str, Any]:
    """What docs hold of a study's report."""
    loaded: dict[str, Any] = json.loads((DOCS / found.sweep[0] / "study.json").read_text(encoding="utf-8"))
    return loaded


def _depsim(*words: str) -> str:
    """Run a command of this checkout; returns what it prints, and shows its progress."""
    print("depsim", shlex.join(words), flush=True)
    ran = subprocess.run([sys.executable, "-m", "depsim", *words], check=True, stdout=subprocess.PIPE, text=True)
    return ran.stdout


if __name__ == "__main__":
    main()

"""The project's own finding: runs its studies, and writes what docs and README show of them.

    make finding                  every study and report (seven hours on two cores; again: only what is missing)
    make finding STUDIES=triage   only these, and what docs say of them
    python benchmarks/finding.py pages    what docs and README say of what is stored; computes nothing

In the working directory: `mlruns/` and `reports/`. In the checkout: `docs/finding/`, `depsim/study/spreads.json`, the
individuals that the calibration draws again (`benchmarks/calibration/real_individuals.csv`, those of the triage), and
in `docs/beyond.md` and the README what stands between their marks. No number there is typed by hand.
"""

from __future__ import annotations

import itertools
import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

import depsim
from benchmarks.calibration.values import REAL
from depsim.study import expected_precision
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
    Finding(("who_benefits",), "individual", ("benefit_map",)),
    Finding(("triage",), "individual", ()),
    Finding(("generality",), "individual", ("generality",)),
)
"""What the paper left open."""
PAGE = ROOT / "docs/beyond.md"
PRINTED = {"reproduce": ("sweep", "paper"), "pilot": ("run", "treatment=ketamine", "cohort=pilot")}
"""What the README shows as printed: the words after ``depsim``."""
SHOWN = (2, 4)
"""The lines of an answer that the README shows: the ranking and the claims."""


def main(studies: Sequence[str]) -> None:
    """Run and write.

    Args:
        studies: names; none for all, and what the README shows as printed.
    """
    every = (*FINDINGS, *BEYOND)
    if unknown := set(studies) - {found.sweep[0] for found in every}:
        raise SystemExit(f"{', '.join(sorted(unknown))}: no study of the finding")
    wanted = [found for found in every if not studies or found.sweep[0] in studies]
    for found in wanted:
        _depsim("sweep", *found.sweep)
        _depsim("report", found.sweep[0])
    write(wanted)
    if not studies:
        expected_precision.main([str(_report(found)) for found in FINDINGS])
        printed = {name: fenced(shortened(_depsim(*words))) for name, words in PRINTED.items()}
        README.write_text(renewed(README.read_text(encoding="utf-8"), printed), encoding="utf-8")


def write(wanted: Sequence[Finding]) -> None:
    """What docs and README say of studies whose reports are here."""
    keep(wanted)
    pages_of_what_is_stored()
    parts = {
        found.sweep[0]: part(found, _depsim("sweep", *found.sweep, "--help"), core_seconds(found.sweep[0]))
        for found in wanted
        if found in BEYOND
    }
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8"), parts), encoding="utf-8")
    if "triage" in parts:
        real_individuals()


def real_individuals() -> None:
    """The individuals of the triage, of the working directory, for the calibration."""
    values = depsim.load_study("triage").wide("treated/combined")
    values.dropna().to_csv(REAL, float_format="%.10g", lineterminator="\n")
    print(f"{REAL}: written; python -m benchmarks.calibration KEY ... runs the checks that draw them again")


def pages_of_what_is_stored() -> None:
    """What needs no run: the page of docs/finding, and the README's lines of it."""
    (DOCS / "README.md").write_text(how_it_was_made(), encoding="utf-8")
    brief = {found.sweep[0]: in_brief(found) for found in FINDINGS}
    README.write_text(renewed(README.read_text(encoding="utf-8"), brief), encoding="utf-8")


def core_seconds(study: str) -> dict[str, list[float]]:
    """What each individual that a study of this working directory computed itself took, on one core, by treatment."""
    client = open_client()
    experiment = client.get_experiment_by_name(study).experiment_id
    runs = pages(client.search_runs, [experiment], "attributes.status = 'FINISHED'")
    found: dict[str, list[float]] = {}
    for run in runs:
        if "depsim.seconds" in run.data.tags and "depsim.reused_from" not in run.data.tags:
            found.setdefault(run.data.tags["depsim.treatment"], []).append(float(run.data.tags["depsim.seconds"]))
    return found


def keep(findings: Sequence[Finding]) -> None:
    """Store what is shown of reports: numbers and figures."""
    for found in findings:
        folder = DOCS / found.sweep[0]
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        facts = json.loads((_report(found) / "study.json").read_text(encoding="utf-8"))
        for listing in ("runs", "settings"):  # run by run, which no page shows
            facts.get("tables", {}).pop(listing, None)
        (folder / "study.json").write_text(json.dumps(facts, separators=(",", ":")) + "\n", encoding="utf-8")
        for name in found.figures:
            shrink(_report(found) / "figures" / f"{name}.png", folder / f"{name}.png")


def shrink(picture: Path, to: Path) -> None:
    """Copy a picture with 256 colours, which is a third of its size."""
    with Image.open(picture) as whole:
        whole.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(to, optimize=True)


def _report(found: Finding) -> Path:
    return Path("reports") / found.sweep[0]


def part(found: Finding, explained: str, seconds: Mapping[str, Sequence[float]]) -> str:
    """A study's part of the page about what the paper left open.

    Args:
        found: the study.
        explained: what ``depsim sweep ... --help`` says of it, first its question.
        seconds: of one core that each individual took, by treatment.
    """
    name, question = found.sweep[0], explained.strip().splitlines()[0]
    figures = "".join(f"\n![{figure}](finding/{name}/{figure}.png)\n" for figure in found.figures)
    slowest, mean = max(((drug, sum(each) / len(each)) for drug, each in seconds.items()), key=lambda each: each[1])
    cost = f"{sum(map(sum, seconds.values())) / 60:.0f} minutes of one core, beside other work"
    said = (
        f"`{shlex.join(['depsim', 'sweep', *found.sweep])}` and `depsim report {name}` make all of it. It took {cost}; "
        f"the slowest treatment is {slowest}, {mean:.0f} s an individual."
    )
    return f"## {question}\n\n{answered(found)}{figures}\n{said}\n"


def renewed(page: str, made: Mapping[str, str]) -> str:
    """A page with what stands between its marks made anew, by name."""
    for name, text in made.items():
        before, begin, rest = page.partition(BEGIN.format(name))
        _, end, after = rest.partition(END)
        if not begin or not end:
            raise SystemExit(f"no place for {name}")
        page = before + begin + text + end + after
    return page


def fenced(printed: str) -> str:
    """What a command prints, as Markdown shows it."""
    return f"```\n{chr(10).join(map(str.rstrip, printed.rstrip().splitlines()))}\n```\n"


def shortened(printed: str) -> str:
    """What a command prints, up to a run's id or a hint of what to do next."""
    lines = itertools.takewhile(lambda line: not line.startswith(("run ", "next:")), printed.splitlines())
    return "\n".join(lines)


def in_brief(found: Finding) -> str:
    """The lines of a report's answer that the README shows."""
    answer = stored(found)["answer"]
    return "".join(f"- {answer[number - 1]}\n" for number in SHOWN)


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
    """The page of docs/finding: the answers, then machine, commits, commands."""
    runs = [run["provenance"] for found in (*FINDINGS, *BEYOND) for run in stored(found)["condition_runs"]]
    places = {f"{p['cpu']}, {p['cores']} cores, Python {p['python']}, PyTorch {p['packages']['torch']}" for p in runs}
    commits = sorted({p["git_commit"] for p in runs})
    commands = [["depsim", verb, *words] for found in (*FINDINGS, *BEYOND)
                for verb, words in (("sweep", found.sweep), ("report", found.sweep[:1]))]  # fmt: skip
    answers = "".join(
        f"## `{shlex.join(('depsim', 'sweep', *found.sweep))}`\n\n{answered(found)}\n"
        + "".join(f"![{figure}]({found.sweep[0]}/{figure}.png)\n\n" for figure in found.figures)
        for found in FINDINGS
    )
    return (
        "# Does the paper's finding hold for a population?\n\n"
        "The first lines of two reports. In the first figure of each, small marks are individuals, shaded is where\n"
        "95 % of new ones would lie, and the diamond is the paper's.\n\n"
        f"{answers}## How the finding was made\n\n"
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
    if sys.argv[1:] == ["pages"]:
        pages_of_what_is_stored()
    else:
        main(sys.argv[1:])

"""The project's own finding: runs its studies, and writes what docs and README show of them.

    make finding                    every study and report: three hours on two cores, and one for the multiverse
    make finding STUDIES="triage"   only these
    python benchmarks/finding.py keep NAME ...    what docs show of studies that this working directory holds
    python benchmarks/finding.py again    every page of docs/finding from the individuals that are kept there
    python benchmarks/finding.py pages    what docs and README say of what docs/finding holds; computes nothing
    python benchmarks/finding.py individuals    the triage's individuals for the calibration, whose checks run anew then

In the working directory: `mlruns/`. In the checkout: `docs/finding/` (of each study its individuals and conditions, and
its page, picture and numbers, which are made from these), `docs/beyond.md`, the README between its marks,
`depsim/paper/spreads.json`.
No number there is typed by hand.
"""

from __future__ import annotations

import base64
import io
import itertools
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from unittest.mock import patch

import pandas as pd
from PIL import Image

import depsim
from benchmarks import kept_studies
from benchmarks.calibration.values import REAL
from benchmarks.finding_words import answer_of_the_readme, first_run, page_beyond, page_of_the_finding
from benchmarks.kept_studies import KeptStudy, keep_study, read_kept
from depsim.paper import expected_precision
from depsim.report import writing
from depsim.report.asking import read_asks
from depsim.report.compose import compose
from depsim.report.parts import Page
from depsim.study.origins import read_origins
from depsim.study.reading import read_study
from depsim.tracking.mlflow_store import open_client, pages
from depsim.tracking.mlflow_studies import read_asked

ROOT = Path(__file__).parent.parent
DOCS, README, BEYOND = ROOT / "docs/finding", ROOT / "README.md", ROOT / "docs/beyond.md"
BEGIN, END = "<!-- make finding: {} -->\n", "<!-- end -->\n"


class Run(NamedTuple):
    """A study of the finding: its name, and the words after ``depsim sweep``."""

    name: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, *words: str) -> Run:
        """Named by its sweep, or by ``study=``.

        >>> Run.of("seeds", "study=replicates").name
        'replicates'
        """
        named = [word.removeprefix("study=") for word in words if word.startswith("study=")]
        return cls((named or words)[0], words)


FIRST = "cohort.first_seed=10000"
"""Individuals that were in no finding before."""
RUNS = (
    Run.of("paper", "cohort.size=200", "cohort.data=shared", FIRST),
    Run.of("seeds", "cohort.size=200", FIRST),
    Run.of("placebo", "cohort.size=200", FIRST),
    Run.of("ingredients", "cohort.size=50", FIRST),
    Run.of("seeds", "study=replicates", "cohort.size=50", "cohort.replicates=2", FIRST),
    Run.of("variance_components", "seed=10000"),
    Run.of("stress_cycles", "cohort.size=12", FIRST),
    Run.of("regimens", "cohort.size=12", FIRST),
    Run.of("gain", "cohort.size=12", FIRST),
    Run.of("who_benefits", "cohort.size=30", FIRST),
    Run.of("triage", "cohort.size=240", FIRST),
    Run.of("generality", "cohort.size=6", FIRST),
    Run.of("multiverse"),
)
PRINTED = {"reproduce": ("sweep", "paper")}
"""What the README shows as printed: the words after ``depsim``."""
WIDTH = 1075
"""Pixels of a kept picture, as many as the page shows it in."""
COLOURS = 64
"""Of a kept picture; an octree keeps those of all conditions apart."""
DIGITS = 8
"""Of a number in a kept `study.json`."""
SPREADS = ("paper", "seeds")
"""Studies whose spreads say what a sweep will see before it runs."""
MANY = 100
"""Conditions whose settings are kept beside their names."""


def main(studies: Sequence[str]) -> None:
    """Run and write.

    Args:
        studies: names; none for all, and what the README shows as printed.
    """
    if unknown := set(studies) - {run.name for run in RUNS}:
        raise SystemExit(f"{', '.join(sorted(unknown))}: no study of the finding")
    wanted = [run for run in RUNS if not studies or run.name in studies]
    for run in wanted:
        _depsim("sweep", *run.words)
        keep(run.name)
    if not studies:
        printed = {name: fenced(shortened(_depsim(*words))) for name, words in PRINTED.items()}
        README.write_text(renewed(README.read_text(encoding="utf-8"), printed), encoding="utf-8")
    write_pages()


def keep(name: str) -> None:
    """Keep a study of this working directory, and write what docs show of it."""
    client = open_client()
    study = read_study(client, name)
    shutil.rmtree(DOCS / name, ignore_errors=True)
    keep_study(KeptStudy(study, read_origins(client, study), *read_asked(client, study.experiment_id)), DOCS / name)
    write_study(name, core_seconds(name))
    if name in SPREADS:
        expected_precision.main([str(DOCS / study) for study in SPREADS])


def write_study(name: str, seconds: float) -> None:
    """A kept study's page, picture and numbers, from what is kept alone.

    Args:
        name: of the study.
        seconds: that its individuals took, on one core.
    """
    folder, page = DOCS / name, page_of(read_kept(DOCS / name))
    with TemporaryDirectory() as scratch, patch.object(writing, "LARGEST_DRAWING", 0):  # every picture as a PNG, too
        report = Path(scratch) / name
        writing.write_page(page, report)
        html = (report / "index.html").read_text(encoding="utf-8")
        (folder / "index.html").write_text(small_pictures(html, report / "figures"), encoding="utf-8")
        for figure in re.findall(r'<figure id="figure-(\w+)">', html)[:1]:
            (folder / "picture.png").write_bytes(shrunk(report / "figures" / f"{figure}.png"))
        facts = json.loads((report / "study.json").read_text(encoding="utf-8")) | {"core_seconds": seconds}
    (folder / "study.json").write_text(json.dumps(slim(facts), separators=(",", ":")) + "\n", encoding="utf-8")


def page_of(kept: KeptStudy) -> Page:
    """The report on a kept study."""
    asks = None if kept.entries is None else read_asks(kept.entries)
    return compose(kept.study, kept.origins, f"depsim report {kept.study.name}", kept.question, asks)


def slim(facts: Mapping[str, Any]) -> Any:
    """A report's facts, each once: settings of all conditions apart, one run of each origin, nothing that is empty.

    Ids of individuals' runs name nothing outside the store that made them; the settings of very many conditions are
    columns of the individuals.
    """
    common = set.intersection(*(set(arm["settings"].items()) for arm in facts["arms"]))
    few = len(facts["arms"]) <= MANY
    arms = [
        {
            **{key: value for key, value in arm.items() if value and key != "run_ids"},
            "settings": dict(item for item in arm["settings"].items() if few and item not in common),
        }
        for arm in facts["arms"]
    ]
    runs = {json.dumps(run["provenance"]): run for run in reversed(facts["condition_runs"])}
    findings = [
        {**finding, "rows": [{k: value for k, value in row.items() if value is not None} for row in finding["rows"]]}
        for finding in facts["findings"]
    ]
    once = {"settings": dict(sorted(common)), "arms": arms, "condition_runs": list(runs.values())[::-1]}
    return rounded({**facts, **once, "findings": findings})


def rounded(facts: Any) -> Any:
    """Facts whose numbers have a few digits.

    >>> rounded({"value": [0.123456781, 3, "x"]})
    {'value': [0.12345678, 3, 'x']}
    """
    if isinstance(facts, float):
        return float(f"{facts:.{DIGITS}g}")
    if isinstance(facts, dict):
        return {key: rounded(value) for key, value in facts.items()}
    return [rounded(value) for value in facts] if isinstance(facts, list) else facts


def small_pictures(html: str, figures: Path) -> str:
    """A page whose pictures are those of a report's folder in few colours, a fifth of the size."""

    def small(match: re.Match[str]) -> str:
        data = base64.b64encode(shrunk(figures / f"{match[2]}.png")).decode()
        return f"{match[1]}data:image/png;base64,{data}"

    picture = r'(<figure id="figure-(\w+)">(?:(?!</figure>).)*?<img src=")data:[^"]+'
    return re.sub(picture, small, html, flags=re.DOTALL)


def shrunk(picture: Path) -> bytes:
    """A picture as wide as the page shows it, in few colours."""
    file = io.BytesIO()
    with Image.open(picture) as whole:
        height = round(whole.height * WIDTH / whole.width)
        small = whole.convert("RGB").resize((WIDTH, height), Image.Resampling.LANCZOS)
        small.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def core_seconds(study: str) -> float:
    """What the individuals that a study of this working directory computed itself took, on one core."""
    client = open_client()
    experiment = client.get_experiment_by_name(study).experiment_id
    tags = (run.data.tags for run in pages(client.search_runs, [experiment], "attributes.status = 'FINISHED'"))
    return sum(
        float(own["depsim.seconds"]) for own in tags if "depsim.seconds" in own and "depsim.reused_from" not in own
    )


def real_individuals() -> None:
    """The individuals of the triage, of the working directory, for the calibration."""
    values = depsim.load_study("triage").wide("treated/combined")
    values.dropna().to_csv(REAL, float_format="%.10g", lineterminator="\n")
    print(f"{REAL}: written; python -m benchmarks.calibration KEY ... runs the checks that draw them again")


def write_pages() -> None:
    """What docs and README say of what docs/finding holds."""
    kept = {run.name: facts for run in RUNS if (facts := stored(run.name))}
    people = {name: individuals(name) for name in kept}
    (DOCS / "README.md").write_text(page_of_the_finding(kept, people), encoding="utf-8")
    BEYOND.write_text(page_beyond(kept), encoding="utf-8")
    made = {"answer": answer_of_the_readme(kept, people), "first_run": first_run(people["paper"])}
    README.write_text(renewed(README.read_text(encoding="utf-8"), made), encoding="utf-8")


def individuals(name: str) -> pd.DataFrame:
    """What docs hold of a study's individuals; of a replicated one the first simulation."""
    table = kept_studies.individuals(DOCS / name)
    return table[table["replicate"] == 0] if "replicate" in table else table


def stored(name: str) -> dict[str, Any] | None:
    """What docs hold of a study's report; None where it was not made."""
    file = DOCS / name / "study.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None


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


def _depsim(*words: str) -> str:
    """Run a command of this checkout; returns what it prints, and shows its progress."""
    print("depsim", shlex.join(words), flush=True)
    ran = subprocess.run([sys.executable, "-m", "depsim", *words], check=True, stdout=subprocess.PIPE, text=True)
    return ran.stdout


if __name__ == "__main__":
    if sys.argv[1:] == ["pages"]:
        write_pages()
    elif sys.argv[1:2] == ["keep"]:
        for study in sys.argv[2:]:
            keep(study)
        write_pages()
    elif sys.argv[1:] == ["again"]:
        for run in RUNS:
            if (facts := stored(run.name)) is not None:
                write_study(run.name, facts["core_seconds"])
        write_pages()
    elif sys.argv[1:] == ["individuals"]:
        real_individuals()
    else:
        main(sys.argv[1:])

"""What docs and README say of the project's own finding, from the numbers that docs/finding keeps."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

import pandas as pd

from depsim.study.naming import UNTREATED

Kept = Mapping[str, Mapping[str, Any]]
"""What docs/finding keeps of each study, by its name."""
DRUGS = ("ketamine", "ssri", "neurosteroid on")
COMBINED, EXTREME = "combined", "internal_noise_2.5"
RANKING_HOLDS = 0.9
"""Share of the published differences from which on the ranking is said to hold."""
SHOWN = {
    "placebo": ("recovery",),
    "ingredients": ("contrasts_placebo",),
    "regimens": ("contrasts_regimens", "response_treatment_epochs", "ladder"),
    "stress_cycles": ("cycles", "relapse"),
    "who_benefits": ("traits", "reliability"),
    "triage": ("rules", "kinds"),
    "gain": ("contrasts_gains", "bias"),
    "generality": ("orderings",),
    "multiverse": ("multiverse", "deciding", "multiverse_outcomes"),
}
"""What the paper left open: studies, and the questions whose answers the page gives."""

RUN_FOR = {"replicates": "reliability"}
"""Studies that repeat another one's sweep, and the question that they were run for."""


def rows_of(facts: Mapping[str, Any], question: str) -> list[dict[str, Any]]:
    """The rows of one question, each with its key's parts as further columns; none where it was not asked."""
    return [row | row["key"] for finding in facts["findings"] if finding["name"] == question for row in finding["rows"]]


def answer_of_the_readme(kept: Kept) -> str:
    """Three sentences and a picture: luck, mechanism, and what remains open."""
    sentences = (
        luck(kept["paper"], kept["seeds"]),
        mechanism(kept["placebo"]),
        still_open(kept.get("regimens"), kept.get("multiverse")),
    )
    picture = "![Individuals, means with 95 % intervals, published values](docs/finding/placebo/picture.png)"
    return "\n\n".join((*sentences, picture)) + "\n"


def luck(shared: Mapping[str, Any], individual: Mapping[str, Any]) -> str:
    """Whether the ranking of drugs and the published individual are those of a population.

    Args:
        shared: the study of individuals on the paper's data.
        individual: that of individuals with data of their own.
    """
    (same, pairs), (same_too, _) = (same_signs(rows_of(facts, "published")) for facts in (shared, individual))
    ranking = "The ranking holds" if min(same, same_too) >= RANKING_HOLDS * pairs else "The ranking holds in part"
    return (
        f"**Was it one lucky seed?** {ranking}: {same} of {pairs} published differences between drugs have the same "
        f"sign in the mean of {size(shared)} individuals on its data, {same_too} in {size(individual)} with data "
        f"of their own. {answer_of(shared, 'published')}"
    )


def same_signs(rows: list[dict[str, Any]]) -> tuple[int, int]:
    """How many published differences between drugs have our sign, and how many there are."""
    drugs = [row for row in rows if "a" in row and UNTREATED not in (row["a"], row["b"])]
    return sum(row["value"] * row["published"] > 0 for row in drugs), len(drugs)


def mechanism(placebo: Mapping[str, Any]) -> str:
    """Each drug beside the same training without its ingredient, and how much of it that training alone gives."""
    rows = {(row["a"], row["outcome"]): row for row in rows_of(placebo, "contrasts_placebo")}
    untreated = {row["mean_b"] for row in rows_of(placebo, "contrasts")
                 if (row["a"], row["b"], row["outcome"]) == ("ketamine", UNTREATED, COMBINED)}.pop()  # fmt: skip
    gains = {drug: (rows[drug, COMBINED]["mean_b"] - untreated, rows[drug, COMBINED]["mean_a"] - untreated)
             for drug in DRUGS}  # fmt: skip
    shares = [100 * alone / whole for alone, whole in gains.values()]
    stressed, extreme = (", ".join(f"{drug} {beside(rows[drug, outcome])}" for drug in DRUGS)
                         for outcome in (COMBINED, EXTREME))  # fmt: skip
    widths = [(rows[drug, outcome]["high"] - rows[drug, outcome]["low"]) / 2
              for drug in DRUGS for outcome in (COMBINED, EXTREME)]  # fmt: skip
    return (
        f"**Mechanism or training?** Under combined stress the same training without the ingredient (placebo) gives "
        f"{min(shares):.0f} to {max(shares):.1f} % of what a drug adds: {stressed}, untreated {untreated:.1f}. "
        f"At sigma 2.5 it is {extreme} (differences to within ± {min(widths):.1f} to {max(widths):.1f} points, "
        "95 % intervals)."
    )


def beside(row: Mapping[str, Any]) -> str:
    """Two means in per cent.

    >>> beside({"mean_a": 82.31, "mean_b": 66.84})
    '82.3 beside 66.8 %'
    """
    return f"{row['mean_a']:.1f} beside {row['mean_b']:.1f} %"


def still_open(regimens: Mapping[str, Any] | None, multiverse: Mapping[str, Any] | None) -> str:
    """What a longer training alone does, what hangs on the settings, and what nothing here says."""
    means = training_alone(regimens, 170)
    alone = (
        f"Training alone for 170 epochs reaches {means[0]:.0f} % at sigma 2.5, ketamine {means[1]:.0f} %. "
        if means
        else ""
    )
    settings = answer_of(multiverse, "multiverse")
    rest = "" if settings else " the settings, of"
    across = f"Over reasonable values of what the paper fixed, {settings} " if settings else ""
    return (
        f"**What remains open?** {alone}{across}How much of each effect is a matter of{rest} the paper's one "
        "network and one task: [beyond the paper](docs/beyond.md)."
    )


def answer_of(facts: Mapping[str, Any] | None, question: str) -> str:
    """What a study's report answers to one question; empty where it was not run or not asked."""
    answers = [finding["answer"] for finding in (facts or {"findings": []})["findings"] if finding["name"] == question]
    return answers[0] if answers else ""


def first_run(individuals: pd.DataFrame) -> str:
    """How far one individual of the paper's study may differ from another.

    Args:
        individuals: of the study on the paper's data.
    """
    ssri = individuals[individuals["condition"] == "ssri"]
    ranges = [f"{name} {ssri[f'treated/{name}'].min():.0f} to {ssri[f'treated/{name}'].max():.0f} %"
              for name in ("clean", COMBINED)]  # fmt: skip
    return f"On another processor yours may be another individual. Of {len(ssri)} after SSRI: {', '.join(ranges)}.\n"


def training_alone(facts: Mapping[str, Any] | None, epochs: int) -> tuple[float, float] | None:
    """Mean accuracy at sigma 2.5 after so many epochs without a drug, and after ketamine; None where it was not run."""
    if facts is None:
        return None
    settings = {arm["name"]: arm["settings"] for arm in facts["arms"]}
    means: dict[str, float] = {}
    for row in rows_of(facts, "contrasts"):
        if row["outcome"] == EXTREME:
            means |= {row["a"]: row["mean_a"], row["b"]: row["mean_b"]}
    wanted = {"treatment": "sham", "treatment.epochs": str(epochs)}
    alone = [mean for name, mean in means.items() if wanted.items() <= settings.get(name, {}).items()]
    return (alone[0], means["ketamine"]) if alone and "ketamine" in means else None


def page_of_the_finding(kept: Kept) -> str:
    """docs/finding/README.md: per study its question, answer, picture and files; then how it was made."""
    parts = [
        "# Does the paper's finding hold for a population?\n\n"
        "Individuals from seed 10,000 on, in no finding before; the paper's claims were written down before they ran.\n"
        "Each study: its page, its numbers (`study.json`) and its individuals as compressed CSV.\n",
        *(part(name, facts) for name, facts in kept.items()),
        how_it_was_made(kept),
    ]
    return "\n".join(parts)


def part(name: str, facts: Mapping[str, Any]) -> str:
    """A study's part of the page: its question, or the one that it was run for, and what no other page says of it."""
    (asked,) = [x for x in facts["findings"] if x["name"] == RUN_FOR[name]] if name in RUN_FOR else (facts,)
    told = "[Answer](../beyond.md), " if name in SHOWN else f"{asked['answer']}\n\n![{name}]({name}/picture.png)\n\n"
    return (
        f"## {asked['question']}\n\n{told}"
        f"[page]({name}/index.html), [numbers]({name}/study.json), [individuals]({name}/individuals.csv.gz)\n"
    )


def how_it_was_made(kept: Kept) -> str:
    """Machines, commits and commands."""
    made = [run["provenance"] for facts in kept.values() for run in facts["condition_runs"]]
    places = {f"{p['cpu']}, {p['cores']} cores, Python {p['python']}, PyTorch {p['packages']['torch']}" for p in made}
    commits = ", ".join(f"`{commit}`" for commit in sorted({p["git_commit"] for p in made}))
    hours = sum(facts["core_seconds"] for facts in kept.values()) / 3600
    commands = "\n".join(dict.fromkeys(shlex.join(sweep_of(facts)) for facts in kept.values()))
    return (
        f"## How it was made\n\nOn {'; '.join(sorted(places))}; sources of commit {commits}; {hours:.1f} hours of one "
        f"process, beside other work. `make finding` runs\n\n```\n{commands}\n```\n\nand `depsim report` of each.\n"
    )


def sweep_of(facts: Mapping[str, Any]) -> list[str]:
    """The command that ran a study, as its runs remember it; the last, where a study grew."""
    last = max(facts["condition_runs"], key=lambda run: str(run["began"]))
    return ["depsim", *last["provenance"]["launched_by"][1:]]


def page_beyond(kept: Kept) -> str:
    """docs/beyond.md: what the paper left open, study by study."""
    parts = [
        "# Beyond the paper\n\n"
        "What its mechanisms are worth against their own training, which ingredient does it, drugs in sequence,\n"
        "stress that goes on, who benefits, other networks and tasks, other settings. Each part is what its study's\n"
        "page says; [all studies](finding/README.md).\n"
    ]
    for name, questions in SHOWN.items():
        if name in kept:
            facts = kept[name]
            answers = [finding["answer"] for finding in facts["findings"] if finding["name"] in questions]
            lines = "".join(f"- {line}\n" for line in dict.fromkeys((facts["answer"], *answers)))
            parts.append(
                f"## {facts['question']}\n\n{lines}\n![{name}](finding/{name}/picture.png)\n\n"
                f"[The page](finding/{name}/index.html): `{shlex.join(sweep_of(facts))}`\n"
            )
    return "\n".join(parts)


def size(facts: Mapping[str, Any]) -> int:
    """The most individuals of a condition."""
    return max((row["n"] or 0 for finding in facts["findings"] for row in finding["rows"]), default=0)

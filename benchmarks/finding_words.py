"""What docs and README say of the project's own finding, from the numbers that docs/finding keeps."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd
import scipy.stats

from depsim.report.words import paragraph
from depsim.study.naming import UNTREATED

Kept = Mapping[str, Mapping[str, Any]]
"""What docs/finding keeps of each study's report, by its name."""
People = Mapping[str, pd.DataFrame]
"""What docs/finding keeps of each study's individuals, by its name."""
COMBINED, EXTREME, RELAPSE_DROP = "combined", "internal_noise_2.5", "relapse_drop"
OUTCOMES = {COMBINED: "combined stress", EXTREME: "sigma 2.5", "resilience_auc": "area", RELAPSE_DROP: "relapse drop"}
"""The primary outcomes, all of which a table has."""
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


def answer_of_the_readme(kept: Kept, people: People) -> str:
    """What the README answers: luck, mechanism in a table, and what remains open; every number from what is kept.

    Args:
        kept: of each study what its report holds.
        people: of each study its individuals.
    """
    picture = "![Individuals, means with 95 % intervals, published values](docs/finding/placebo/picture.png)"
    parts = (
        luck(kept["paper"], kept["seeds"]),
        mechanism(kept["placebo"]),
        surprises(kept["placebo"], people),
        still_open(people),
        MEASURES,
        picture,
    )
    return "\n\n".join(filter(None, parts)) + "\n"


MEASURES = (
    "Noise of a fixed SD and the loss of a fixed share of synapses are the paper's own measures. The arms do not share "
    "their units, as activity and the number of synapses differ tenfold: [beyond the paper](docs/beyond.md)."
)


def luck(shared: Mapping[str, Any], individual: Mapping[str, Any]) -> str:
    """Whether the ranking of drugs and the published individual are those of a population.

    Args:
        shared: the study of individuals on the paper's data.
        individual: that of individuals with data of their own.
    """
    (same, pairs), (same_too, _) = (same_signs(rows_of(facts, "published")) for facts in (shared, individual))
    ranking = "The ranking holds" if min(same, same_too) >= RANKING_HOLDS * pairs else "The ranking holds in part"
    return (
        f"**Was it one lucky seed?** {ranking}: {same} of {pairs} published differences between treated conditions "
        f"(the neurosteroid counts on and withdrawn) have the same sign in the mean of {size(shared)} individuals on "
        f"its data, {same_too} in {size(individual)} with data of their own. {outside(rows_of(shared, 'published'))}"
    )


def outside(rows: list[dict[str, Any]]) -> str:
    """How many published values and differences no typical individual would have, and what all together say."""
    judged = [row for row in rows if row.get("inside") is not None]
    far = [row for row in judged if not row["inside"]]
    names = [
        f"{row.get('condition') or row['a'] + ' − ' + row['b']} {OUTCOMES[row['outcome']]} {row['published']:.1f}, "
        f"ours {row['value']:.1f}"
        for row in far
        if row["outcome"] in OUTCOMES
    ]
    text = f"{len(far)} of {len(judged)} published values and differences lie where fewer than 5 % of ours do"
    text += f" (primary outcomes: {'; '.join(names)})." if names else "."
    joint = next((row for row in rows if row["outcome"] == "all values"), None)
    if joint is None:
        return text
    verdict = "unlike ours" if joint["verdict"] == "no" else "unlucky and typical are both open"
    return f"{text} All values together: p = {joint['p']:.2f}: {verdict} ([page](docs/finding/paper/index.html))."


def same_signs(rows: list[dict[str, Any]]) -> tuple[int, int]:
    """How many published differences between treated conditions have our sign, and how many there are."""
    drugs = [row for row in rows if "a" in row and UNTREATED not in (row["a"], row["b"])]
    return sum(row["value"] * row["published"] > 0 for row in drugs), len(drugs)


def mechanism(placebo: Mapping[str, Any]) -> str:
    """Each drug less its placebo in every primary outcome, as a table."""
    rows = {(row["a"], row["outcome"]): row for row in rows_of(placebo, "contrasts_placebo")}
    names = list(dict.fromkeys(name for name, _ in rows))
    head = f"| less its placebo, points [95 % interval] | {' | '.join(OUTCOMES.values())} |"
    lines = [
        f"| {name} | {' | '.join(with_interval(rows[name, o]) if (name, o) in rows else '–' for o in OUTCOMES)} |"
        for name in names
    ]
    table = "\n".join([head, "|---" * (1 + len(OUTCOMES)) + "|", *lines])
    return (
        "**Mechanism or training?** A drug's placebo is the same training, for as many epochs at the same learning "
        f"rate, without the ingredient (n = {size(placebo)}; in the relapse drop less is better):\n\n{table}"
    )


def with_interval(row: Mapping[str, Any]) -> str:
    """A difference with its interval and signs.

    >>> with_interval({"value": -0.123, "low": -1.0, "high": 0.75})
    '−0.1 [−1.0, +0.8]'
    """
    value, low, high = (f"{row[name]:+.1f}".replace("-", "−") for name in ("value", "low", "high"))
    return f"{value} [{low}, {high}]"


def surprises(placebo: Mapping[str, Any], people: People) -> str:
    """What a reader would not expect: a drug below its own training, and a drug at another learning rate."""
    rows = {(row["a"], row["outcome"]): row for row in rows_of(placebo, "contrasts_placebo")}
    on, off = (rows[name, EXTREME] for name in ("neurosteroid on", "neurosteroid withdrawn"))
    text = ""
    if max(on["value"], off["value"]) < 0:
        text = (
            f"At sigma 2.5 the neurosteroid does less than its training: {with_interval(on)} points while it is on, "
            f"{with_interval(off)} after it is stopped. "
        )
    fast = paired(people["ingredients"], *FAST_SSRI, EXTREME)
    return (
        f"{text}At ketamine's learning rate the ssri beats ketamine there by {with_interval(fast._asdict())} points, "
        f"in {fast.higher} of {fast.n} individuals (100 epochs beside 15)."
    )


FAST_SSRI = ("ssri, lr 0.0005", "ketamine, regrowth by gradient, 15 epochs")
"""The SSRI at ketamine's learning rate, and ketamine, as the study of ingredients names them."""


class Paired(NamedTuple):
    """A paired difference: its mean, 95 % interval, individuals, and how many are above 0."""

    value: float
    low: float
    high: float
    n: int
    higher: int


def paired(individuals: pd.DataFrame, a: str, b: str, outcome: str) -> Paired:
    """The difference of two conditions in an outcome, by Student's t.

    Args:
        individuals: of a study.
        a, b: conditions; of one that was renamed what its name begins with.
        outcome: column of a primary outcome.
    """
    column = outcome if outcome == RELAPSE_DROP else f"treated/{outcome}"
    table = individuals.pivot(index="seed", columns="condition", values=column)
    chosen = [
        next(name for name in table.columns if name == wanted or name.startswith(f"{wanted},")) for wanted in (a, b)
    ]
    differences = (table[chosen[0]] - table[chosen[1]]).dropna()
    low, high = scipy.stats.t.interval(0.95, len(differences) - 1, differences.mean(), differences.sem())
    return Paired(float(differences.mean()), float(low), float(high), len(differences), int((differences > 0).sum()))


def still_open(people: People) -> str:
    """What a longer training alone does, and what hangs on the settings."""
    parts = [longer_training(people), across_settings(people)]
    return paragraph(["**What remains open?**", *parts]) if any(parts) else ""


def longer_training(people: People) -> str:
    """Training alone for as long as makes up for ketamine, with how little so few individuals say."""
    if "regimens" not in people:
        return ""
    extreme, relapse = (paired(people["regimens"], "sham, 170 epochs", "ketamine", o) for o in (EXTREME, RELAPSE_DROP))
    return (
        f"Training alone for 170 epochs at ketamine's learning rate differs from ketamine by "
        f"{with_interval(extreme._asdict())} points at sigma 2.5 in {extreme.n} individuals, an interval too wide for "
        f"parity, and by {with_interval(relapse._asdict())} in the relapse drop."
    )


def across_settings(people: People) -> str:
    """In how many sets of settings ketamine beats the SSRI, by the SSRI's learning rate."""
    if "multiverse" not in people:
        return ""
    sets = ketamine_against_ssri(people["multiverse"])
    low, high = RATES_ASKED
    fast, near = sets["rate"] > FAST, sets["rate"].between(1e-5 / 3, 3e-5)
    lost = ~sets["wins"]
    return (
        f"Ketamine beats the ssri at sigma 2.5 in {sets['wins'].sum()} of {len(sets)} sets of settings; it does not "
        f"in {(lost & fast).sum()} of the {fast.sum()} in which the ssri's learning rate, asked from {low:g} to "
        f"{high:g}, is in the highest third (above {FAST:g}), and in {(lost & ~fast).sum()} of the {(~fast).sum()} "
        f"others. Within a third to three times the paper's rate it wins {(sets['wins'] & near).sum()} of {near.sum()}."
    )


RATES_ASKED, FAST = (1e-6, 1e-3), 1e-4
"""The range of the SSRI's learning rate in `sweeps/multiverse.yaml`, and where its highest third begins."""


def ketamine_against_ssri(individuals: pd.DataFrame) -> pd.DataFrame:
    """A row for each set of a multiverse: the SSRI's learning rate, and whether ketamine has the higher mean.

    Individuals of one set are in no other, so the first of their seeds tells the set.
    """
    rows = individuals[individuals["treatment"].isin(["ketamine", "ssri"])]
    table = rows.pivot(index="seed", columns="treatment", values=f"treated/{EXTREME}")
    rates = rows[rows["treatment"] == "ssri"].set_index("seed")["treatment.learning_rate"]
    table = table.assign(rate=rates, set=table.index % SETS_APART)
    of_sets = table.groupby("set").mean()
    return pd.DataFrame({"rate": of_sets["rate"], "wins": (of_sets["ketamine"] - of_sets["ssri"]).round(9) > 0})


SETS_APART = 10_000
"""By how much the seeds of one set's individuals lie apart."""


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
    ranges = [
        f"{name} {ssri[f'treated/{name}'].min():.0f} to {ssri[f'treated/{name}'].max():.0f} %"
        for name in ("clean", COMBINED)
    ]
    return f"On another processor yours may be another individual. Of {len(ssri)} after SSRI: {', '.join(ranges)}.\n"


def page_of_the_finding(kept: Kept, people: People) -> str:
    """docs/finding/README.md: per study its question, answer, picture and files; then how it was made."""
    parts = [
        "# Does the paper's finding hold for a population?\n\n"
        "Individuals from seed 10,000 on, in no finding before; the paper's claims were written down before they ran.\n"
        "Each study: its page, its numbers (`study.json`) and its individuals as compressed CSV.\n",
        buried(kept, people),
        *(part(name, facts) for name, facts in kept.items()),
        how_it_was_made(kept),
    ]
    return "\n".join(parts)


def buried(kept: Kept, people: People) -> str:
    """What no page of a study says in its first lines, one sentence each."""
    fast = paired(people["ingredients"], *FAST_SSRI, EXTREME)
    grown, random = (
        paired(people["ingredients"], f"ketamine, {how}, 15 epochs", "placebo of ketamine", EXTREME)
        for how in ("regrowth by gradient", "random regrowth")
    )
    rows = {(row["a"], row["outcome"]): row for row in rows_of(kept["placebo"], "contrasts_placebo")}
    off = {outcome: with_interval(rows["neurosteroid withdrawn", outcome]) for outcome in (COMBINED, EXTREME)}
    lines = (
        f"At ketamine's learning rate (5e-4) the ssri beats ketamine at sigma 2.5 by {with_interval(fast._asdict())} "
        f"points, in {fast.higher} of {fast.n} individuals; it trains for 100 epochs, ketamine for 15.",
        f"Random regrowth of as many synapses gives {random.value:.1f} of the {grown.value:.1f} points that ketamine "
        f"has beyond its placebo at sigma 2.5 (n = {grown.n}).",
        f"Once the neurosteroid is stopped, individuals do worse than under its training alone: {off[COMBINED]} points "
        f"under combined stress, {off[EXTREME]} at sigma 2.5 (n = {size(kept['placebo'])}).",
    )
    return "## What is easily missed\n\n" + "".join(f"- {line}\n" for line in lines)


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

"""Who was simulated: every condition's individuals, finished and failed."""

from __future__ import annotations

from collections import Counter

from depsim.report.columns import columns_of
from depsim.report.document import Column, Paragraph, Section, Sheet
from depsim.report.wording import counted, spell_seeds
from depsim.statistics import FEWEST_FOR_INFERENCE
from depsim.study.naming import name_arms, spell_pruned
from depsim.study.published import differences
from depsim.study.reading import Group, Study

_UNFOLDED = 12
"""Conditions up to which the table is open."""


def section(study: Study) -> Section | None:
    """The section; None for a study of searches alone."""
    if not study.arms:
        return None
    names = name_arms(study.arms)
    rows = tuple(
        (
            names[arm.arm_key],
            *(arm.pruned or (None, None)),
            arm.data,
            len(arm.seeds),
            len(arm.failures),
            spell_seeds(arm.seeds),
        )
        for arm in study.arms
    )
    columns = columns_of(
        "condition",
        Column("pruned_low", "pruned, % from", ".4g"),
        Column("pruned_high", "to", ".4g"),
        "data",
        Column("finished", "individuals"),
        "failed seeds",
    )
    note = (
        "An individual is one simulated person: a network with its own initial weights, training order and noise, and, "
        "with individual data, its own training and test points. Failed ones are part of no number; they and the "
        "reasons are listed under Provenance."
    )
    sheet = Sheet("individuals", "Individuals under each condition", columns, rows, note, folded=len(rows) > _UNFOLDED)
    warnings = [Paragraph(text, "warning") for text in _warnings(study)]
    return Section("people", "Who was simulated", (*warnings, *_unlike_the_papers(study), sheet))


def _unlike_the_papers(study: Study) -> list[Paragraph]:
    """What no condition has as the paper's, said once for all headings below."""
    shared = set.intersection(*(set(differences(arm.settings)) for arm in study.arms))
    if not shared:
        return []
    return [Paragraph(f"Not as in the paper, in all conditions: {', '.join(f'`{each}`' for each in sorted(shared))}.")]


def _warnings(study: Study) -> list[str]:
    said = []
    sizes = [len(arm.seeds) for arm in study.arms]
    if min(sizes) < FEWEST_FOR_INFERENCE:
        said.append(
            f"Too few for inference: {counted(min(sizes), 'individual')} in the smallest condition, where at least "
            f"{FEWEST_FOR_INFERENCE} are needed. Numbers describe these individuals, not a population."
        )
    failed = sum(len(arm.failures) for arm in study.arms)
    if failed:
        said.append(f"{counted(failed, 'individual')} failed and can be in no number below.")
    names = name_arms(study.arms)
    said += [f"{len(arm.older)} of {counted(len(arm.seeds), 'individual')} of {names[arm.arm_key]} are by older "
             "sources than the others; see Provenance." for arm in study.arms if arm.older]  # fmt: skip
    said += _several_packages(study)
    said += [text for group in study.groups() if (text := _uneven(group))]
    if len({group.data for group in study.groups()}) > 1:
        said.append("Some conditions have shared data, some individual. They are shown apart and never pooled.")
    return said


def _several_packages(study: Study) -> list[str]:
    """A warning if individuals were computed with different versions of packages that decide numbers."""
    people = {person.run_id: person.packages for arm in study.arms for person in arm.individuals if person.packages}
    counts = Counter(people.values())
    if len(counts) < 2:
        return []
    each = "; ".join(f"{count} with {packages}" for packages, count in sorted(counts.items()))
    return [f"Individuals come from different versions of packages that decide numbers ({each}): what differs between "
            "them may be the packages'. The same command computes none of them anew."]  # fmt: skip


def _uneven(group: Group) -> str | None:
    everyone = set().union(*(arm.seeds for arm in group.arms))
    common = set.intersection(*(set(arm.seeds) for arm in group.arms))
    if everyone == common:
        return None
    pruned = spell_pruned(group.arms)
    where = f", {pruned}," if pruned else ""
    return (
        f"The conditions with {group.data} data{where} have different individuals: {len(common)} of "
        f"{len(everyone)} are in all of them. Comparisons are paired on the individuals that both conditions have."
    )

"""Regimens: what is done when, and what they do beside each of their drugs alone and beside training alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from depsim.report.columns import columns_of, with_interval
from depsim.report.contrasts import contrast_cells, contrast_columns, doubt, spell_contrast, too_few
from depsim.report.document import Block, Column, Paragraph, Picture, Section, Sheet, Value
from depsim.report.figures.timelines import Row, draw_timelines
from depsim.report.wording import told_apart
from depsim.stages import TREATED
from depsim.statistics import MEAN_INTERVAL, summarise
from depsim.study.reading import Study
from depsim.study.schedules import COMPARED, DRUG, SHAM_EQUAL, SHAMS, Beside, Schedule, compared, schedules

_SHOWN = COMPARED[0]
_NUMBERS = 3
"""How many regimens an answer gives with their difference."""
_OUTCOME = columns_of(
    "condition n",
    *with_interval("mean", "mean", ".2f"),
    Column("epochs", "epochs, mean", ".4g"),
    Column("longest", "epochs of all steps"),
)
_STEPS = columns_of(
    "condition drug what",
    Column("start", "from epoch"),
    Column("end", "to epoch"),
    Column("fading", "fading over the last"),
    Column("rule", "for whom"),
)
_BESIDE = columns_of(
    "condition",
    Column("control", "compared with"),
    Column("how", "which is"),
    "outcome",
    *contrast_columns("difference, points"),
    Column("epochs", "its epochs", ".4g"),
    Column("control_epochs", "epochs of the other", ".4g"),
)


def section(study: Study) -> Section | None:
    """The section; None where no treatment is a regimen."""
    groups = schedules(study)
    if not groups:
        return None
    text = (
        "A regimen gives drugs one after the other, together, or only to those who need them. It is compared with each "
        "of its drugs alone and with sham, training alone; the longer of two conditions trained more, so the epochs of "
        "both stand beside each difference."
    )
    blocks: list[Block] = [Paragraph(text)]
    for (group, suffix, whose), found in zip(
        told_apart(groups, lambda group: group[0].arm.data), compared(study), strict=True
    ):
        blocks += _blocks(group, found, suffix, whose)
    return Section("regimens", "Regimens", tuple(blocks))


def answer_lines(study: Study) -> list[str]:
    """What regimens do beside each of their drugs alone and beside training alone; nothing without a regimen."""
    every = next(iter(compared(study)), ())
    found = [each for each in every if each.outcome is _SHOWN]
    if not found:
        return []
    what = "Whether a regimen does more than its drugs alone or than sham"
    if few := too_few(what, [each.contrast for each in found], len(every)):
        return few
    drugs = [each for each in found if each.how not in SHAMS]
    shams = [each for each in found if each.how in SHAMS]
    where = f"({_SHOWN.name}, paired within individuals)"
    if drugs and all(each.regimen.is_one_drug for each in found):
        lines = [f"Several doses beside one {where}: {'; '.join(map(_spell_dose, _fairest(drugs)))}."]
    else:
        lines = [f"Regimens beside each of their drugs alone {where}: {_spell(drugs)}."] if drugs else []
    return [*lines, f"Beside sham {where}: {_spell(shams)}."] if shams else lines


def _fairest(found: Sequence[Beside]) -> list[Beside]:
    """Of each regimen, the single dose that shares most with it; of several the one that it is least above."""
    best: dict[str, Beside] = {}
    for each in sorted(found, key=lambda each: (-each.how.count("equal"), each.contrast.difference.mean)):
        best.setdefault(each.regimen.name, each)
    return [each for each in found if each is best[each.regimen.name]]


def _spell(found: Sequence[Beside]) -> str:
    """Regimens in three parts: those that do more than all they are compared with, less than one of it, and others."""
    of: dict[str, list[Beside]] = {}
    for each in found:
        of.setdefault(each.regimen.name, []).append(each)
    more, less, open_ = list[str](), list[str](), list[str]()
    for name, own in of.items():
        worse = [each for each in own if each.contrast.beyond_chance and each.contrast.difference.mean < 0]
        untold = [each for each in own if not each.contrast.beyond_chance]
        least = min(worse or untold or own, key=lambda each: each.contrast.difference.mean)
        part = less if worse else open_ if untold else more
        part.append(f"{name} ({spell_contrast(least.contrast)} beside {_control(least)})")
    several = any(len(own) > 1 for own in of.values())
    parts = {
        "more than all of them" if several else "more": more,
        "less than one" if several else "less": less,
        f"not told apart{' from one at least' * several}": open_,
    }
    return "; ".join(f"{word}: {', '.join(_some(names))}" for word, names in parts.items() if names)


def _some(said: Sequence[str]) -> list[str]:
    """The first with their numbers, the others by name."""
    return [*said[:_NUMBERS], *(each.partition(" (")[0] for each in said[_NUMBERS:])]


def _control(found: Beside) -> str:
    """What a regimen is compared with; a sham with the epochs of both, where they are not the same."""
    if found.how in (DRUG, SHAM_EQUAL):
        return found.control.name if found.how == DRUG else f"{found.control.epochs.mean():.0f} epochs"
    if found.how in SHAMS:
        return f"{found.control.epochs.mean():.0f} epochs, not {found.regimen.epochs.mean():.0f}"
    return f"{found.control.name}, {found.how}"


def _spell_dose(found: Beside) -> str:
    ((drug, doses),) = found.regimen.line.doses.items()
    epochs = f"{found.regimen.epochs.mean():.0f} against {found.control.epochs.mean():.0f} epochs"
    what = "the first of them" if found.how == DRUG else found.how
    return f"{doses} x {drug} {spell_contrast(found.contrast)} beside {what} ({epochs}){doubt(found.contrast)}"


def _blocks(group: Sequence[Schedule], found: Sequence[Beside], suffix: str, whose: str) -> Iterator[Block]:
    yield _picture(group, suffix, whose)
    steps = tuple(row for each in group for row in _steps(each))
    note = "By epochs of training since the treatment began, as for whoever gets every step."
    yield Sheet(f"regimen_steps{suffix}", f"What is done when{whose}", _STEPS, steps, note, folded=True)
    rows = tuple(map(_beside, found))
    if rows:
        note = (
            f"Condition less what it is compared with, paired within individuals, with the {MEAN_INTERVAL}; p of the "
            "sign-flip permutation test, Holm over this table. Epochs are means over individuals. Where no sham "
            "trains for as many epochs, it is the one that comes nearest, and the table says so; beside steps that "
            "only some get, the sham of as many epochs as all steps have trains everyone at least as long."
        )
        yield Sheet(f"regimens_beside{suffix}", f"Beside each drug alone and sham{whose}", _BESIDE, rows, note)


def _picture(group: Sequence[Schedule], suffix: str, whose: str) -> Picture:
    outcomes = [each.arm.values(f"{TREATED}/{_SHOWN.column}") for each in group]
    found = [summarise(values[:, None])[0] for values in outcomes]
    rows = [
        Row(
            each.name,
            each.line,
            {drug: each.choice(drug) for drug in each.line.doses},
            _spell_epochs(each),
            values[~np.isnan(values)],
            summary.mean,
            summary.interval,
        )
        for each, values, summary in zip(group, outcomes, found, strict=True)
    ]
    data = tuple(
        (
            each.name,
            own.n,
            own.mean if own.n else None,
            *own.ends,
            float(each.epochs.mean()),
            each.line.epochs,
        )
        for each, own in zip(group, found, strict=True)
    )
    return Picture(
        name=f"regimen_timelines{suffix}",
        title=f"Treatments in time{whose}",
        caption="Left: broad bars are trainings, coloured by their drug; thin bars below them show where the standing "
        "state of a drug is on; hatched steps are for those only whom the words below name; the number behind is "
        f"epochs altogether. Right: {_SHOWN.name} of the treated networks: dots are individuals (n in the table), the "
        f"stroke their mean, the bar its {MEAN_INTERVAL}.",
        draw=lambda: draw_timelines(rows, f"{_SHOWN.name}, {_SHOWN.unit}"),
        data=Sheet(f"regimen_timelines{suffix}", "Outcomes and epochs", _OUTCOME, data),
        alt="A row per condition: its steps as bars by epochs, and accuracy under combined stress beside it.",
    )


def _spell_epochs(each: Schedule) -> str:
    """Epochs of all steps, and of an individual on average where they differ."""
    mean = float(each.epochs.mean())
    return f"{each.line.epochs}" if mean == each.line.epochs else f"{each.line.epochs} (mean {mean:.0f})"


def _steps(each: Schedule) -> Iterator[tuple[Value, ...]]:
    for span in each.line.given:
        yield each.name, span.drug, "trained", span.start, span.end, None, span.rule or None
    for span in each.line.standing:
        yield each.name, span.drug, "on", span.start, span.end, span.fading or None, span.rule or None
    for moment in each.line.moments:
        drug = moment.what if moment.what in each.line.doses else None
        yield each.name, drug, "given" if drug else moment.what, moment.at, moment.at, None, moment.rule or None


def _beside(found: Beside) -> tuple[Value, ...]:
    return (
        found.regimen.name,
        found.control.name,
        found.how,
        found.outcome.name,
        *contrast_cells(found.contrast),
        float(found.regimen.epochs.mean()),
        float(found.control.epochs.mean()),
    )

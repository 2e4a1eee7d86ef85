"""The report in MLflow: one run of kind ``study`` per study, and what the runs of its conditions show.

Every report brings both up to date.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from depsim.report.figures import style
from depsim.report.files import markdown, table_markdown
from depsim.report.parts import Page
from depsim.report.questions.conditions import figure_of, overview
from depsim.study.components import without_crossed
from depsim.study.groups import Group, conditions
from depsim.study.naming import name_arms
from depsim.study.reading import Study, StudyArm
from depsim.tracking.mlflow_runs import artifacts_of, write_batch, write_files
from depsim.tracking.mlflow_store import pages

PICTURE = "summary.png"
"""The artifact of a condition's run."""
_NAME = "report"
_PICTURE_HASH, _COLOUR = "depsim.summary_sha256", "mlflow.runColor"
"""Tags of a condition's run: of what its picture shows, and what its charts draw it in."""
_NOTE, _NOTE_HASH = "mlflow.note.content", "depsim.note_sha256"
"""Its description, and the hash of the one that a report wrote: what anybody else wrote stays."""
_DESCRIPTION_LIMIT = 8000
"""Characters that MLflow keeps of a tag."""


def publish(client: Any, study: Study, page: Page, folder: Path, names: Collection[str], command: str) -> str:
    """Log a report; returns the run's id.

    Args:
        client: of the store.
        study, page: what was reported.
        folder: the written report.
        names: of its files there; the folder may hold others, which stay where they are.
        command: that made it.
    """
    run = _run(client, study)
    run_id, files = str(run.info.run_id), artifacts_of(run)
    if study.multiverse is None:  # which has hundreds of conditions, of a few individuals each
        _publish_conditions(client, study, page, command)
    client.set_tag(run_id, _NOTE, describe(page, command))
    client.set_tag(run_id, "mlflow.source.name", command)
    with tempfile.TemporaryDirectory(prefix="depsim-") as copies:
        for name in names:
            (Path(copies) / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / name, Path(copies) / name)
        client.log_artifacts(run_id, copies)
    for stale in [path for path in _paths(files) if path not in names]:
        files.delete_artifacts(stale)
    client.set_terminated(run_id, "FINISHED")
    return run_id


def describe(page: Page, command: str) -> str:
    """The question, the answer, the small table, the bullets and the command, as Markdown."""
    parts = [f"**{markdown(page.title)}**", markdown(page.answer)]
    if page.table is not None:
        parts.append(table_markdown(page.table))
    parts += ["\n".join(f"- {markdown(bullet)}" for bullet in page.bullets)] if page.bullets else []
    made = f"Made by `{command}`; the page is the artifact `index.html`."
    while len(parts) > 2 and len("\n\n".join([*parts, made])) > _DESCRIPTION_LIMIT:
        parts.pop()
    return "\n\n".join([*parts, made])[:_DESCRIPTION_LIMIT]


def _publish_conditions(client: Any, study: Study, page: Page, command: str) -> None:
    """Give each condition's run its picture and description, and the colour of its treatment.

    What a run has already is not written again. The tags go last: they say that the picture is there.
    """
    arms = [arm for arm in without_crossed(study).arms if arm.individuals]
    names, colours = name_arms(study.arms), style.colours(dict.fromkeys(arm.treatment for arm in arms))
    for arm in arms:
        group = Group((arm,), {}, tuple(conditions([arm], names)))
        shown = _hash(names[arm.arm_key], [(p.seed, sorted(p.metrics.items())) for p in arm.individuals])
        picture = cache(partial(_picture, group))  # drawn for whoever lacks it
        for run_id in arm.parents:
            there = client.get_run(run_id).data.tags
            note = _condition_note(study, arm, page, command, there.get("mlflow.source.name", ""))
            tags = {_PICTURE_HASH: shown}
            old = there.get(_NOTE, "")
            if not old or old.startswith("`depsim ") or _hash(old) == there.get(_NOTE_HASH):  # else it is a person's
                tags |= {_NOTE: note, _NOTE_HASH: _hash(note)}
            if len(arms) > 1:
                tags |= colour_tags(there, colours[arm.treatment])
            if there.get(_PICTURE_HASH) != shown and (drawn := picture()) is not None:
                write_files(client, run_id, {PICTURE: drawn})
            if not tags.items() <= there.items():
                write_batch(client, run_id, tags=tags)


def colour_tags(there: Mapping[str, str], colour: str) -> dict[str, str]:
    """The colour that a condition's run gets for its treatment; none where a person has chosen another one.

    Args:
        there: the tags of the run.
        colour: of the treatment, which changes as a study gets more treatments than the paper's.
    """
    return {_COLOUR: colour} if there.get(_COLOUR, colour) in style.PALETTE else {}


def _picture(group: Group) -> bytes | None:
    """Every individual of a condition in the primary outcomes, as PNG; None where none was measured."""
    figure = figure_of(group)
    if figure is None:
        return None
    with style.look():
        return style.png(figure.draw())


def _condition_note(study: Study, arm: StudyArm, page: Page, report: str, command: str) -> str:
    """The answer of the study, the condition's own means, and the commands, as Markdown."""
    table = overview(replace(study, arms=(arm,)), ())
    parts = [f"**{markdown(page.title)}**", markdown(page.answer), *([table_markdown(table)] if table else [])]
    parts.append(f"Run by `{command}`, reported by `{report}`.")
    return "\n\n".join(parts)[:_DESCRIPTION_LIMIT]


def _hash(*things: Any) -> str:
    return hashlib.sha256(json.dumps(things).encode()).hexdigest()


def _run(client: Any, study: Study) -> Any:
    """The study's run, open for writing; a new one if there is none."""
    query = "tags.`depsim.kind` = 'study'"
    oldest = min(pages(client.search_runs, [study.experiment_id], query), key=_age, default=None)
    if oldest is None:
        tags = {"depsim.kind": "study"}
        return client.create_run(study.experiment_id, run_name=_NAME, tags=tags)
    client.update_run(oldest.info.run_id, status="RUNNING")
    return oldest


def _age(run: Any) -> tuple[int, str]:
    return run.info.start_time, run.info.run_id


def _paths(files: Any, folder: str | None = None) -> Iterator[str]:
    """Paths of all artifacts, those in folders, too."""
    for entry in files.list_artifacts(folder):
        if entry.is_dir:
            yield from _paths(files, entry.path)
        else:
            yield entry.path

"""``depsim report``: what the runs of a study say, as tables, figures and one page."""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shlex
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from depsim.commands import FAILED, OK, WRONG_USAGE
from depsim.commands.outcome import guarded
from depsim.commands.progress import TerminalProgress
from depsim.commands.ui import ui_command
from depsim.execution.files import lock
from depsim.terminal_text import Parser, complain
from depsim.tracking import mlflow_store

if TYPE_CHECKING:
    from depsim.report.parts import Page
    from depsim.study.reading import Study

_ROOT = Path("reports")
_LONGEST_NAME = 80
_COMPOSING, _WRITING, _PUBLISHING = 50.0, 40.0, 10.0
"""Rough shares of the time."""


def main(words: Sequence[str]) -> int:
    """Report on a study."""
    parser = Parser(
        prog="depsim report",
        description="Tables, figures and one page from what MLflow holds of a study; computes no individual.",
        epilog="The report is logged to MLflow too, as the study's run of kind study. Again, it replaces the last one.",
    )
    parser.add_argument("study", metavar="STUDY", help="a study: what depsim sweep and depsim run filed runs under")
    parser.add_argument("--out", metavar="DIR", type=Path, help="where the report goes (default reports/STUDY)")
    parser.add_argument("--export", action="store_true", help="also write all individuals as CSV and Parquet")
    parser.add_argument(
        "--template", metavar="DIR", type=Path, help="a folder whose page.html goes before depsim's own"
    )
    arguments = parser.parse_args(list(words))
    command = shlex.join(["depsim", "report", *words])
    folder = arguments.out or _ROOT / folder_name(arguments.study)
    return guarded(lambda: _report(arguments, folder, command), command)


def folder_name(study: str) -> str:
    """A folder for a study's report: its name where that is safe, else made safe, with a hash that makes it unique.

    >>> folder_name("paper"), folder_name("../etc")
    ('paper', 'etc-f7f9121f')
    """
    safe = re.sub(r"[^A-Za-z0-9._+-]+", "_", study).strip("._+-")[:_LONGEST_NAME]
    if safe and safe == study:
        return safe
    return f"{safe or 'study'}-{hashlib.sha256(study.encode()).hexdigest()[:8]}"


def _report(arguments: argparse.Namespace, folder: Path, command: str) -> int:
    name = arguments.study
    if arguments.template is not None and not arguments.template.is_dir():
        return _refuse(f"--template {arguments.template}: no such folder")
    if not mlflow_store.exists():
        return _refuse(f"{name}: there are no runs in {mlflow_store.root()} yet; depsim sweep paper makes some")
    os.environ.setdefault(
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3"
    )  # a report can be asked for again; no minutes of waiting
    client, progress, read_only = mlflow_store.open_client(), TerminalProgress(), mlflow_store.is_read_only()
    from mlflow.exceptions import MlflowException

    from depsim.report.folder import FACTS, PAGE, ForeignFileError, check_files, real_folder
    from depsim.report.html import PageTemplateError, check_templates
    from depsim.report.terminal import say, show_page
    from depsim.study.experiment import NothingToReportError
    from depsim.study.reading import read_study

    try:
        if arguments.template is not None:
            check_templates(arguments.template)
        check_files(folder, (PAGE, FACTS))  # what is drawn is not known yet
        key = hashlib.sha256(os.fsencode(real_folder(folder))).hexdigest()[:16]
        # A store that cannot be written has no place for a lock.
        only = nullcontext() if read_only else lock(mlflow_store.locks() / f"report-{key}.lock", wait=False)
        with only:
            study = read_study(client, name)
            with progress.work(100.0):
                page = _make(client, study, arguments, folder, command, progress)
    except NothingToReportError as error:
        return _refuse(f"{error}{_of_a_sweep(name, str(error))}")
    except (ForeignFileError, PageTemplateError) as error:
        return _refuse(str(error))
    except MlflowException as error:
        complain(f"depsim: MLflow: {str(error).splitlines()[0]}")
        return FAILED
    show_page(page, folder / PAGE)
    say(f"next: {ui_command(name)}    to look at the runs behind it")
    return OK


def _refuse(message: str) -> int:
    complain(f"depsim: {message}")
    return WRONG_USAGE


def _of_a_sweep(name: str, message: str) -> str:
    """What makes a study that is not there, where a sweep has its name."""
    from depsim.search.sweep_files import sweep_names

    return f"; depsim sweep {name} makes it" if "no such study" in message and name in sweep_names() else ""


def _make(
    client: Any, study: Study, arguments: argparse.Namespace, folder: Path, command: str, progress: TerminalProgress
) -> Page:
    """Compose, write and log; returns what was written."""
    # Imported here, so that a wrong name is refused without waiting for matplotlib and SciPy.
    from depsim.study.origins import read_origins

    origins = read_origins(client, study)
    from depsim.report.asking import read_asks
    from depsim.report.compose import compose
    from depsim.report.export import export as exported
    from depsim.report.publish import publish
    from depsim.report.writing import write_page
    from depsim.tracking.mlflow_studies import read_asked

    question, entries = read_asked(client, study.experiment_id)
    asks = None if entries is None else read_asks(entries)

    def answered(word: str, share: float) -> None:
        progress.advance(_COMPOSING * share, f"answered {word}")

    page = compose(study, origins, command, question, asks, answered)
    figures = len(page.figures)
    names = write_page(
        page,
        folder,
        exported(study) if arguments.export else {},
        lambda figure: progress.advance(_WRITING / figures, f"drew {figure.name}"),
        arguments.template,
    )
    progress.advance(0 if figures else _WRITING, f"wrote {folder}")
    if mlflow_store.is_read_only():
        progress.message(f"{mlflow_store.root()} cannot be written: the report is not logged to MLflow")
    else:
        publish(client, study, page, folder, names, command)
    progress.advance(_PUBLISHING, "logged to MLflow")
    return page

"""``depsim trial``: what a trial with other individuals in each group would have seen of a study's population."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from depsim.commands import OK, WRONG_USAGE
from depsim.commands.outcome import guarded
from depsim.terminal_text import Parser, complain
from depsim.tracking import mlflow_store

if TYPE_CHECKING:
    from depsim.study.trial import Drawn

_MOST = 10_000


def main(words: Sequence[str]) -> int:
    """Draw trials."""
    parser = Parser(
        prog="depsim trial",
        description="Ten thousand trials with parallel groups, drawn from a study's individuals, who took every path: "
        "how often they find the difference that is there, and what those see that do. Computes no individual.",
    )
    parser.add_argument("study", metavar="STUDY", help="a study: what depsim sweep and depsim run filed runs under")
    parser.add_argument("--n", metavar="N", type=_size, default=60, help="individuals in each group (default 60)")
    parser.add_argument(
        "--outcome", metavar="METRIC", default="combined",
        help="what is measured of the treated, as combined, internal_noise_2.5 or remission (default combined)",
    )  # fmt: skip
    parser.add_argument("--control", metavar="NAME", help="the condition to compare with (default none, else sham)")
    arguments = parser.parse_args(list(words))
    return guarded(lambda: _trial(arguments), shlex.join(["depsim", "trial", *words]))


def _size(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 2 <= int(text) <= _MOST:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 2 to {_MOST:,}")
    return int(text)


def _trial(arguments: argparse.Namespace) -> int:
    if not mlflow_store.exists():
        complain(
            f"depsim: {arguments.study}: there are no runs in {mlflow_store.root()} yet; depsim sweep seeds makes some"
        )
        return WRONG_USAGE
    from depsim.study.experiment import NothingToReportError
    from depsim.study.reading import read_study
    from depsim.study.trial import NoTrialError, draw_trials

    try:
        study = read_study(mlflow_store.open_client(), arguments.study)
        drawn = draw_trials(study, arguments.n, arguments.outcome, arguments.control)
    except (NothingToReportError, NoTrialError) as error:
        complain(f"depsim: {error}")
        return WRONG_USAGE
    _show(drawn, arguments.n)
    return OK


def _show(drawn: Drawn, n: int) -> None:
    from depsim.report.columns import columns_of
    from depsim.report.document import Column, Sheet
    from depsim.report.terminal import say, show_sheet

    columns = columns_of(
        "condition",
        Column("truth", "true difference", "+.2f"),
        Column("low", "95 % of trials see from", "+.2f"),
        Column("high", "to", "+.2f"),
        Column("power", "find it, %", ".0f"),
        Column("exaggeration", "those see it times", ".2f"),
        Column("wrong_way", "with the wrong sign, %", ".1f"),
        Column("needed", "a group for 80 %"),
    )
    rows = tuple(
        (name, own.truth, own.low, own.high, 100 * own.power, own.exaggeration,
         None if own.wrong_way is None else 100 * own.wrong_way, own.needed)
        for name, own in drawn.found.items()
    )  # fmt: skip
    say(
        f"Trials with {n} individuals in each group, drawn from {drawn.people:,} who took every path; {drawn.metric}, "
        f"less {drawn.control}. A trial finds a difference by Welch's t test at 5 %."
    )
    show_sheet(Sheet("trials", "What such trials would have seen", columns, rows))
    if drawn.people < 2 * n:
        say(
            f"Careful: {drawn.people:,} individuals stand for a population here, fewer than a trial would draw; its "
            "spread is theirs."
        )

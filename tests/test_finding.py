"""What the README says of the program's own finding is what the program wrote."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_readmes_answer_is_the_reports() -> None:
    said = json.loads((ROOT / "docs/finding/seeds/study.json").read_text())
    readme = (ROOT / "README.md").read_text()
    assert len(said["answer"]) == 5
    for number, line in enumerate(said["answer"], start=1):
        assert f"{number}. {line}\n" in readme


def test_the_finding_says_which_commit_made_it() -> None:
    said = json.loads((ROOT / "docs/finding/seeds/study.json").read_text())
    commits = {run["provenance"]["git_commit"] for run in said["provenance"]["condition_runs"]}
    (commit,) = commits
    assert commit in (ROOT / "docs/finding/README.md").read_text()

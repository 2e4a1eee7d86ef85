"""Records of decisions are short, whole and in the navigation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "decisions"
RECORDS = sorted(FOLDER.glob("*.md"))
PARTS = ["Context", "Decision", "Rejected", "Consequences", "Status"]
LONGEST_RECORD, LONGEST_POINTER = 15, 10
"""In lines."""


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.stem)
def test_a_record_has_five_parts_in_fifteen_lines(record: Path) -> None:
    lines = record.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= LONGEST_RECORD
    assert re.findall(r"^- \*\*(\w+)\.\*\* \S", "\n".join(lines), re.MULTILINE) == PARTS


def test_all_records_are_numbered_and_in_the_navigation() -> None:
    navigation = re.findall(r"- decisions/(.+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert navigation == [record.name for record in RECORDS]
    titles = [record.read_text(encoding="utf-8").splitlines()[0] for record in RECORDS]
    assert [int(title.split()[1].rstrip(".")) for title in titles] == list(range(1, len(RECORDS) + 1))


def test_the_file_of_decisions_only_points() -> None:
    assert len((ROOT / "DECISIONS.md").read_text(encoding="utf-8").splitlines()) <= LONGEST_POINTER


def test_a_version_has_fifteen_lines_in_the_changelog() -> None:
    _, *versions = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split("\n## ")
    assert [len(version.strip().splitlines()) for version in versions if len(version.strip().splitlines()) > 15] == []
    assert len(versions) >= 2

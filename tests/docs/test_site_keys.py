"""The site's page on the configuration has every key of the file that the repository has."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from docs_generator.pages import FOLDER
from docs_generator.site_keys import on_page_markdown


@pytest.mark.slow
def test_every_key_of_the_file_is_on_the_sites_page(empty: Path) -> None:
    short = (FOLDER / "configuration.md").read_text(encoding="utf-8")
    text = on_page_markdown(short, None, None, None)
    with (FOLDER / "keys.csv").open(encoding="utf-8", newline="") as file:
        keys = {row["key"] for row in csv.DictReader(file)}
    assert {"treatment.regrow_fraction", "cohort.hold.train", "executor.address"} <= keys
    assert [key for key in sorted(keys) if f"- `{key}" not in text] == []
    assert "- `treatment.regrow_fraction" not in short
    assert "<!-- keys:" not in text

"""Links of pages to files of the repository."""

from __future__ import annotations

import pytest

from docs_generator.repository_links import ROOT, linked, rewritten, site_uri


@pytest.mark.parametrize(
    ("page", "link", "shown"),
    [
        ("engine.md", "[x](../benchmarks/bench.py)", "[x](source/benchmarks/bench.py)"),
        ("finding/README.md", "[x](../../benchmarks/bench.py#L3)", "[x](../source/benchmarks/bench.py#L3)"),
        ("how-to/probe.md", "[x](../../README.md#concepts)", "[x](../index.md#concepts)"),
        ("how-to/probe.md", "[x](../../DECISIONS.md)", "[x](../decisions/01-one-individual-at-a-time.md)"),
        ("how-to/probe.md", "[x](../../CHANGELOG.md)", "[x](../source/CHANGELOG.md.txt)"),
        ("how-to/probe.md", '<img src="../images/engine.svg">', '<img src="../images/engine.svg">'),
        ("engine.md", "[x](cluster.md#a)", "[x](cluster.md#a)"),
        ("engine.md", "[x](nowhere.md) [y](https://optuna.org)", "[x](nowhere.md) [y](https://optuna.org)"),
        ("engine.md", "[x](../../../etc/passwd)", "[x](../../../etc/passwd)"),
    ],
)  # fmt: skip
def test_links_hold_on_the_site(page: str, link: str, shown: str) -> None:
    assert rewritten(link, page) == shown


def test_files_outside_are_copied() -> None:
    assert linked("[x](../benchmarks/bench.py) [y](cluster.md)", "engine.md") == [ROOT / "benchmarks" / "bench.py"]
    assert site_uri(ROOT / "conf" / "config.yaml") == "source/conf/config.yaml"

from __future__ import annotations

import pytest

from tests.docs.masks import mask, words_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0.5 points", "-12.25 points"),
        ("p = 1e-05", "p = 0.2"),
        ("in all 2 min 48 s of one core", "in all 5 s of one core"),
        ("about 1.2 GiB", "about 300 MiB"),
        ("run 4fa1bc2d90", "run 00aabbccdd77"),
        ("/tmp/a/mlruns", "/home/somebody/b-2/mlruns"),
        ("ketamine    100.0   −0.1", "ketamine   95.5 ± 0.1   3.0 [−1.8, 3.3]"),
        ("──────", "───────────"),
        ("individuals 0-9", "individuals 0-1"),
    ],
)
def test_what_may_differ_is_masked(one: str, other: str) -> None:
    assert mask(one) == mask(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3 individuals", "3 replicates"),
        ("ketamine 85 %", "ssri 85 %"),
        ("yes", "undecided"),
        ("facade is a word", "decade is a word"),
        ("reports/paper/index.html", "reports/seeds/index.html"),
        ("treated/combined", "treated/standard"),
        ("a 5 points", "a 5 s"),
        ("one\ntwo", "one two"),
        ("– 5", "5"),
    ],
)
def test_words_are_not_masked(one: str, other: str) -> None:
    assert mask(one) != mask(other)


def test_a_text_of_words_stays_as_it_is() -> None:
    text = "Careful: one small network, and-so-on; deadbeef is a word here, n/a too"
    assert mask(text) == text


def test_only_the_order_of_words_in_a_block_may_differ() -> None:
    page = "text\n```text\nketamine, 10 %   0.5\nregrown\n```\nmore text\n"
    assert words_of(page) == words_of(page.replace("   0.5\nregrown", " regrown   0.7"))
    assert words_of(page) != words_of(page.replace("regrown", "regrown regrown"))
    assert words_of(page) != words_of(page.replace("regrown\n```\nmore", "```\nregrown more"))

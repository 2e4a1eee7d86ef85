"""Every file, command and piece of Python of the tutorial, executed; what it prints is what the page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.masks import words_of
from tests.docs.tutorial import FOLDER, PAGES, PageRun
from tests.jobs import SMALL

LARGE = ("first-answer.md",)
"""Pages whose networks are the paper's: one individual here is as large, several are small; on the others all are."""


def shorter(page: str, words: list[str]) -> list[str]:
    """A command's words with what makes it cheap, in one process, and prints the same."""
    if words[0] not in ("run", "sweep"):
        return words
    several = page in LARGE and "cohort=pilot" in words
    return [*words, *((*SMALL, "study=small", "cohort.size=3") if several else ()), "workers=1"]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_prints_what_it_says(page: str, project: Path) -> None:
    text = (FOLDER / page).read_text()
    run = PageRun(lambda words: shorter(page, words), page in LARGE)
    found = run(text)
    assert not run.wrong
    assert words_of(found) == words_of(text)


PAGE = """\
```python
# {file}
answer = 42
```
```sh
cat {file}
make coffee
export DEPSIM_PLUGINS=nothing_there
{command}
```
{shown}
```text
```
"""


def test_a_page_is_executed_block_by_block(empty: Path) -> None:
    page = PAGE.format(file="a/b.py", command="false", shown="<!-- refused -->")
    run = PageRun(list)
    assert run(page).endswith("```text\n# a/b.py\nanswer = 42\n```\n")
    assert not run.wrong
    assert (empty / "a" / "b.py").read_text() == "# a/b.py\nanswer = 42\n"


def test_a_command_that_fails_where_the_page_does_not_say_so_is_wrong(empty: Path) -> None:
    run = PageRun(list)
    run(PAGE.format(file="b.py", command="false", shown=""))
    assert run.wrong == ["false: exit code 1\n"]
    run = PageRun(list)
    run(PAGE.format(file="c.py", command="true", shown="<!-- refused -->"))
    assert run.wrong == ["true: exit code 0\n"]


def test_python_goes_on_in_one_namespace_and_prints(empty: Path) -> None:
    page = "```python\nx = 2\n```\n```python\nprint(x + 1)\n```\n```text\n5\n```\n"
    assert PageRun(list)(page) == page.replace("5\n", "3\n")


def test_the_pages_have_no_block_of_another_kind() -> None:
    for page in PAGES:
        text = (FOLDER / page).read_text()
        fences = [line for line in text.splitlines() if line.startswith("```")]
        assert all(kind in ("```sh", "```text", "```yaml", "```python") for kind in fences[::2]), page
        assert set(fences[1::2]) <= {"```"}, page

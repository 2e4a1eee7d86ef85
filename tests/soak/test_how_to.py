"""The how-to pages with code: their files are written and their commands run, at toy size, and print what is shown."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from depsim.registry import VARIABLE
from tests.docs.how_to_pages import DOCS, Command, commands, files, masked, missing
from tests.docs.tutorial import WIDTH
from tests.faults.drivers import finished, pytest_says
from tests.jobs import SMALL

TOY = {
    "probe": (*SMALL, "workers=1", "cohort.size=2"),
    "criterion": (*SMALL, "workers=1", "cohort.size=2"),
    "multiverse": (*SMALL, "workers=1"),
    "pytorch": ("workers=1", "cohort.size=2"),
}
"""What makes the commands of each page quick."""
_TOY_WORDS = r",\s+(?:\d+\s+(?:training|test|clean)\s+points|hidden\s+[\d/]+|\d+\s+training\s+epochs)"
"""What that adds to the names of conditions."""
PAGES = sorted((DOCS / "how-to").glob("*.md"))


def text(name: str) -> str:
    return (DOCS / "how-to" / f"{name}.md").read_text(encoding="utf-8")


def without_toy(printed: str) -> str:
    """An output with conditions named as on the page, where they and what is in brackets are in one line.

    >>> without_toy("light, 300 training points, hidden\\n16/12 · n=3 (mean ± SD of 3\\n  individuals)")
    'light · n=3 (mean ± SD of 3 individuals)'
    """
    in_lines = re.sub(r"\([^()]*\)", lambda found: " ".join(found[0].split()), re.sub(_TOY_WORDS, "", printed))
    return re.sub(r"\s+(·|\(mean)", r" \1", in_lines)


def run(folder: Path, line: str, toy: tuple[str, ...], plugins: str) -> tuple[int, str]:
    """A command of a page; its exit code and what it printed."""
    words = shlex.split(line)
    if words[0] == "depsim":
        more = toy if words[1] in ("run", "sweep") else ()
        code, out, err = finished(folder, [*words[1:], *more], {VARIABLE: plugins, "COLUMNS": WIDTH})
        return code, out + err
    answer = subprocess.run(line, shell=True, cwd=folder, capture_output=True, text=True, check=False)
    return answer.returncode, answer.stdout + answer.stderr


@pytest.mark.parametrize("name", sorted(TOY))
def test_a_pages_commands_print_what_it_shows(name: str, empty: Path) -> None:
    plugins = ""
    for path, content in files(text(name)).items():
        place = empty / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content, encoding="utf-8")
    typed = commands(text(name))
    assert any(command.line.startswith(("depsim run", "depsim sweep")) for command in typed)
    for command in typed:
        if command.line.startswith("export "):
            (plugins,) = re.findall(r"export DEPSIM_PLUGINS=(\w+)", command.line)
            continue
        code, said = run(empty, command.line, TOY[name], plugins)
        refused = any(line.startswith("depsim: ") for line in command.shown)
        assert code == (2 if refused else 0), f"{command.line}: {said}"
        assert missing(command.shown, without_toy(said)) == [], f"{command.line}: {said}"


def test_the_components_of_the_pages_keep_their_contracts(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    suites = ["from depsim import testing\nfrom depsim.testing.world import battery\n"]
    for name, kind, module, made in (
        ("criterion", "Pathology", "pathology", "WeakInput(sparsity=0.5)"),
        ("probe", "Assessment", "assessment", "Uncertain(**battery().model_dump())"),
    ):
        place = tmp_path / f"of_{name}" / f"{module}.py"
        place.parent.mkdir()
        (place.parent / "__init__.py").touch()
        place.write_text(files(text(name))[f"mylab/{module}.py"])
        suites += [
            f"from of_{name}.{module} import {made.partition('(')[0]}\n",
            f"class Test{kind}(testing.{kind}Contract):\n    component = {made}\n",
        ]
    (tmp_path / "test_mylab.py").write_text("\n\n".join(suites))
    code, said = pytest_says(tmp_path, "test_mylab.py")
    assert code == 0, said
    assert int(re.findall(r"(\d+) passed", said)[0]) >= 9, said


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_says_its_goal_and_what_can_go_wrong(page: Path) -> None:
    content = page.read_text(encoding="utf-8")
    assert re.match(r"# .+\n\nGoal: ", content)
    assert "\n## What can go wrong\n" in content
    prose = re.sub(r"^ *```.*?^ *```$|^\|.*$", "", content, flags=re.DOTALL | re.MULTILINE)
    assert max(map(len, prose.splitlines())) <= 150


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_shell_of_a_page_is_shell(page: Path) -> None:
    content = page.read_text(encoding="utf-8")
    for line in [command.line for command in commands(content)]:
        subprocess.run(["bash", "-n"], input=line, text=True, check=True)


def test_what_was_not_printed_is_noticed() -> None:
    (command,) = commands("```console\n$ depsim cache\na   1.0\n...\nlast 7\n```\n")
    assert command == Command("depsim cache", ("a   1.0", "...", "last 7"))
    assert missing(command.shown, "a     33\nmore\nlast 8\n") == []
    assert missing(command.shown, "last 8\na     33\n") == ["last #"]
    assert missing(command.shown, "b   1.0\nlast 7\n") == ["a #"]
    assert masked("n=10 · 95 %\n\n") == ["n=# · # %"]
    assert files("```python\n# a/b.py\nx = 1\n```\n```python\ny = 2\n```\n") == {"a/b.py": "# a/b.py\nx = 1\n"}

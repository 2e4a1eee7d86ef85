"""Runs the pages of the tutorial: every file is written, every command and every piece of Python is executed.

``make tutorial`` writes what they print into the pages; the tests compare it with what the pages say.

A page consists of text and fenced blocks. A ``yaml`` or ``python`` block that begins with a comment with a path is a
file. Other ``python`` blocks are executed, and so is each line of a ``sh`` block. A ``text`` block is what the
``sh`` or ``python`` block before it prints, in 100 columns. A comment before it says what is shown of it:
``<!-- first 5, last 2 -->`` are lines, ``<!-- refused -->`` is a command that ends with an error, and
``<!-- whole cohort, last 3 -->`` are lines that fewer individuals than the page has would not give.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.docs.masks import words_of
from tests.faults.drivers import finished
from tests.jobs import depsim
from tests.programs import ROOT

FOLDER = ROOT / "docs" / "tutorial"
PAGES = tuple(sorted(page.name for page in FOLDER.glob("*.md")))
NOT_RUN = ("make ", "pip ", "python -m pytest ", ". ", "depsim ui", "jupyter ")
"""Commands that install, stay in the foreground or have tests of their own: shown, not executed."""
WIDTH = "100"
"""Columns of the terminal: in fewer, tables leave out intervals."""
WHOLE_COHORT = "whole cohort"
_BLOCK = re.compile(
    r"(?:<!-- (?P<shown>[^>]*) -->\n)?```(?P<kind>sh|text|yaml|python)\n(?P<content>.*?)^```$", re.S | re.M
)
_FILE = re.compile(r"# (?P<path>[\w/.-]+\.(?:yaml|py))\b")
_OF_THIS_PROCESSOR = re.compile(r"^slow products: .*?\(unset OPENBLAS_CORETYPE\)\n", re.S | re.M)
Toy = Callable[[list[str]], list[str]]


@dataclass
class PageRun:
    """One page, executed in the working directory.

    Args:
        toy: what becomes of a depsim command's words.
        fewer: whether it leaves out individuals; what needs the whole cohort then stays as the page has it.
        wrong: the commands whose end was not the one that the page says.
    """

    toy: Toy
    fewer: bool = False
    wrong: list[str] = field(default_factory=list)
    _namespace: dict[str, Any] = field(default_factory=dict)
    _exported: dict[str, str] = field(default_factory=dict)

    def __call__(self, text: str) -> str:
        """The page with outputs as they are here."""
        with _columns(WIDTH):
            return self._written(text)

    def _written(self, text: str) -> str:
        found = list(_BLOCK.finditer(text))
        written, end, printed = "", 0, ""
        for number, block in enumerate(found):
            kind, content = block["kind"], block["content"]
            if kind == "text":
                shown = block["shown"] or ""
                if not (self.fewer and WHOLE_COHORT in shown):
                    content = f"{_shown(printed, shown)}\n"
            else:
                after = found[number + 1] if number + 1 < len(found) else None
                refused = after is not None and after["kind"] == "text" and after["shown"] == "refused"
                printed = self._executed(kind, content, refused)
            written += text[end : block.start("content")] + content
            end = block.end("content")
        return written + text[end:]

    def _executed(self, kind: str, content: str, refused: bool) -> str:
        """What a block prints."""
        file = _FILE.match(content)
        if kind == "yaml" or (kind == "python" and file):
            assert file, f"a file without a name: {content}"
            path = Path(file["path"])
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
            return ""
        if kind == "python":
            with _printing() as printed:
                exec(compile(content, "<page>", "exec"), self._namespace)
            return printed.getvalue()
        lines = [line for line in content.splitlines() if not line.startswith(NOT_RUN)]
        return "".join(self._run(line, refused and line is lines[-1]) for line in lines)

    def _run(self, line: str, refused: bool) -> str:
        """What a command prints; with its errors where it ends with one."""
        words = shlex.split(line, comments=True)
        if words[0] == "export":
            self._exported |= dict(word.split("=", 1) for word in words[1:])
            return ""
        if words[0] != "depsim":
            environment = os.environ | self._exported
            done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
            code, out, err = done.returncode, done.stdout, done.stderr
        elif self._exported:  # packages of one's own are remembered by a process
            code, out, err = finished(Path.cwd(), self.toy(words[1:]), self._exported | {"COLUMNS": WIDTH})
        else:
            with _printing() as stdout, contextlib.redirect_stderr(io.StringIO()) as stderr:
                code = depsim(*self.toy(words[1:]))
            out, err = stdout.getvalue(), stderr.getvalue()
        if (code != 0) != refused:
            self.wrong.append(f"{line}: exit code {code}\n{out}{err}")
        return out + err if code else out


@contextlib.contextmanager
def _columns(width: str) -> Iterator[None]:
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = width
    try:
        yield
    finally:
        os.environ.pop("COLUMNS")
        if before is not None:
            os.environ["COLUMNS"] = before


@contextlib.contextmanager
def _printing() -> Iterator[io.StringIO]:
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        yield printed


def _shown(printed: str, what: str) -> str:
    """The part of an output that a page shows, without what only some processors are told.

    >>> _shown("a\\nb  \\nslow products: here (unset OPENBLAS_CORETYPE)\\nc\\nd\\n", "first 2, last 1")
    'a\\nb\\n...\\nd'
    """
    printed = _OF_THIS_PROCESSOR.sub("", printed.replace(os.getcwd(), "/home/you/study"))
    lines = [line.rstrip() for line in printed.splitlines()]
    counts = {word: int(number) for word, number in re.findall(r"(first|last) (\d+)", what)}
    first, last = counts.get("first", 0), counts.get("last", 0)
    if not counts or first + last >= len(lines):
        return "\n".join(lines)
    end = lines[len(lines) - last :]
    return "\n".join([*lines[:first], "...", *end])


def as_typed(words: list[str]) -> list[str]:
    """Commands at their full size."""
    return words


def main(words: Sequence[str]) -> int:
    """Write outputs into pages; the folders that they were made in are removed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", default=PAGES, help="names of files; default: all")
    parser.add_argument("--finished", type=Path, help="an mlruns with what need not be computed again")
    arguments = parser.parse_args(words)
    for name in arguments.pages:
        page, folder = FOLDER / name, Path(tempfile.mkdtemp(prefix="tutorial"))
        if arguments.finished:
            shutil.copytree(arguments.finished, folder / "mlruns")
        run = PageRun(as_typed)
        with contextlib.chdir(folder):
            text = run(page.read_text())
        shutil.rmtree(folder)
        if run.wrong:
            print("\n".join(run.wrong))
            return 1
        changed = words_of(text) != words_of(page.read_text())
        page.write_text(text)
        print(f"{page}: {'other words' if changed else 'the same words'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

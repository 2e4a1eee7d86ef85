"""``depsim new``: a package of one's own in the working directory, with a component that works and its tests."""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from pathlib import Path
from string import Template

from depsim.commands import OK, WRONG_USAGE
from depsim.commands.outcome import guarded
from depsim.execution.files import write_new
from depsim.registry import allowing, conf_folders
from depsim.report.terminal import say
from depsim.terminal_text import Parser, complain

PACKAGE = "depsim_own"
_KINDS = {
    "treatment": ("treatment=none,$name", "twelve individuals with it, and without"),
    "model": ("model=$name treatment=none,ketamine", "twelve individuals with this network, treated and untreated"),
}
"""What can be written, what to run with it, and what that is."""
_TEMPLATES = Path(__file__).with_name("templates")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TAKEN = {"conf", "null", "true", "false", "nan", "inf"}
"""The package's folder of configuration, and words that are values, not names, on a command line."""


def main(words: Sequence[str]) -> int:
    """Write the files, and say what to do with them."""
    parser = Parser(
        prog="depsim new",
        description=f"Writes a component of your own to {PACKAGE}/ of the working directory: a module, its values in "
        f"{PACKAGE}/conf/, and tests. It works as it is, and is there to be changed. No file is ever replaced.",
    )
    parser.add_argument("kind", metavar="KIND", help=f"what it is: {', '.join(_KINDS)}")
    parser.add_argument("name", metavar="NAME", help="what to call it, as in treatment=NAME")
    parser.add_argument("--torch", action="store_true", help="a model that is a function that makes a PyTorch module")
    arguments = parser.parse_args(list(words))
    if arguments.kind not in _KINDS:
        complain(f"depsim new: {arguments.kind}: no such kind; allowed are {', '.join(_KINDS)}")
        return WRONG_USAGE
    if arguments.torch != (arguments.kind == "model"):
        complain("depsim new: --torch goes with model, and model with --torch: depsim new model NAME --torch")
        return WRONG_USAGE
    again = f"depsim new {arguments.kind} {arguments.name}{' --torch' if arguments.torch else ''}"
    return guarded(lambda: _new(arguments.kind, arguments.name), again)


def _why_not(kind: str, name: str) -> str | None:
    """Why a component cannot have a name, or None if it can."""
    if _NAME.fullmatch(name) is None:
        return "must be a name of small letters, digits and _, beginning with a letter, of at most 40 characters"
    if keyword.iskeyword(name) or name in _TAKEN:
        return "has a meaning of its own, and cannot be a name"
    if name.startswith("test") or name.endswith("_test"):
        return "would be taken for a module of tests"
    shipped, *others = conf_folders()
    for whose, folder in (("depsim", shipped), *((other.parent.name, other) for other in others)):
        if whose != PACKAGE and (folder / kind / f"{name}.yaml").is_file():
            return f"{whose} has a {kind} of that name; choose another"
    return None


def _new(kind: str, name: str) -> int:
    if (wrong := _why_not(kind, name)) is not None:
        complain(f"depsim new: {name}: {wrong}")
        return WRONG_USAGE
    files = _files(kind, name)
    if (there := next((path for path in files if path.exists() or path.is_symlink()), None)) is not None:
        complain(f"depsim new: {there}: is there already, and nothing is replaced; choose another name")
        return WRONG_USAGE
    package = Path(PACKAGE, "__init__.py")
    if not package.exists():
        files = {package: (_TEMPLATES / "package.py.txt").read_text(encoding="utf-8"), **files}
    _write(files)
    for path in files:
        say(f"wrote {path}")
    settings, remark = (Template(text).substitute(name=name) for text in _KINDS[kind])
    say(f"next: python -m pytest {PACKAGE}    the tests that every {kind} has to pass (pytest has to be installed)")
    for command, what in (
        (f"export {allowing(PACKAGE)}", "so that depsim finds it, from this folder"),
        (f"depsim run -m {settings} cohort=pilot study={name}", remark),
        (f"depsim report {name}", "what it does"),
    ):
        say(f"      {command}    {what}")
    return OK


def _files(kind: str, name: str) -> dict[Path, str]:
    """The component's own files and their contents."""
    camel = "".join(part.capitalize() for part in name.split("_"))
    class_name = camel if name.endswith(f"_{kind}") else f"{camel}{kind.capitalize()}"  # a clash with no import
    names = {"package": PACKAGE, "name": name, "class_name": class_name}
    places = {
        "module.py.txt": Path(PACKAGE, f"{name}.py"),
        "choice.yaml.txt": Path(PACKAGE, "conf", kind, f"{name}.yaml"),
        "test.py.txt": Path(PACKAGE, f"test_{name}.py"),
    }
    texts = {path: (_TEMPLATES / kind / file).read_text(encoding="utf-8") for file, path in places.items()}
    return {path: Template(text).substitute(names) for path, text in texts.items()}


def _write(files: dict[Path, str]) -> None:
    """All of them or, where something goes wrong, none."""
    written: list[Path] = []
    try:
        for path, text in files.items():
            write_new(path, text.encode())
            written.append(path)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise

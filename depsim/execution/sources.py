"""The sources that numbers come from: modules in use and all they import, without comments, docstrings, labels."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import io
import sys
import tokenize
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeGuard

from depsim import registry
from depsim.execution.packages import package_versions


class SourcesChangedError(RuntimeError):
    """Sources or packages are not those that results are filed under; the message says which."""


@dataclass(frozen=True)
class Versions:
    """The versions of all that numbers come from.

    Args:
        modules: name and hash of the source of each.
        packages: name and version of each.
    """

    modules: tuple[tuple[str, str], ...] = ()
    packages: tuple[tuple[str, str], ...] = ()


NO_VERSIONS = Versions()
"""Of what is filed under no key."""


@cache
def versions_of(modules: frozenset[str]) -> Versions:
    """What modules and all they import are for this process, which files results under it."""
    _remember_loaded()
    hashes = ((name, _read(name).hash) for name in sorted(import_closure(modules)))
    return Versions(tuple(hashes), package_versions())


def require_unchanged(expected: Versions) -> None:
    """Make sure that results may be filed under these versions: called before anything is filed.

    A module counts as it was when this process first looked at its file, which is soon after it was loaded, and as it
    is on disk now.

    Raises:
        SourcesChangedError: if a source or a package is another one.
    """
    _remember_loaded()
    now = dict(package_versions())
    words = [
        f"{package} was {version} and is {now.get(package)}"
        for package, version in expected.packages
        if now.get(package) != version
    ]
    if changed := [name for name, code in expected.modules if not _is_unchanged(name, code)]:
        words.append(f"the code of {', '.join(changed)} was edited")
    if words:
        raise SourcesChangedError(
            f"{'; '.join(words)}: results are filed under what this process began with, so no more are computed"
        )


def _remember_loaded() -> None:
    """Read the files of all modules that are loaded and were not read yet: a later edit changes no loaded code."""
    ours = registry.packages()  # asked for once: thousands of modules are loaded
    for name in list(sys.modules):
        if name.partition(".")[0] in ours:
            with suppress(OSError):
                _first_text(name)


def _is_unchanged(name: str, code: str) -> bool:
    """Whether a module's source had this hash when it was first read, and has it now."""
    try:
        first, now = _read(name), _text_on_disk(name)
        return code == first.hash and (now == first.text or code == _Module(name, now).hash)
    except (OSError, SyntaxError, ValueError):  # it is not there, or an edit left it half written
        return False


@cache
def sources_digest(modules: frozenset[str]) -> str:
    """Hash of the sources of modules and of all they import from depsim and allowed plugins: 32 hexadecimal digits.

    What a package re-exports counts as the module that defines it, so a new module changes nothing for those that do
    not import it.
    """
    hasher = hashlib.sha256()
    for name in sorted(import_closure(modules)):
        hasher.update(f"{name}\0{_read(name).code}\0".encode())
    return hasher.hexdigest()[:32]


def import_closure(modules: Collection[str]) -> set[str]:
    """The modules and all that they import, directly or not."""
    closure: set[str] = set()
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name not in closure and _file(name) is not None:
            closure.add(name)
            waiting += _read(name).imports
    return closure


class _Module:
    """One module's source.

    Args:
        name: of the module.
        text: of its file.
    """

    def __init__(self, name: str, text: bytes) -> None:
        self.text = text
        source = io.StringIO(text.decode("utf-8"), newline=None).read()  # line ends do not count
        tree = ast.parse(source)
        self.code = _without_remarks(source, tree)
        self.hash = hashlib.sha256(self.code.encode()).hexdigest()[:32]
        imported = [_absolute(node, name) for node in tree.body if isinstance(node, ast.ImportFrom)]
        self.reexports = {
            alias.asname or alias.name: (node.module, alias.name) for node in imported for alias in node.names
        }
        file = _file(name)
        package = name if file is not None and file.name == "__init__.py" else name.rpartition(".")[0]
        self.imports = [
            found for node in _statements(tree, only_executed=True) for found in _imported(_absolute(node, package))
        ]


@cache
def _read(name: str) -> _Module:
    return _Module(name, _first_text(name))


@cache
def _first_text(name: str) -> bytes:
    """What the file of a module held when this process first looked."""
    return _text_on_disk(name)


def _text_on_disk(name: str) -> bytes:
    """What the file of a module holds now; nothing where it has none."""
    file = _file(name)
    return b"" if file is None else file.read_bytes()


@cache
def _file(name: str) -> Path | None:
    """The file of a module of depsim, of a plugin or of any other place that a component was defined in."""
    top, *rest = name.split(".")
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin)
    if rest:
        path = path.parent.joinpath(*rest)
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return path if path.suffix == ".py" and path.is_file() else None


def _statements(tree: ast.AST, only_executed: bool = False) -> Iterator[ast.AST]:
    """All statements, and what holds some; on demand without those that only a type checker reads."""
    for part in ("body", "handlers", "cases", "orelse", "finalbody"):
        found = getattr(tree, part, None)
        if not isinstance(found, list):  # a lambda's body is an expression
            continue
        if only_executed and part == "body" and isinstance(tree, ast.If) and "TYPE_CHECKING" in ast.unparse(tree.test):
            continue
        for node in found:
            yield node
            yield from _statements(node, only_executed)


def _absolute(node: ast.AST, package: str) -> Any:
    """An import from somewhere near, as from the root; any other node as it is."""
    if not isinstance(node, ast.ImportFrom) or not node.level:
        return node
    above = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ast.ImportFrom(".".join([*above, *([node.module] if node.module else [])]), node.names, 0)


def _imported(node: ast.AST) -> Iterator[str]:
    """The modules that an import statement needs, packages resolved to the modules that define what is taken."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if _is_ours(alias.name))
    elif isinstance(node, ast.ImportFrom) and node.module and _is_ours(node.module):
        for alias in node.names:
            yield _defining(node.module, alias.name)


def _is_ours(name: str) -> bool:
    return name.split(".")[0] in registry.packages()


def _defining(module: str, name: str) -> str:
    """The module that defines what ``from module import name`` takes."""
    if _file(f"{module}.{name}") is not None:
        return f"{module}.{name}"
    file = _file(module)
    if file is not None and file.name == "__init__.py" and name in (given := _read(module).reexports):
        return _defining(given[name][0] or module, given[name][1])
    return module


def _is_text(node: ast.AST) -> TypeGuard[ast.expr | ast.stmt]:
    """Whether a node is a docstring, or the label of a field: words for readers, which compute nothing."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Label"


def _without_remarks(text: str, tree: ast.AST) -> str:
    """The text without comments, docstrings, labels and blank lines: the same for every version of Python."""
    lines = text.splitlines()

    def place(row: int, column: int) -> tuple[int, int]:
        return row - 1, len(lines[row - 1].encode()[:column].decode())  # the syntax tree counts bytes

    remarks = [
        (place(node.lineno, node.col_offset), place(node.end_lineno or node.lineno, node.end_col_offset or 0))
        for node in (ast.walk(tree) if "Label" in text else _statements(tree))  # a docstring is a statement
        if _is_text(node)
    ]
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            remarks.append(((token.start[0] - 1, token.start[1]), (token.end[0] - 1, token.end[1])))
    for (first, begin), (last, end) in sorted(remarks, reverse=True):
        lines[first : last + 1] = [lines[first][:begin] + lines[last][end:]]
    return "\n".join(line.rstrip() for line in lines if line.strip())

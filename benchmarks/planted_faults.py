"""Which planted faults the tests see: one fault at a time in a copy of the program, and the tests that run its line.

    python benchmarks/planted_faults.py draw --seed 1 faults.json
    python benchmarks/planted_faults.py map COPY          # once: which test runs which line; COPY is a new folder
    python benchmarks/planted_faults.py map COPY --soak
    python benchmarks/planted_faults.py run COPY faults.json
    python benchmarks/planted_faults.py run COPY faults.json --soak

A fault is seen if a test fails that passes without it. For each the files of tests are run of which a test runs its
line, in this process or in one that it starts; for a line that importing runs or that is compiled, those that run
anything else of its file and those of its room (of compiled loops also those of training and model); of many the first
two minutes. So a fault that is called unseen may still be seen by a test that is slow, that only takes a constant of
that file, or whose processes are all killed.
Two parts (``--part 0 2``, ``--part 1 2``) run beside each other in two copies of COPY. What was seen by tests of
``make test`` is not run again with ``--soak``.
"""

from __future__ import annotations

import argparse
import ast
import copy
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOT_COPIED = (".git", ".venv", "mlruns", "site", "reports", ".mypy_cache", ".ruff_cache", "results")
LEFT_OUT = ("test_the_stored_figures_belong_to_the_code",)
"""Tests that see every edit as an edit."""
SECONDS_OF_TESTS = 120.0
"""For one fault, by the seconds that they took without it."""
IN_PROCESSES = """
import os

if "FAULT_TEST" in os.environ:
    import atexit
    import threading
    import time

    import coverage

    def keep():
        while True:
            time.sleep(0.5)
            noting.save()

    noting = coverage.Coverage(
        data_file=os.environ["FAULT_FOLDER"] + "/.lines-of", include=[os.environ["FAULT_FOLDER"] + "/depsim/*"],
        data_suffix=True, context=os.environ["FAULT_TEST"], config_file=False,
    )
    noting.start()
    threading.Thread(target=keep, daemon=True).start()  # workers are killed where nothing is left to do
    atexit.register(lambda: (noting.stop(), noting.save()))
"""
"""What a process that a test starts begins with: its lines belong to that test."""
COMPARISONS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Pow: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
ATTRIBUTES = {
    "low": "high",
    "min": "max",
    "first": "last",
    "mean": "median",
    "any": "all",
    "append": "remove",
    "sin": "cos",
}
ATTRIBUTES |= {other: name for name, other in ATTRIBUTES.items() if name != "append"}


@dataclass(frozen=True)
class Fault:
    """One edit: the text from one place of a file to another is replaced.

    Args:
        file: below the root.
        kind: what was done.
        line, end: first and last line, from 1.
        before, after: the text of the node.
        start, stop: places of the text, in bytes.
    """

    file: str
    kind: str
    line: int
    end: int
    before: str
    after: str
    start: int
    stop: int


def changed(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Faulty versions of a node."""
    new: Any = copy.deepcopy(node)
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in COMPARISONS:
            new.ops = [COMPARISONS[type(operator)]()]
            yield "comparison", new
        case ast.BinOp(op=operator) if type(operator) in OPERATORS:
            new.op = OPERATORS[type(operator)]()
            yield "operator", new
        case ast.AugAssign(op=operator) if type(operator) in OPERATORS:
            new.op = OPERATORS[type(operator)]()
            yield "operator", new
        case ast.BoolOp():
            new.op = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
            yield "and, or", new
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield "sign", new.operand
        case ast.If() | ast.IfExp():
            new.test = ast.UnaryOp(ast.Not(), new.test)
            yield "condition", new
        case ast.Constant(value=bool(value)):
            yield "constant", ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield "constant", ast.Constant(value + 1)
        case ast.Constant(value=float(value)):
            yield "constant", ast.Constant(value * 2 if value else 0.5)
        case ast.Constant(value=str(value)) if value.strip():
            yield "text", ast.Constant(value[:-1] if len(value) > 1 else value * 2)
        case ast.Expr(value=ast.Call()):
            yield "call deleted", ast.Pass()
        case ast.Call(args=[first, second, *_]) if not isinstance(first, ast.Starred) and not isinstance(
            second, ast.Starred
        ):
            new.args[0], new.args[1] = new.args[1], new.args[0]
            yield "arguments exchanged", new
        case ast.Call(keywords=[_, *_]) if node.keywords[-1].arg:
            new.keywords.pop()
            yield "argument left out", new
        case ast.Attribute(attr=name) if name in ATTRIBUTES:
            new.attr = ATTRIBUTES[name]
            yield "attribute", new
        case ast.Break():
            yield "loop", ast.Continue()
        case ast.Continue():
            yield "loop", ast.Break()


def places(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes in which a fault changes what is computed: no types, docstrings, imports, nothing inside f-strings."""
    for name, value in ast.iter_fields(tree):
        for node in value if isinstance(value, list) else [value]:
            if not isinstance(node, ast.AST) or name in ("annotation", "returns", "decorator_list"):
                continue
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant | ast.JoinedStr):
                continue
            skipped = (
                "TYPE_CHECKING" if isinstance(node, ast.If) else "__all__" if isinstance(node, ast.Assign) else None
            )
            if isinstance(node, ast.Import | ast.ImportFrom) or (
                skipped and skipped in ast.unparse(node).partition("\n")[0]
            ):
                continue
            yield node
            if not isinstance(node, ast.JoinedStr):
                yield from places(node)


def faults_of(file: Path) -> list[Fault]:
    """All that can be planted in a file; a statement of several lines gets only its first lines replaced."""
    text = file.read_text()
    lines = [line.encode() for line in text.splitlines(keepends=True)]
    starts = [sum(map(len, lines[:count])) for count in range(len(lines))]
    found = []
    for node in places(ast.parse(text)):
        for kind, new in changed(node):
            # of an if only its condition, so that line numbers and remarks below stay
            old: Any = node.test if isinstance(node, ast.If) else node  # type: ignore[attr-defined]
            text_after = ast.unparse(new.test if isinstance(node, ast.If) else new)  # type: ignore[attr-defined]
            start = starts[old.lineno - 1] + old.col_offset
            stop = starts[old.end_lineno - 1] + old.end_col_offset
            before = b"".join(lines)[start:stop].decode()
            after = f"({text_after})" if isinstance(old, ast.expr) and not isinstance(old, ast.Constant) else text_after
            found.append(
                Fault(str(file.relative_to(ROOT)), kind, old.lineno, old.end_lineno, before, after, start, stop)
            )
    return found


def rooms() -> dict[str, list[Path]]:
    """Folders of the program, and the files beside them, to their modules."""
    found: dict[str, list[Path]] = {}
    for file in sorted((ROOT / "depsim").rglob("*.py")):
        parts = file.relative_to(ROOT / "depsim").parts
        found.setdefault(parts[0] if len(parts) > 1 else "(top)", []).append(file)
    return found


def draw(count: int, seed: int) -> list[Fault]:
    """As many faults in every room, more or less; every place of a room is as likely."""
    chosen, number = [], random.Random(seed)
    everything = {room: [fault for file in files for fault in faults_of(file)] for room, files in rooms().items()}
    for place, (_, faults) in enumerate(sorted(everything.items())):
        share = count // len(everything) + (place < count % len(everything))
        chosen += number.sample(faults, min(share, len(faults)))
    return chosen


def plant(folder: Path, fault: Fault, clock: Iterator[int]) -> bytes:
    """Put a fault in a copy; the file as it was."""
    file = folder / fault.file
    before = file.read_bytes()
    assert before[fault.start : fault.stop].decode() == fault.before, fault
    write(file, before[: fault.start] + fault.after.encode() + before[fault.stop :], clock)
    return before


def write(file: Path, text: bytes, clock: Iterator[int]) -> None:
    """With a time of its own, so that no compiled file looks as new as it."""
    file.write_bytes(text)
    now = next(clock)
    os.utime(file, (now, now))


def words_of_pytest(*words: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-q", "-p", "planted_faults", *words]


def environment(folder: Path, **more: str) -> dict[str, str]:
    paths = os.pathsep.join([str(folder), str(folder / "benchmarks")])
    return {**os.environ, "PYTHONPATH": paths, "FAULT_FOLDER": str(folder), **more}


def make_map(folder: Path, soak: bool) -> None:
    """Copy the program and note which test runs which line, and how long it takes."""
    import coverage

    if not soak:
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*NOT_COPIED), dirs_exist_ok=True)
        (folder / "mlruns").mkdir(exist_ok=True)
        for name in (*sorted(folder.glob(".tests-*")), *sorted(folder.glob(".lines*"))):
            name.unlink()
        (folder / ".map").mkdir(exist_ok=True)
        (folder / ".map" / "sitecustomize.py").write_text(IN_PROCESSES)
    command = words_of_pytest("-n", "2", "--dist", "worksteal", *(["--soak"] if soak else []))
    noting = environment(folder, FAULT_MAP="1")
    noting["PYTHONPATH"] = os.pathsep.join([str(folder / ".map"), noting["PYTHONPATH"]])
    subprocess.run(command, cwd=folder, env=noting, check=False)
    parts = [str(each) for each in folder.glob(".lines-*")]
    coverage.Coverage(data_file=str(folder / ".lines"), config_file=False).combine(parts)


def tests_of(folder: Path) -> dict[str, dict[str, Any]]:
    """Every test that passed without a fault: seconds, whether it is soak."""
    found: dict[str, dict[str, Any]] = {}
    for file in folder.glob(".tests-*"):
        found.update({each["test"]: each for each in map(json.loads, file.read_text().splitlines())})
    return {name: each for name, each in found.items() if each["passed"] and not name.endswith(LEFT_OUT)}


def chosen_for(fault: Fault, folder: Path, soak: bool) -> list[str]:
    """Tests to run for a fault, those of its room first, the quick ones before the slow ones."""
    import coverage

    tests = {name: each for name, each in tests_of(folder).items() if each["soak"] == soak}
    read = coverage.CoverageData(str(folder / ".lines"))
    read.read()
    lines: dict[int, set[str]] = {}
    for file in read.measured_files():
        if file.endswith("/" + fault.file):
            lines = {line: set(names) for line, names in read.contexts_by_lineno(file).items()}
    running = set().union(*(lines.get(line, set()) for line in range(fault.line, fault.end + 1)))
    room = Path(fault.file).parts[1].removesuffix(".py")
    near = {"kernels": ("kernels", "training", "model")}.get(room, (room,))
    if "" in running or not running & set(tests):  # also compiled loops
        running |= set().union(*(names for names in lines.values() if "" not in names))
        running |= {name for name in tests if any(each in name for each in near)}
    files = {name.partition("::")[0] for name in running}  # what one test makes, others of its file may look at
    nearby = [name for name in tests if name.partition("::")[0] in files]
    chosen = sorted(nearby, key=lambda name: (name not in running, room not in name, tests[name]["seconds"]))
    spent = accumulate(tests[name]["seconds"] for name in chosen)
    return [name for name, seconds in zip(chosen, spent, strict=True) if seconds < SECONDS_OF_TESTS]


def try_fault(fault: Fault, folder: Path, soak: bool, clock: Iterator[int]) -> dict[str, Any]:
    """Run the tests for one fault until one fails."""
    chosen = chosen_for(fault, folder, soak)
    if not chosen:
        return {"seen": False, "by": "", "seconds": 0, "tests": 0}
    (folder / ".chosen").write_text("\n".join(chosen))
    before, began = plant(folder, fault, clock), time.monotonic()
    files = sorted({name.partition("::")[0] for name in chosen})
    words = ["-x", "-p", "no:randomly", "-p", "no:xdist", *(["--soak"] if soak else []), *files]
    try:
        answer = subprocess.run(
            words_of_pytest(*words),
            cwd=folder,
            env=environment(folder, FAULT_TESTS=".chosen"),
            capture_output=True,
            text=True,
            timeout=5 * SECONDS_OF_TESTS,
            check=False,
        )
        failed = [line for line in answer.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        seen = answer.returncode not in (0, 5)  # 5: the fault leaves no test of those to run
        by = (failed or [answer.stdout.strip()[-200:] + answer.stderr.strip()[-200:]])[0] if seen else ""
    except subprocess.TimeoutExpired:
        seen, by = True, "it does not end"
    finally:
        write(folder / fault.file, before, clock)
    return {"seen": seen, "by": by[:200], "seconds": round(time.monotonic() - began), "tests": len(chosen)}


def run(folder: Path, file: Path, soak: bool, part: tuple[int, int]) -> None:
    """Try the faults of a file one after the other; each result is kept at once, and none is found out twice."""
    results = file.with_suffix(f".{'soak' if soak else 'test'}.{part[0]}.jsonl")
    before = [
        json.loads(line) for each in file.parent.glob(f"{file.stem}.*.jsonl") for line in each.read_text().splitlines()
    ]
    done = {key(each) for each in before if each["soak"] == soak or each["seen"]}
    clock = iter(range(int(time.time()) - 500_000 + part[0], 2**40, 7))
    for fault in [Fault(**each) for each in json.loads(file.read_text())][part[0] :: part[1]]:
        if key(asdict(fault)) in done:
            continue
        found = asdict(fault) | try_fault(fault, folder, soak, clock) | {"soak": soak}
        with results.open("a") as out:
            out.write(json.dumps(found) + "\n")
        said = "seen" if found["seen"] else "NOT SEEN"
        print(
            f"{said:8} {found['seconds']:4} s {fault.file}:{fault.line} {fault.kind}: "
            f"{fault.before!r} -> {fault.after!r}",
            flush=True,
        )


def key(fault: dict[str, Any]) -> tuple[Any, ...]:
    return fault["file"], fault["start"], fault["after"]


def main() -> None:
    parser = argparse.ArgumentParser(description="Plant faults and run the tests.")
    commands = parser.add_subparsers(dest="command", required=True)
    drawing = commands.add_parser("draw")
    drawing.add_argument("file", type=Path)
    drawing.add_argument("--seed", type=int, required=True)
    drawing.add_argument("--count", type=int, default=126)
    mapping = commands.add_parser("map")
    mapping.add_argument("folder", type=Path)
    mapping.add_argument("--soak", action="store_true")
    running = commands.add_parser("run")
    running.add_argument("folder", type=Path)
    running.add_argument("file", type=Path)
    running.add_argument("--soak", action="store_true")
    running.add_argument("--part", type=int, nargs=2, default=(0, 1), metavar=("NUMBER", "OF"))
    words = parser.parse_args()
    if words.command == "draw":
        faults = draw(words.count, words.seed)
        words.file.write_text("[\n" + ",\n".join(json.dumps(asdict(fault)) for fault in faults) + "\n]\n")
    elif words.command == "map":
        make_map(words.folder.resolve(), words.soak)
    else:
        run(words.folder.resolve(), words.file, words.soak, tuple(words.part))


# Below is what pytest loads as a plugin (-p planted_faults).

_now: dict[str, Any] = {"test": "", "seconds": 0.0, "passed": True}
_coverage: Any = None


def pytest_configure(config: pytest.Config) -> None:
    """Note lines where a map is asked for."""
    global _coverage
    if "FAULT_MAP" not in os.environ or not hasattr(config, "workerinput"):
        return
    import coverage

    folder = Path(os.environ["FAULT_FOLDER"])
    name = f"{config.workerinput['workerid']}-{int(config.getoption('--soak'))}"
    _coverage = coverage.Coverage(
        data_file=str(folder / f".lines-{name}"), include=[str(folder / "depsim" / "*")], config_file=False
    )
    _coverage.start()
    _now["file"], _now["soak"] = folder / f".tests-{name}", config.getoption("--soak")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """One context a test."""
    if _coverage is not None:
        _now.update(test=item.nodeid, seconds=0.0, passed=True)
        os.environ["FAULT_TEST"] = item.nodeid
        _coverage.switch_context(item.nodeid)
    yield
    if _coverage is not None:
        _coverage.switch_context("")
        kept = {name: _now[name] for name in ("test", "seconds", "passed", "soak")}
        with _now["file"].open("a") as out:
            out.write(json.dumps(kept) + "\n")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Of the worker itself."""
    if _coverage is not None:
        _now["seconds"] += report.duration
        _now["passed"] = _now["passed"] and not report.failed


@pytest.hookimpl(hookwrapper=True, trylast=True)
def pytest_sessionfinish() -> Iterator[None]:
    yield
    if _coverage is not None:
        _coverage.stop()
        _coverage.save()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Just the tests that were chosen, in their order."""
    if "FAULT_TESTS" in os.environ:
        chosen = Path(os.environ["FAULT_TESTS"]).read_text().splitlines()
        place = {name: number for number, name in enumerate(chosen)}
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in place])
        items[:] = sorted((item for item in items if item.nodeid in place), key=lambda item: place[item.nodeid])


if __name__ == "__main__":
    main()

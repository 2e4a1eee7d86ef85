"""Rules about the sources themselves, read from their syntax trees."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest

import depsim

ROOT = Path(depsim.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
NAMES = [file.relative_to(ROOT).as_posix() for file in FILES]

ORDER = (
    {"terminal_text", "yaml_file", "stages", "lazy_torch", "processor", "component", "statistics"},
    {"kernels", "outcomes", "registry", "factory", "default_generator"},
    {"streams"},
    {"traits"},
    {"population"},
    {"task"},
    {"model"},
    {"training"},
    {"steps"},
    {"pathology", "treatment", "follow_up", "assessment"},
    {"protocol"},
    {"execution"},
    {"tracking"},
    {"study"},
    {"report"},
    {"paper"},
    {"config"},
    {"search"},
    {"commands"},
    {"api", "testing"},
    {"__init__", "__main__"},
)
"""From left to right; what stands here may import only what stands left of it. Everything stands here."""

RANKED = set().union(*ORDER)
EXTRAS = {"execution/dask_cluster.py": "dask", "execution/slurm.py": "slurm"}
"""Modules that may import what an extra brings, and where."""
UNTELLING = {"utils", "util", "helpers", "helper", "common", "misc"}
NUMPY_GENERATORS = {"RandomState", "Generator", "SeedSequence", "default_rng", "BitGenerator"}
TORCH_DRAWS = {
    "rand", "randn", "randint", "randperm", "normal", "bernoulli", "multinomial", "poisson",
    "rand_like", "randn_like", "randint_like",
}  # fmt: skip
DRAWING_METHODS = {
    "normal_", "uniform_", "random_", "bernoulli_", "exponential_", "log_normal_", "cauchy_", "geometric_",
}  # fmt: skip
TORCH_SEEDS = {"manual_seed", "seed", "set_rng_state", "dropout"}


def dotted(node: ast.AST) -> str:
    """A chain of attributes as it is written, or an empty string."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


@cache
def nodes(tree: ast.AST) -> list[ast.AST]:
    """All nodes of a tree, gathered once."""
    return list(ast.walk(tree))


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in nodes(tree) if isinstance(node, ast.Call))


def imported(tree: ast.AST) -> Iterator[str]:
    """Full names of all modules and of what is taken from them."""
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def global_randomness(tree: ast.AST) -> list[str]:
    """Uses of a generator that everyone shares."""
    found = [name for name in imported(tree) if name.split(".")[0] == "random"]
    for name in imported(tree):
        parts = name.split(".")
        if parts[:2] == ["numpy", "random"] and len(parts) > 2 and parts[2] not in NUMPY_GENERATORS:
            found.append(name)
        if parts[0] == "torch" and parts[-1] in TORCH_DRAWS | {"manual_seed"}:
            found.append(name)
    for node in nodes(tree):
        parts = dotted(node).split(".")
        if (
            parts[:2] in (["np", "random"], ["numpy", "random"])
            and len(parts) == 3
            and parts[2] not in NUMPY_GENERATORS
        ):
            found.append(".".join(parts))
    for call in calls(tree):
        name, given = dotted(call.func), {keyword.arg for keyword in call.keywords}
        parts = name.split(".")
        if (parts[0] == "torch" and parts[-1] in TORCH_SEEDS) or (
            parts[0] == "torch" and parts[-1] in TORCH_DRAWS and "generator" not in given
        ):
            found.append(name)
        elif (
            isinstance(call.func, ast.Attribute) and call.func.attr in DRAWING_METHODS - TORCH_DRAWS
            and "generator" not in given
        ):  # fmt: skip
            found.append(call.func.attr)
        elif parts[-1] in ("RandomState", "default_rng", "SeedSequence") and not call.args and not call.keywords:
            found.append(f"{name}() without a seed")
    return found


def part_of(path: Path | str) -> str:
    """The package or module directly under depsim that a file or a dotted name belongs to."""
    if isinstance(path, Path):
        first = path.relative_to(ROOT).parts[0]
        return first.removesuffix(".py")
    pieces = path.split(".")
    return pieces[1] if len(pieces) > 1 else ""


def rank(part: str) -> int:
    (place,) = [place for place, names in enumerate(ORDER) if part in names]
    return place


def imports_against_the_order(path: Path, tree: ast.AST) -> list[str]:
    own = part_of(path)
    wrong = []
    for name in imported(tree):
        if not name.startswith("depsim."):
            continue
        other = part_of(name) if part_of(name) in RANKED else "__init__"  # a name that the package itself offers
        if other != own and rank(other) >= rank(own):
            wrong.append(f"{own} imports {name}")
    return wrong


def module_imports() -> dict[str, set[str]]:
    """Module to the modules of depsim that it imports, also for a type checker; packages are those that they are."""
    known = {".".join(("depsim", *file.relative_to(ROOT).with_suffix("").parts)) for file in FILES}
    known |= {name.removesuffix(".__init__") for name in known}
    found = {}
    for file in FILES:
        name = ".".join(("depsim", *file.relative_to(ROOT).with_suffix("").parts))
        taken = {other if other in known else other.rpartition(".")[0] for other in imported(parse(file))}
        found[name] = {f"{other}.__init__" if f"{other}.__init__" in known else other for other in taken & known}
    return found


def cycle_in(graph: dict[str, set[str]]) -> list[str]:
    """Modules that import each other in a circle, or none."""
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name not in done:
            for other in sorted(graph.get(name, ())):
                if found := walk(other, [*path, name]):
                    return found
            done.add(name)
        return []

    return next((found for name in sorted(graph) if (found := walk(name, []))), [])


def unsafe(tree: ast.AST) -> list[str]:
    """What reads or runs arbitrary objects."""
    modules = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
    found = [name for name in imported(tree) if name.split(".")[0] in modules or name in ("torch.save", "torch.load")]
    found += [
        name for call in calls(tree) if (name := dotted(call.func)) in ("torch.save", "torch.load", "eval", "exec")
    ]
    for call in calls(tree):
        pickles = [k for k in call.keywords if k.arg == "allow_pickle" and getattr(k.value, "value", None) is not False]
        found += ["allow_pickle"] * len(pickles)
    return found


@cache
def parse(path: Path) -> ast.Module:
    """The syntax tree of a file; every file is parsed once."""
    return ast.parse(path.read_text())


for file in FILES:  # when the tests are gathered, so that none of them is charged for it
    nodes(parse(file))


def violations(rule: Callable[[Path, ast.Module], list[str]]) -> dict[str, list[str]]:
    """File to what a rule finds in it, where it finds anything."""
    found = {name: rule(path, parse(path)) for name, path in zip(NAMES, FILES, strict=True)}
    return {name: wrong for name, wrong in found.items() if wrong}


def test_there_are_sources_to_check() -> None:
    assert {"streams.py", "kernels/normals.py", "model/mlp.py", "execution/pool.py"} <= set(NAMES)


def test_no_global_generator_but_where_a_modules_own_initialisation_is_seeded() -> None:
    used = violations(lambda _path, tree: global_randomness(tree))
    assert used == {"default_generator.py": ["torch.default_generator.manual_seed"]}


def test_imports_go_one_way() -> None:
    assert violations(imports_against_the_order) == {}


def test_every_module_is_ranked() -> None:
    assert {part_of(file) for file in FILES} <= RANKED


def test_nothing_but_the_paper_imports_the_paper() -> None:
    importing = {name for name, taken in module_imports().items() if any(of.startswith("depsim.paper") for of in taken)}
    assert {name for name in importing if not name.startswith("depsim.paper.")} == set()


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = module_imports()
    assert "depsim.steps.base" in graph["depsim.steps.train"]
    assert cycle_in(graph) == []


def test_a_circle_would_be_found() -> None:
    assert cycle_in({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert cycle_in({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_nothing_reads_or_runs_arbitrary_objects() -> None:
    assert violations(lambda _path, tree: unsafe(tree)) == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    names = {piece.removesuffix(".py").strip("_") for name in NAMES for piece in name.split("/")}
    assert names & UNTELLING == set()


@pytest.mark.parametrize(
    "code",
    [
        "torch.manual_seed(1)",
        "torch.cuda.manual_seed(1)",
        "torch.randn(3)",
        "torch.rand(3, device=d)",
        "torch.randn_like(x)",
        "torch.randint(0, 3, (4,))",
        "torch.randperm(4)",
        "x.normal_()",
        "a[0].uniform_(0, 1)",
        "np.random.normal(0, 1)",
        "np.random.seed(1)",
        "draw = np.random.rand",
        "numpy.random.shuffle(x)",
        "np.random.default_rng()",
        "import random",
        "from random import shuffle",
        "from numpy.random import rand",
        "from torch import randn",
    ],
)
def test_a_global_generator_would_be_found(code: str) -> None:
    assert global_randomness(ast.parse(code))


@pytest.mark.parametrize(
    "code",
    [
        "torch.randn(3, generator=g)",
        "x.normal_(generator=g)",
        "np.random.RandomState(1).randn(3)",
        "np.random.default_rng(sequence).random(3)",
        "generator.manual_seed(3)",
        "generator.permutation(3)",
        "from numpy.random import Generator",
        "counts = np.random.default_rng(1).multinomial(3, p)",
    ],
)
def test_a_generator_of_ones_own_is_fine(code: str) -> None:
    assert global_randomness(ast.parse(code)) == []


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("treatment/x.py", "from depsim.pathology import prune"),
        ("model/x.py", "from depsim.training import Trainer"),
        ("streams.py", "import depsim.task"),
        ("protocol.py", "from depsim import execution"),
        ("kernels/x.py", "from depsim.streams import Streams"),
        ("stages.py", "from depsim import component"),
        ("report/x.py", "from depsim.config import Job"),
        ("config/x.py", "from depsim.search import plan"),
        ("search/x.py", "from depsim.commands import OK"),
        ("execution/x.py", "from depsim.tracking import Tracker"),
        ("commands/x.py", "from depsim import simulate"),
        ("assessment/x.py", "from depsim.pathology import Overpruning"),
        ("task/x.py", "def f():\n    from depsim.model import Mlp"),
    ],
)
def test_an_import_against_the_order_would_be_found(file: str, code: str) -> None:
    assert imports_against_the_order(ROOT / file, ast.parse(code))


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "torch.save(x, f)",
        "torch.load(f)",
        "eval(s)",
        "exec(s)",
        "np.load(f, allow_pickle=True)",
        "np.load(f, allow_pickle=p)",
    ],
)
def test_unsafe_reading_would_be_found(code: str) -> None:
    assert unsafe(ast.parse(code))


def installed_with(requirements: Iterable[str]) -> set[str]:
    """The distributions that come with these requirements, in any extra none."""
    found: set[str] = set()
    left = [each for each in requirements if "extra ==" not in each]
    while left:
        name = re.split(r"[<>=!~\[;( ]", left.pop())[0].lower().replace("_", "-")
        if name not in found:
            found.add(name)
            with suppress(PackageNotFoundError):  # for another system or Python
                left += [each for each in requires(name) or () if "extra ==" not in each]
    return found


@pytest.mark.slow
def test_what_the_program_imports_is_installed_with_it() -> None:
    project = tomllib.loads((ROOT.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    own, by_module = set(sys.stdlib_module_names) | {"depsim", "hydra_plugins"}, packages_distributions()
    foreign: dict[str, set[str]] = {}
    for path in FILES:
        extra = EXTRAS.get(path.relative_to(ROOT).as_posix(), "")
        foreign.setdefault(extra, set()).update({name.partition(".")[0] for name in imported(parse(path))} - own)
    assert len(foreign[""]) > 10
    for extra, wanted in foreign.items():
        there = installed_with([*project["dependencies"], *project["optional-dependencies"].get(extra, [])])
        assert {name for name in wanted if not there & {each.lower() for each in by_module[name]}} == set(), extra

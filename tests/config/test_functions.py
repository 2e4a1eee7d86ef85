"""Settings that name a function: only of packages that the environment allows."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from depsim.config import Composer, ConfigError, prepare
from depsim.model.torch_module import TorchModule
from depsim.model.torch_networks import paper
from depsim.registry import PluginError, find_function

OURS = "depsim.model.torch_networks:paper"


@pytest.fixture
def foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package that can be imported and that nobody allowed; it notices when it is."""
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "__init__.py").write_text("def f():\n    raise SystemExit('was run')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return "foreign:f"


def test_a_function_of_an_allowed_package_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_function(OURS) is paper
    monkeypatch.setenv("DEPSIM_PLUGINS", "tests")
    assert find_function("tests.torch_models:convolution").__name__ == "convolution"


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (None, r"must be package\.module:function"),
        ("", r"must be package\.module:function"),
        ("os.getcwd", r"must be package\.module:function \(did you mean os:getcwd\?\)"),
        ("depsim/model/torch_networks.py:paper", r"\(did you mean depsim\.model\.torch_networks:paper\?\)"),
        ("depsim.model.torch_networks:paper()", r"must be package\.module:function"),
        ("depsim.model.torch_networks:torch.load", r"must be package\.module:function"),
        ("../evil:f", r"must be package\.module:function"),
        ("os:getcwd", r"the package os is not allowed; if you trust it, export DEPSIM_PLUGINS=tests,os"),
        ("depsim.__main__:main", "of depsim, only functions of depsim.model.torch_networks and"),
        ("depsim:simulate", "of depsim, only functions of"),
        ("depsim.model.torch_networks:nothing", "has no function nothing$"),
        ("depsim.model.torch_networks:papers", r"has no function papers \(did you mean paper\?\)"),
        ("depsim.model.torch_networks:__name__", "has no function __name__"),
        ("tests.nothing_there:f", r"tests\.nothing_there cannot be imported: ModuleNotFoundError"),
        ("tests.torch_models:Digits", r"Digits is written in depsim\.task\.digits; write a function in tests"),
    ],
)
def test_any_other_is_refused(target: object, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPSIM_PLUGINS", "tests")
    with pytest.raises(PluginError, match=why):
        find_function(target)


def test_what_is_not_allowed_is_not_imported_wherever_it_is_named(foreign: str, tmp_path: Path) -> None:
    (tmp_path / "conf" / "model").mkdir(parents=True)
    (tmp_path / "conf" / "model" / "mine.yaml").write_text(
        f"_target_: depsim.model.torch_module.TorchModule\nfactory: {foreign}\nhidden: null\nshape: null\n"
    )
    for overrides, composer in (
        (["model=torch_module", f"model.factory={foreign}"], None),
        (["model=mine"], Composer(str(tmp_path / "conf"))),
    ):
        with pytest.raises(ConfigError, match=r"model\.factory=foreign:f: the package foreign is not allowed"):
            prepare([*overrides, "tracking=none"], composer)
    assert "foreign" not in sys.modules


def test_the_shipped_choice_is_the_papers_network() -> None:
    model = prepare(["model=torch_module", "tracking=none"]).job.arm.baseline.model
    assert model == TorchModule(factory=paper, hidden=None, shape=(2,))


def test_text_is_no_function_where_no_configuration_is_read() -> None:
    with pytest.raises(ValueError, match="must be a function"):
        TorchModule(factory=OURS, hidden=None, shape=None)  # type: ignore[arg-type]

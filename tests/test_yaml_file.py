"""YAML that anybody may have written: read within a second, or refused in one line."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
import yaml

from depsim.registry import own_folder
from depsim.yaml_file import YamlFileError, read_yaml

BOMB = "a0: &a0 [x]\n" + "".join(f"a{k}: &a{k} [*a{k - 1}, *a{k - 1}, *a{k - 1}, *a{k - 1}]\n" for k in range(1, 30))
MERGES = "a0: &a0 {x: 1}\n" + "".join(f"a{k}: &a{k} {{<<: [*a{k - 1}, *a{k - 1}, *a{k - 1}]}}\n" for k in range(1, 30))
REFUSED = {
    "a: [1\n": "not YAML (while parsing a flow sequence",
    "!!python/object:os.system {}\n": "not YAML (could not determine a constructor",
    "[" * 3_000: "nested too deeply",
    "{a: " * 3_000: "nested too deeply",
    "[" * 3_000 + "]" * 3_000: "nested too deeply",
    "- " * 3_000: "nested too deeply",
    BOMB: "more than 10,000 values",
    MERGES: "more than 10,000 values",
    "a: &a [*a]\n": "line 1: contains itself",
    "a: 1\nb: 2\na: 3\n": "line 3: a: the key is there twice; allowed is once",
    "s:\n  - {x: 1, 'x': 2}\n": "line 2: x: the key is there twice",
    "1: a\n0x1: b\n": "line 2: 0x1: the key is there twice",
    "[a]: 1\n": "not YAML (while constructing a mapping found unhashable key",
    "a: 2001-99-99\n": "not YAML (month must be in 1..12)",
    "a: 1\n--- \nb: 2\n": "not YAML (expected a single document",
    "x" * 200_000: "200,000 bytes; allowed are at most 50,000",
    "a: 1" + ":1" * 24_000: None,
    "[" + "1," * 24_000 + "]": "more than 10,000 values",
    "a: \x1b[31m\n": "not YAML (unacceptable character",
}


@pytest.mark.slow
@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:12])
def test_what_is_not_read_is_refused_in_one_line_and_soon(tmp_path: Path, text: str) -> None:
    path, reason = tmp_path / "mine.yaml", REFUSED[text]
    path.write_text(text)
    began = time.process_time()
    if reason is None:
        read_yaml(path)
    else:
        with pytest.raises(YamlFileError) as caught:
            read_yaml(path)
        assert str(caught.value).startswith(f"{path}: {reason}")
        assert len(str(caught.value).splitlines()) == 1
    assert time.process_time() - began < 20  # a guard against hangs: quiet, it is a tenth


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    (tmp_path / "endless").symlink_to("/dev/zero")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\xff")
    os.mkfifo(tmp_path / "pipe")
    reasons = {
        "folder": "is a folder, no file",
        "dangling": "No such file or directory",
        "circle": "Too many levels of symbolic links",
        "endless": "is no file",
        "pipe": "is no file",
        "bytes": "not YAML ('utf-8' codec can't decode",
        "none": "No such file or directory",
    }
    for name, reason in reasons.items():
        with pytest.raises(YamlFileError) as caught:
            read_yaml(tmp_path / name)
        assert str(caught.value).startswith(f"{tmp_path / name}: {reason}")


def test_everything_else_is_read_as_ever(tmp_path: Path) -> None:
    files = [*own_folder("sweeps").glob("*.yaml"), *own_folder("conf").rglob("*.yaml")]
    assert len(files) > 30
    for file in files:
        assert read_yaml(file) == yaml.safe_load(file.read_text())
    (tmp_path / "a.yaml").write_text("a: &a {x: 1}\nb: {<<: *a, y: [*a, *a]}\nc: ~\n")
    assert read_yaml(tmp_path / "a.yaml") == {"a": {"x": 1}, "b": {"x": 1, "y": [{"x": 1}] * 2}, "c": None}
    (tmp_path / "empty.yaml").write_text("# nothing\n")
    assert read_yaml(tmp_path / "empty.yaml") is None

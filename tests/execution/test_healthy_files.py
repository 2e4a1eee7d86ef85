"""Which files of the store are its own."""

from __future__ import annotations

from pathlib import Path

from depsim.execution.healthy_files import network_path, remove_networks, stored_networks

KEY = "ab" + "0" * 30


def plant(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * 10)
    return path


def test_only_networks_under_their_own_names_are_removed_and_none_through_a_link(tmp_path: Path) -> None:
    folder, own = tmp_path / "healthy", plant(network_path(tmp_path / "healthy", KEY))
    mine = [
        plant(folder / "ab" / "mine.safetensors"),
        plant(folder / "ac" / f"{KEY}.safetensors"),
        plant(tmp_path / "models" / f"cd{'0' * 30}.safetensors"),
        plant(tmp_path / "models" / ".unfinished-thesis"),
    ]
    (folder / "cd").symlink_to(tmp_path / "models")
    unfinished = plant(folder / "ab" / ".unfinished-network")
    assert [path for path, _, _ in stored_networks(folder)] == [own]
    assert remove_networks(folder) == (1, 20)
    assert not own.exists()
    assert not unfinished.exists()
    assert all(path.exists() for path in mine)

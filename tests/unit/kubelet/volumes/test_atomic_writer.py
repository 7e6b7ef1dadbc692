"""Files that change all at once."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from kubelet.volumes.atomic_writer import File, write
from tests.support.runs import NOW

LATER = NOW + timedelta(seconds=1)


def content(folder: Path) -> dict[str, str]:
    """What a container sees: everything but names that begin with two dots."""
    visible = [path for path in folder.rglob("*") if not path.relative_to(folder).parts[0].startswith("..")]
    found = {str(path.relative_to(folder)): path.read_text() for path in visible if path.is_file()}
    for link in folder.iterdir():
        if link.is_symlink() and link.is_dir() and not link.name.startswith(".."):
            found |= {f"{link.name}/{p.relative_to(link)}": p.read_text() for p in link.rglob("*") if p.is_file()}
    return found


def test_files_appear_through_one_link(tmp_path: Path) -> None:
    assert write(tmp_path, {"a": File(b"1", 0o600), "deep/b": File(b"2")}, now=NOW)
    assert content(tmp_path) == {"a": "1", "deep/b": "2"}
    assert os.readlink(tmp_path / "a") == "..data/a" and os.readlink(tmp_path / "..data").startswith("..2030_01_01")
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600


def test_the_same_again_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"a": File(b"1")}, now=NOW)
    before = os.readlink(tmp_path / "..data")
    assert not write(tmp_path, {"a": File(b"1")}, now=LATER)
    assert os.readlink(tmp_path / "..data") == before


def test_an_update_replaces_everything_and_leaves_no_rest(tmp_path: Path) -> None:
    write(tmp_path, {"a": File(b"1"), "old": File(b"x")}, now=NOW)
    with (tmp_path / "a").open() as reader:
        assert write(tmp_path, {"a": File(b"2"), "new/n": File(b"n")}, now=LATER)
        assert reader.read() == "1"
    assert content(tmp_path) == {"a": "2", "new/n": "n"}
    assert len([p for p in tmp_path.iterdir() if p.name.startswith("..2")]) == 1


def test_a_mode_is_a_change_too(tmp_path: Path) -> None:
    write(tmp_path, {"a": File(b"1")}, now=NOW)
    assert write(tmp_path, {"a": File(b"1", 0o400)}, now=LATER)


def test_nothing_at_all(tmp_path: Path) -> None:
    write(tmp_path, {"a": File(b"1")}, now=NOW)
    assert write(tmp_path, {}, now=LATER)
    assert content(tmp_path) == {}

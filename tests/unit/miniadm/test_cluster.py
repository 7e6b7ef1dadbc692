"""Names, addresses and the stored decision."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from miniadm.cluster import Cluster, SetupError, from_environment, load, write_atomically

CLUSTER = Cluster("mini", Path("/var/lib/mini"), subnet="192.168.80.0/24")


def test_machines_have_names_and_addresses_in_order():
    names = [(machine.name, machine.ip) for machine in CLUSTER.machines]
    assert names == [
        ("control-plane", "192.168.80.10"),
        ("worker-1", "192.168.80.11"),
        ("worker-2", "192.168.80.12"),
    ]
    assert CLUSTER.gateway == "192.168.80.1"
    assert CLUSTER.server == "https://192.168.80.10:6443"


def test_whatever_the_host_can_see_bears_the_clusters_name():
    other = Cluster("second", Path("/tmp/x"), subnet="192.168.83.0/24", workers=50)
    machine = other.machines[-1]
    names = (other.bridge, machine.netns, machine.link, machine.cgroup.strip("/"), other.tag, str(other.run))
    assert all("second" in name for name in names)


def test_link_names_fit_the_kernels_fifteen_characters():
    longest = Cluster("abcdefghij", Path("/x"), subnet="192.168.80.0/24", workers=50)
    assert max(len(name) for name in (longest.bridge, longest.machines[-1].link)) <= 15


def test_a_machines_hardware_address_follows_from_its_ip():
    assert CLUSTER.machines[1].mac == "02:4d:c0:a8:50:0b"


def test_an_unknown_machine_is_answered_with_the_known_ones():
    with pytest.raises(SetupError, match=r"'worker-9'.*control-plane, worker-1, worker-2"):
        CLUSTER.machine("worker-9")


@pytest.mark.parametrize("name", ["Mini", "9x", "x", "a-very-long-name", "a b", "end-"])
def test_names_that_cannot_become_links_are_refused(name: str):
    with pytest.raises(SetupError, match="MINI_NAME"):
        from_environment({"MINI_NAME": name})


def test_each_name_has_a_folder_of_its_own_unless_told_otherwise(tmp_path: Path):
    assert from_environment({"MINI_NAME": "zz9"}).home == Path("/var/lib/mini-zz9")
    assert from_environment({"MINI_NAME": "zz9", "MINI_HOME": str(tmp_path)}).home == tmp_path


def test_what_up_decided_is_found_again(tmp_path: Path):
    cluster = Cluster("mini", tmp_path, subnet="192.168.80.0/24", workers=3, runtime="hollow")
    cluster.save()
    assert load(Cluster("mini", tmp_path)) == cluster


def test_another_clusters_folder_is_refused(tmp_path: Path):
    Cluster("first", tmp_path, subnet="192.168.80.0/24").save()
    with pytest.raises(SetupError, match="belongs to cluster 'first'"):
        load(Cluster("second", tmp_path))


def test_a_folder_that_is_none_is_refused(tmp_path: Path):
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(SetupError, match=f"MINI_HOME={file} cannot be used: Not a directory"):
        load(Cluster("mini", file))


def test_a_broken_file_says_how_to_start_afresh(tmp_path: Path):
    (tmp_path / "cluster.json").write_text('{"name": "mini"')
    with pytest.raises(SetupError, match="mini delete starts afresh"):
        load(Cluster("mini", tmp_path))


def test_atomic_writes_replace_and_keep_the_mode(tmp_path: Path):
    path = tmp_path / "deep" / "file"
    write_atomically(path, "one")
    write_atomically(path, "two")
    assert path.read_text() == "two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]

"""`down` keeps the disks, `delete` leaves nothing, also after the worst end of a run."""

from __future__ import annotations

import json
import os
import signal
import uuid
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from miniadm import addresses, host, kubeconfig, lab, pki, remove
from miniadm.cluster import Cluster
from miniadm.progress import Progress
from miniadm.services import Service
from tests.support import traces
from tests.support.cluster import eventually

# A shell that ignores requests, with a child: what a stubborn container looks like.
STUBBORN = Service("stubborn", ("sh", "-c", "trap '' TERM; sleep 100000 & wait; sleep 100000"))
POLITE = Service("polite", ("sh", "-c", "sleep 100000 & wait"))
QUIET = Progress(quiet=True)


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "user.kubeconfig"))
    cluster = Cluster(f"t{uuid.uuid4().hex[:6]}", tmp_path / "home", workers=1)
    cluster = replace(cluster, subnet=str(addresses.free_subnet(addresses.host_networks())))
    yield cluster
    remove.delete(cluster, QUIET)


def start(cluster: Cluster, service: Service = POLITE) -> None:
    cluster.save()
    pki.ensure(cluster)
    lab.start(cluster)
    host.link_up(cluster)
    kubeconfig.add_context(cluster, kubeconfig.user_file())
    for machine in cluster.machines:
        machine.home.mkdir(parents=True, exist_ok=True)
        machine.services_file.write_text(json.dumps([asdict(service)]))
        machine.switch.touch()
    lab.notify(cluster)
    eventually(lambda: all(machine.state_file.exists() for machine in cluster.machines))
    for controller in ("memory", "pids", "."):
        Path("/sys/fs/cgroup", controller, cluster.name, "worker-1", "pod").mkdir(parents=True, exist_ok=True)


def test_delete_leaves_nothing(cluster: Cluster):
    before = traces.look()
    start(cluster, STUBBORN)
    eventually(lambda: len(traces.processes(cluster)) == 7)  # The lab; two machines with a shell and its child.
    known = traces.processes(cluster)
    during = (traces.look() - before).of(cluster)
    assert all(vars(replace(during, mounts=frozenset({"-"}))).values()), f"the test is blind: {during}"
    remove.delete(cluster, QUIET)
    assert not (traces.look() - before).of(cluster)
    assert not traces.alive(known)
    assert not cluster.home.exists()
    assert not kubeconfig.user_file().exists()


def test_delete_finds_a_lab_of_which_no_file_tells(cluster: Cluster):
    start(cluster)
    known = traces.processes(cluster)
    for path in (cluster.lab_pid_file, cluster.file):
        path.unlink()
    remove.delete(replace(cluster, subnet=""), QUIET)
    assert known
    assert not traces.alive(known)


def test_delete_after_everything_of_ours_was_killed(cluster: Cluster):
    before = traces.look()
    start(cluster)
    known = traces.processes(cluster)
    for pid in (lab.running_lab(cluster), lab.running_init(cluster.machines[1])):
        os.kill(pid, signal.SIGKILL)
    remove.delete(cluster, QUIET)
    assert not (traces.look() - before).of(cluster)
    assert not traces.alive(known)


def test_machines_whose_pid_files_were_lost_are_found(cluster: Cluster):
    start(cluster)
    known = traces.processes(cluster)
    os.kill(lab.running_lab(cluster), signal.SIGKILL)
    for path in cluster.run.glob("*.pid"):
        path.unlink()
    remove.down(cluster, QUIET)
    assert not traces.alive(known)


def test_down_keeps_files_only_and_up_finds_them(cluster: Cluster):
    before = traces.look()
    start(cluster)
    certificate = (cluster.pki / "ca.crt").read_bytes()
    remove.down(cluster, QUIET)
    left = (traces.look() - before).of(cluster)
    assert not replace(left, files=frozenset())
    start(cluster)
    assert (cluster.pki / "ca.crt").read_bytes() == certificate


def test_down_and_delete_of_what_is_not_there_are_harmless(cluster: Cluster):
    remove.down(cluster, QUIET)
    remove.delete(cluster, QUIET)


def test_delete_takes_no_folder_that_is_not_a_clusters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "user.kubeconfig"))
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.txt").write_text("years of work")
    remove.delete(Cluster("tprec", precious), QUIET)
    assert (precious / "thesis.txt").exists()


def test_forwarding_is_left_as_it_was_found(cluster: Cluster):
    found = host.FORWARDING.read_text()
    start(cluster)
    assert host.FORWARDING.read_text().strip() == "1"
    note = cluster.home / "host.json"
    assert json.loads(note.read_text())["ip_forward"] == found.strip()

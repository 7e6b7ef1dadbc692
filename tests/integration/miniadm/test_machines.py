"""Machines without a cluster in them: real namespaces, a real init, two small services on each."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from miniadm import addresses, host, kernel, lab, remove
from miniadm.cluster import Cluster, Machine
from miniadm.progress import Progress
from miniadm.services import Service
from miniadm.status import Process, processes
from miniadm.up import failing
from tests.support import traces
from tests.support.cluster import LabCluster, eventually

SERVICES = (
    Service("web", ("http.server", "8000"), python=True),
    Service("sleeper", ("sh", "-c", "hostname; exec sleep 100000"), after=("tcp:127.0.0.1:8000",)),
    Service("mark", ("true",), creates="/run/marked"),
)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    subnet = str(addresses.free_subnet(addresses.host_networks()))
    cluster = Cluster(f"t{uuid.uuid4().hex[:6]}", tmp_path_factory.mktemp("home"), subnet=subnet, workers=1)
    cluster.save()
    lab.start(cluster)
    host.link_up(cluster)
    for machine in cluster.machines:
        machine.home.mkdir(parents=True)
        machine.services_file.write_text(json.dumps([asdict(service) for service in SERVICES]))
        machine.switch.touch()
    lab.notify(cluster)
    try:
        yield cluster
    finally:
        remove.delete(cluster, Progress(quiet=True))


@pytest.fixture
def worker(cluster: Cluster) -> Machine:
    """A machine that is on and all of whose services run."""
    machine = cluster.machines[1]
    if not machine.switch.exists():
        remove.power(cluster, machine.name, on=True)
    eventually(lambda: answers(machine) and running(machine, "sleeper"))
    return machine


def running(machine: Machine, name: str) -> Process | None:
    return next((row for row in processes(machine) if row.name == name and row.pid), None)


def answers(machine: Machine) -> bool:
    connection = http.client.HTTPConnection(machine.ip, 8000, timeout=1)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def inside(cluster: Cluster, machine: Machine, *words: str) -> str:
    return LabCluster(cluster.name, cluster.home).shell(machine.name, *words)


def test_a_machine_has_a_name_an_address_and_processes_of_its_own(cluster: Cluster, worker: Machine):
    assert inside(cluster, worker, "hostname").strip() == "worker-1"
    assert worker.ip in inside(cluster, worker, "ip", "-br", "address")
    assert inside(cluster, worker, "cat", "/proc/1/comm").strip() == "mini-init"


def test_machines_reach_each_other_by_name(cluster: Cluster, worker: Machine):
    python = "import urllib.request as u; print(u.urlopen('http://worker-1:8000/', timeout=5).status)"
    assert inside(cluster, cluster.machines[0], "python3", "-c", python).strip() == "200"


def test_a_service_waits_for_what_it_needs_and_logs_to_a_file(worker: Machine):
    log = (worker.logs / "init.log").read_text()
    assert log.index("web waiting -> running") < log.index("sleeper waiting -> running")
    assert "worker-1" in (worker.logs / "sleeper.log").read_text()


def test_a_service_that_runs_once_is_done(worker: Machine):
    states = {row.name: row.state for row in processes(worker)}
    assert states["mark"] == "done"


def test_a_python_service_is_forked_and_shows_its_command_line(worker: Machine):
    web = running(worker, "web")
    assert Path(f"/proc/{web.pid}/cmdline").read_bytes().split(b"\0")[:4] == [
        b"python3", b"-m", b"http.server", b"8000",
    ]  # fmt: skip


def test_a_killed_service_returns(worker: Machine):
    before = running(worker, "sleeper")
    os.kill(before.pid, signal.SIGKILL)
    eventually(lambda: (now := running(worker, "sleeper")) and now.pid != before.pid)
    assert running(worker, "sleeper").restarts == before.restarts + 1


def test_mounts_stay_inside_and_end_with_the_power(cluster: Cluster, worker: Machine, tmp_path: Path):
    inside(cluster, worker, "mount", "-t", "tmpfs", "inner", str(tmp_path))
    assert str(tmp_path) in inside(cluster, worker, "cat", "/proc/mounts")
    assert str(tmp_path) not in Path("/proc/self/mounts").read_text()
    remove.power(cluster, worker.name, on=False)
    tmp_path.rmdir()
    tmp_path.mkdir()


def test_pulling_the_plug_ends_everything_and_keeps_the_disk(cluster: Cluster, worker: Machine):
    known = traces.processes(cluster)
    init = lab.running_init(worker)
    inner = {entry for entry in known if _machine_of(entry[0]) == _machine_of(init)}
    (worker.home / "disk").write_text("kept")
    remove.power(cluster, worker.name, on=False)
    assert not traces.alive(frozenset(inner))
    assert not answers(worker)
    eventually(lambda: not Path("/run/netns", worker.netns).exists())
    remove.power(cluster, worker.name, on=True)
    eventually(lambda: answers(worker))
    assert (worker.home / "disk").read_text() == "kept"


def _machine_of(pid: int) -> str:
    return os.readlink(f"/proc/{pid}/ns/pid")


def test_a_machine_whose_init_was_killed_boots_again(worker: Machine):
    before = lab.running_init(worker)
    os.kill(before, signal.SIGKILL)
    eventually(lambda: lab.running_init(worker) not in (0, before))
    eventually(lambda: answers(worker))


def test_machines_outlive_a_killed_lab_and_the_next_one_adopts_them(cluster: Cluster, worker: Machine):
    inits = [lab.running_init(machine) for machine in cluster.machines]
    os.kill(lab.running_lab(cluster), signal.SIGKILL)
    eventually(lambda: not lab.running_lab(cluster))
    assert answers(worker)
    lab.start(cluster)
    eventually(lambda: (cluster.run / "lab.ready").exists())
    assert [lab.running_init(machine) for machine in cluster.machines] == inits
    remove.power(cluster, worker.name, on=False)
    assert not lab.running_init(worker)
    assert lab.running_init(cluster.machines[0]) == inits[0]


def test_a_lab_whose_pid_file_was_lost_gives_way_to_the_next(cluster: Cluster, worker: Machine):
    inits = [lab.running_init(machine) for machine in cluster.machines]
    before = lab.running_lab(cluster)
    cluster.lab_pid_file.unlink()
    lab.start(cluster)
    eventually(lambda: (cluster.run / "lab.ready").exists() and lab.running_lab(cluster) not in (0, before))
    assert [lab.running_init(machine) for machine in cluster.machines] == inits
    assert answers(worker)


def test_a_second_lab_for_the_same_cluster_steps_back(cluster: Cluster, worker: Machine):
    environment = LabCluster(cluster.name, cluster.home).environment
    second = subprocess.run(
        [os.sys.executable, "-m", "miniadm.lab"],
        capture_output=True, text=True, env=environment, cwd=lab.project_folder(), timeout=120,
    )  # fmt: skip
    assert second.returncode == 1
    assert "runs already" in second.stderr
    assert lab.running_lab(cluster)


def test_a_service_that_keeps_ending_is_named_with_its_last_words(cluster: Cluster, worker: Machine):
    broken = Service("broken", ("sh", "-c", "echo no disk; exit 3"))
    machine = cluster.machines[0]
    before = machine.services_file.read_text()
    machine.services_file.write_text(json.dumps([asdict(broken)]))
    remove.power(cluster, machine.name, on=False)
    remove.power(cluster, machine.name, on=True)
    eventually(lambda: list(failing(cluster)) == ["  - broken on control-plane keeps ending: no disk"])
    machine.services_file.write_text(before)
    remove.power(cluster, machine.name, on=False)
    remove.power(cluster, machine.name, on=True)


def test_idle_machines_use_no_processor(cluster: Cluster, worker: Machine):
    def spent() -> int:
        pids = [lab.running_lab(cluster), *map(lab.running_init, cluster.machines)]
        fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
        return sum(int(row[11]) + int(row[12]) for row in fields)

    wakeups = _switches(lab.running_init(worker))
    before = spent()
    inside(cluster, worker, "sleep", "1")
    assert spent() - before <= 5, "of a hundred ticks: to look at anything a hundred times a second costs more"
    assert _switches(lab.running_init(worker)) - wakeups <= 3
    assert kernel.start_time(lab.running_lab(cluster))


def _switches(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if "ctxt_switches" in line)

"""Which processes a machine gets, and what they wait for."""

from __future__ import annotations

from pathlib import Path

from miniadm import services
from miniadm.cluster import Cluster, Machine
from miniadm.services import Service

ARCHIVE = Path("/var/lib/mini/images/lab-1234.tar")
CLUSTER = Cluster("mini", Path("/var/lib/mini"), subnet="192.168.80.0/24")


def of(machine: Machine) -> dict[str, Service]:
    return {service.name: service for service in services.services(machine, ARCHIVE)}


def test_the_control_plane_starts_with_etcd_and_is_a_node_too():
    names = [service.name for service in services.services(CLUSTER.machines[0], ARCHIVE)]
    assert names[:2] == ["etcd", "apiserver"]
    assert {"controllers", "scheduler", "containerd", "kubelet", "network", "kubeproxy"} < set(names)


def test_a_worker_has_no_part_of_the_control_plane():
    assert set(of(CLUSTER.machines[1])) == {"containerd", "images", "kubelet", "network", "kubeproxy"}


def test_hollow_machines_need_no_containerd():
    hollow = Cluster("mini", Path("/x"), subnet="192.168.80.0/24", runtime="hollow")
    kubelet = of(hollow.machines[1])["kubelet"]
    assert "containerd" not in of(hollow.machines[1])
    assert "--container-runtime=hollow" in kubelet.argv
    assert kubelet.after == ("tcp:192.168.80.10:6443",)


def test_docker_machines_have_an_engine_over_their_containerd():
    docker = of(Cluster("mini", Path("/x"), subnet="192.168.80.0/24", runtime="docker").machines[1])
    assert list(docker)[:3] == ["containerd", "dockerd", "images"] and docker["images"].python
    assert {"--container-runtime=docker", "--container-runtime-endpoint=unix:///run/docker.sock",
            "--pod-infra-container-image=docker.io/mini/pause:1"} < set(docker["kubelet"].argv)  # fmt: skip
    assert docker["kubelet"].after[0] == "done:images" and docker["images"].after == ("unix:/run/docker.sock",)


def test_every_condition_names_something_that_exists():
    for machine in CLUSTER.machines:
        known = of(machine)
        for service in known.values():
            for condition in service.after:
                kind, _, what = condition.partition(":")
                assert kind in ("tcp", "unix", "file", "done")
                assert kind != "done" or what in known


def test_only_the_control_planes_node_is_tainted():
    taint = "--register-with-taints=node-role.kubernetes.io/control-plane=:NoSchedule"
    assert [taint in of(machine)["kubelet"].argv for machine in CLUSTER.machines] == [True, False, False]


def test_each_kubelet_speaks_under_its_own_name():
    argv = of(CLUSTER.machines[2])["kubelet"].argv
    assert "--kubeconfig=/var/lib/mini/kubeconfig/kubelet-worker-2.kubeconfig" in argv
    assert "--cgroup-root=/mini/worker-2" in argv


def test_images_are_imported_once_per_content():
    assert of(CLUSTER.machines[1])["images"].creates == "/var/lib/mini/nodes/worker-1/lab-1234.imported"


def test_services_survive_the_disk(tmp_path: Path):
    machine = Cluster("mini", tmp_path, subnet="192.168.80.0/24").machines[0]
    services.write(machine, ARCHIVE)
    assert services.read(machine.services_file) == services.services(machine, ARCHIVE)

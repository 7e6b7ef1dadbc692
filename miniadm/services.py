"""The command lines: which processes make a control plane, which make a node, and what each must wait for.

Pure: a machine in, a tuple of `Service` out; `up` writes them to the machine's disk and `init` runs them.
kubeadm has the same as static pod manifests and kubelet flags; here every component is a plain process.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from miniadm import containerd, dockerd
from miniadm.cluster import (
    API_PORT,
    CLUSTER_DNS,
    CONTROL_PLANE,
    NODE_PORTS,
    POD_CIDR,
    SERVICE_CIDR,
    Machine,
    write_atomically,
)
from miniadm.images import PAUSE

CONTAINERD_SOCKET = "/run/containerd/containerd.sock"
CNI_DATA = "/run/cni-addresses"
ETCD_PORT = 2379
TOKEN_ISSUER = "https://kubernetes.default.svc.cluster.local"
CONTROL_PLANE_ROLE = f"node-role.kubernetes.io/{CONTROL_PLANE}"


@dataclass(frozen=True)
class Service:
    """One process that a machine's init keeps running."""

    name: str
    argv: tuple[str, ...]
    """A program's words; with `python`, a module's name and its arguments."""
    python: bool = False
    creates: str = ""
    """Run until it succeeds a single time, ever: this file then marks it as done."""
    after: tuple[str, ...] = ()
    """Start when all hold: tcp:HOST:PORT, unix:PATH (somebody accepts), file:PATH, done:SERVICE."""


def services(machine: Machine, archive: Path) -> tuple[Service, ...]:
    """Everything that runs on this machine, in the order in which it should start."""
    control_plane = _control_plane(machine) if machine.is_control_plane else ()
    first = control_plane[:2]
    return (*first, *_runtime(machine, archive), *control_plane[2:], *_node(machine))


def write(machine: Machine, archive: Path) -> None:
    """Leave the machine's services on its disk, for `init` to read at boot. `archive` holds images."""
    rows = [asdict(service) for service in services(machine, archive)]
    write_atomically(machine.services_file, json.dumps(rows, indent=1), mode=0o644)


def read(path: Path) -> tuple[Service, ...]:
    rows = json.loads(path.read_text())
    return tuple(Service(**{**row, "argv": tuple(row["argv"]), "after": tuple(row["after"])}) for row in rows)


def _control_plane(machine: Machine) -> tuple[Service, ...]:
    up = (f"tcp:{machine.ip}:{API_PORT}",)
    return (
        Service("etcd", _etcd(machine)),
        Service("apiserver", _apiserver(machine), python=True, after=(f"tcp:127.0.0.1:{ETCD_PORT}",)),
        Service("controllers", _controllers(machine), python=True, after=up),
        Service("scheduler", ("scheduler", *_kubeconfig(machine, "scheduler")), python=True, after=up),
    )


def _runtime(machine: Machine, archive: Path) -> tuple[Service, ...]:
    if not machine.cluster.runs_containers:
        return ()
    first = Service("containerd", ("containerd", "--config", str(containerd.config_file(machine))))
    if machine.cluster.runtime == "docker":
        engine = dockerd.command(machine, CONTAINERD_SOCKET)
        loaded = str(machine.home / f"{archive.stem}.loaded")
        load = ("miniadm.docker_load", dockerd.SOCKET, str(archive))
        return (
            first,
            Service("dockerd", engine, after=(f"unix:{CONTAINERD_SOCKET}",)),
            Service("images", load, python=True, creates=loaded, after=(f"unix:{dockerd.SOCKET}",)),
        )
    imported = str(machine.home / f"{archive.stem}.imported")
    ctr = ("ctr", "--address", CONTAINERD_SOCKET, "--namespace", "k8s.io", "images", "import", str(archive))
    return first, Service("images", ctr, creates=imported, after=(f"unix:{CONTAINERD_SOCKET}",))


def _node(machine: Machine) -> tuple[Service, ...]:
    cluster = machine.cluster
    api = f"tcp:{cluster.machines[0].ip}:{API_PORT}"
    has_images = ("done:images",) if cluster.runs_containers else ()
    network = (
        "addons.network", *_kubeconfig(machine, "network"), f"--node-name={machine.name}",
        f"--cni-conf-dir={containerd.cni_folder(machine)}", f"--cni-data-dir={CNI_DATA}",
    )  # fmt: skip
    proxy = (
        "kubeproxy", *_kubeconfig(machine, "kube-proxy"), f"--hostname-override={machine.name}",
        f"--cluster-cidr={POD_CIDR}",
    )  # fmt: skip
    return (
        Service("kubelet", _kubelet(machine), python=True, after=(*has_images, api)),
        Service("network", network, python=True, after=(api,)),
        Service("kubeproxy", proxy, python=True, after=(api,)),
    )


def _kubeconfig(machine: Machine, identity: str) -> tuple[str, ...]:
    owner = f"{identity}-{machine.name}" if identity == "kubelet" else identity
    return (f"--kubeconfig={machine.cluster.kubeconfigs / owner}.kubeconfig",)


def _etcd(machine: Machine) -> tuple[str, ...]:
    pki, url = machine.cluster.pki, f"https://127.0.0.1:{ETCD_PORT}"
    peer = "http://127.0.0.1:2380"
    return (
        "etcd", f"--name={machine.name}", f"--data-dir={machine.home / 'etcd'}",
        f"--listen-client-urls={url}", f"--advertise-client-urls={url}",
        f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster={machine.name}={peer}",
        f"--cert-file={pki}/etcd.crt", f"--key-file={pki}/etcd.key",
        "--client-cert-auth", f"--trusted-ca-file={pki}/etcd-ca.crt",
        "--logger=zap", "--log-level=warn", "--log-outputs=stderr",
    )  # fmt: skip


def _apiserver(machine: Machine) -> tuple[str, ...]:
    pki = machine.cluster.pki
    return (
        "apiserver", f"--etcd-servers=https://127.0.0.1:{ETCD_PORT}", f"--etcd-cafile={pki}/etcd-ca.crt",
        f"--etcd-certfile={pki}/apiserver-etcd-client.crt", f"--etcd-keyfile={pki}/apiserver-etcd-client.key",
        "--bind-address=0.0.0.0", f"--secure-port={API_PORT}", f"--advertise-address={machine.ip}",
        f"--tls-cert-file={pki}/apiserver.crt", f"--tls-private-key-file={pki}/apiserver.key",
        f"--client-ca-file={pki}/ca.crt",
        f"--kubelet-client-certificate={pki}/apiserver-kubelet-client.crt",
        f"--kubelet-client-key={pki}/apiserver-kubelet-client.key",
        f"--kubelet-certificate-authority={pki}/ca.crt",
        "--enable-admission-plugins=NodeRestriction",
        f"--service-cluster-ip-range={SERVICE_CIDR}", f"--service-node-port-range={NODE_PORTS}",
        f"--audit-log-path={machine.logs / 'audit.log'}",
        f"--service-account-issuer={TOKEN_ISSUER}", f"--service-account-signing-key-file={pki}/sa.key",
        f"--service-account-key-file={pki}/sa.pub", "--enable-bootstrap-token-auth",
        f"--requestheader-client-ca-file={pki}/front-proxy-ca.crt",
        "--requestheader-allowed-names=front-proxy-client",
        f"--proxy-client-cert-file={pki}/front-proxy-client.crt",
        f"--proxy-client-key-file={pki}/front-proxy-client.key",
    )  # fmt: skip


def _controllers(machine: Machine) -> tuple[str, ...]:
    return (
        "controllers", *_kubeconfig(machine, "controllers"), f"--cluster-cidr={POD_CIDR}",
        "--node-cidr-mask-size=24", f"--root-ca-file={machine.cluster.pki}/ca.crt",
        f"--service-account-private-key-file={machine.cluster.pki}/sa.key",
        f"--cluster-signing-cert-file={machine.cluster.pki}/ca.crt",
        f"--cluster-signing-key-file={machine.cluster.pki}/ca.key",
        f"--hostpath-provisioner-folder={machine.cluster.home}/volumes",
    )  # fmt: skip


_SHARED_DISK = ("--eviction-hard=memory.available<100Mi", "--image-gc-high-threshold=100")
"""How full the computer's own disk is, no machine of the lab can help."""


def _kubelet(machine: Machine) -> tuple[str, ...]:
    pki = machine.cluster.pki
    role = (f"--register-with-taints={CONTROL_PLANE_ROLE}=:NoSchedule",) if machine.is_control_plane else ()
    socket = dockerd.SOCKET if machine.cluster.runtime == "docker" else CONTAINERD_SOCKET
    return (
        "kubelet", *_kubeconfig(machine, "kubelet"), f"--node-name={machine.name}", f"--node-ip={machine.ip}",
        f"--root-dir={machine.home / 'kubelet'}", f"--container-runtime={machine.cluster.runtime}",
        f"--container-runtime-endpoint=unix://{socket}", f"--cgroup-root={machine.cgroup}", *_docker(machine),
        f"--pod-log-dir={machine.home / 'pod-logs'}", "--port=10250",
        f"--tls-cert-file={pki}/kubelet-{machine.name}.crt",
        f"--tls-private-key-file={pki}/kubelet-{machine.name}.key", f"--client-ca-file={pki}/ca.crt",
        f"--cluster-dns={CLUSTER_DNS}", "--cluster-domain=cluster.local", *_SHARED_DISK, *role,
    )  # fmt: skip


def _docker(machine: Machine) -> tuple[str, ...]:
    """What containerd is told in its own configuration, Docker's kubelet must know."""
    if machine.cluster.runtime != "docker":
        return ()
    return f"--pod-infra-container-image={PAUSE}", f"--cni-conf-dir={containerd.cni_folder(machine)}"


def python_command(service: Service) -> list[str]:
    """The command that a fork stands for, and what is run in its place when the fork would be out of date."""
    return [sys.executable, "-m", *service.argv]

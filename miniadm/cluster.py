"""What a cluster is called, where it keeps things and at which addresses: plain values, no effects.

Every name that the host can see (bridge, network namespaces, cgroup, firewall chain, folders) is derived from
the cluster's name here, so that two clusters live side by side. kubeadm's ClusterConfiguration is the model.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path

POD_CIDR = "10.244.0.0/16"
SERVICE_CIDR = "10.96.0.0/16"
SERVICE_IP = "10.96.0.1"
CLUSTER_DNS = "10.96.0.10"
NODE_PORTS = "30000-32767"
API_PORT = 6443
CONTROL_PLANE = "control-plane"
RUN_ROOT = Path("/run/mini")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,8}[a-z0-9]")


class SetupError(Exception):
    """Something on this computer is in the way; the text says what, and what to do about it."""


@dataclass(frozen=True)
class Machine:
    """One machine of the lab, to which a Node of the same name will belong."""

    cluster: Cluster
    name: str
    index: int

    @property
    def ip(self) -> str:
        return str(ipaddress.ip_network(self.cluster.subnet)[10 + self.index])

    @property
    def is_control_plane(self) -> bool:
        return self.name == CONTROL_PLANE

    @property
    def netns(self) -> str:
        return f"{self.cluster.name}-{self.name}"

    @property
    def link(self) -> str:
        """The host's end of the machine's network cable."""
        return f"{self.cluster.name}-v{self.index}"

    @property
    def home(self) -> Path:
        """What the machine's disk keeps."""
        return self.cluster.home / "nodes" / self.name

    @property
    def run(self) -> Path:
        """What the machine sees as /run; gone with the power."""
        return self.cluster.run / self.name

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def cgroup(self) -> str:
        return f"/{self.cluster.name}/{self.name}"

    @property
    def services_file(self) -> Path:
        return self.home / "services.json"

    @property
    def state_file(self) -> Path:
        """Where the machine's init writes what runs."""
        return self.run / "services.state"

    @property
    def pid_file(self) -> Path:
        return self.cluster.run / f"{self.name}.pid"

    @property
    def switch(self) -> Path:
        """The power switch: on while this file exists. In /run, hence off after the computer restarts."""
        return self.cluster.run / f"{self.name}.on"

    @property
    def mac(self) -> str:
        """Stable, so that neighbours' ARP caches stay right when the machine is switched off and on."""
        return "02:4d:" + ":".join(f"{int(part):02x}" for part in self.ip.split("."))


@dataclass(frozen=True)
class Cluster:
    """A cluster as `up` was asked for; kept in cluster.json."""

    name: str
    home: Path
    subnet: str = ""
    workers: int = 2
    runtime: str = "containerd"

    @property
    def runs_containers(self) -> bool:
        """Hollow nodes only pretend."""
        return self.runtime != "hollow"

    @property
    def run(self) -> Path:
        return RUN_ROOT / self.name

    @property
    def pki(self) -> Path:
        return self.home / "pki"

    @property
    def kubeconfigs(self) -> Path:
        return self.home / "kubeconfig"

    @property
    def admin_kubeconfig(self) -> Path:
        return self.home / "admin.kubeconfig"

    @property
    def images(self) -> Path:
        return self.home / "images"

    @property
    def file(self) -> Path:
        return self.home / "cluster.json"

    @property
    def lab_pid_file(self) -> Path:
        return self.run / "lab.pid"

    @property
    def lab_log(self) -> Path:
        return self.home / "lab.log"

    @property
    def bridge(self) -> str:
        return f"{self.name}0"

    @property
    def gateway(self) -> str:
        return str(ipaddress.ip_network(self.subnet)[1])

    @property
    def tag(self) -> str:
        """The comment on every firewall rule of ours, and the alias of our bridge."""
        return f"mini:{self.name}"

    @property
    def machines(self) -> tuple[Machine, ...]:
        names = (CONTROL_PLANE, *(f"worker-{number}" for number in range(1, self.workers + 1)))
        return tuple(Machine(self, name, index) for index, name in enumerate(names))

    @property
    def server(self) -> str:
        return f"https://{self.machines[0].ip}:{API_PORT}"

    def machine(self, name: str) -> Machine:
        for machine in self.machines:
            if machine.name == name:
                return machine
        known = ", ".join(machine.name for machine in self.machines)
        raise SetupError(f"there is no machine {name!r} in cluster {self.name}; it has: {known}")

    def save(self) -> None:
        values = {key: str(value) if key == "home" else value for key, value in asdict(self).items()}
        write_atomically(self.file, json.dumps(values, indent=2) + "\n", mode=0o644)


def from_environment(environ: dict[str, str] | os._Environ[str] = os.environ) -> Cluster:
    """The cluster that MINI_NAME and MINI_HOME mean, with what `up` once decided if it was ever up."""
    name = environ.get("MINI_NAME") or "mini"
    if not _NAME.fullmatch(name):
        raise SetupError(f"MINI_NAME={name!r}: use 2 to 10 of a-z, 0-9 and -, beginning with a letter")
    home = environ.get("MINI_HOME") or ("/var/lib/mini" if name == "mini" else f"/var/lib/mini-{name}")
    return load(Cluster(name, Path(home).absolute()))


def load(cluster: Cluster) -> Cluster:
    try:
        stored = json.loads(cluster.file.read_text())
        if stored["name"] != cluster.name:
            raise SetupError(
                f"{cluster.home} belongs to cluster {stored['name']!r}, not to {cluster.name!r}; "
                f"set MINI_HOME to another folder or MINI_NAME={stored['name']}"
            )
        return replace(cluster, subnet=stored["subnet"], workers=int(stored["workers"]), runtime=stored["runtime"])
    except FileNotFoundError:
        return cluster
    except OSError as broken:
        raise SetupError(f"MINI_HOME={cluster.home} cannot be used: {broken.strerror}") from broken
    except (ValueError, KeyError, TypeError) as broken:
        raise SetupError(f"{cluster.file} cannot be read ({broken}); ./mini delete starts afresh") from broken


def write_atomically(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Write a file so that a reader, or a power cut, finds the old content or the new one, never half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.chmod(mode)
    temporary.replace(path)

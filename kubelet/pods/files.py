"""The files and mounts that every container gets beside its volumes: /etc/hosts, the termination message.

Writes below <root>/pods/<uid>. Real Kubernetes: kubelet_pods.go (makeMounts, ensureHostsFile).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from kubelet import folders
from kubelet.config import Config
from kubelet.containers.expansion import expand
from kubelet.containers.failure import ConfigFailure
from kubelet.containers.sandbox import hostname
from kubelet.runtime.interface import Mount
from kubelet.volumes.failure import VolumeFailure
from kubelet.volumes.sub_path import resolve
from machinery.api.core.v1 import Container, Pod, VolumeMount

HOSTS = """# Kubernetes-managed hosts file.
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
fe00::0\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
"""


def hosts_text(pod: Pod, ips: tuple[str, ...], domain: str) -> str:
    """The pod's own /etc/hosts."""
    name = hostname(pod)
    names = name
    if pod.spec.subdomain:
        names = f"{name}.{pod.spec.subdomain}.{pod.metadata.namespace}.svc.{domain}\t{name}"
    text = HOSTS + "".join(f"{ip}\t{names}\n" for ip in ips)
    if pod.spec.host_aliases:
        text += "\n# Entries added by HostAliases.\n"
        text += "".join(f"{alias.ip}\t{chr(9).join(alias.hostnames)}\n" for alias in pod.spec.host_aliases)
    return text


def write_hosts(config: Config, pod: Pod, ips: tuple[str, ...]) -> None:
    if pod.spec.host_network and not pod.spec.host_aliases:
        return
    path = folders.hosts_file(config.root_dir, pod.metadata.uid)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(hosts_text(pod, ips, config.cluster_domain))


def _source(mount: VolumeMount, volumes: Mapping[str, Path], variables: Mapping[str, str]) -> Path:
    if mount.name not in volumes:
        raise ConfigFailure(f'cannot find volume "{mount.name}" to mount into container')
    sub_path = mount.sub_path or expand(mount.sub_path_expr, variables)
    if not sub_path:
        return volumes[mount.name]
    try:
        return resolve(volumes[mount.name], sub_path)
    except (VolumeFailure, OSError) as error:
        raise ConfigFailure(f'failed to prepare subPath for volumeMount "{mount.name}": {error}') from error


def mounts(
    config: Config, pod: Pod, container: Container, *, volumes: Mapping[str, Path], variables: Mapping[str, str]
) -> Iterator[Mount]:
    """The container's volume mounts, then /etc/hosts unless it brings its own."""
    for mount in container.volume_mounts:
        source = _source(mount, volumes, variables)
        target = mount.mount_path if mount.mount_path.startswith("/") else f"/{mount.mount_path}"
        yield Mount(str(source), target, mount.read_only, mount.mount_propagation or "None")
    hosts = folders.hosts_file(config.root_dir, pod.metadata.uid)
    if hosts.exists() and all(mount.mount_path != "/etc/hosts" for mount in container.volume_mounts):
        yield Mount(str(hosts), "/etc/hosts")


def termination_mount(config: Config, pod: Pod, container: Container, attempt: int) -> Mount | None:
    """An empty file for the container's last words."""
    if not container.termination_message_path:
        return None
    file = folders.termination_file(config.root_dir, pod.metadata.uid, container.name, attempt)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"")
    file.chmod(0o666)
    return Mount(str(file), container.termination_message_path)

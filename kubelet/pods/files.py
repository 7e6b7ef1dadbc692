"""The files and mounts that every container gets beside its volumes: /etc/hosts, the termination message.

Writes below <root>/pods/<uid>. Real Kubernetes: kubelet_pods.go (makeMounts, ensureHostsFile).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

from kubelet import folders
from kubelet.config import Config
from kubelet.containers.expansion import expand, references
from kubelet.containers.failure import ConfigFailure
from kubelet.containers.sandbox import hostname
from kubelet.runtime.interface import Mount
from kubelet.volumes.failure import VolumeFailure
from kubelet.volumes.prepared import Prepared
from kubelet.volumes.sub_path import bind
from machinery.api.core.v1 import Container, Pod, VolumeMount

log = logging.getLogger(__name__)

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


def _sub_path(mount: VolumeMount, variables: Mapping[str, str]) -> str:
    """What a mount wants of its volume; unlike elsewhere, a variable that is not there is an error."""
    if name := next((name for name in references(mount.sub_path_expr) if name not in variables), ""):
        raise ConfigFailure(f'missing value for "{name}"')
    return mount.sub_path or expand(mount.sub_path_expr, variables)


def _source(config: Config, pod: Pod, container: Container, index: int, *, volume: Path, sub_path: str) -> Path:
    if not sub_path or config.container_runtime == "hollow":
        return volume
    name, uid = container.volume_mounts[index].name, pod.metadata.uid
    place = folders.sub_path_place(config.root_dir, uid, name, container=container.name, index=index)
    try:
        return bind(volume, sub_path, place)
    except (VolumeFailure, OSError) as error:
        # The reason stays here: it would tell a stranger about the node's files.
        log.warning("pod %s/%s, subPath of %s: %s", pod.metadata.namespace, pod.metadata.name, name, error)
        failed = f'failed to prepare subPath for volumeMount "{name}" of container "{container.name}"'
        raise ConfigFailure(failed) from error


def mounts(
    config: Config, pod: Pod, container: Container, *, volumes: Mapping[str, Prepared], variables: Mapping[str, str]
) -> Iterator[Mount]:
    """The container's volume mounts, then /etc/hosts unless it brings its own."""
    for index, mount in enumerate(container.volume_mounts):
        if mount.name not in volumes:
            raise ConfigFailure(f'cannot find volume "{mount.name}" to mount into container "{container.name}"')
        if mount.recursive_read_only == "Enabled":
            why = f'volume "{mount.name}" requested recursive read-only mode, but it is not supported by the runtime'
            raise ConfigFailure(f"failed to resolve recursive read-only mode: {why}")
        ready, sub_path = volumes[mount.name], _sub_path(mount, variables)
        source = _source(config, pod, container, index, volume=ready.path, sub_path=sub_path)
        target = mount.mount_path if mount.mount_path.startswith("/") else f"/{mount.mount_path}"
        read_only = mount.read_only or ready.read_only
        yield Mount(str(source), target, read_only, mount.mount_propagation or "None")
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

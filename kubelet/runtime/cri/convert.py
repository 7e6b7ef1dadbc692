"""Between the Runtime's values and CRI's messages, both ways. Pure.

Requests are built as plain dicts (protobuf accepts them nested), so that tests can compare them as text.
Real Kubernetes: kuberuntime_sandbox.go, kuberuntime_container_linux.go, helpers.go.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from kubelet.runtime import interface as rt

POD, CONTAINER, NODE, TARGET = 0, 1, 2, 3
_PID_MODES = {"pod": POD, "container": CONTAINER, "node": NODE}
_PROTOCOLS = {"TCP": 0, "UDP": 1, "SCTP": 2}
_PROPAGATION = {"None": 0, "HostToContainer": 1, "Bidirectional": 2}
_PROFILES = {"RuntimeDefault": 0, "Unconfined": 1, "Localhost": 2}


def time_of(nanoseconds: int) -> datetime | None:
    """CRI's 0 is Go's absent time."""
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC) if nanoseconds > 0 else None


def _created(nanoseconds: int) -> datetime:
    return time_of(nanoseconds) or datetime.fromtimestamp(0, UTC)


def _namespaces(spec: rt.Namespaces) -> dict[str, int]:
    return {
        "network": NODE if spec.host_network else POD,
        "pid": _PID_MODES[spec.pid],
        "ipc": NODE if spec.host_ipc else POD,
    }


def _ports(ports: tuple[rt.PortMapping, ...]) -> list[dict[str, Any]]:
    return [
        {
            "protocol": _PROTOCOLS[p.protocol],
            "container_port": p.container_port,
            "host_port": p.host_port,
            "host_ip": p.host_ip,
        }
        for p in ports
    ]


def sandbox_config(spec: rt.SandboxSpec) -> dict[str, Any]:
    config: dict[str, Any] = {
        "metadata": {
            "name": spec.name,
            "uid": spec.uid,
            "namespace": spec.namespace,
            "attempt": spec.attempt,
        },
        "hostname": spec.hostname,
        "log_directory": spec.log_directory,
        "port_mappings": _ports(spec.ports),
        "labels": dict(spec.labels),
        "annotations": dict(spec.annotations),
        "linux": {
            "cgroup_parent": spec.cgroup_parent,
            "sysctls": dict(spec.sysctls),
            "security_context": {
                "namespace_options": _namespaces(spec.namespaces),
                "privileged": spec.privileged,
                "seccomp": {"profile_type": _PROFILES["RuntimeDefault"]},
            },
        },
    }
    if spec.dns is not None:
        config["dns_config"] = {
            "servers": list(spec.dns.servers),
            "searches": list(spec.dns.searches),
            "options": list(spec.dns.options),
        }
    return config


def resources(resources: rt.Resources) -> dict[str, int]:
    return {
        "cpu_period": resources.cpu_period,
        "cpu_quota": resources.cpu_quota,
        "cpu_shares": resources.cpu_shares,
        "memory_limit_in_bytes": resources.memory_limit,
        "oom_score_adj": resources.oom_score_adj,
    }


def _joined(namespaces: rt.Namespaces, target_id: str) -> dict[str, Any]:
    """A container's namespaces: the pod's, and the processes of another container if it joins one."""
    target = {"pid": TARGET, "target_id": target_id} if target_id else {}
    return {**_namespaces(namespaces), **target}


def _security(security: rt.Security, namespaces: dict[str, Any]) -> dict[str, Any]:
    context: dict[str, Any] = {
        "privileged": security.privileged,
        "namespace_options": namespaces,
        "readonly_rootfs": security.read_only_rootfs,
        "no_new_privs": security.no_new_privileges,
        "supplemental_groups": list(security.supplemental_groups),
        "masked_paths": list(security.masked_paths),
        "readonly_paths": list(security.read_only_paths),
        "seccomp": {"profile_type": _PROFILES[security.seccomp], "localhost_ref": security.seccomp_file},
        "capabilities": {
            "add_capabilities": list(security.add_capabilities),
            "drop_capabilities": list(security.drop_capabilities),
        },
    }
    if security.app_armor:
        profile = {"profile_type": _PROFILES[security.app_armor], "localhost_ref": security.app_armor_profile}
        context["apparmor"] = profile
    for name in ("run_as_user", "run_as_group"):
        if (value := getattr(security, name)) is not None:
            context[name] = {"value": value}
    return context


def _mount(mount: rt.Mount) -> dict[str, Any]:
    return {
        "host_path": mount.host_path,
        "container_path": mount.container_path,
        "readonly": mount.read_only,
        "propagation": _PROPAGATION[mount.propagation],
    }


def container_config(spec: rt.ContainerSpec, namespaces: rt.Namespaces) -> dict[str, Any]:
    return {
        "metadata": {"name": spec.name, "attempt": spec.attempt},
        "image": {"image": spec.image},
        "command": list(spec.command),
        "args": list(spec.args),
        "working_dir": spec.working_dir,
        "envs": [{"key": key, "value": value} for key, value in spec.env],
        "mounts": [_mount(mount) for mount in spec.mounts],
        "labels": dict(spec.labels),
        "annotations": dict(spec.annotations),
        "log_path": spec.log_path,
        "stdin": spec.stdin,
        "stdin_once": spec.stdin_once,
        "tty": spec.tty,
        "linux": {
            "resources": resources(spec.resources),
            "security_context": _security(spec.security, _joined(namespaces, spec.target_id)),
        },
    }


def sandbox(message: Any, ips: tuple[str, ...] = ()) -> rt.Sandbox:
    """From a PodSandbox (list) or a PodSandboxStatus: they share these fields."""
    meta = message.metadata
    return rt.Sandbox(
        id=message.id,
        pod_uid=meta.uid,
        pod_name=meta.name,
        pod_namespace=meta.namespace,
        ready=message.state == 0,
        attempt=meta.attempt,
        created_at=_created(message.created_at),
        ips=ips,
        grace_period=int(message.annotations.get(rt.GRACE_PERIOD, "30")),
    )


def sandbox_ips(status: Any) -> tuple[str, ...]:
    network = status.network
    return tuple(ip for ip in (network.ip, *(extra.ip for extra in network.additional_ips)) if ip)


def container(status: Any, sandbox_id: str) -> rt.RuntimeContainer:
    """From a ContainerStatus; CRI leaves the sandbox's id to the list."""
    return rt.RuntimeContainer(
        id=status.id,
        sandbox_id=sandbox_id,
        pod_uid=status.labels[rt.POD_UID],
        name=status.metadata.name,
        attempt=status.metadata.attempt,
        state=rt.ContainerState(status.state),
        created_at=_created(status.created_at),
        image=status.image.image,
        image_id=status.image_ref,
        started_at=time_of(status.started_at),
        finished_at=time_of(status.finished_at),
        exit_code=status.exit_code,
        reason=status.reason,
        message=status.message,
        log_path=status.log_path,
        annotations=dict(status.annotations),
    )


def disk_use(message: Any) -> rt.DiskUse:
    return rt.DiskUse(message.used_bytes.value, message.inodes_used.value, message.fs_id.mountpoint)


def image(message: Any, *, pinned: bool = False) -> rt.Image:
    return rt.Image(
        id=message.id,
        tags=tuple(message.repo_tags),
        digests=tuple(message.repo_digests),
        size=message.size,
        uid=message.uid.value if message.HasField("uid") else None,
        user=message.username,
        pinned=pinned or message.pinned,
    )

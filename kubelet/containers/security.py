"""The security settings of one container: the pod's, overridden by its own. Pure.

Real Kubernetes: kuberuntime/security_context.go, securitycontext/util.go. Left out: SELinux, Windows.
"""

from __future__ import annotations

from typing import Any

from kubelet.containers.failure import ConfigFailure
from kubelet.containers.identity import pod_identity
from kubelet.runtime.interface import Image, Security
from machinery.api.core.v1 import (
    AppArmorProfile,
    Container,
    Pod,
    PodSecurityContext,
    SeccompProfile,
    SecurityContext,
)

MASKED_PATHS = (
    "/proc/asound",
    "/proc/acpi",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/sys/firmware",
    "/sys/devices/virtual/powercap",
)
READ_ONLY_PATHS = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")


def _effective(name: str, own: SecurityContext, of_pod: PodSecurityContext) -> Any:
    found = getattr(own, name)
    return found if found is not None else getattr(of_pod, name)


def _seccomp(profile: SeccompProfile | None, root: str) -> tuple[str, str]:
    if profile is None:
        return "Unconfined", ""
    if profile.type == "Localhost":
        return "Localhost", f"{root}/seccomp/{profile.localhost_profile}"
    return profile.type, ""


def app_armor_profile(pod: Pod, container: Container) -> AppArmorProfile | None:
    """The container's own, else the pod's."""
    own = container.security_context.app_armor_profile if container.security_context else None
    of_pod = pod.spec.security_context.app_armor_profile if pod.spec.security_context else None
    return own or of_pod


def _check_non_root(pod: Pod, container: Container, image: Image | None) -> None:
    own, of_pod = container.security_context or SecurityContext(), pod.spec.security_context or PodSecurityContext()
    if not _effective("run_as_non_root", own, of_pod):
        return
    if why := _root(_effective("run_as_user", own, of_pod), image):
        raise ConfigFailure(f'{why} (pod: "{pod_identity(pod)}", container: {container.name})')


def _root(user: int | None, image: Image | None) -> str:
    """Why a container would run as root, or might; "" where it will not."""
    if user == 0:
        return "container's runAsUser breaks non-root policy"
    if user is not None or image is None:
        return ""
    if image.user:
        words = f"image has non-numeric user ({image.user}), cannot verify user is non-root"
        return f"container has runAsNonRoot and {words}"
    return "" if image.uid else "container has runAsNonRoot and image will run as root"


def container_security(pod: Pod, container: Container, *, image: Image | None, root: str) -> Security:
    own = container.security_context or SecurityContext()
    of_pod = pod.spec.security_context or PodSecurityContext()
    _check_non_root(pod, container, image)
    privileged = bool(own.privileged)
    masked = not privileged and own.proc_mount != "Unmasked"
    seccomp, seccomp_file = _seccomp(_effective("seccomp_profile", own, of_pod), root)
    capabilities, confined = own.capabilities, app_armor_profile(pod, container)
    groups = of_pod.supplemental_groups + ((of_pod.fs_group,) if of_pod.fs_group is not None else ())
    return Security(
        privileged=privileged,
        run_as_user=_effective("run_as_user", own, of_pod),
        run_as_group=_effective("run_as_group", own, of_pod),
        read_only_rootfs=bool(own.read_only_root_filesystem),
        no_new_privileges=own.allow_privilege_escalation is False,
        add_capabilities=capabilities.add if capabilities else (),
        drop_capabilities=capabilities.drop if capabilities else (),
        supplemental_groups=groups,
        masked_paths=MASKED_PATHS if masked else (),
        read_only_paths=READ_ONLY_PATHS if masked else (),
        seccomp="Unconfined" if privileged else seccomp,
        seccomp_file=seccomp_file,
        app_armor=confined.type if confined else "",
        app_armor_profile=(confined.localhost_profile or "") if confined else "",
    )

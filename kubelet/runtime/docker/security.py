"""A container's security settings in the Engine's words. Pure, but for reading a seccomp profile.

The Engine wants a profile's text where CRI wants its path. Real Kubernetes: dockershim's security_context.go and
helpers_linux.go (now cri-dockerd). Left out: SELinux.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kubelet.runtime import interface as rt


def user(security: rt.Security) -> str:
    """uid or uid:gid; "" for the image's own. A group alone cannot be said to Docker."""
    if security.run_as_user is None:
        if security.run_as_group is not None:
            raise rt.RuntimeFailure("runAsGroup is specified without a runAsUser")
        return ""
    group = "" if security.run_as_group is None else f":{security.run_as_group}"
    return f"{security.run_as_user}{group}"


def _seccomp(security: rt.Security) -> list[str]:
    if security.seccomp == "RuntimeDefault":
        return []
    if security.seccomp == "Unconfined":
        return ["seccomp=unconfined"]
    try:
        return [f"seccomp={Path(security.seccomp_file).read_text()}"]
    except OSError as error:
        words = f"cannot load seccomp profile {security.seccomp_file!r}: {error.strerror}"
        raise rt.RuntimeFailure(words) from error


def _app_armor(security: rt.Security) -> list[str]:
    if security.app_armor == "Unconfined":
        return ["apparmor=unconfined"]
    return [f"apparmor={security.app_armor_profile}"] if security.app_armor == "Localhost" else []


def options(security: rt.Security) -> list[str]:
    """What Docker calls SecurityOpt."""
    escalation = ["no-new-privileges"] if security.no_new_privileges else []
    return [*_seccomp(security), *_app_armor(security), *escalation]


def host_config(security: rt.Security) -> dict[str, Any]:
    """Its part of a HostConfig. An empty list of masked paths says none; without one, Docker would mask its own."""
    return {
        "Privileged": security.privileged,
        "ReadonlyRootfs": security.read_only_rootfs,
        "CapAdd": list(security.add_capabilities),
        "CapDrop": list(security.drop_capabilities),
        "GroupAdd": [str(group) for group in security.supplemental_groups],
        "SecurityOpt": options(security),
        "MaskedPaths": list(security.masked_paths),
        "ReadonlyPaths": list(security.read_only_paths),
    }

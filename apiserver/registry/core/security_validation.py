"""Everything that can be wrong with the security contexts of a pod and of its containers.

Real Kubernetes: ValidateSecurityContext and validatePodSpecSecurityContext in pkg/apis/core/validation.
"""

from __future__ import annotations

from machinery.api.core.v1 import PodSecurityContext, SeccompProfile, SecurityContext
from machinery.api.errors import FieldError

_MOST = 2**31 - 1
_PROFILES = ("Localhost", "RuntimeDefault", "Unconfined")
_CHANGE_POLICIES = ("Always", "OnRootMismatch")


def container_security_errors(context: SecurityContext | None, path: str) -> list[FieldError]:
    """Errors of one container's securityContext."""
    if context is None:
        return []
    found = _ids(path, runAsUser=context.run_as_user, runAsGroup=context.run_as_group)
    if context.allow_privilege_escalation is False:
        adds = context.capabilities.add if context.capabilities is not None else ()
        if context.privileged:
            why = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
            found.append(FieldError.invalid(path, context, why))
        if any(capability in ("CAP_SYS_ADMIN", "SYS_ADMIN") for capability in adds):
            why = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"
            found.append(FieldError.invalid(path, context, why))
    return found + _profile(context.seccomp_profile, f"{path}.seccompProfile")


def pod_security_errors(context: PodSecurityContext | None, path: str) -> list[FieldError]:
    """Errors of the pod's securityContext."""
    if context is None:
        return []
    found = _ids(path, runAsUser=context.run_as_user, runAsGroup=context.run_as_group, fsGroup=context.fs_group)
    for index, group in enumerate(context.supplemental_groups):
        found += _ids(path, **{f"supplementalGroups[{index}]": group})
    policy = context.fs_group_change_policy
    if policy is not None and policy not in _CHANGE_POLICIES:
        found.append(FieldError.not_supported(f"{path}.fsGroupChangePolicy", policy, _CHANGE_POLICIES))
    seen: set[str] = set()
    for index, sysctl in enumerate(context.sysctls):
        where = f"{path}.sysctls[{index}].name"
        if not sysctl.name:
            found.append(FieldError.required(where))
        elif sysctl.name in seen:
            found.append(FieldError.duplicate(where, sysctl.name))
        seen.add(sysctl.name)
    return found + _profile(context.seccomp_profile, f"{path}.seccompProfile")


def _ids(path: str, **ids: int | None) -> list[FieldError]:
    why = f"must be between 0 and {_MOST}, inclusive"
    return [
        FieldError.invalid(f"{path}.{name}", number, why)
        for name, number in ids.items()
        if number is not None and not 0 <= number <= _MOST
    ]


def _profile(profile: SeccompProfile | None, path: str) -> list[FieldError]:
    if profile is None:
        return []
    if not profile.type:
        return [FieldError.required(f"{path}.type", "type is required when seccompProfile is set")]
    if profile.type not in _PROFILES:
        return [FieldError.not_supported(f"{path}.type", profile.type, _PROFILES)]
    if profile.type == "Localhost" and not profile.localhost_profile:
        why = "must be set when seccomp type is Localhost"
        return [FieldError.required(f"{path}.localhostProfile", why)]
    if profile.type != "Localhost" and profile.localhost_profile:
        why = "can only be set when seccomp type is Localhost"
        return [FieldError.invalid(f"{path}.localhostProfile", profile.localhost_profile, why)]
    return []

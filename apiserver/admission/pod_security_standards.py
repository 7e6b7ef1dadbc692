"""The Pod Security Standards: what `baseline` and `restricted` allow a pod, control by control. Pure.

A control is a function from a pod to what is wrong with it, in a reason and a detail. Of two controls on one field
the stricter speaks alone.
Real Kubernetes: k8s.io/pod-security-admission/policy, as of v1.32, whose words these are. Left out: seccomp
annotations (versions before v1.19), user namespaces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

Doc = dict[str, Any]
PRIVILEGED, BASELINE, RESTRICTED = LEVELS = ("privileged", "baseline", "restricted")
LATEST = 1_000_000
"""The minor version that `latest` stands for."""
_DEFAULT_CAPABILITIES = {
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
    "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
}  # fmt: skip
_VOLUMES = {
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret",
}  # fmt: skip
Since = tuple[tuple[int, tuple[str, ...]], ...]
"""Values, each row since a minor version."""
_SYSCTLS: Since = (
    (0, ("kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies",
         "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start")),
    (27, ("net.ipv4.ip_local_reserved_ports",)),
    (29, ("net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
          "net.ipv4.tcp_keepalive_probes")),
    (32, ("net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem")),
)  # fmt: skip
_SELINUX: Since = ((0, ("", "container_t", "container_init_t", "container_kvm_t")), (31, ("container_engine_t",)))
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"


@dataclass(frozen=True)
class Pod:
    """What a control looks at: a pod, or a template of one, at a minor version of the standards."""

    metadata: Doc
    spec: Doc
    minor: int = LATEST

    @cached_property
    def security(self) -> Doc:
        return self.spec.get("securityContext") or {}

    @cached_property
    def containers(self) -> list[tuple[str, Doc, Doc]]:
        """(name, container, its securityContext), in the order in which they start."""
        found = [each for field in ("initContainers", "containers", "ephemeralContainers")
                 for each in self.spec.get(field, ())]  # fmt: skip
        return [(each["name"], each, each.get("securityContext") or {}) for each in found]

    @property
    def is_windows(self) -> bool:
        return self.spec.get("os", {}).get("name") == "windows"


@dataclass(frozen=True, slots=True)
class Violation:
    """`reason (detail)`."""

    reason: str
    detail: str

    def __str__(self) -> str:
        return f"{self.reason} ({self.detail})" if self.detail else self.reason


Control = Callable[[Pod], "Violation | None"]


def violations(level: str, pod: Pod) -> list[Violation]:
    """Everything in which the pod exceeds the level."""
    if level == PRIVILEGED:
        return []
    return [found for control in _controls_of(level, pod.minor) if (found := control(pod)) is not None]


@lru_cache(maxsize=64)
def _controls_of(level: str, minor: int) -> tuple[Control, ...]:
    rows = [row for row in CONTROLS if row[1] <= minor and (level == RESTRICTED or row[0] == BASELINE)]
    overridden = {name for _, _, _, name in rows if name}
    return tuple(control for _, _, control, _ in rows if control.__name__ not in overridden)


# --- words ---


def _quoted(values: Iterable[str]) -> str:
    return ", ".join(f'"{value}"' for value in values)


def _named(word: str, names: Sequence[str]) -> str:
    return f"{word if len(names) == 1 else f'{word}s'} {_quoted(names)}"


def _use(names: Sequence[str]) -> str:
    return "uses" if len(names) == 1 else "use"


def _setters(of_pod: bool, names: Sequence[str]) -> str:
    """pod and containers "a", "b"."""
    return " and ".join([*(["pod"] if of_pod else []), *([_named("container", names)] if names else [])])


@lru_cache(maxsize=64)
def _allowed(rows: Since, minor: int) -> frozenset[str]:
    return frozenset(value for since, values in rows if since <= minor for value in values)


# --- baseline ---


def app_armor_profile(pod: Pod) -> Violation | None:
    def bad(context: Doc) -> str:
        kind = context.get("appArmorProfile", {}).get("type", "")
        return kind if kind not in ("", "RuntimeDefault", "Localhost") else ""

    names = [name for name, _, context in pod.containers if bad(context)]
    notes = {key: value for key, value in sorted(pod.metadata.get("annotations", {}).items())
             if key.startswith(_APPARMOR) and value not in ("", "runtime/default")
             and not value.startswith("localhost/")}  # fmt: skip
    values = {bad(context) for context in (pod.security, *(context for _, _, context in pod.containers))} - {""}
    values |= set(notes.values())
    if not values:
        return None
    who = (_setters(bool(bad(pod.security)), names), _named("annotation", [*notes]) if notes else "")
    reason = f"forbidden AppArmor profile{'s' if len(values) > 1 else ''}"
    said = " and ".join(part for part in who if part)
    return Violation(reason, f"{said} must not set AppArmor profile type to {_quoted(sorted(values))}")


def capabilities_baseline(pod: Pod) -> Violation | None:
    added = {name: {*context.get("capabilities", {}).get("add", ())} - _DEFAULT_CAPABILITIES
             for name, _, context in pod.containers}  # fmt: skip
    names = [name for name, extra in added.items() if extra]
    if not names:
        return None
    extra = _quoted(sorted(set().union(*added.values())))
    detail = f"{_named('container', names)} must not include {extra} in securityContext.capabilities.add"
    return Violation("non-default capabilities", detail)


def host_namespaces(pod: Pod) -> Violation | None:
    found = [f"{field}=true" for field in ("hostNetwork", "hostPID", "hostIPC") if pod.spec.get(field)]
    return Violation("host namespaces", ", ".join(found)) if found else None


def host_path_volumes(pod: Pod) -> Violation | None:
    names = [volume["name"] for volume in pod.spec.get("volumes", ()) if "hostPath" in volume]
    return Violation("hostPath volumes", _named("volume", names)) if names else None


def host_ports(pod: Pod) -> Violation | None:
    taken = {name: [port["hostPort"] for port in container.get("ports", ()) if port.get("hostPort")]
             for name, container, _ in pod.containers}  # fmt: skip
    names = [name for name, ports in taken.items() if ports]
    if not names:
        return None
    ports = sorted({str(port) for ports in taken.values() for port in ports})
    what = "hostPort" if len(ports) == 1 else "hostPorts"
    return Violation("hostPort", f"{_named('container', names)} {_use(names)} {what} {', '.join(ports)}")


def privileged(pod: Pod) -> Violation | None:
    names = [name for name, _, context in pod.containers if context.get("privileged")]
    detail = f"{_named('container', names)} must not set securityContext.privileged=true"
    return Violation("privileged", detail) if names else None


def proc_mount(pod: Pod) -> Violation | None:
    given = {name: context["procMount"] for name, _, context in pod.containers
             if context.get("procMount", "Default") != "Default"}  # fmt: skip
    who, what = _named("container", [*given]), _quoted(sorted(set(given.values())))
    return Violation("procMount", f"{who} must not set securityContext.procMount to {what}") if given else None


def se_linux_options(pod: Pod) -> Violation | None:
    allowed = _allowed(_SELINUX, pod.minor)

    def is_bad(context: Doc) -> bool:
        options = context.get("seLinuxOptions", {})
        return options.get("type", "") not in allowed or bool(options.get("user") or options.get("role"))

    names = [name for name, _, context in pod.containers if is_bad(context)]
    if not names and not is_bad(pod.security):
        return None
    options = [c.get("seLinuxOptions", {}) for c in (pod.security, *(context for _, _, context in pod.containers))]
    types = sorted({each.get("type", "") for each in options} - allowed)
    said = [_named("type", types)] if types else []
    said += [f"{field} may not be set" for field in ("user", "role") if any(each.get(field) for each in options)]
    who = _setters(is_bad(pod.security), names)
    return Violation("seLinuxOptions", f"{who} set forbidden securityContext.seLinuxOptions: {'; '.join(said)}")


def seccomp_profile_baseline(pod: Pod) -> Violation | None:
    def bad(context: Doc) -> str:
        profile = context.get("seccompProfile", {}).get("type", "")
        return profile if profile not in ("", "RuntimeDefault", "Localhost") else ""

    names = [name for name, _, context in pod.containers if bad(context)]
    values = {bad(context) for context in (pod.security, *(context for _, _, context in pod.containers))} - {""}
    if not values:
        return None
    who = _setters(bool(bad(pod.security)), names)
    detail = f"{who} must not set securityContext.seccompProfile.type to {_quoted(sorted(values))}"
    return Violation("seccompProfile", detail)


def sysctls(pod: Pod) -> Violation | None:
    allowed = _allowed(_SYSCTLS, pod.minor)
    found = [each["name"] for each in pod.security.get("sysctls", ()) if each["name"] not in allowed]
    return Violation("forbidden sysctls", ", ".join(found)) if found else None


def windows_host_process(pod: Pod) -> Violation | None:
    def is_bad(context: Doc) -> bool:
        return bool(context.get("windowsOptions", {}).get("hostProcess"))

    names = [name for name, _, context in pod.containers if is_bad(context)]
    who = _setters(is_bad(pod.security), names)
    detail = f"{who} must not set securityContext.windowsOptions.hostProcess=true"
    return Violation("hostProcess", detail) if who else None


# --- restricted ---


def allow_privilege_escalation(pod: Pod) -> Violation | None:
    if pod.is_windows and pod.minor >= 25:
        return None
    names = [name for name, _, context in pod.containers if context.get("allowPrivilegeEscalation") is not False]
    detail = f"{_named('container', names)} must set securityContext.allowPrivilegeEscalation=false"
    return Violation("allowPrivilegeEscalation != false", detail) if names else None


def capabilities_restricted(pod: Pod) -> Violation | None:
    if pod.is_windows and pod.minor >= 25:
        return None
    given = {name: context.get("capabilities", {}) for name, _, context in pod.containers}
    keeping = [name for name, each in given.items() if "ALL" not in each.get("drop", ())]
    adding = {name: {*each.get("add", ())} - {"NET_BIND_SERVICE"} for name, each in given.items()}
    names, said = [name for name, extra in adding.items() if extra], []
    if keeping:
        said.append(f'{_named("container", keeping)} must set securityContext.capabilities.drop=["ALL"]')
    if names:
        extra = _quoted(sorted(set().union(*adding.values())))
        said.append(f"{_named('container', names)} must not include {extra} in securityContext.capabilities.add")
    return Violation("unrestricted capabilities", "; ".join(said)) if said else None


def restricted_volumes(pod: Pod) -> Violation | None:
    kinds = {volume["name"]: next((key for key in volume if key != "name"), "unknown")
             for volume in pod.spec.get("volumes", ()) if not _VOLUMES & volume.keys()}  # fmt: skip
    if not kinds:
        return None
    names, types = [*kinds], sorted(set(kinds.values()))
    what = _named("restricted volume type", types)
    return Violation("restricted volume types", f"{_named('volume', names)} {_use(names)} {what}")


def run_as_non_root(pod: Pod) -> Violation | None:
    reason, of_pod = "runAsNonRoot != true", pod.security.get("runAsNonRoot")
    said = {name: context.get("runAsNonRoot") for name, _, context in pod.containers}
    if who := _setters(of_pod is False, [name for name, value in said.items() if value is False]):
        return Violation(reason, f"{who} must not set securityContext.runAsNonRoot=false")
    silent = [name for name, value in said.items() if value is None and not of_pod]
    detail = f"pod or {_named('container', silent)} must set securityContext.runAsNonRoot=true"
    return Violation(reason, detail) if silent else None


def run_as_user(pod: Pod) -> Violation | None:
    names = [name for name, _, context in pod.containers if context.get("runAsUser") == 0]
    who = _setters(pod.security.get("runAsUser") == 0, names)
    return Violation("runAsUser=0", f"{who} must not set runAsUser=0") if who else None


def seccomp_profile_restricted(pod: Pod) -> Violation | None:
    if pod.is_windows and pod.minor >= 25:
        return None
    if found := seccomp_profile_baseline(pod):
        return found
    if pod.security.get("seccompProfile"):
        return None
    silent = [name for name, _, context in pod.containers if not context.get("seccompProfile")]
    wanted = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    return Violation("seccompProfile", f"pod or {_named('container', silent)} {wanted}") if silent else None


CONTROLS: tuple[tuple[str, int, Control, str], ...] = (
    (BASELINE, 0, app_armor_profile, ""),
    (BASELINE, 0, capabilities_baseline, ""),
    (BASELINE, 0, host_namespaces, ""),
    (BASELINE, 0, host_path_volumes, ""),
    (BASELINE, 0, host_ports, ""),
    (BASELINE, 0, privileged, ""),
    (BASELINE, 0, proc_mount, ""),
    (BASELINE, 0, se_linux_options, ""),
    (BASELINE, 19, seccomp_profile_baseline, ""),
    (BASELINE, 0, sysctls, ""),
    (BASELINE, 0, windows_host_process, ""),
    (RESTRICTED, 8, allow_privilege_escalation, ""),
    (RESTRICTED, 22, capabilities_restricted, "capabilities_baseline"),
    (RESTRICTED, 0, restricted_volumes, "host_path_volumes"),
    (RESTRICTED, 0, run_as_non_root, ""),
    (RESTRICTED, 23, run_as_user, ""),
    (RESTRICTED, 19, seccomp_profile_restricted, "seccomp_profile_baseline"),
)
"""(level, minor version since, control, the control that it replaces), in the order in which they are told."""

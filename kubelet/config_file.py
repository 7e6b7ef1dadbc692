"""The file of kind KubeletConfiguration (kubelet.config.k8s.io/v1beta1), to and from the fields of Config.

Reads the file of --config; `document` writes the same words for /configz. A field that this kubelet does not have is an
error: nobody shall believe in a setting that does nothing.
Real Kubernetes: kubelet/config/v1beta1/types.go, some 130 fields; the names here are those.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from kubelet.config import Config
from machinery.component.errors import FatalError
from machinery.component.flags import seconds

API_VERSION, KIND = "kubelet.config.k8s.io/v1beta1", "KubeletConfiguration"


class ConfigFileError(FatalError):
    """A file that cannot be used; the text says which and why."""


class Form(NamedTuple):
    """How a value is written in the file: what it must be, and both ways between file and Config."""

    type: type | tuple[type, ...]
    read: Callable[[Any], Any]
    write: Callable[[Any], Any]


def duration(value: float) -> str:
    """As Go writes it: 5m0s."""
    minutes, rest = divmod(value, 60)
    hours, minutes = divmod(int(minutes), 60)
    text = f"{rest:g}s"
    return f"{hours}h{minutes}m{text}" if hours else f"{minutes}m{text}" if minutes else text


def _thresholds(found: dict[str, str]) -> tuple[str, ...]:
    return tuple(f"{signal}<{amount}" for signal, amount in found.items())


def _by_signal(texts: tuple[str, ...]) -> dict[str, str]:
    return dict(text.split("<", 1) for text in texts)  # type: ignore[misc]


def _taints(texts: tuple[str, ...]) -> list[dict[str, str]]:
    pairs = [text.rpartition(":") for text in texts]
    return [{"key": pair.partition("=")[0], "value": pair.partition("=")[2], "effect": e} for pair, _, e in pairs]


def _same(value: Any) -> Any:
    return value


TEXT, NUMBER = Form(str, _same, _same), Form(int, _same, _same)
SECONDS = Form(str, seconds, duration)
PAIRS = Form(dict, _same, _same)
FLAG = Form(bool, _same, _same)
TEXTS = Form(list, tuple, list)
THRESHOLDS = Form(dict, _thresholds, _by_signal)

FIELDS: dict[str, tuple[str, Form]] = {
    "staticPodPath": ("pod_manifest_path", TEXT),
    "port": ("port", NUMBER),
    "tlsCertFile": ("tls_cert_file", TEXT),
    "tlsPrivateKeyFile": ("tls_private_key_file", TEXT),
    "clusterDomain": ("cluster_domain", TEXT),
    "clusterDNS": ("cluster_dns", Form(list, lambda found: ",".join(found[:1]), lambda text: [text] if text else [])),
    "nodeStatusUpdateFrequency": ("node_status_update_frequency", SECONDS),
    "nodeStatusReportFrequency": ("node_status_report_frequency", SECONDS),
    "imageMinimumGCAge": ("minimum_image_ttl_duration", SECONDS),
    "imageMaximumGCAge": ("image_maximum_gc_age", SECONDS),
    "imageGCHighThresholdPercent": ("image_gc_high_threshold", NUMBER),
    "imageGCLowThresholdPercent": ("image_gc_low_threshold", NUMBER),
    "cgroupRoot": ("cgroup_root", TEXT),
    "serializeImagePulls": ("serialize_image_pulls", FLAG),
    "maxParallelImagePulls": ("max_parallel_image_pulls", NUMBER),
    "maxPods": ("max_pods", NUMBER),
    "podPidsLimit": ("pod_max_pids", NUMBER),
    "allowedUnsafeSysctls": ("allowed_unsafe_sysctls", TEXTS),
    "podLogsDir": ("pod_log_dir", TEXT),
    "containerLogMaxSize": ("container_log_max_size", TEXT),
    "containerLogMaxFiles": ("container_log_max_files", NUMBER),
    "containerLogMonitorInterval": ("container_log_monitor_interval", SECONDS),
    "containerRuntimeEndpoint": ("container_runtime_endpoint", TEXT),
    "evictionHard": ("eviction_hard", THRESHOLDS),
    "evictionSoft": ("eviction_soft", THRESHOLDS),
    "evictionSoftGracePeriod": ("eviction_soft_grace_period", PAIRS),
    "evictionMinimumReclaim": ("eviction_minimum_reclaim", PAIRS),
    "evictionMaxPodGracePeriod": ("eviction_max_pod_grace_period", NUMBER),
    "evictionPressureTransitionPeriod": ("eviction_pressure_transition_period", SECONDS),
    "kubeReserved": ("kube_reserved", PAIRS),
    "systemReserved": ("system_reserved", PAIRS),
    "shutdownGracePeriod": ("shutdown_grace_period", SECONDS),
    "shutdownGracePeriodCriticalPods": ("shutdown_grace_period_critical_pods", SECONDS),
    "registerWithTaints": ("register_with_taints", Form(list, lambda found: tuple(map(_taint, found)), _taints)),
}
"""The word in the file -> the field of Config, and how it is written."""


def _taint(found: dict[str, str]) -> str:
    return f"{found['key']}={found.get('value', '')}:{found['effect']}"


def read(path: str) -> dict[str, Any]:
    """Fields of Config by name, those alone that the file speaks of. Raises ConfigFileError."""
    from machinery.api import yaml

    try:
        document = yaml.load(Path(path).read_bytes())
    except (OSError, yaml.Error) as error:
        raise ConfigFileError(f"{path}: {error}") from error
    if not isinstance(document, dict) or (document.get("apiVersion"), document.get("kind")) != (API_VERSION, KIND):
        raise ConfigFileError(f"{path}: it is not of kind {KIND} in {API_VERSION}")
    words = {word: value for word, value in document.items() if word not in ("apiVersion", "kind", "authentication")}
    found = dict(_field(path, word, value) for word, value in words.items())
    return found | _authentication(document.get("authentication") or {})


def _authentication(document: dict[str, Any]) -> dict[str, Any]:
    ca = (document.get("x509") or {}).get("clientCAFile")
    return {"client_ca_file": ca} if ca else {}


def _field(path: str, word: str, value: Any) -> tuple[str, Any]:
    if word not in FIELDS:
        raise ConfigFileError(f'{path}: unknown field "{word}"')
    name, form = FIELDS[word]
    try:
        if not isinstance(value, form.type) or isinstance(value, bool):
            raise ValueError(value)
        return name, form.read(value)
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigFileError(f'{path}: field "{word}" cannot be {value!r}') from error


def document(config: Config) -> dict[str, Any]:
    """What the kubelet runs with, in the file's words."""
    found: dict[str, Any] = {"kind": KIND, "apiVersion": API_VERSION}
    for word, (name, form) in FIELDS.items():
        if (value := getattr(config, name)) not in ("", (), {}):
            found[word] = form.write(value)
    found["authentication"] = {"x509": {"clientCAFile": config.client_ca_file}}
    return found

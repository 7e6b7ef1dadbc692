"""What a pod's spec says when its author is silent: in the API server, and on a node for pods that it never saw.

Used by Pod, by every kind with a pod template, and for static pods. Works on plain dicts, in place.
Real Kubernetes: pkg/apis/core/v1/defaults.go.
"""

from __future__ import annotations

from typing import Any

Doc = dict[str, Any]
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_MODE = 0o644


def default_pod_spec(spec: Doc) -> None:
    """Fill a pod spec, containers and volumes included."""
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("schedulerName", "default-scheduler")
    spec.setdefault("securityContext", {})
    for field in ("containers", "initContainers", "ephemeralContainers"):
        for container in spec.get(field, []):
            _default_container(container)
    for volume in spec.get("volumes", []):
        _default_volume(volume)
    account = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if account:
        spec["serviceAccountName"] = spec["serviceAccount"] = account


def default_pod(spec: Doc) -> None:
    """What only a pod itself gets, not a template: limits become requests, host ports, service links."""
    spec.setdefault("enableServiceLinks", True)
    for container in [*spec.get("containers", []), *spec.get("initContainers", [])]:
        resources = container.get("resources", {})
        if limits := resources.get("limits"):
            resources["requests"] = {**limits, **resources.get("requests", {})}
        if spec.get("hostNetwork"):
            for port in container.get("ports", []):
                port["hostPort"] = port.get("hostPort") or port.get("containerPort", 0)


def _default_container(container: Doc) -> None:
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    if not container.get("imagePullPolicy"):
        container["imagePullPolicy"] = "Always" if _is_latest(container.get("image", "")) else "IfNotPresent"
    for port in container.get("ports", []):
        port.setdefault("protocol", "TCP")
    for variable in container.get("env", []):
        source = variable.get("valueFrom", {})
        if "fieldRef" in source:
            source["fieldRef"].setdefault("apiVersion", "v1")
    for name in _PROBES:
        if name in container:
            _default_probe(container[name])
    for handler in container.get("lifecycle", {}).values():
        _default_http_get(handler)


def _is_latest(image: str) -> bool:
    """Whether an image reference means the tag `latest`; a digest pins."""
    name = image.rpartition("/")[2]
    return "@" not in image and name.partition(":")[2] in ("", "latest")


def _default_probe(probe: Doc) -> None:
    for field, value in (
        ("timeoutSeconds", 1),
        ("periodSeconds", 10),
        ("successThreshold", 1),
        ("failureThreshold", 3),
    ):
        probe[field] = probe.get(field) or value
    if "grpc" in probe:
        probe["grpc"].setdefault("service", "")
    _default_http_get(probe)


def _default_http_get(handler: Doc) -> None:
    if "httpGet" in handler:
        handler["httpGet"]["path"] = handler["httpGet"].get("path") or "/"
        handler["httpGet"]["scheme"] = handler["httpGet"].get("scheme") or "HTTP"


def _default_volume(volume: Doc) -> None:
    if not volume.keys() - {"name"}:
        volume["emptyDir"] = {}
    for kind in ("secret", "configMap", "downwardAPI", "projected"):
        if kind in volume:
            volume[kind].setdefault("defaultMode", _MODE)
    if "hostPath" in volume:
        volume["hostPath"].setdefault("type", "")
    for item in volume.get("downwardAPI", {}).get("items", []):
        _default_field_ref(item)
    for source in volume.get("projected", {}).get("sources", []):
        if "serviceAccountToken" in source:
            token = source["serviceAccountToken"]
            token["expirationSeconds"] = token.get("expirationSeconds") or 3600
        for item in source.get("downwardAPI", {}).get("items", []):
            _default_field_ref(item)
    if "ephemeral" in volume:
        claim = volume["ephemeral"].get("volumeClaimTemplate", {}).get("spec")
        if claim is not None:
            claim.setdefault("volumeMode", "Filesystem")


def _default_field_ref(item: Doc) -> None:
    if "fieldRef" in item:
        item["fieldRef"].setdefault("apiVersion", "v1")

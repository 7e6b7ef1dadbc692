"""Containers and pod templates: the middle part of every workload's description.

Pure. In real Kubernetes: describeContainers and DescribePodTemplate of kubectl/pkg/describe.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from minictl.describe import parts
from minictl.describe.ages import clock
from minictl.describe.environment import environment, sources
from minictl.describe.facts import Document
from minictl.describe.page import NONE, Page
from minictl.describe.volumes import volumes

Resolve = Callable[[str], str | None]


def template(page: Page, value: Document) -> None:
    """A pod template."""
    meta, spec = value.get("metadata") or {}, value["spec"]
    page.row(0, "Pod Template:")
    parts.labels(page, meta.get("labels"), indent="  ")
    if meta.get("annotations"):
        parts.annotations(page, meta["annotations"], "  Annotations")
    if spec.get("serviceAccountName"):
        page.row(1, "Service Account:", spec["serviceAccountName"])
    if spec.get("initContainers"):
        containers(page, "Init Containers", spec["initContainers"], indent="  ")
    containers(page, "Containers", spec.get("containers") or (), indent="  ")
    volumes(page, spec.get("volumes") or (), "  ")
    spread(page, spec.get("topologySpreadConstraints") or (), "  ")
    if spec.get("priorityClassName"):
        page.row(1, "Priority Class Name:", spec["priorityClassName"])
    parts.labels(page, spec.get("nodeSelector"), "Node-Selectors", "  ")
    parts.tolerations(page, spec.get("tolerations") or (), "  ")


def spread(page: Page, values: Sequence[Document], indent: str = "") -> None:
    """Topology spread constraints; nothing if there are none."""
    lines = [
        f"{one['topologyKey']}:{one['whenUnsatisfiable']} when max skew {one['maxSkew']} is exceeded"
        + (f" for selector {parts.selector(one['labelSelector']) or NONE}" if one.get("labelSelector") else "")
        for one in sorted(values, key=lambda one: one["topologyKey"])
    ]
    for index, line in enumerate(lines):
        page.row(0, indent + ("" if index else "Topology Spread Constraints:"), line)


def containers(page: Page, title: str, values: Sequence[Document], *, statuses: Sequence[Document] = (),
               resolve: Resolve | None = None, indent: str = "") -> None:  # fmt: skip
    """Every container, with its status where there is one."""
    page.row(0, f"{indent}{title}:{'' if values else ' <none>'}")
    by_name = {status["name"]: status for status in statuses}
    for one in values:
        status = by_name.get(one["name"])
        page.row(1, f"{' ' if indent else ''}{one['name']}:")
        _basics(page, one, status)
        _words(page, "Command", one.get("command") or ())
        _words(page, "Args", one.get("args") or ())
        if status is not None:
            _state(page, status)
        amounts(page, one.get("resources") or {})
        _probes(page, one)
        sources(page, one.get("envFrom") or ())
        environment(page, one, resolve)
        _mounts(page, one)


def _basics(page: Page, one: Document, status: Document | None) -> None:
    if status is not None:
        page.row(2, "Container ID:", status.get("containerID", ""))
    page.row(2, "Image:", one.get("image", ""))
    if status is not None:
        page.row(2, "Image ID:", status.get("imageID", ""))
    for title, field in (("Port", "containerPort"), ("Host Port", "hostPort")):
        text = ", ".join(f"{port.get(field, 0)}/{port['protocol']}" for port in one.get("ports") or ())
        page.row(2, f"{title}s:" if "," in text else f"{title}:", text or NONE)
    if profile := (one.get("securityContext") or {}).get("seccompProfile"):
        page.row(2, "SeccompProfile:", profile["type"])
        if profile["type"] == "Localhost":
            page.row(3, "LocalhostProfile:", profile.get("localhostProfile", ""))


def _words(page: Page, title: str, words: Sequence[str]) -> None:
    if words:
        page.row(2, f"{title}:")
        for line in (line for word in words for line in word.split("\n")):
            page.row(3, line)


def _state(page: Page, status: Document) -> None:
    _one_state(page, "State", status.get("state") or {})
    if "terminated" in (status.get("lastState") or {}):
        _one_state(page, "Last State", status["lastState"])
    page.row(2, "Ready:", str(bool(status.get("ready"))))
    page.row(2, "Restart Count:", status.get("restartCount", 0))


def _one_state(page: Page, title: str, state: Mapping[str, Any]) -> None:
    if "running" in state:
        page.row(2, f"{title}:", "Running")
        page.row(3, "Started:", clock(state["running"].get("startedAt")))
    elif "terminated" in state:
        _terminated(page, title, state["terminated"])
    else:
        page.row(2, f"{title}:", "Waiting")
        if reason := (state.get("waiting") or {}).get("reason"):
            page.row(3, "Reason:", reason)


def _terminated(page: Page, title: str, state: Document) -> None:
    page.row(2, f"{title}:", "Terminated")
    for name, field in (("Reason:", "reason"), ("Message:", "message")):
        if state.get(field):
            page.row(3, name, state[field])
    page.row(3, "Exit Code:", state.get("exitCode", 0))
    if state.get("signal", 0) > 0:
        page.row(3, "Signal:", state["signal"])
    page.row(3, "Started:", clock(state.get("startedAt")))
    page.row(3, "Finished:", clock(state.get("finishedAt")))


def amounts(page: Page, resources: Document, level: int = 2) -> None:
    """Limits and requests."""
    for title in ("limits", "requests"):
        if resources.get(title):
            page.row(level, f"{title.capitalize()}:")
        for name, amount in sorted((resources.get(title) or {}).items()):
            page.row(level + 1, f"{name}:", amount)


def _probes(page: Page, one: Document) -> None:
    for title in ("Liveness", "Readiness", "Startup"):
        if probe := one.get(f"{title.lower()}Probe"):
            page.row(2, f"{title}:", probe_text(probe))


def probe_text(probe: Document) -> str:
    """`http-get http://:80/ delay=0s timeout=1s period=10s #success=1 #failure=3`."""
    seconds = [f"{word}={probe.get(field, 0)}s" for word, field in (
        ("delay", "initialDelaySeconds"), ("timeout", "timeoutSeconds"), ("period", "periodSeconds"))]  # fmt: skip
    attributes = " ".join([*seconds, f"#success={probe.get('successThreshold', 0)}",
                           f"#failure={probe.get('failureThreshold', 0)}"])  # fmt: skip
    return f"{_handler(probe)} {attributes}"


def _handler(probe: Document) -> str:
    if "exec" in probe:
        return f"exec [{' '.join(probe['exec'].get('command') or ())}]"
    if http := probe.get("httpGet"):
        path = http.get("path", "")
        slash = "" if path.startswith("/") or not path else "/"
        return f"http-get {http.get('scheme', 'HTTP').lower()}://{http.get('host', '')}:{http['port']}{slash}{path}"
    if tcp := probe.get("tcpSocket"):
        return f"tcp-socket {tcp.get('host', '')}:{tcp['port']}"
    if grpc := probe.get("grpc"):
        return f"grpc <pod>:{grpc['port']} {grpc.get('service', '')}"
    return "unknown"


def _mounts(page: Page, one: Document) -> None:
    mounts = one.get("volumeMounts") or ()
    page.row(2, "Mounts:", NONE) if not mounts else page.row(2, "Mounts:")
    for mount in sorted(mounts, key=lambda mount: mount["mountPath"]):
        flags = "ro" if mount.get("readOnly") else "rw"
        flags += f',path="{mount["subPath"]}"' if mount.get("subPath") else ""
        page.row(3, f"{mount['mountPath']} from {mount['name']} ({flags})")
    if devices := one.get("volumeDevices"):
        page.row(2, "Devices:" if mounts else "Devices:\t<none>")
        for device in sorted(devices, key=lambda device: device["devicePath"]):
            page.row(3, f"{device['devicePath']} from {device['name']}")

"""`describe pod`."""

from __future__ import annotations

from minictl.describe import parts
from minictl.describe.ages import age, clock
from minictl.describe.containers import amounts, containers, spread
from minictl.describe.environment import resolver
from minictl.describe.facts import Document, Facts, Query, events_of
from minictl.describe.page import NONE, Page
from minictl.describe.volumes import volumes

MIRROR = "kubernetes.io/config.mirror"


def event_queries(document: Document) -> list[Query]:
    """A static pod's events are about its mirror's source."""
    return [events_of(document, uid=(document["metadata"].get("annotations") or {}).get(MIRROR, ""))]


def describe(pod: Document, facts: Facts) -> str:
    """The page."""
    page, spec, status = Page(), pod["spec"], pod.get("status") or {}
    parts.head(page, pod)
    _placement(page, spec, status)
    parts.about(page, pod)
    _phase(page, pod, facts)
    _addresses(page, pod)
    _containers(page, pod)
    _conditions(page, spec, status)
    volumes(page, spec.get("volumes") or ())
    page.row(0, "QoS Class:", status.get("qosClass", ""))
    parts.labels(page, spec.get("nodeSelector"), "Node-Selectors")
    parts.tolerations(page, spec.get("tolerations") or ())
    spread(page, spec.get("topologySpreadConstraints") or ())
    parts.events(page, facts)
    return page.text()


def _placement(page: Page, spec: Document, status: Document) -> None:
    if spec.get("priority") is not None:
        page.row(0, "Priority:", spec["priority"])
    for title, field in (("Priority Class Name", "priorityClassName"), ("Runtime Class Name", "runtimeClassName"),
                         ("Service Account", "serviceAccountName")):  # fmt: skip
        if spec.get(field):
            page.row(0, f"{title}:", spec[field])
    page.row(0, "Node:", f"{spec['nodeName']}/{status.get('hostIP', '')}" if spec.get("nodeName") else NONE)
    if status.get("startTime"):
        page.row(0, "Start Time:", clock(status["startTime"]))


def _phase(page: Page, pod: Document, facts: Facts) -> None:
    status, meta = pod.get("status") or {}, pod["metadata"]
    if meta.get("deletionTimestamp") and status.get("phase") not in ("Failed", "Succeeded"):
        page.row(0, "Status:", f"Terminating (lasts {age(meta['deletionTimestamp'], facts.now)})")
        page.row(0, "Termination Grace Period:", f"{meta.get('deletionGracePeriodSeconds', 0)}s")
    else:
        page.row(0, "Status:", status.get("phase", ""))
    for title, field in (("Reason:", "reason"), ("Message:", "message")):
        if status.get(field):
            page.row(0, title, status[field])
    if profile := (pod["spec"].get("securityContext") or {}).get("seccompProfile"):
        page.row(0, "SeccompProfile:", profile["type"])
        if profile["type"] == "Localhost":
            page.row(0, "LocalhostProfile:", profile.get("localhostProfile", ""))


def _addresses(page: Page, pod: Document) -> None:
    status = pod.get("status") or {}
    page.row(0, "IP:", status.get("podIP", ""))
    page.row(0, "IPs:") if status.get("podIPs") else page.row(0, "IPs:", NONE)
    for one in status.get("podIPs") or ():
        page.row(1, "IP:", one["ip"])
    if owner := parts.controller(pod):
        page.row(0, "Controlled By:", owner)
    if status.get("nominatedNodeName"):
        page.row(0, "NominatedNodeName:", status["nominatedNodeName"])


def _containers(page: Page, pod: Document) -> None:
    spec, status, resolve = pod["spec"], pod.get("status") or {}, resolver(pod)
    if spec.get("resources"):
        page.row(0, "Resources:")
        amounts(page, spec["resources"], 1)
    for title, field, key in (("Init Containers", "initContainers", "initContainerStatuses"),
                              ("Containers", "containers", "containerStatuses"),
                              ("Ephemeral Containers", "ephemeralContainers", "ephemeralContainerStatuses")):
        if spec.get(field) or field == "containers":
            containers(page, title, spec.get(field) or (), statuses=status.get(key) or (), resolve=resolve)


def _conditions(page: Page, spec: Document, status: Document) -> None:
    conditions = status.get("conditions") or ()
    if gates := spec.get("readinessGates"):
        known = {one["type"]: one["status"] for one in conditions}
        page.row(0, "Readiness Gates:")
        page.row(1, "Type", "Status")
        for gate in gates:
            page.row(1, f"{gate['conditionType']} ", f"{known.get(gate['conditionType'], NONE)} ")
    if conditions:
        page.row(0, "Conditions:")
        page.row(1, "Type", "Status")
        for one in conditions:
            page.row(1, f"{one['type']} ", f"{one['status']} ")

"""`describe node`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from machinery.api import quantity
from minictl.describe import parts
from minictl.describe.ages import age, clock
from minictl.describe.amounts import Amounts, pod_amounts, total
from minictl.describe.facts import Document, Facts, Needs, Query, events_of
from minictl.describe.page import NONE, UNSET, Page

ROLE = "node-role.kubernetes.io/"
INFO = (
    ("Machine ID", "machineID"), ("System UUID", "systemUUID"), ("Boot ID", "bootID"),
    ("Kernel Version", "kernelVersion"), ("OS Image", "osImage"), ("Operating System", "operatingSystem"),
    ("Architecture", "architecture"), ("Container Runtime Version", "containerRuntimeVersion"),
    ("Kubelet Version", "kubeletVersion"), ("Kube-Proxy Version", "kubeProxyVersion"),
)  # fmt: skip
STANDARD = ("cpu", "memory", "ephemeral-storage")


def needs(document: Document) -> Needs:
    """Its lease and the pods that still run on it."""
    name = document["metadata"]["name"]
    alive = f"spec.nodeName={name},status.phase!=Failed,status.phase!=Succeeded"
    return {
        "lease": Query(f"/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/{name}", single=True),
        "pods": Query("/api/v1/pods", field_selector=alive),
    }


def event_queries(document: Document) -> list[Query]:
    """Controllers name a node by its uid, the kubelet by its name."""
    return [events_of(document, kind="Node"), events_of(document, kind="Node", uid=document["metadata"]["name"])]


def describe(node: Document, facts: Facts) -> str:
    """The page."""
    page, spec, status = Page(), node.get("spec") or {}, node.get("status") or {}
    parts.head(page, node, namespace=False)
    page.row(0, "Roles:", ",".join(sorted(_roles(node["metadata"].get("labels") or {}))) or NONE)
    parts.about(page, node)
    page.row(0, "CreationTimestamp:", clock(node["metadata"].get("creationTimestamp")))
    parts.taints(page, spec.get("taints") or ())
    page.row(0, "Unschedulable:", bool(spec.get("unschedulable")))
    _lease(page, facts)
    _conditions(page, status.get("conditions") or ())
    _machine(page, status)
    for title, value in (("PodCIDR", spec.get("podCIDR")), ("PodCIDRs", ",".join(spec.get("podCIDRs") or ())),
                         ("ProviderID", spec.get("providerID"))):  # fmt: skip
        if value:
            page.row(0, f"{title}:", value)
    if facts.missing("pods"):
        page.row(0, "Pods:", "not authorized")
    else:
        _load(page, facts, status.get("allocatable") or status.get("capacity") or {})
    parts.events(page, facts)
    return page.text()


def _roles(labels: Mapping[str, str]) -> Iterable[str]:
    for key, value in labels.items():
        if key.startswith(ROLE) and key != ROLE:
            yield key.removeprefix(ROLE)
        elif key == "kubernetes.io/role" and value:
            yield value


def _lease(page: Page, facts: Facts) -> None:
    if error := facts.missing("lease"):
        page.row(0, "Lease:", f"Failed to get lease: {error}")
        return
    spec = (facts.found.get("lease") or {}).get("spec") or {}
    page.row(0, "Lease:")
    page.row(1, "HolderIdentity:", spec.get("holderIdentity", UNSET))
    page.row(1, "AcquireTime:", clock(spec["acquireTime"]) if spec.get("acquireTime") else UNSET)
    page.row(1, "RenewTime:", clock(spec["renewTime"]) if spec.get("renewTime") else UNSET)


def _conditions(page: Page, conditions: Iterable[Document]) -> None:
    rows = [*conditions]
    if not rows:
        return
    page.row(0, "Conditions:")
    page.head(1, "Type", "Status", "LastHeartbeatTime", "LastTransitionTime", "Reason", "Message")
    for one in rows:
        times = [f"{parts.when(one, name)} " for name in ("lastHeartbeatTime", "lastTransitionTime")]
        page.row(1, f"{one['type']} ", f"{one['status']} ", *times, f"{one.get('reason', '')} ", one.get("message", ""))


def _machine(page: Page, status: Document) -> None:
    page.row(0, "Addresses:")
    for one in status.get("addresses") or ():
        page.row(1, f"{one['type']}:", one["address"])
    for title in ("Capacity", "Allocatable"):
        if amounts := status.get(title.lower()):
            page.row(0, f"{title}:")
            for name, amount in sorted(amounts.items()):
                page.row(1, f"{name}:", amount)
    page.row(0, "System Info:")
    for title, field in INFO:
        page.row(1, f"{title}:", (status.get("nodeInfo") or {}).get(field, ""))


def _load(page: Page, facts: Facts, allocatable: Mapping[str, str]) -> None:
    pods = facts.many("pods")
    page.row(0, "Non-terminated Pods:", f"({len(pods)} in total)")
    page.head(1, "Namespace", "Name", "", "CPU Requests", "CPU Limits", "Memory Requests", "Memory Limits", "Age")
    for pod in pods:
        requests, limits = pod_amounts(pod, "requests"), pod_amounts(pod, "limits")
        cells = [_share(amounts, name, allocatable) for name in ("cpu", "memory") for amounts in (requests, limits)]
        page.row(1, pod["metadata"]["namespace"], pod["metadata"]["name"], "", *cells,
                 age(pod["metadata"].get("creationTimestamp"), facts.now))  # fmt: skip
    page.row(0, "Allocated resources:")
    page.row(1, "(Total limits may be over 100 percent, i.e., overcommitted.)")
    page.head(1, "Resource", "Requests", "Limits")
    requests, limits = (total(pod_amounts(pod, what) for pod in pods) for what in ("requests", "limits"))
    huge = sorted(name for name in allocatable if name.startswith("hugepages-"))
    for name in (*STANDARD, *huge):
        page.row(1, name, _share(requests, name, allocatable), _share(limits, name, allocatable))
    for name in sorted({*allocatable} - {*STANDARD, *huge, "pods"}):
        page.row(1, name, requests.get(name, "0"), limits.get(name, "0"))


def _share(amounts: Amounts, name: str, allocatable: Mapping[str, str]) -> str:
    """`250m (12%)`."""
    amount, whole = amounts.get(name, "0"), quantity.parse(allocatable.get(name, "0"))
    return f"{amount} ({int(quantity.parse(amount) * 100 / whole) if whole else 0}%)"

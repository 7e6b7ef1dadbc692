"""`describe service`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from minictl.describe import parts
from minictl.describe.facts import Document, Facts, Needs, Query
from minictl.describe.page import NONE, UNSET, Page

MOST = 3


def needs(document: Document) -> Needs:
    """Its endpoint slices."""
    meta = document["metadata"]
    path = f"/apis/discovery.k8s.io/v1/namespaces/{meta['namespace']}/endpointslices"
    return {"slices": Query(path, label_selector=f"kubernetes.io/service-name={meta['name']}")}


def describe(service: Document, facts: Facts) -> str:
    """The page."""
    page, spec = Page(), service["spec"]
    parts.head(page, service)
    parts.about(page, service)
    page.row(0, "Selector:", parts.joined(spec.get("selector")))
    page.row(0, "Type:", spec.get("type", ""))
    _addresses(page, service)
    for port in spec.get("ports") or ():
        _port(page, port, facts.many("slices"))
    page.row(0, "Session Affinity:", spec.get("sessionAffinity", ""))
    for title, field in (("External Traffic Policy", "externalTrafficPolicy"),
                         ("Internal Traffic Policy", "internalTrafficPolicy"),
                         ("HealthCheck NodePort", "healthCheckNodePort"),
                         ("LoadBalancer Source Ranges", "loadBalancerSourceRanges"),
                         ("Traffic Distribution", "trafficDistribution")):  # fmt: skip
        if value := spec.get(field):
            page.row(0, f"{title}:", ",".join(value) if isinstance(value, list) else value)
    parts.events(page, facts)
    return page.text()


def _addresses(page: Page, service: Document) -> None:
    spec = service["spec"]
    if spec.get("ipFamilyPolicy"):
        page.row(0, "IP Family Policy:", spec["ipFamilyPolicy"])
    page.row(0, "IP Families:", ",".join(spec.get("ipFamilies") or ()) or NONE)
    page.row(0, "IP:", spec.get("clusterIP", ""))
    page.row(0, "IPs:", ",".join(spec.get("clusterIPs") or ()) or NONE)
    for title, value in (("External IPs", ",".join(spec.get("externalIPs") or ())),
                         ("Desired LoadBalancer IP", spec.get("loadBalancerIP")),
                         ("External Name", spec.get("externalName")),
                         ("LoadBalancer Ingress", _ingress(service))):  # fmt: skip
        if value:
            page.row(0, f"{title}:", value)


def _ingress(service: Document) -> str:
    entries = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    return ", ".join(
        f"{one['ip']} ({one['ipMode']})" if one.get("ipMode") else one.get("ip") or one.get("hostname", "")
        for one in entries
    )


def _port(page: Page, port: Document, slices: Sequence[Document]) -> None:
    name, protocol = port.get("name") or UNSET, port["protocol"]
    page.row(0, "Port:", name, f"{port['port']}/{protocol}")
    page.row(0, "TargetPort:", f"{port.get('targetPort', 0)}/{protocol}")
    if port.get("nodePort"):
        page.row(0, "NodePort:", name, f"{port['nodePort']}/{protocol}")
    page.row(0, "Endpoints:", endpoints(slices, port.get("name", "")))


def endpoints(slices: Sequence[Document], port: str) -> str:
    """The first three ready addresses behind a port, and how many more there are."""
    if not slices:
        return NONE
    found = [address for one in slices for address in _ready(one, port)]
    more = f" + {len(found) - MOST} more..." if len(found) > MOST else ""
    return ",".join(found[:MOST]) + more


def _ready(one: Document, wanted: str) -> Iterable[str]:
    ready = [end["addresses"][0] for end in one.get("endpoints") or ()
             if (end.get("conditions") or {}).get("ready", True)]  # fmt: skip
    if not one.get("ports"):
        return ready
    numbers = [port["port"] for port in one["ports"] if port.get("name", "") == wanted]
    return [f"[{ip}]:{number}" if ":" in ip else f"{ip}:{number}" for number in numbers for ip in ready]

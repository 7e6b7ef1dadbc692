"""Whether the server behind an APIService can be reached, as a condition in Kubernetes' words; and where. Pure.

Real Kubernetes: kube-aggregator's pkg/controllers/status/remote, k8s.io/apiserver/pkg/util/proxy.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from apiserver.proxy.places import Place, Wanted, service_places
from machinery.api.errors import ServiceUnavailable, quote

Doc = dict[str, Any]


class Finding(NamedTuple):
    """What is to be said in the condition Available."""

    status: str
    reason: str
    message: str


PASSED = Finding("True", "Passed", "all checks passed")


def failed_check(why: str) -> Finding:
    """The server did not answer as it should."""
    return Finding("False", "FailedDiscoveryCheck", why)


def missing(reference: Doc, service: Doc | None, slices: Sequence[Doc]) -> Finding | None:
    """What can be seen without asking the server; None when nothing is missing."""
    name, port = reference["name"], reference.get("port", 443)
    where = f"service/{name} in {quote(reference['namespace'])}"
    if service is None:
        return Finding("False", "ServiceNotFound", f"{where} is not present")
    if service["spec"].get("type", "ClusterIP") != "ClusterIP":
        return None
    found = next((each for each in service["spec"].get("ports", ()) if each["port"] == port), None)
    if found is None:
        return Finding("False", "ServicePortError", f"{where} is not listening on port {port}")
    if not slices:
        return Finding("False", "EndpointsNotFound", f"cannot find endpoints for {where}")
    wanted = found.get("name", "")
    if not any(_is_served(each, wanted) for each in slices):
        why = f"endpoints for {where} have no addresses with port name {quote(wanted)}"
        return Finding("False", "MissingEndpoints", why)
    return None


def _is_served(piece: Doc, port_name: str) -> bool:
    named = any(port.get("name", "") == port_name and port.get("port") for port in piece.get("ports") or ())
    return named and any(each.get("conditions", {}).get("ready", True) for each in piece.get("endpoints") or ())


def places(reference: Doc, service: Doc | None, slices: Iterable[Doc]) -> list[Place]:
    """Where the service's server listens: at its endpoints, or where nobody keeps any, at its own address."""
    name, namespace, port = reference["name"], reference["namespace"], reference.get("port", 443)
    behind, spec = list(slices), (service or {}).get("spec", {})
    if spec.get("type") == "ExternalName":
        return [Place(spec["externalName"], port, secure=True)]
    own = spec.get("clusterIP", "")
    if not behind and own not in ("", "None"):
        if not any(each["port"] == port for each in spec.get("ports", ())):
            raise ServiceUnavailable(f"no service port {port} found for service {quote(name)}")
        return [Place(own, port, secure=True)]
    return service_places(Wanted("https", name, str(port)), service, behind, namespace)


def with_condition(status: Doc, finding: Finding, now: str) -> Doc:
    """The status with this finding in it. The time of one that says the same stays."""
    rows = list(status.get("conditions") or ())
    at = next((index for index, row in enumerate(rows) if row["type"] == "Available"), len(rows))
    old = rows[at] if at < len(rows) else {}
    since = old.get("lastTransitionTime", now) if old.get("status") == finding.status else now
    told = {"status": finding.status, "reason": finding.reason, "message": finding.message}
    rows[at : at + 1] = [{"type": "Available", "lastTransitionTime": since, **told}]
    return {**status, "conditions": rows}


def is_available(obj: Doc) -> bool:
    """What the condition says."""
    rows = obj.get("status", {}).get("conditions") or ()
    return any(row["type"] == "Available" and row["status"] == "True" for row in rows)

"""In which order groups, and the versions of a group, are offered to clients. Pure.

What an APIService says counts; until there is one, the places that Kubernetes gives its own groups, and those that it
gives to custom resources.
Real Kubernetes: pkg/controlplane/apiserver/aggregator.go, kube-aggregator's apis/apiregistration/v1/helper.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from apiserver.apiextensions.resource import version_order

Doc = dict[str, Any]
GroupVersion = tuple[str, str]


class Priority(NamedTuple):
    """Higher comes first."""

    group: int
    version: int


CUSTOM = Priority(1000, 100)
_VERSION = 15
_GROUPS = {
    "apiregistration.k8s.io": 20000, "": 18000, "apps": 17800, "events.k8s.io": 17750, "authentication.k8s.io": 17700,
    "authorization.k8s.io": 17600, "autoscaling": 17500, "batch": 17400, "certificates.k8s.io": 17300,
    "networking.k8s.io": 17200, "policy": 17100, "rbac.authorization.k8s.io": 17000, "storage.k8s.io": 16800,
    "apiextensions.k8s.io": 16700, "admissionregistration.k8s.io": 16700, "scheduling.k8s.io": 16600,
    "coordination.k8s.io": 16500, "node.k8s.io": 16300, "discovery.k8s.io": 16200,
    "flowcontrol.apiserver.k8s.io": 16100,
}  # fmt: skip
_VERSIONS = {("", "v1"): 1, ("autoscaling", "v2"): 30, ("flowcontrol.apiserver.k8s.io", "v1"): 21}


def usual(group: str, version: str) -> Priority:
    """The place of what is served here, as long as nobody says otherwise."""
    if group not in _GROUPS:
        return CUSTOM
    return Priority(_GROUPS[group], _VERSIONS.get((group, version), _VERSION))


def said(spec: Doc) -> Priority:
    """What an APIService says."""
    return Priority(spec.get("groupPriorityMinimum", 0), spec.get("versionPriority", 0))


def ordered(served: Iterable[GroupVersion], told: Mapping[GroupVersion, Priority]) -> dict[str, list[str]]:
    """Groups with their versions, best first. A group stands where the highest of its versions puts it."""
    places = {each: told.get(each) or usual(*each) for each in served}
    found: dict[str, list[str]] = {}
    for group, version in sorted(places, key=lambda each: (-places[each].group, f"{each[1]}.{each[0]}")):
        found.setdefault(group, []).append(version)
    for group, versions in found.items():
        versions.sort(key=lambda version: (-places[group, version].version, version_order(version)))
    return found

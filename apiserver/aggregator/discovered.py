"""What an extension server serves, as the aggregated form of discovery says it. Pure.

Servers that speak only the plain form have theirs rewritten; of what has gone stale, the last that was known stays.
Real Kubernetes: kube-aggregator's pkg/apiserver/handler_discovery.go, ConvertGroupVersionIntoToDiscovery.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apiserver.aggregator.priorities import GroupVersion

Doc = dict[str, Any]
CURRENT, STALE = "Current", "Stale"
_OPTIONAL = ("shortNames", "categories")


def from_aggregated(document: Doc, wanted: GroupVersion) -> list[Doc] | None:
    """The resources of one group and version in an APIGroupDiscoveryList; None when it is something else."""
    if document.get("kind") != "APIGroupDiscoveryList":
        return None
    for item in document.get("items") or ():
        for version in item.get("versions") or ():
            if (item.get("metadata", {}).get("name", ""), version.get("version")) == wanted:
                return list(version.get("resources") or ())
    return []


def from_plain(document: Doc, served: GroupVersion) -> list[Doc]:
    """An APIResourceList as resources of the aggregated form."""
    rows = [row for row in document.get("resources") or () if row.get("name")]
    found = {row["name"]: _resource(row, served) for row in rows if "/" not in row["name"]}
    for row in rows:
        name, _, part = row["name"].partition("/")
        if part:
            parent = found.setdefault(name, _parent(row, name))
            parent.setdefault("subresources", []).append(_subresource(row, part, served))
    return list(found.values())


def _kind(row: Doc, served: GroupVersion) -> Doc:
    group, version = row.get("group") or served[0], row.get("version") or served[1]
    return {"group": group, "version": version, "kind": row.get("kind", "")}


def _resource(row: Doc, served: GroupVersion) -> Doc:
    more = {name: row[name] for name in _OPTIONAL if row.get(name)}
    return _parent(row, row["name"]) | {
        "responseKind": _kind(row, served), "singularResource": row.get("singularName", ""),
        "verbs": list(row.get("verbs") or ()), **more,
    }  # fmt: skip


def _parent(row: Doc, name: str) -> Doc:
    """One that only its subresources tell of."""
    return {"resource": name, "scope": "Namespaced" if row.get("namespaced") else "Cluster"}


def _subresource(row: Doc, part: str, served: GroupVersion) -> Doc:
    return {"subresource": part, "responseKind": _kind(row, served), "verbs": list(row.get("verbs") or ())}


def sound(resources: Iterable[Doc]) -> tuple[Doc, ...]:
    """The same, if it can be told on: nonsense of others must not spoil what we say ourselves. ValueError."""
    from machinery.api.apidiscovery.v2 import APIVersionDiscovery  # only for who has extension servers

    whole = APIVersionDiscovery.from_dict({"version": "", "resources": list(resources)})
    return tuple(whole.to_dict().get("resources", ()))


def version_entry(version: str, resources: Iterable[Doc], *, fresh: bool) -> Doc:
    """An entry of a group in the aggregated form."""
    found = list(resources)
    known = {"resources": found} if found else {}
    return {"version": version, **known, "freshness": CURRENT if fresh else STALE}

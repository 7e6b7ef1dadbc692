"""Discovery: /api, /apis, /apis/GROUP, /apis/GROUP/VERSION, plain and aggregated (v2 and v2beta1, with ETag).

All documents are made once, each encoding when it is first asked for. Who asks for a form that we do not speak, and
leaves us another, gets the other.
Real Kubernetes: k8s.io/apiserver/pkg/endpoints/discovery.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import orjson
from aiohttp import web

from apiserver import replies
from apiserver.aggregator.others import NOBODY, Others
from apiserver.aggregator.priorities import ordered
from apiserver.call import Call
from apiserver.encoding.documents import encoded
from apiserver.encoding.published import Published, digest_of
from apiserver.negotiation import DISCOVERY, NOTHING, Form, form_of
from machinery.api.scheme import Resource, Subresource

Doc = dict[str, Any]
_AGGREGATED = "apidiscovery.k8s.io"
Groups = Mapping[str, list[str]]
"""Named groups with their versions, in the order in which clients shall try them."""


class Discovery:
    """Wants the resources that are served, the apiVersion of those stored in another, and what others serve."""

    def __init__(
        self, resources: Iterable[Resource], stored: Mapping[Resource, str] = MappingProxyType({}),
        others: Others = NOBODY,
    ) -> None:  # fmt: skip
        self._resources = tuple(resources)
        self._stored, self._others = stored, others
        own = {(resource.group, resource.version) for resource in self._resources if resource.group}
        self._groups = ordered(own | others.versions.keys(), others.priorities)
        self._plain = self._plain_documents()
        self._aggregated = {
            (path, version): orjson.dumps(self._list(path, version))
            for path in ("/api", "/apis")
            for version in ("v2", "v2beta1")
        }
        self._published: dict[tuple[str, Form], Published] = {}

    def paths(self) -> list[str]:
        return [*self._plain, *(f"/apis/{group}/{version}" for group, version in self._others.versions)]

    async def answer(self, call: Call, path: str) -> web.StreamResponse | None:
        """The document for a path; None when there is none."""
        if path not in self._plain:
            return None
        is_root = path in ("/api", "/apis")
        form = form_of(call.http.headers, call.http.query, transforms=DISCOVERY if is_root else NOTHING)
        if form.as_kind:
            return await self._publish(path, form).answer(call.http.headers, cache="public")
        return replies.answer(self._plain[path], call, form)

    def _list(self, path: str, version: str) -> Doc:
        groups = {"": ["v1"]} if path == "/api" else self._groups
        return aggregated(version, groups, self._resources, self._others)

    def _publish(self, path: str, form: Form) -> Published:
        made = self._published.get((path, form))
        if made is None:
            body = self._aggregated[path, form.version]
            content_type = f"{form.media_type};g={_AGGREGATED};v={form.version};as={form.as_kind}"
            made = Published(encoded(body, form), content_type, digest=digest_of(body))
            self._published[path, form] = made
        return made

    def _plain_documents(self) -> dict[str, bytes]:
        groups = self._groups
        documents: dict[str, Doc] = {
            "/api": {
                "kind": "APIVersions",
                "versions": ["v1"],
                "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": ""}],
            },
            "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(*g) for g in groups.items()]},
        }
        for group, versions in groups.items():
            documents[f"/apis/{group}"] = {"kind": "APIGroup", "apiVersion": "v1", **_group(group, versions)}
        for root in dict.fromkeys(resource.root for resource in self._resources):
            documents[root] = _resource_list([r for r in self._resources if r.root == root], self._stored)
        return {path: orjson.dumps(document) for path, document in documents.items()}


def _group(group: str, versions: list[str]) -> Doc:
    listed = [{"groupVersion": f"{group}/{version}", "version": version} for version in versions]
    return {"name": group, "versions": listed, "preferredVersion": listed[0]}


def _resource_list(resources: list[Resource], stored: Mapping[Resource, str]) -> Doc:
    rows = []
    for resource in sorted(resources, key=lambda each: each.plural):
        rows.append(_resource_row(resource, stored.get(resource, resource.api_version)))
        rows += [_subresource_row(resource, part) for part in resource.subresources]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": resources[0].api_version,
        "resources": rows,
    }


def _resource_row(resource: Resource, stored: str) -> Doc:
    row: Doc = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(resource.verbs),
    }
    if resource.short_names:
        row["shortNames"] = list(resource.short_names)
    if resource.categories:
        row["categories"] = list(resource.categories)
    # What can be watched is stored; reviews, bindings and component statuses are not.
    is_stored = "watch" in resource.verbs
    return row | ({"storageVersionHash": storage_version_hash(stored, resource.kind)} if is_stored else {})


def storage_version_hash(api_version: str, kind: str) -> str:
    """Says which form is stored: eight bytes of a hash over group, version and kind."""
    group, _, version = api_version.rpartition("/")
    identity = f"{group}/{version}/{kind}"
    return base64.b64encode(hashlib.sha256(identity.encode()).digest()[:8]).decode()


def _subresource_row(resource: Resource, part: Subresource) -> Doc:
    row: Doc = {
        "name": f"{resource.plural}/{part.name}",
        "singularName": "",
        "namespaced": resource.namespaced,
        "kind": _subresource_kind(resource, part)["kind"],
        "verbs": list(part.verbs),
    }
    if part.kind and _subresource_kind(resource, part)["group"] != resource.group:
        kind = _subresource_kind(resource, part)
        row |= {"group": kind["group"], "version": kind["version"]}
    return row


def _subresource_kind(resource: Resource, part: Subresource) -> Doc:
    if not part.kind:
        return {"group": resource.group, "version": resource.version, "kind": resource.kind}
    group, version, kind = ("", *part.kind.split("/"))[-3:]
    return {"group": group, "version": version, "kind": kind}


# --- the aggregated form: everything under /api or /apis in one document ---


def aggregated(version: str, groups: Groups, resources: Iterable[Resource], others: Others = NOBODY) -> Doc:
    """APIGroupDiscoveryList of the legacy group, whose name is empty, or of the named ones."""
    known: dict[tuple[str, str], list[Resource]] = {}
    for resource in resources:
        known.setdefault((resource.group, resource.version), []).append(resource)
    items = [
        {
            "metadata": {**({"name": group} if group else {}), "creationTimestamp": None},
            "versions": [
                others.versions.get((group, each)) or _discovered_version(each, known[group, each])
                for each in versions
            ],
        }
        for group, versions in groups.items()
    ]
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": f"{_AGGREGATED}/{version}",
        "metadata": {},
        "items": items,
    }


def _discovered_version(version: str, resources: list[Resource]) -> Doc:
    rows = [_discovered(resource) for resource in sorted(resources, key=lambda each: each.plural)]
    return {"version": version, "resources": rows, "freshness": "Current"}


def _discovered(resource: Resource) -> Doc:
    row: Doc = {
        "resource": resource.plural,
        "responseKind": {"group": resource.group, "version": resource.version, "kind": resource.kind},
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.singular,
        "verbs": list(resource.verbs),
    }
    if resource.short_names:
        row["shortNames"] = list(resource.short_names)
    if resource.categories:
        row["categories"] = list(resource.categories)
    if resource.subresources:
        row["subresources"] = [
            {"subresource": part.name, "responseKind": _subresource_kind(resource, part), "verbs": list(part.verbs)}
            for part in resource.subresources
        ]
    return row

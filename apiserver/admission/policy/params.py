"""The objects that hold a policy's parameters: any kind that is served, by name or by labels.

Real Kubernetes: CollectParams in admission/plugin/policy/generic/policy_dispatcher.go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from apiserver.admission.matching import selector
from apiserver.storage.interface import Selection

Doc = dict[str, Any]
_NOTHING = "no params found for policy binding with `Deny` parameterNotFoundAction"


class BadParams(Exception):
    """Why a binding has no parameters though its policy takes some."""


class Params:
    """Wants the stores, by group, version and plural."""

    def __init__(self, stores: Mapping[tuple[str, str, str], Any]) -> None:
        self._stores = stores

    async def namespace(self, name: str) -> Doc | None:
        """A namespace as `namespaceObject` shows it."""
        return await self._stores["", "v1", "namespaces"].find(name)

    async def of(self, kind: Doc | None, reference: Doc | None, namespace: str) -> Sequence[Doc | None]:
        """One evaluation for each; [None] where the policy takes none. Raises BadParams."""
        if kind is None or reference is None:
            return [None]
        store = self._store(kind)
        where = self._namespace(store, reference, namespace)
        found = await self._found(store, reference, where)
        if not found and reference.get("parameterNotFoundAction") != "Allow":
            raise BadParams(_NOTHING)
        return found

    def _store(self, kind: Doc) -> Any:
        wanted = (kind["apiVersion"], kind["kind"])
        for store in self._stores.values():
            resource = getattr(store, "resource", None)
            if resource is not None and (resource.api_version, resource.kind) == wanted:
                return store
        text = f"{wanted[0]}, Kind={wanted[1]}"
        raise BadParams(f"failed to find resource referenced by paramKind: '{text}'")

    def _namespace(self, store: Any, reference: Doc, namespace: str) -> str:
        given = reference.get("namespace", "")
        if not store.resource.namespaced:
            if given:
                raise BadParams("paramRef.namespace must not be provided for a cluster-scoped `paramKind`")
            return ""
        if not given and not namespace:
            raise BadParams("cannot use namespaced paramRef in policy binding that matches cluster-scoped resources")
        return given or namespace

    async def _found(self, store: Any, reference: Doc, namespace: str) -> list[Doc | None]:
        if name := reference.get("name"):
            found = await store.find(name, namespace)
            return [] if found is None else [found]
        wanted = Selection(store.scope(namespace), selector(reference.get("selector")))
        return [orjson.loads(entry.body) for entry in (await store.cacher.list(wanted, resource_version=0)).items]

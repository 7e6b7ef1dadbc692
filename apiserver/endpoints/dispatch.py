"""From a RequestInfo to the function that serves it: two tables, of verbs and of subresources.

Real Kubernetes: k8s.io/apiserver/pkg/endpoints/installer.go, which installs a route for each of these.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from apiserver.call import Call
from apiserver.endpoints import patch, read, removed, watch, write
from apiserver.registry.store import Store
from machinery.api.errors import ApiError, MethodNotAllowed, generic

Endpoint = Callable[[Call, Store], Awaitable[web.StreamResponse]]

VERBS: dict[str, Endpoint] = {
    "get": read.get,
    "list": read.list_,
    "watch": watch.watch,
    "create": write.create,
    "update": write.update,
    "patch": patch.patch,
    "delete": write.delete,
    "deletecollection": write.delete_collection,
}
ITSELF: dict[str, Endpoint] = {"get": read.get, "update": write.update, "patch": patch.patch}
"""The verbs of subresources that are a part of the object itself: status, finalize."""


class Dispatch:
    """Knows every Store by group, version and resource; and every special endpoint by its subresource."""

    def __init__(
        self, stores: Mapping[tuple[str, str, str], Store], special: Mapping[tuple[str, str], Endpoint]
    ) -> None:
        self._stores = stores
        self._special = special

    async def __call__(self, call: Call) -> web.StreamResponse:
        info = call.info
        store = self._stores.get((info.group, info.version, info.resource))
        if store is None:
            raise removed.explained(info) or not_found()
        endpoint = self._endpoint(store, call)
        if store.resource.namespaced and info.name and not info.namespace:
            raise not_found()
        if store.strategy.deprecation:
            call.warnings.append(store.strategy.deprecation)
        return await endpoint(call, store)

    def _endpoint(self, store: Store, call: Call) -> Endpoint:
        info, resource = call.info, store.resource
        if not info.subresource:
            if info.verb not in resource.verbs or not _fits(call, store):
                raise not_allowed(call)
            return VERBS[info.verb]
        subresource = resource.subresource(info.subresource)
        if subresource is None:
            raise not_found()
        special = self._special.get((info.subresource, info.verb))
        if special is None and info.verb not in subresource.verbs:
            raise not_allowed(call)
        return special or ITSELF[info.verb]


def _fits(call: Call, store: Store) -> bool:
    """A collection is not updated, an object is not created at its own URL, and a namespace says where."""
    info = call.info
    if info.verb in ("update", "patch"):
        return bool(info.name)
    if info.verb in ("create", "deletecollection"):
        return not info.name and bool(info.namespace or not store.resource.namespaced)
    return True


def not_found() -> ApiError:
    return generic(404)


def not_allowed(call: Call) -> ApiError:
    error = MethodNotAllowed(call.info.resource, call.info.verb, group=call.info.group)
    error.message = "the server does not allow this method on the requested resource"
    return error

"""The API's verbs, typed: a kind's class goes in, its instances come out.

    async with Client(load_kubeconfig()) as client:
        pod = await client.get(Pod, "web", "default")
        await client.update(pod.replace(spec=...))

Every failure is a machinery.api.errors.ApiError. In real Kubernetes: client-go/kubernetes (generated, one per kind)
and client-go/rest. Left out: content types other than JSON.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from copy import copy
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

import orjson
from pydantic import ValidationError

from machinery.api import errors, scheme
from machinery.api.model import Object
from machinery.client.config import ClientConfig
from machinery.client.transport import Transport, Unreachable

__all__ = ["Client", "Listing", "Unreachable", "WatchEvent"]

M = TypeVar("M", bound=Object)

PATCH_TYPES = {
    "json": "application/json-patch+json",
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "apply": "application/apply-patch+yaml",
}
FRAME = re.compile(rb'\s*\{"type":"([A-Z]+)","object":(.*)\}\s*', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Listing(Generic[M]):
    """Objects as of one revision; `continue_` is set while more pages follow."""

    items: tuple[M, ...]
    resource_version: str
    continue_: str = ""


@dataclass(frozen=True, slots=True)
class WatchEvent(Generic[M]):
    """One change. Of a BOOKMARK only the object's resource version means anything."""

    type: str
    object: M


class Client:
    """Typed verbs over one Transport; `headers` go with every request. most_at_once: how many requests may be under
    way (watches and other streams beside them), for whoever asks a great deal; 0 for any number."""

    def __init__(self, config: ClientConfig, user_agent: str = "mini", *,
                 headers: Mapping[str, str] | None = None, most_at_once: int = 0) -> None:
        self.config = config
        named = {"User-Agent": user_agent, **(headers or {})}
        self._transport = Transport(config, headers=named, most_at_once=most_at_once)
        self.request = self._transport.request
        self.stream = self._transport.stream

    def sharing(self) -> Client:
        """Another client over the same connections, which this one closes: `use_token` says who it is."""
        other = copy(self)
        other._transport = self._transport.sharing()
        other.request, other.stream = other._transport.request, other._transport.stream
        return other

    def use_token(self, token: str) -> None:
        """Prove from now on who we are with this bearer token."""
        self._transport.use_token(token)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._transport.close()

    async def get(self, kind: type[M], name: str, namespace: str = "") -> M:
        return decode(kind, await self.request("GET", path_of(kind, namespace, name)))

    async def list(self, kind: type[M], namespace: str = "", *, label_selector: str = "", field_selector: str = "",
                   limit: int = 0, continue_: str = "", resource_version: str = "", path: str = "") -> Listing[M]:
        """One page (all of it, without a limit). resource_version "0" takes any recent state, which costs least.

        path: another collection than the kind's own, for kinds such as PartialObjectMetadata that stand for any.
        """
        params = {"labelSelector": label_selector, "fieldSelector": field_selector, "limit": limit or None,
                  "continue": continue_, "resourceVersion": resource_version}
        document = orjson.loads(await self.request("GET", path or path_of(kind, namespace), params=params))
        meta = document.get("metadata") or {}
        items = tuple(decode(kind, orjson.dumps(item)) for item in document.get("items") or ())
        return Listing(items, meta.get("resourceVersion", ""), meta.get("continue", ""))

    async def watch(self, kind: type[M], namespace: str = "", *, resource_version: str = "", label_selector: str = "",
                    field_selector: str = "", timeout: int = 0, path: str = "",
                    only: Callable[[bytes], object] = bool) -> AsyncIterator[WatchEvent[M]]:
        """Changes after resource_version, until the server ends the stream (after `timeout` seconds, if given).

        only: which of the encoded events are worth decoding.
        """
        params = {"watch": True, "allowWatchBookmarks": True, "resourceVersion": resource_version,
                  "labelSelector": label_selector, "fieldSelector": field_selector, "timeoutSeconds": timeout or None}
        async with aclosing(self.stream("GET", path or path_of(kind, namespace), params)) as chunks:
            async for line in lines(chunks):
                if only(line):
                    yield decode_frame(kind, line)

    async def create(self, obj: M) -> M:
        return decode(type(obj), await self.request("POST", path_of(type(obj), obj.metadata.namespace),
                                                    body=obj.to_json()))

    async def create_subresource(self, obj: Object, subresource: str, body: Object) -> bytes:
        """POST to a pod's `binding` or `eviction`, a service account's `token` and the like."""
        path = path_of(type(obj), obj.metadata.namespace, obj.metadata.name, subresource)
        return await self.request("POST", path, body=body.to_json())

    async def update(self, obj: M) -> M:
        """Replaces the whole object; Conflict when someone changed it since it was read."""
        return await self._put(obj, "")

    async def update_status(self, obj: M) -> M:
        """Replaces only what the status subresource holds."""
        return await self._put(obj, "status")

    async def update_subresource(self, obj: M, subresource: str) -> M:
        """The same for another part, such as the `approval` of a request."""
        return await self._put(obj, subresource)

    async def patch(self, kind: type[M], name: str, namespace: str = "", body: Any = None, *,
                    patch_type: str = "merge", subresource: str = "", params: Mapping[str, Any] | None = None) -> M:
        """Changes what the body (a JSON-ready dict, or a list for "json") names."""
        path = path_of(kind, namespace, name, subresource)
        return decode(kind, await self.request("PATCH", path, params=params, body=orjson.dumps(body),
                                               content_type=PATCH_TYPES[patch_type]))

    async def delete(self, kind: type[Object], name: str, namespace: str = "", *,
                     grace_period_seconds: int | None = None, propagation_policy: str | None = None,
                     uid: str | None = None, resource_version: str | None = None) -> None:
        """Asks for the deletion; with uid or resource_version only of exactly that object, else Conflict."""
        preconditions = _given(uid=uid, resourceVersion=resource_version)
        options = _given(gracePeriodSeconds=grace_period_seconds, propagationPolicy=propagation_policy,
                         preconditions=preconditions or None)
        await self._delete(path_of(kind, namespace, name), options)

    async def delete_collection(self, kind: type[Object], namespace: str = "", *, label_selector: str = "",
                                field_selector: str = "", propagation_policy: str | None = None) -> None:
        """Asks for the deletion of everything that matches."""
        params = {"labelSelector": label_selector, "fieldSelector": field_selector}
        await self._delete(path_of(kind, namespace), _given(propagationPolicy=propagation_policy), params)

    async def bind(self, pod: Object, node_name: str) -> None:
        """Assigns a pod to a node; Conflict when it has one, or is another pod of the same name by now."""
        from machinery.api.core.v1 import Binding, ObjectReference
        from machinery.api.meta.v1 import ObjectMeta

        meta = ObjectMeta(name=pod.metadata.name, namespace=pod.metadata.namespace, uid=pod.metadata.uid)
        target = ObjectReference(api_version="v1", kind="Node", name=node_name)
        await self.create_subresource(pod, "binding", Binding(metadata=meta, target=target))

    async def _put(self, obj: M, subresource: str) -> M:
        path = path_of(type(obj), obj.metadata.namespace, obj.metadata.name, subresource)
        return decode(type(obj), await self.request("PUT", path, body=obj.to_json()))

    async def _delete(self, path: str, options: dict[str, Any], params: Mapping[str, Any] | None = None) -> None:
        body = orjson.dumps({"kind": "DeleteOptions", "apiVersion": "v1"} | options)
        await self.request("DELETE", path, params=params, body=body)


def path_of(kind: type[Object], namespace: str = "", name: str = "", subresource: str = "") -> str:
    return scheme.for_model(kind).path(namespace=namespace, name=name, subresource=subresource)


def decode(kind: type[M], body: bytes) -> M:
    """An object from the server. One that its own class refuses is the server's fault."""
    try:
        return kind.from_json(body)
    except ValidationError as error:
        raise errors.InternalError(f"the server sent a {kind.__name__} that cannot be read: {error}") from error


def decode_frame(kind: type[M], line: bytes) -> WatchEvent[M]:
    """One line of a watch; an ERROR frame is raised as what it says."""
    if match := FRAME.fullmatch(line):
        type_, body = match[1].decode(), match[2]
    else:
        frame = orjson.loads(line)
        type_, body = frame["type"], orjson.dumps(frame["object"])
    if type_ == "ERROR":
        raise errors.from_status(orjson.loads(body))
    return WatchEvent(type_, decode(kind, body))


async def lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The chunks of a stream as whole lines, of any length."""
    parts: list[bytes] = []
    async for chunk in chunks:
        *whole, rest = chunk.split(b"\n")
        for line in whole:
            parts.append(line)
            if joined := b"".join(parts):
                yield joined
            parts = []
        if rest:
            parts.append(rest)


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value not in (None, {}, "")}

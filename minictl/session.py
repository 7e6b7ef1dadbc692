"""What every command needs: the connection, the namespace, and objects as plain documents.

The CLI works on documents (dicts), not on classes, so that it can handle kinds that it has never heard of.
"""

from __future__ import annotations

import uuid
from argparse import Namespace
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any, Self

import orjson

from machinery.api.errors import ApiError, BadRequest, NotFound, from_status
from machinery.api.scheme import Resource
from machinery.client.config import ClientConfig, load_kubeconfig

if TYPE_CHECKING:
    from machinery.client.transport import Transport

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
FIELD_MANAGER = "minictl"
PAGE = 500


class Session:
    """One invocation's connection; opened when first needed, so that client-side commands need no cluster."""

    def __init__(self, args: Namespace) -> None:
        self._args = args
        self._config: ClientConfig | None = None
        self._transport: Transport | None = None
        self._headers = {"Kubectl-Command": f"minictl {args.command}", "Kubectl-Session": str(uuid.uuid4())}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._transport:
            await self._transport.close()

    @property
    def config(self) -> ClientConfig:
        """Where the server is; raises ConfigError when no kubeconfig tells."""
        if self._config is None:
            self._config = load_kubeconfig(self._args.kubeconfig, self._args.context)
        return self._config

    @property
    def namespace(self) -> str:
        """-n, else the context's, else default."""
        return self._args.namespace or self.config.namespace

    def scope(self, resource: Resource) -> str:
        """The namespace to look in: "" for all of them and for cluster-wide kinds."""
        everywhere = getattr(self._args, "all_namespaces", False)
        return self.namespace if resource.namespaced and not everywhere else ""

    @property
    def client(self) -> Transport:
        """The connection itself; loading it takes a while, so commands that need no server do without."""
        if self._transport is None:
            from machinery.client.transport import Transport

            self._transport = Transport(self.config, headers={"User-Agent": "minictl", **self._headers})
        return self._transport

    async def read(self, path: str, *, accept: str = "application/json", **params: Any) -> dict[str, Any]:
        """GET a document."""
        return orjson.loads(await self.client.request("GET", path, params=_named(params), accept=accept))

    async def find(self, path: str) -> dict[str, Any] | None:
        """GET a document, None if there is none."""
        try:
            return await self.read(path)
        except NotFound:
            return None

    async def fetch(self, resource: Resource, namespace: str, name: str, **options: Any) -> dict[str, Any]:
        """GET one object. If its namespace is what is missing, that is said."""
        try:
            return await self.read(resource.path(namespace, name), **options)
        except NotFound:
            if namespace not in ("", "default"):
                await self.read(f"/api/v1/namespaces/{namespace}")
            raise

    async def listed(self, resource: Resource, namespace: str, **options: Any) -> dict[str, Any]:
        """GET a collection, page by page: the first answer, its rows or items completed from the others."""
        try:
            whole = page = await self.read(resource.path(namespace), limit=PAGE, **options)
            while more := page["metadata"].get("continue"):
                page = await self.read(resource.path(namespace), limit=PAGE, continue_=more, **options)
                for part in ("rows", "items"):
                    if part in whole:
                        whole[part] = [*(whole[part] or ()), *(page.get(part) or ())]
        except BadRequest as error:
            raise _about_list(error, resource, options) from error
        return whole

    async def create(self, resource: Resource, document: Mapping[str, Any], namespace: str, **params: Any) -> dict:
        """POST an object into a namespace."""
        return await self._write("POST", resource.path(namespace), document, **params)

    async def replace(self, path: str, document: Mapping[str, Any], **params: Any) -> dict[str, Any]:
        """PUT an object."""
        return await self._write("PUT", path, document, **params)

    async def patch(self, path: str, patch: Any, kind: str = "merge", **params: Any) -> dict[str, Any]:
        """PATCH an object. kind: merge, strategic or json."""
        from machinery.client.rest import PATCH_TYPES

        body = orjson.dumps(patch)
        answer = await self.client.request(
            "PATCH", path, params=_writing(params), body=body, content_type=PATCH_TYPES[kind]
        )
        return orjson.loads(answer)

    async def delete(self, path: str, **options: Any) -> dict[str, Any]:
        """DELETE with options such as gracePeriodSeconds; None ones are left out."""
        given = {name: value for name, value in options.items() if value is not None}
        body = {"kind": "DeleteOptions", "apiVersion": "v1", **given}
        return orjson.loads(await self.client.request("DELETE", path, body=orjson.dumps(body)))

    async def watch(self, path: str, *, accept: str = TABLE, **params: Any) -> AsyncIterator[dict[str, Any]]:
        """The frames of a watch, as documents."""
        from machinery.client.rest import lines

        stream = self.client.stream("GET", path, {"watch": True, **_named(params)}, accept=accept)
        async for line in lines(stream):
            yield orjson.loads(line)

    async def _write(self, method: str, path: str, document: Mapping[str, Any], **params: Any) -> dict[str, Any]:
        body = orjson.dumps(document)
        return orjson.loads(await self.client.request(method, path, params=_writing(params), body=body))


def _about_list(error: ApiError, resource: Resource, options: Mapping[str, Any]) -> ApiError:
    """Which list the server refused, and by which selectors."""
    subject = f'"{resource.group}/{resource.version}, Resource={resource.plural}"'
    labels, fields = options.get("label_selector", ""), options.get("field_selector", "")
    what = f"list {subject}" if not labels and not fields else (
        f'find {subject} that match label selector "{labels}", field selector "{fields}"')
    return from_status({**error.to_dict(), "message": f"Unable to {what}: {error.status.message}"})


def _writing(params: Mapping[str, Any]) -> dict[str, Any]:
    return {"fieldManager": FIELD_MANAGER, **_named(params)}


def _named(params: Mapping[str, Any]) -> dict[str, Any]:
    """Python names to the API's: label_selector becomes labelSelector."""
    return {_camel(name): value for name, value in params.items() if value not in (None, "")}


def _camel(name: str) -> str:
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)

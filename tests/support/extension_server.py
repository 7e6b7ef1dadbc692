"""A small real extension server: widgets of toys.example.com/v1 over TLS, for who shows the front proxy's certificate.

async with ExtensionServer(authority, front, namespace="ns") as toys:
    toys.api_service()        # what makes the API server ask it
    toys.asked                # every request: method, path, headers
It lists, gets, watches, creates and deletes widgets, knows tables, and answers a WebSocket at widgets/NAME/attach.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

from tests.support.etcd import free_ports
from tests.support.pki import Authority

Doc = dict[str, Any]
GROUP = "toys.example.com"
ROOT = f"/apis/{GROUP}/v1"
SERVICE = "toys"
VERBS = ["create", "delete", "get", "list", "watch"]
PLAIN = {
    "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": f"{GROUP}/v1",
    "resources": [
        {"name": "widgets", "singularName": "widget", "namespaced": True, "kind": "Widget", "verbs": VERBS,
         "shortNames": ["wd"], "categories": ["toys"]},
        {"name": "widgets/attach", "singularName": "", "namespaced": True, "kind": "Widget", "verbs": ["get"]},
    ],
}  # fmt: skip
AGGREGATED = {
    "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2",
    "items": [{"metadata": {"name": GROUP}, "versions": [{"version": "v1", "freshness": "Current", "resources": [
        {"resource": "widgets", "singularResource": "widget", "scope": "Namespaced", "verbs": VERBS,
         "shortNames": ["wd"], "responseKind": {"group": GROUP, "version": "v1", "kind": "Widget"}}]}]}],
}  # fmt: skip
WIDGET = {
    "type": "object", "description": "A toy of the tests.",
    "properties": {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"},
                   "size": {"type": "integer", "description": "How large it is."}},
    "x-kubernetes-group-version-kind": [{"group": GROUP, "version": "v1", "kind": "Widget"}],
}  # fmt: skip
_ONE = f"{ROOT}/namespaces/{{namespace}}/widgets/{{name}}"
_READ = {"operationId": "readWidget", "x-kubernetes-action": "get",
         "x-kubernetes-group-version-kind": {"group": GROUP, "version": "v1", "kind": "Widget"}}  # fmt: skip
V2 = {
    "swagger": "2.0", "info": {"title": "toys", "version": "v1"}, "definitions": {"toy": WIDGET},
    "paths": {_ONE: {
        "get": {**_READ, "responses": {"200": {"description": "OK", "schema": {"$ref": "#/definitions/toy"}}}},
        "parameters": [{"$ref": "#/parameters/name"}]}, "/version/": {"get": {"responses": {}}}},
    "parameters": {"name": {"name": "name", "in": "path", "required": True, "type": "string"}},
}  # fmt: skip
_TOY = {"application/json": {"schema": {"$ref": "#/components/schemas/own.toy"}}}
V3 = {
    "openapi": "3.0.0", "info": V2["info"], "components": {"schemas": {"own.toy": WIDGET}},
    "paths": {_ONE: {"get": {**_READ, "responses": {"200": {"description": "OK", "content": _TOY}}}}},
}
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    headers: Any
    proxy: str
    """The common name of the certificate that was shown."""


class ExtensionServer:
    """See the module. `features` may be taken away before it is asked: aggregated, v2, v3."""

    def __init__(self, authority: Authority, front: Authority, *, namespace: str, address: str = "127.0.0.1") -> None:
        self.authority, self.namespace, self.address = authority, namespace, address
        pair = authority.issue(f"{SERVICE}-{namespace}", dns=f"{SERVICE}.{namespace}.svc")
        self._context = front.server_context(pair)
        (self.port,) = free_ports(1)
        self.features = {"aggregated", "v2", "v3"}
        self.widgets: dict[str, Doc] = {}
        self.asked: list[Asked] = []
        self.moved = False
        self._watchers: set[asyncio.Queue[Doc]] = set()
        self._runner: web.ServerRunner | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        self._runner = web.ServerRunner(web.Server(self._answer), shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, self.address, self.port, ssl_context=self._context).start()

    async def stop(self) -> None:
        """As if it were killed: whoever watches is cut off."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def by(self, user: str) -> list[Asked]:
        """The requests made for a user."""
        return [each for each in self.asked if each.headers.get("X-Remote-User") == user]

    def api_service(self, **spec: Any) -> Doc:
        bundle = base64.b64encode(self.authority.ca.cert.read_bytes()).decode()
        trust = {} if "insecureSkipTLSVerify" in spec else {"caBundle": bundle}
        service = {"namespace": self.namespace, "name": SERVICE, "port": self.port}
        return {
            "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": f"v1.{GROUP}"},
            "spec": {"group": GROUP, "version": "v1", "service": service, "groupPriorityMinimum": 2000,
                     "versionPriority": 20, **trust, **spec},
        }  # fmt: skip

    def service(self) -> Doc:
        ports = [{"name": "https", "port": self.port}]
        return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": SERVICE}, "spec": {"ports": ports}}

    def endpoint_slice(self) -> Doc:
        return {
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": {"name": SERVICE, "labels": {"kubernetes.io/service-name": SERVICE}},
            "endpoints": [{"addresses": [self.address], "conditions": {"ready": True}}],
            "ports": [{"name": "https", "port": self.port, "protocol": "TCP"}],
        }  # fmt: skip

    # --- what it answers

    async def _answer(self, http: web.BaseRequest) -> web.StreamResponse:
        shown = dict(pair for row in http.get_extra_info("peercert")["subject"] for pair in row)
        self.asked.append(Asked(http.method, http.path_qs, http.headers.copy(), shown["commonName"]))
        if self.moved:
            return web.Response(status=302, headers={"Location": "https://example.com/"})
        found = self._document(http)
        if found is not None:
            return web.json_response(found)
        if http.path.startswith(f"{ROOT}/"):
            return await self._widgets(http, http.path.removeprefix(f"{ROOT}/").split("/"))
        return web.Response(status=404, text="404 page not found")

    def _document(self, http: web.BaseRequest) -> Doc | None:
        place = {"/openapi/v3": {"paths": {ROOT[1:]: {"serverRelativeURL": f"/openapi/v3{ROOT}?hash=TOYS"}}}}
        aggregated = {"/apis": AGGREGATED} if "as=APIGroupDiscoveryList" in http.headers.get("Accept", "") else {}
        known: dict[str, Doc] = {ROOT: PLAIN}
        known |= aggregated if "aggregated" in self.features else {}
        known |= {"/openapi/v2": V2} if "v2" in self.features else {}
        known |= {**place, f"/openapi/v3{ROOT}": V3} if "v3" in self.features else {}
        return known.get(http.path)

    async def _widgets(self, http: web.BaseRequest, parts: list[str]) -> web.StreamResponse:
        match http.method, parts:
            case "GET", ["namespaces", _, "widgets", name, "attach"]:
                return await self._attached(http, name)
            case "GET", ["namespaces", namespace, "widgets", name]:
                return self._one(http, self.widgets.get(f"{namespace}/{name}"))
            case "DELETE", ["namespaces", namespace, "widgets", name]:
                gone = self.widgets.pop(f"{namespace}/{name}", None)
                self._tell("DELETED", gone)
                return self._one(http, gone)
            case "POST", ["namespaces", namespace, "widgets"]:
                return await self._created(http, namespace)
            case "GET", [*where, "widgets"]:
                watched = http.query.get("watch") in ("1", "true")
                return await self._watched(http) if watched else self._listed(http, where[1] if where else "")
        return web.json_response(failure(405, "MethodNotAllowed", "not here"), status=405)

    def _one(self, http: web.BaseRequest, widget: Doc | None) -> web.Response:
        if widget is None:
            return web.json_response(failure(404, "NotFound", "widget not found"), status=404)
        return web.json_response(table([widget]) if "as=Table" in http.headers.get("Accept", "") else widget)

    def _listed(self, http: web.BaseRequest, namespace: str) -> web.Response:
        found = [each for each in self.widgets.values() if each["metadata"]["namespace"] == (namespace or None) or
                 not namespace]  # fmt: skip
        if "as=Table" in http.headers.get("Accept", ""):
            return web.json_response(table(found))
        meta = {"resourceVersion": "1"}
        body = {"kind": "WidgetList", "apiVersion": f"{GROUP}/v1", "metadata": meta, "items": found}
        return web.json_response(body)

    async def _created(self, http: web.BaseRequest, namespace: str) -> web.Response:
        widget = json.loads(await http.read())
        number = next(_numbers)
        widget["metadata"] |= {"namespace": namespace, "uid": f"u{number}", "resourceVersion": str(number)}
        self.widgets[f"{namespace}/{widget['metadata']['name']}"] = widget
        self._tell("ADDED", widget)
        return web.json_response(widget, status=201)

    def _tell(self, kind: str, widget: Doc | None) -> None:
        for watcher in self._watchers:
            watcher.put_nowait({"type": kind, "object": widget})

    async def _watched(self, http: web.BaseRequest) -> web.StreamResponse:
        response, news = web.StreamResponse(headers={"Content-Type": "application/json"}), asyncio.Queue[Doc]()
        await response.prepare(http)
        self._watchers.add(news)
        try:
            while True:
                await response.write(json.dumps(await news.get()).encode() + b"\n")
        finally:
            self._watchers.discard(news)

    async def _attached(self, http: web.BaseRequest, name: str) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(http)
        async for message in socket:
            await socket.send_str(f"{name}: {message.data}")
        return socket


def failure(code: int, reason: str, message: str) -> Doc:
    head = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    return {**head, "code": code, "reason": reason, "message": message}


def table(widgets: list[Doc]) -> Doc:
    columns = [{"name": "Name", "type": "string", "format": "name"}, {"name": "Size", "type": "integer", "format": ""}]
    return {
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": "1"},
        "columnDefinitions": [{**column, "description": "", "priority": 0} for column in columns],
        "rows": [
            {"cells": [each["metadata"]["name"], each.get("size", 0)],
             "object": {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": each["metadata"]}}
            for each in widgets
        ],
    }  # fmt: skip


@contextmanager
def address_of_our_own(number: int) -> Iterator[str]:
    """An address of this machine alone that is not one of 127.0.0.0/8: no endpoint may have such a one."""
    address = f"198.18.{number // 250 % 250}.{number % 250 + 1}"
    subprocess.run(["ip", "address", "replace", f"{address}/32", "dev", "lo"], check=True)
    try:
        yield address
    finally:
        subprocess.run(["ip", "address", "del", f"{address}/32", "dev", "lo"], check=False)

"""An API server in one process and without types: objects are dicts, kinds are URLs. For tests of the client.

Lists, watches with history, bookmarks on demand, 410 after `compact`, optimistic concurrency, status subresource,
merge patches. It can be stopped and started again on its port, and remembers each request that it got.
"""

from __future__ import annotations

import asyncio
import copy
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import orjson
from aiohttp import web

URL = re.compile(
    r"(?P<root>/api/v1|/apis/[^/]+/[^/]+)(/namespaces/(?P<namespace>[^/]+))?"
    r"/(?P<plural>[a-z]+)(/(?P<name>[^/]+)(/(?P<subresource>[a-z]+))?)?"
)

Answer = tuple[int, dict[str, Any]]


@dataclass
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    peer: tuple[str, int]


@dataclass
class Event:
    revision: int
    type: str
    collection: str
    object: dict[str, Any]


@dataclass
class FakeApi:
    ssl_context: ssl.SSLContext | None = None
    port: int = 0
    objects: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)
    history: list[Event] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    fail_next: list[tuple[int, str]] = field(default_factory=list)
    """(code, text) to answer with, one for each of the next requests."""
    revision: int = 100
    oldest: int = 0
    news: set[asyncio.Event] = field(default_factory=set)
    """One for each open watch."""
    runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        return f"{'https' if self.ssl_context else 'http'}://127.0.0.1:{self.port}"

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.handle)
        self.runner = web.AppRunner(app, shutdown_timeout=0.01, access_log=None, handler_cancellation=True)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", self.port, ssl_context=self.ssl_context).start()
        self.port = self.runner.addresses[0][1]

    async def stop(self) -> None:
        if self.runner:
            await self.runner.cleanup()
        self.runner = None

    def compact(self) -> None:
        """Forgets the past: watches from before now get 410."""
        self.oldest = self.revision

    def put(self, collection: str, document: dict[str, Any]) -> dict[str, Any]:
        """Stores an object at the URL of its collection, as a request or some other client would."""
        document = copy.deepcopy(document)
        meta = document.setdefault("metadata", {})
        key = (collection, meta.get("namespace", ""), meta["name"])
        self.revision += 1
        meta.setdefault("uid", f"uid-{self.revision}")
        meta["resourceVersion"] = str(self.revision)
        type_ = "MODIFIED" if key in self.objects else "ADDED"
        self.objects[key] = document
        self._tell(Event(self.revision, type_, collection, document))
        return document

    def delete(self, collection: str, namespace: str, name: str) -> dict[str, Any]:
        """Removes an object; watchers see it with the revision of its deletion."""
        document = copy.deepcopy(self.objects.pop((collection, namespace, name)))
        self.revision += 1
        document["metadata"]["resourceVersion"] = str(self.revision)
        self._tell(Event(self.revision, "DELETED", collection, document))
        return document

    def bookmark(self, collection: str) -> None:
        """Tells watchers of a collection how far the revision is, as servers do once a minute."""
        self._tell(Event(self.revision, "BOOKMARK", collection, {"metadata": {"resourceVersion": str(self.revision)}}))

    def _tell(self, event: Event) -> None:
        self.history.append(event)
        for news in self.news:
            news.set()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        body = orjson.loads(raw) if raw else None
        peer = request.transport.get_extra_info("peername")
        self.requests.append(Request(request.method, request.path, request.query, request.headers, body, peer))
        if self.fail_next:
            code, text = self.fail_next.pop(0)
            return web.Response(status=code, text=text)
        url = URL.fullmatch(request.path)
        if url is None:
            return reply(status(404, "NotFound", "no such page"))
        collection, namespace, name = f"{url['root']}/{url['plural']}", url["namespace"] or "", url["name"]
        if request.method == "GET" and name is None:
            if request.query.get("watch"):
                return await self.watch(request, collection, namespace)
            return reply(self.list(collection, namespace))
        if request.method == "POST":
            return reply(self.create(collection, namespace, body, subresource=url["subresource"]))
        key = (collection, namespace, name)
        if key not in self.objects:
            return reply(status(404, "NotFound", f'{url["plural"]} "{name}" not found'))
        return reply(self.on_object(request.method, key, body, subresource=url["subresource"]))

    def list(self, collection: str, namespace: str) -> Answer:
        found = [obj for (where, ns, _), obj in self.objects.items() if where == collection and namespace in ("", ns)]
        return 200, {"kind": "List", "metadata": {"resourceVersion": str(self.revision)}, "items": found}

    def create(self, collection: str, namespace: str, body: dict[str, Any], *, subresource: str | None) -> Answer:
        if subresource:
            return 201, {"kind": "Status", "apiVersion": "v1", "status": "Success", "metadata": {}}
        body["metadata"].setdefault("namespace", namespace)
        if (collection, namespace, body["metadata"]["name"]) in self.objects:
            return status(409, "AlreadyExists", "already exists")
        return 201, self.put(collection, body)

    def on_object(self, method: str, key: tuple[str, str, str], body: Any, *, subresource: str | None) -> Answer:
        old = self.objects[key]
        if method == "GET":
            return 200, old
        if method == "DELETE":
            wanted = (body or {}).get("preconditions", {}).get("uid")
            if wanted and wanted != old["metadata"]["uid"]:
                return status(409, "Conflict", "the UID in the precondition differs")
            return 200, self.delete(*key)
        if method == "PATCH":
            return 200, self.put(key[0], merged(old, body))
        if body["metadata"].get("resourceVersion") not in (None, old["metadata"]["resourceVersion"]):
            return status(409, "Conflict", "the object has been modified")
        if subresource == "status":
            body = {**old, "status": body.get("status", {})}
        return 200, self.put(key[0], body)

    async def watch(self, request: web.Request, collection: str, namespace: str) -> web.StreamResponse:
        seen = int(request.query["resourceVersion"])
        if seen < self.oldest:
            return reply(status(410, "Expired", "too old resource version"))
        response = web.StreamResponse()
        await response.prepare(request)
        self.news.add(news := asyncio.Event())
        sent = next((n for n, event in enumerate(self.history) if event.revision > seen), len(self.history))
        try:
            while True:
                for event in self.history[sent:]:
                    if event.collection == collection and namespace in ("", event.object["metadata"].get("namespace")):
                        await response.write(orjson.dumps({"type": event.type, "object": event.object}) + b"\n")
                sent = len(self.history)
                news.clear()
                await news.wait()
        finally:
            self.news.remove(news)


def reply(answer: Answer) -> web.Response:
    return web.Response(status=answer[0], body=orjson.dumps(answer[1]), content_type="application/json")


def status(code: int, reason: str, message: str) -> Answer:
    return code, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": code,
                  "reason": reason, "message": message}


def merged(old: Any, patch: Any) -> Any:
    """RFC 7396."""
    if not isinstance(patch, dict) or not isinstance(old, dict):
        return patch
    keys = [key for key in {**old, **patch} if key not in patch or patch[key] is not None]
    return {key: merged(old.get(key), patch[key]) if key in patch else old[key] for key in keys}

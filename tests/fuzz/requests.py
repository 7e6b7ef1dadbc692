"""One request after another, made out of the server's own OpenAPI document and a source of chance. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import quote

from tests.fuzz import bodies

NAMES = ("a", "b", "c", "deep", "kubernetes", "default")
NAMESPACES = ("fuzz", "fuzz", "fuzz", "default", "nowhere")
ODD_TEXTS = (
    "", "-1", "x", "\0", "a===b", "!", "9" * 30, "0", "1", "true", "%", "../..", "é", "a,b", "a in (b", "\\", "All",
    "\n", "a=b", "metadata.name=a", "spec.nodeName=n", "Exact", "NotOlderThan", "Strict", "Warn", "Ignore", "e30",
    "None", "x" * 5000,
)  # fmt: skip
ODD_SEGMENTS = (
    "%00", "..", "%2e%2e", ".", "", "%2F", "é", "x" * 3000, "%ff", "*", "a b", "$(x)", "watch", "proxy", ":", "status",
    "%", "a;b", "~",
)  # fmt: skip
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "FOO", "get", "PROPFIND")
PATCHES = (
    "application/merge-patch+json", "application/strategic-merge-patch+json", "application/json-patch+json",
    "application/apply-patch+yaml",
)  # fmt: skip
ACCEPTS = (
    "application/json", "application/yaml", "application/vnd.kubernetes.protobuf", "*/*", "", "image/png",
    "text/html,*/*;q=0.1",
    "application/json;as=Table;v=v1;g=meta.k8s.io", "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json", "application/json;as=Nonsense",
    "application/vnd.kubernetes.protobuf;stream=watch", "application/json;as=Table;v=v9;g=meta.k8s.io", ";;;,,,",
    "application/cbor", "application/json;pretty=1", "application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io",
    "application/yaml;as=Table;v=v1;g=meta.k8s.io", "x" * 4000,
)  # fmt: skip
HEADERS = {
    "Accept-Encoding": ("gzip", "gzip;q=0", "br", "identity", "\x7f"),
    "Impersonate-User": ("jane", "", "system:admin", "é"),
    "If-None-Match": ('"x"', "*", "W/x"),
    "User-Agent": ("", "x" * 500, "kubectl/v1.32 (é)", "\x01"),
    "Content-Encoding": ("gzip", "deflate", "br"),
    "Authorization": ("Bearer x", "Bearer ", "Basic eDp5", "x"),
    "X-Forwarded-For": ("1.2.3.4",),
    "Connection": ("close", "Upgrade"),
    "Upgrade": ("websocket", "SPDY/3.1"),
    "Sec-WebSocket-Key": ("x",),
    "Range": ("bytes=0-1",),
    "Audit-ID": ("x" * 100,),
}  # fmt: skip


@dataclass(frozen=True)
class Request:
    """What is sent. `path` is as it goes over the wire, query included."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None

    def __str__(self) -> str:
        shown = f"{self.method} {self.path[:300]} {dict(self.headers)}"
        return shown + (f" {len(self.body)} bytes {self.body[:600]!r}" if self.body is not None else "")


@dataclass(frozen=True)
class Operation:
    """One method of one path of the document."""

    method: str
    path: str
    parameters: tuple[str, ...]
    body: str
    kind: str
    version: str


def operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    """All that the OpenAPI v2 document offers."""
    for path, item in document["paths"].items():
        for method, row in item.items():
            if method == "parameters":
                continue
            given = [*item.get("parameters", ()), *row.get("parameters", ())]
            schema = next((each["schema"] for each in given if each.get("in") == "body"), {})
            kind = row.get("x-kubernetes-group-version-kind", {})
            version = "/".join(filter(None, (kind.get("group", ""), kind.get("version", ""))))
            names = tuple(each["name"] for each in given if each.get("in") == "query")
            yield Operation(
                method.upper(), path, names, schema.get("$ref", "").rpartition("/")[2], kind.get("kind", ""), version
            )


class Fuzzer:
    """`request(chance)` as often as one likes."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._definitions = document.get("definitions", {})
        self._operations = sorted(operations(document), key=lambda each: (each.path, each.method))
        self._creates = [each for each in self._operations if each.method == "POST" and each.kind in bodies.GOOD]

    def request(self, chance: Random) -> Request:
        """One more."""
        turn = chance.randrange(100)
        if turn < 3:
            return self._nowhere(chance)
        operation = chance.choice(self._creates if turn < 25 else self._operations)
        method = chance.choice(METHODS) if turn > 96 else operation.method
        path = self._path(chance, operation.path) + self._query(chance, operation)
        headers = self._headers(chance)
        body = None
        if method == "PATCH":
            body, headers["Content-Type"] = self._patch(chance, operation)
        elif method in ("POST", "PUT") or (method == "DELETE" and chance.random() < 0.5):
            body, content_type = self._body(chance, operation, method)
            if content_type:
                headers["Content-Type"] = content_type
        return Request(method, path, headers, body)

    def _nowhere(self, chance: Random) -> Request:
        parts = ["api", "v1", "namespaces", "fuzz", "pods", "a", "status"][: chance.randrange(8)]
        for _ in range(chance.randrange(1, 4)):
            parts.insert(chance.randrange(len(parts) + 1), chance.choice(ODD_SEGMENTS))
        path = "/" + "/".join(quote(part, safe="%;:$*~.") for part in parts)
        return Request(chance.choice(METHODS), path + "?timeoutSeconds=1" * ("watch" in parts), {})

    def _path(self, chance: Random, path: str) -> str:
        for variable, choices in (("{namespace}", NAMESPACES), ("{name}", NAMES), ("{path}", ("x", "", "a/b"))):
            value = chance.choice(choices) if chance.random() > 0.02 else quote(chance.choice(ODD_SEGMENTS), safe="%")
            path = path.replace(variable, value)
        return path

    def _query(self, chance: Random, operation: Operation) -> str:
        pairs = []
        for name in operation.parameters:
            if chance.random() < 0.12:
                pairs.append((name, chance.choice(ODD_TEXTS)))
        if operation.method == "PATCH" and chance.random() < 0.8:
            pairs.append(("fieldManager", chance.choice(("me", "you"))))
        watching = "/watch/" in operation.path or any(name == "watch" for name, _ in pairs)
        if watching or (operation.method == "GET" and chance.random() < 0.03):
            pairs = [pair for pair in pairs if pair[0] != "timeoutSeconds"]
            pairs += [("timeoutSeconds", "1"), ("watch", "true")]
        if chance.random() < 0.02:
            pairs.append((chance.choice(ODD_TEXTS), chance.choice(ODD_TEXTS)))
        return "?" + "&".join(f"{quote(n)}={quote(v)}" for n, v in pairs) if pairs else ""

    def _headers(self, chance: Random) -> dict[str, str]:
        headers = {"Accept": chance.choice(ACCEPTS)} if chance.random() < 0.4 else {}
        if chance.random() < 0.05:
            name = chance.choice(list(HEADERS))
            headers[name] = chance.choice(HEADERS[name])
        return headers

    def _object(self, chance: Random, operation: Operation) -> Any:
        """An object of the operation's kind: a good one, a spoilt one, or one after its schema."""
        kind, version = operation.kind, operation.version
        if "DeleteOptions" in operation.body:
            kind, version = "DeleteOptions", "v1"
        way = chance.randrange(10)
        if kind in bodies.GOOD and way < 7:
            document: Any = {
                "apiVersion": version, "kind": kind, "metadata": {"name": chance.choice(NAMES)}, **bodies.GOOD[kind]
            }  # fmt: skip
            return document if way < 3 else bodies.spoilt(chance, document)
        made = bodies.of_schema(chance, {"$ref": f"/{operation.body}"}, self._definitions)
        if isinstance(made, dict):
            made |= {"apiVersion": version, "kind": kind}
            if isinstance(made.get("metadata", {}), dict):
                made.setdefault("metadata", {})["name"] = chance.choice(NAMES)
        return made if way < 9 else bodies.spoilt(chance, made)

    def _body(self, chance: Random, operation: Operation, method: str) -> tuple[bytes, str]:
        document = self._object(chance, operation)
        if method != "DELETE" and isinstance(document, dict) and chance.random() < 0.1:
            document["metadata"] = {"generateName": chance.choice((*NAMES, "A_", "x" * 300)), "labels": {"a": "b"}}
        return bodies.encoded(chance, document)

    def _patch(self, chance: Random, operation: Operation) -> tuple[bytes, str]:
        form = chance.choice(PATCHES) if chance.random() > 0.03 else "application/x"
        document = self._object(chance, operation)
        if form == PATCHES[2]:
            spots = [tuple(map(str, way)) for way in bodies.places(document)] or [("x",)]
            document = [
                {
                    "op": chance.choice(("add", "remove", "replace", "move", "copy", "test", "x", None)),
                    "path": chance.choice(("/" + "/".join(chance.choice(spots)), "", "/x/y", "nope", "/-", None, 3)),
                    "from": "/" + "/".join(chance.choice(spots)),
                    "value": chance.choice(bodies.JUNK),
                }
                for _ in range(chance.randrange(4))
            ]
            if chance.random() < 0.05:
                document = chance.choice(bodies.JUNK)
        if chance.random() < 0.8:
            return json.dumps(document).encode(), form
        return bodies.encoded(chance, document)[0], form

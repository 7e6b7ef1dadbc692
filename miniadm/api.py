"""The few requests that `up` and `remove` make of the API server, with the standard library alone.

The full client in `machinery.client` would take longer to import than these requests take to answer.
"""

from __future__ import annotations

import http.client
import json
import ssl
from typing import Any
from urllib.parse import urlsplit

from miniadm.cluster import API_PORT, Cluster

Object = dict[str, Any]


class Unavailable(Exception):
    """The API server did not answer, or not with what was asked for."""


class Api:
    """One kept-open connection as the cluster's administrator."""

    def __init__(self, cluster: Cluster) -> None:
        self._context = ssl.create_default_context(cafile=str(cluster.pki / "ca.crt"))
        self._context.load_cert_chain(cluster.pki / "admin.crt", cluster.pki / "admin.key")
        self._host = urlsplit(cluster.server).hostname or ""
        self._connection: http.client.HTTPSConnection | None = None

    def ready(self) -> bool:
        try:
            return self.request("GET", "/readyz")[0] == 200
        except Unavailable:
            return False

    def get(self, path: str) -> Object:
        status, body = self.request("GET", path)
        if status != 200:
            raise Unavailable(f"GET {path}: {status} {body[:200].decode(errors='replace')}")
        return json.loads(body)

    def create(self, path: str, content: Object) -> bool:
        """Whether it is there now: made, or there before."""
        status, body = self.request("POST", path, json.dumps(content).encode())
        if status not in (200, 201, 409):
            raise Unavailable(f"POST {path}: {status} {body[:300].decode(errors='replace')}")
        return True

    def request(
        self, method: str, path: str, body: bytes | None = None, *, content: str = "application/json"
    ) -> tuple[int, bytes]:
        if self._connection is None:
            self._connection = http.client.HTTPSConnection(self._host, API_PORT, context=self._context, timeout=10)
        headers = {"Accept": "application/json", "User-Agent": "miniadm"}
        if body is not None:
            headers["Content-Type"] = content
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            self._connection = None
            raise Unavailable(f"{method} {path}: {error}") from error


def condition(obj: Object, kind: str) -> bool:
    """Whether the object's status says `kind`: "True"."""
    return any(row["type"] == kind and row["status"] == "True" for row in obj.get("status", {}).get("conditions", ()))

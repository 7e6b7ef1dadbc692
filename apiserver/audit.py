"""The audit log: one JSON line of audit.k8s.io/v1 per finished request, written off the request's path.

Annotations carry who caused the request: our components' Mini-* headers and kubectl's Kubectl-* headers.
Bodies are never written, so no secret can be in it. Lines wait in memory for at most FLUSH_SECONDS.
Real Kubernetes: k8s.io/apiserver/pkg/audit. Left out so far: policy files, levels above Metadata.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from functools import lru_cache
from typing import IO, Any, NamedTuple

import orjson
from aiohttp import web

from apiserver import measures
from apiserver.call import Call
from apiserver.request_info import RequestInfo
from apiserver.user import User

FLUSH_SECONDS = 0.25
MAX_BYTES = 100 * 1024 * 1024
CAUSE_HEADERS = {
    "Mini-Actor": "mini.io/actor",
    "Mini-Key": "mini.io/key",
    "Mini-Woken-By": "mini.io/woken-by",
    "Kubectl-Command": "mini.io/kubectl-command",
    "Kubectl-Session": "mini.io/kubectl-session",
}


class AuditLog:
    """Collects lines and writes them together. An empty path makes a log that keeps nothing."""

    def __init__(self, path: str) -> None:
        self.enabled = bool(path)
        self._path = path
        self._lines: list[bytes] = []
        self._flush: asyncio.TimerHandle | None = None
        self._file: IO[bytes] | None = open(path, "ab", buffering=0) if path else None  # noqa: SIM115 - kept open

    def begin(self) -> float:
        """When a request came, in seconds since 1970: to be given to end()."""
        return time.time()

    def end(self, received: float, call: Call, response: web.StreamResponse) -> None:
        """Take a finished request's line in."""
        self._lines.append(event(received, call, response.status))
        measures.AUDIT_EVENTS.inc()
        if self._flush is None:
            self._flush = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)

    def flush(self) -> None:
        """Write what waits."""
        self._flush = None
        if self._file is not None and self._lines:
            lines, self._lines = self._lines, []
            self._file.write(b"".join(lines))
            if self._file.tell() > MAX_BYTES:
                self._rotate()

    def _rotate(self) -> None:
        """Keep the last full file beside the new one, as `.1`."""
        self._file.close()
        os.replace(self._path, f"{self._path}.1")
        self._file = open(self._path, "ab", buffering=0)  # noqa: SIM115 - kept open

    def close(self) -> None:
        self.flush()
        if self._file is not None:
            self._file.close()


class Asked(NamedTuple):
    """What is the same whenever the same client asks the same again."""

    info: RequestInfo
    uri: str
    address: str
    agent: str
    user: User
    impersonator: User | None
    object_name: str


def event(received: float, call: Call, status: int) -> bytes:
    """One request as a line with an audit.k8s.io/v1 Event: what clients repeat is remembered as text."""
    http, headers = call.http, call.http.headers
    asked = Asked(
        call.info, http.path_qs, http.remote or "", headers.get("User-Agent", ""), call.user, call.impersonator,
        call.object_name,
    )  # fmt: skip
    answered = (
        f'"auditID":"{audit_id()}","responseStatus":{{"metadata":{{}},"code":{status}}},'
        f'"requestReceivedTimestamp":"{micro_time(received)}","stageTimestamp":"{micro_time(time.time())}"'
    )
    annotations = {key: headers[name] for name, key in CAUSE_HEADERS.items() if name in headers} | call.annotations
    more = b',"annotations":%b' % orjson.dumps(annotations) if annotations else b""
    return b"%b%b%b}\n" % (_beginning(asked), answered.encode(), more)


def audit_id() -> str:
    """A random UUID (RFC 9562, version 4). It names a request and guards nothing, so that guessing it gains nothing."""
    bits = random.getrandbits
    return f"{bits(32):08x}-{bits(16):04x}-4{bits(12):03x}-{0x8000 | bits(14):04x}-{bits(48):012x}"


def micro_time(moment: float) -> str:
    """A MicroTime: six decimals, in UTC."""
    second = int(moment)
    return f"{_second(second)}.{int(1e6 * (moment - second)):06d}Z"


@lru_cache(maxsize=64)
def _second(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


@lru_cache(maxsize=1024)
def _beginning(asked: Asked) -> bytes:
    """The part of an event that repeats: a JSON object that is still open."""
    info = asked.info
    line: dict[str, Any] = {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Metadata",
        "stage": "ResponseComplete",
        "requestURI": asked.uri,
        "verb": info.verb,
        "user": (asked.impersonator or asked.user).info(),
        "sourceIPs": [asked.address],
        "userAgent": asked.agent,
    }
    if asked.impersonator is not None:
        line["impersonatedUser"] = asked.user.info()
    if info.is_resource:
        line["objectRef"] = _object_ref(info, asked.object_name)
    return orjson.dumps(line)[:-1] + b","


def _object_ref(info: RequestInfo, object_name: str) -> dict[str, str]:
    reference = {
        "resource": info.resource,
        "namespace": info.namespace,
        "name": info.name or object_name,
        "apiGroup": info.group,
        "apiVersion": info.version,
        "subresource": info.subresource,
    }
    return {key: value for key, value in reference.items() if value}

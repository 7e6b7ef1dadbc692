"""A loopback port that says whether this process lives, and its metrics.

Serves /healthz, /livez, /readyz and /metrics to kubelets, supervisors and Prometheus; writes nothing.
In real Kubernetes: apiserver's healthz package and component-base/metrics.
Left out: TLS and authorization, since it binds to loopback. HTTP is spoken by hand, because an HTTP
framework costs a process more memory than all of this folder.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from machinery.component import metrics

Check = Callable[[], str]
"""Returns "" when well, else what is wrong."""

REASONS = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 500: "Internal Server Error"}
HEAD_TIMEOUT = 5.0


class Health:
    """Named checks: `live` decides /healthz and /livez, `ready` decides /readyz (with the live ones)."""

    def __init__(self) -> None:
        self.live: dict[str, Check] = {}
        self.ready: dict[str, Check] = {}

    def answer(self, path: str) -> tuple[int, str]:
        """The status code and text for one GET."""
        if path == "/metrics":
            return 200, metrics.render()
        if path in ("/healthz", "/livez"):
            return report(self.live)
        if path == "/readyz":
            return report(self.live | self.ready)
        return 404, f"no such page: {path}\n"


def report(checks: dict[str, Check]) -> tuple[int, str]:
    """`ok`, or each check with its trouble, as real components print it."""
    troubles = {name: check() for name, check in checks.items()}
    if not any(troubles.values()):
        return 200, "ok"
    lines = [f"[-]{name} failed: {why}" if why else f"[+]{name} ok" for name, why in troubles.items()]
    return 500, "\n".join(lines) + "\n"


async def serve_health(port: int, stop: asyncio.Event, *, health: Health | None = None,
                       host: str = "127.0.0.1") -> None:
    """Answers until stop; port 0 means that nobody asked for it."""
    if not port:
        return
    checks = health or Health()
    server = await asyncio.start_server(lambda r, w: _converse(checks, r, w), host, port)
    async with server:
        await stop.wait()


async def _converse(health: Health, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One request, one answer, good-bye."""
    try:
        async with asyncio.timeout(HEAD_TIMEOUT):
            head = await reader.readuntil(b"\r\n\r\n")
        writer.write(_respond(health, head))
        await writer.drain()
    except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        pass
    finally:
        writer.close()


def _respond(health: Health, head: bytes) -> bytes:
    method, _, rest = head.decode("latin-1").partition(" ")
    path = rest.partition(" ")[0].partition("?")[0]
    code, text = health.answer(path) if method in ("GET", "HEAD") else (405, "only GET\n")
    body = text.encode()
    lines = [f"HTTP/1.1 {code} {REASONS[code]}", "Content-Type: text/plain; version=0.0.4; charset=utf-8",
             f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + (b"" if method == "HEAD" else body)

"""Sends thousands of requests to a server and judges the answers: no 5xx of our making, nothing slow, no traceback."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from tests.fuzz.requests import Fuzzer, Request
from tests.fuzz.wire import Answer, Wire
from tests.support.apiserver import ApiServer

PATIENCE = 15.0
"""Seconds until an answer counts as none; a watch here ends after one."""
ENOUGH = 20
"""Faults after which a run is over."""
BESIDE_US = ("log", "exec", "attach", "portforward", "proxy")
"""Subresources that a node or a pod answers: there is none, and a 5xx that says so is right."""


@dataclass
class Report:
    """What a run has shown."""

    sent: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0
    slowest_request: str = ""
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        counts = ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        return f"{self.sent} requests ({counts}), the slowest took {self.slowest:.2f} s: {self.slowest_request[:200]}"


async def run(server: ApiServer, *, seed: int, requests: int, clients: int = 4, only: int | None = None) -> Report:
    """Request number n depends on the seed and n alone, so that each can be sent again."""
    report, context = Report(), server.context()
    fuzzer = Fuzzer(await _document(server.port, context))
    await _prepare(server.port, context)
    numbers = iter([only] if only is not None else range(requests))

    async def client() -> None:
        wire = Wire(server.port, context)
        for number in numbers:
            if len(report.faults) >= ENOUGH:
                break
            request = fuzzer.request(Random(f"{seed}/{number}"))
            await _one(wire, request, f"{seed}:{number}", report)
        await wire.close()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(clients):
            tasks.create_task(client())
    await _aftermath(server, report)
    return report


async def _document(port: int, context: ssl.SSLContext) -> dict:
    wire = Wire(port, context)
    answer = await wire.send(Request("GET", "/openapi/v2", {"Accept": "application/json"}))
    await wire.close()
    return json.loads(answer.body)


async def _prepare(port: int, context: ssl.SSLContext) -> None:
    wire = Wire(port, context)
    body = b'{"metadata":{"name":"fuzz","finalizers":["example.com/stay"]}}'
    await wire.send(Request("POST", "/api/v1/namespaces", {"Content-Type": "application/json"}, body))
    await wire.close()


async def _one(wire: Wire, request: Request, name: str, report: Report) -> None:
    began = time.monotonic()
    try:
        async with asyncio.timeout(PATIENCE):
            answer = await wire.send(request)
    except TimeoutError:
        report.faults.append(f"{name} no answer within {PATIENCE} s: {request}")
        await wire.close()
        return
    took = time.monotonic() - began
    report.sent += 1
    report.statuses[answer.status] += 1
    if took > report.slowest:
        report.slowest, report.slowest_request = took, f"{name} {request}"
    if not _right(request, answer):
        report.faults.append(f"{name} {request} -> {answer.status} {answer.body[:500]!r}")


def _right(request: Request, answer: Answer) -> bool:
    """Whether the server may answer this; 504 is right for a revision that nobody has seen yet."""
    if answer.closed:
        return False
    if answer.status < 500:
        return True
    path = request.path.partition("?")[0]
    if any(f"/{part}" in path for part in BESIDE_US):
        return request.method == "HEAD" or (b"Status" in answer.body and b"Error: " not in answer.body)
    return answer.status == 504 and b"Too large resource version" in answer.body


async def _aftermath(server: ApiServer, report: Report) -> None:
    """The server is alive and has nothing to regret."""
    wire = Wire(server.port, server.context())
    answer = await wire.send(Request("GET", "/readyz"))
    await wire.close()
    if answer.body != b"ok":
        report.faults.append(f"/readyz says {answer.status} {answer.body!r}")
    log = server.log.read_text(errors="replace")
    if "Traceback" in log:
        at = log.index("Traceback")
        report.faults.append("a traceback in the log:\n" + log[max(0, at - 500) : at + 3000])

"""Statuses on their way: few at once, and each as it is when its turn comes."""

from __future__ import annotations

import asyncio
from typing import Any

from kubelet.pods.writer import StatusWriter
from machinery.api.core.v1 import Pod, PodStatus
from machinery.api.errors import Conflict, ServiceUnavailable
from tests.support.objects import pod
from tests.support.waiting import until


class SlowApi:
    """Answers a patch when it is told to."""

    def __init__(self) -> None:
        self.phases: list[tuple[str, str]] = []
        self.failures: list[Exception] = []
        self.go = asyncio.Event()
        self.most = self.now = 0

    async def patch(self, kind: type, name: str, namespace: str, body: dict[str, Any], **_: Any) -> Pod:
        self.now += 1
        self.most = max(self.most, self.now)
        await self.go.wait()
        self.now -= 1
        if self.failures:
            raise self.failures.pop(0)
        self.phases.append((name, body["status"]["phase"]))
        return pod(name, metadata={"resource_version": str(10 + len(self.phases))}, phase=body["status"]["phase"])


def writer_on(api: SlowApi, turns: int) -> StatusWriter:
    return StatusWriter(api, asyncio.Semaphore(turns))  # type: ignore[arg-type]


async def test_what_waits_is_sent_as_it_is_by_then() -> None:
    api = SlowApi()
    writer = writer_on(api, 1)
    for name in "abc":
        writer.submit(pod(name, phase=""), PodStatus(phase="Pending"))
    await until(lambda: api.now == 1)
    for name in "abc":
        writer.submit(pod(name, phase=""), PodStatus(phase="Running"))
    api.go.set()
    await asyncio.gather(*(writer.flush(f"uid-{name}") for name in "abc"))
    assert api.phases == [("a", "Pending"), ("b", "Running"), ("c", "Running"), ("a", "Running")]
    assert api.most == 1


async def test_a_status_that_failed_is_sent_again_and_one_that_was_refused_is_not() -> None:
    api = SlowApi()
    api.go.set()
    api.failures = [ServiceUnavailable("away"), Conflict("pods", "a", "another pod")]
    writer = writer_on(api, 2)
    writer.submit(pod("a", phase=""), PodStatus(phase="Pending"))
    await writer.flush("uid-a")
    assert api.phases == [] and api.failures == []
    writer.submit(pod("a", phase=""), PodStatus(phase="Running"))
    await writer.flush("uid-a")
    assert api.phases == [("a", "Running")]

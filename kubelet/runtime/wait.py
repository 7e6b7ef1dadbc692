"""Waits until the runtime answers: it may start after the kubelet."""

from __future__ import annotations

import asyncio
import logging

from kubelet.runtime.interface import Runtime, RuntimeFailure, RuntimeVersion
from machinery.component.clock import Clock

log = logging.getLogger(__name__)

PAUSE = 0.1


async def wait_for_runtime(runtime: Runtime, clock: Clock, stop: asyncio.Event) -> RuntimeVersion | None:
    """Its name and version; None if we are told to stop first."""
    said = ""
    while not stop.is_set():
        try:
            return await runtime.version()
        except RuntimeFailure as error:
            if str(error) != said:
                said = str(error)
                log.warning("container runtime: %s", error)
            await clock.sleep(PAUSE)
    return None

"""Registers this node and keeps its status true.

Writes the Node: created at start (or its labels brought up to date), status when it changed and every five minutes.
While the node is not ready it looks often, so that it becomes ready as soon as its network is.
Real Kubernetes: kubelet_node_status.go (registerWithAPIServer, syncNodeStatus).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Container, Sequence
from typing import Any

from kubelet.config import Config
from kubelet.node.facts import Machine
from kubelet.node.status import PRESSURE, default_labels, new_node, node_status, troubles, without_times
from kubelet.runtime.interface import Image, Runtime, RuntimeCondition, RuntimeFailure, RuntimeVersion
from machinery.api.core.v1 import Node, NodeStatus
from machinery.api.errors import AlreadyExists, ApiError, NotFound
from machinery.client import cause
from machinery.client.events import EventRecorder
from machinery.client.rest import Client
from machinery.component.clock import Clock

log = logging.getLogger(__name__)

SOON = (0.1,) * 50 + (0.25,) * 40 + (1.0,)
"""Pauses while the node is not ready: a new node's network comes within seconds, a broken one's may take long."""


class NodeKeeper:
    def __init__(
        self,
        config: Config,
        machine: Machine,
        client: Client,
        *,
        runtime: Runtime,
        version: RuntimeVersion,
        recorder: EventRecorder,
        clock: Clock,
        on_ready: Callable[[], None] = lambda: None,
    ) -> None:
        self._config = config
        self._machine = machine
        self._client = client
        self._runtime = runtime
        self._version = version
        self._recorder = recorder
        self._clock = clock
        self._on_ready = on_ready
        self.pressures: Callable[[], Container[str]] = tuple
        """Which conditions of pressure hold."""
        self.note_images: Callable[[Sequence[Image]], None] = lambda images: None
        """Told which images there are, at every look."""
        self.shutting_down = False
        self._changed = asyncio.Event()
        self._reported_at = self._seen_at = float("-inf")
        self.node: Node | None = None
        """As the API last showed it."""

    async def run(self) -> None:
        """Until cancelled."""
        tries = 0
        while True:
            ready = False
            with cause.acting("kubelet", self._config.node_name):
                try:
                    ready = await self.look()
                except ApiError as error:
                    log.warning("node %s: %s", self._config.node_name, error)
            tries = 0 if ready else tries + 1
            pause = self._config.node_status_update_frequency if ready else SOON[min(tries, len(SOON)) - 1]
            await self._sleep(pause)

    def look_again(self) -> None:
        """Something is different now that should be told at once."""
        self._changed.set()

    async def _sleep(self, seconds: float) -> None:
        waits = [asyncio.create_task(self._clock.sleep(seconds)), asyncio.create_task(self._changed.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
            self._changed.clear()

    async def look(self) -> bool:
        """One look at the runtime, and a write if there is something to say. True when the node is ready."""
        node = await self._current()
        observed = await self._observe()
        old, now = node.status, self._clock.now().replace(microsecond=0)
        status = node_status(
            self._config, self._machine, self._version, observed=observed, old=old, now=now,
            pressures=self.pressures(), shutting_down=self.shutting_down,
        )  # fmt: skip
        overdue = self._clock.monotonic() - self._reported_at > self._config.node_status_report_frequency
        if overdue or without_times(status) != without_times(old):
            await self._write(old, status)
            self._tell_ready(old, status)
            self._tell_pressure(old, status)
        return not troubles(observed[0], shutting_down=self.shutting_down)

    async def _current(self) -> Node:
        """The node as it is now: others write it too, and call it unknown when they did not hear of it."""
        if self.node is None:
            self.node = await self._register()
        elif self._clock.monotonic() - self._seen_at >= self._config.node_status_update_frequency:
            self.node = await self._read_again()
        else:
            return self.node
        self._seen_at = self._clock.monotonic()
        return self.node

    async def _read_again(self) -> Node:
        try:
            return await self._client.get(Node, self._config.node_name)
        except NotFound:
            return await self._register()

    async def _observe(self) -> tuple[Sequence[RuntimeCondition], Sequence[Image]]:
        try:
            conditions, images = await self._runtime.conditions(), await self._runtime.images()
        except RuntimeFailure as error:
            log.warning("runtime: %s", error)
            return (), ()
        self.note_images(images)
        return conditions, images

    async def _register(self) -> Node:
        wanted = new_node(self._config, self._machine)
        try:
            node = await self._client.create(wanted)
            log.info("node %s registered", self._config.node_name)
            self._recorder.record(node, "Normal", "Starting", "Starting kubelet.")
            return node
        except AlreadyExists:
            return await self._adopt()

    async def _adopt(self) -> Node:
        """A node that registered before: its labels are brought up to date, everything else is kept."""
        node = await self._client.get(Node, self._config.node_name)
        self._recorder.record(node, "Normal", "Starting", "Starting kubelet.")
        labels = default_labels(self._config, self._machine)
        if all(node.metadata.labels.get(key) == text for key, text in labels.items()):
            return node
        return await self._client.patch(Node, node.metadata.name, body={"metadata": {"labels": labels}})

    async def _write(self, old: NodeStatus, status: NodeStatus) -> None:
        body = {"status": _changes(old, status)}
        try:
            self.node = await self._client.patch(
                Node, self._config.node_name, body=body, patch_type="strategic", subresource="status"
            )
        except NotFound:
            self.node = None
            raise
        self._reported_at = self._clock.monotonic()

    def _tell_ready(self, old: NodeStatus, status: NodeStatus) -> None:
        before, after = (_ready(s) for s in (old, status))
        if before != after and "True" in (before, after) and self.node is not None:
            reason = "NodeReady" if after == "True" else "NodeNotReady"
            self._recorder.record(
                self.node, "Normal", reason, f"Node {self._config.node_name} status is now: {reason}"
            )
            log.info("node %s: %s", self._config.node_name, reason)
        if after == "True" != before:
            self._on_ready()

    def _tell_pressure(self, old: NodeStatus, status: NodeStatus) -> None:
        before = {condition.type: condition.status for condition in old.conditions}
        for condition in status.conditions:
            if condition.type not in PRESSURE or before.get(condition.type, "False") == condition.status:
                continue
            reason = condition.reason.replace("Kubelet", "Node", 1)
            name = self._config.node_name
            if self.node is not None:
                self._recorder.record(self.node, "Normal", reason, f"Node {name} status is now: {reason}")
            log.info("node %s: %s", name, reason)


def _ready(status: NodeStatus) -> str:
    return next((c.status for c in status.conditions if c.type == "Ready"), "")


def _changes(old: NodeStatus, new: NodeStatus) -> dict[str, Any]:
    """The fields that differ; conditions always, since they carry the heartbeat."""
    before, after = old.to_dict(), new.to_dict()
    return {key: value for key, value in after.items() if before.get(key) != value or key == "conditions"}

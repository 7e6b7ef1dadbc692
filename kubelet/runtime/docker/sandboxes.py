"""Pod sandboxes: a container that only sleeps holds what a pod's containers share, and the network is brought to it.

Writes the pod's resolv.conf where the Engine keeps the sandbox's: every container that joins it gets the same.
Real Kubernetes: dockershim's docker_sandbox.go (now cri-dockerd).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kubelet.runtime import interface as rt
from kubelet.runtime.docker import convert, names
from kubelet.runtime.docker.cni import Network
from kubelet.runtime.docker.engine import Engine, Refused, filters
from kubelet.runtime.docker.images import Images

_TAKEN = re.compile(r'already in use by container "?([0-9a-f]{64})')


async def create(engine: Engine, name: str, config: Mapping[str, Any]) -> str:
    """A container by that name. One that never ran may hold the name, if a kubelet died half-way: it goes."""
    for _ in range(2):
        try:
            return (await engine.call("POST", "/containers/create", config, name=name))["Id"]
        except Refused as refusal:
            holder = _TAKEN.search(str(refusal))
            if refusal.code != 409 or holder is None:
                raise
            await engine.ensure_gone("DELETE", f"/containers/{holder[1]}", v="1")
    raise rt.RuntimeFailure(f"the name {name} stays taken")


async def kill(engine: Engine, container_id: str) -> None:
    """At once: whoever had something to finish had its time before. What does not run is dead."""
    try:
        await engine.ensure_gone("POST", f"/containers/{container_id}/kill")
    except Refused as refusal:
        if refusal.code != 409:
            raise


@dataclass(frozen=True)
class Sandboxes:
    """All of one node."""

    engine: Engine
    network: Network
    images: Images

    async def list(self, uid: str) -> list[rt.Sandbox]:
        wanted = [f"{names.TYPE}={names.SANDBOX}", f"{rt.POD_UID}={uid}" if uid else rt.POD_UID]
        listed = await self.engine.get("/containers/json", all="1", filters=filters(label=wanted))
        return [convert.sandbox(each, self.network.addresses(each["Id"])) for each in listed]

    async def run(self, spec: rt.SandboxSpec) -> rt.Sandbox:
        """All of it, or nothing is left."""
        sandbox_id = await self._create(spec)
        try:
            await self.engine.call("POST", f"/containers/{sandbox_id}/start")
            inspected = await self.engine.get(f"/containers/{sandbox_id}/json")
            ips = await self._connect(sandbox_id, inspected, spec)
        except BaseException:
            await self.remove(sandbox_id)
            raise
        grace = int(spec.annotations.get(rt.GRACE_PERIOD, "30"))
        created = convert.moment(inspected["Created"])
        assert created is not None
        identity = (sandbox_id, spec.uid, spec.name, spec.namespace)
        return rt.Sandbox(*identity, ready=True, attempt=spec.attempt, created_at=created, ips=ips, grace_period=grace)

    async def _create(self, spec: rt.SandboxSpec) -> str:
        config = convert.sandbox_config(spec, self.images.pause)
        try:
            return await create(self.engine, names.sandbox_name(spec), config)
        except Refused as refusal:
            if refusal.code != 404:
                raise
        await self.images.pull(self.images.pause, None)
        return await create(self.engine, names.sandbox_name(spec), config)

    async def _connect(self, sandbox_id: str, inspected: Mapping[str, Any], spec: rt.SandboxSpec) -> tuple[str, ...]:
        if spec.dns is not None:
            Path(inspected["ResolvConfPath"]).write_text(convert.resolv_conf(spec.dns))
        if spec.namespaces.host_network:
            return ()
        return await self.network.attach(sandbox_id, _namespace(inspected), spec)

    async def process(self, sandbox_id: str) -> int:
        """The number of the process that holds the namespaces; 0 when there is none any more."""
        try:
            return (await self.engine.get(f"/containers/{sandbox_id}/json"))["State"]["Pid"]
        except Refused as refusal:
            if refusal.code == 404:
                return 0
            raise

    async def stop(self, sandbox_id: str) -> None:
        """The pod's other containers first; the network before the namespace that it is in."""
        inside = [f"{names.SANDBOX_ID}={sandbox_id}"]
        for each in await self.engine.get("/containers/json", filters=filters(label=inside)):
            await kill(self.engine, each["Id"])
        process = await self.process(sandbox_id)
        await self.network.detach(sandbox_id, f"/proc/{process}/ns/net" if process else "")
        await kill(self.engine, sandbox_id)

    async def remove(self, sandbox_id: str) -> None:
        """With its containers, which could not live on."""
        inside = [f"{names.SANDBOX_ID}={sandbox_id}"]
        for each in await self.engine.get("/containers/json", all="1", filters=filters(label=inside)):
            await self.engine.ensure_gone("DELETE", f"/containers/{each['Id']}", force="1", v="1")
        process = await self.process(sandbox_id)
        with contextlib.suppress(rt.RuntimeFailure):
            await self.network.detach(sandbox_id, f"/proc/{process}/ns/net" if process else "")
        await self.engine.ensure_gone("DELETE", f"/containers/{sandbox_id}", force="1", v="1")


def _namespace(inspected: Mapping[str, Any]) -> str:
    return f"/proc/{inspected['State']['Pid']}/ns/net"

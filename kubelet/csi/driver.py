"""One registered CSI driver, asked over its socket. Every call may be repeated: the protocol is idempotent.

Real Kubernetes: volume/csi/csi_client.go. Left out: statistics, growing a volume, health of volumes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kubelet.csi import messages
from kubelet.rpc.unix import call

STAGE_UNSTAGE, VOLUME_MOUNT_GROUP = 1, 6
"""What the Node service of a driver may be able to do (NodeServiceCapability)."""
ACCESS_MODES = {"ReadWriteOnce": 1, "ReadOnlyMany": 3, "ReadWriteMany": 5, "ReadWriteOncePod": 6}
DEADLINE = 120.0


@dataclass(frozen=True)
class DriverInfo:
    """How the driver calls this node."""

    node_id: str
    most_volumes: int = 0
    topology: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Wanted:
    """A volume as the driver is asked for it."""

    handle: str
    fs_type: str = ""
    options: tuple[str, ...] = ()
    access_mode: str = "ReadWriteOnce"
    group: int | None = None
    context: Mapping[str, str] = field(default_factory=dict)
    attachment: Mapping[str, str] = field(default_factory=dict)
    """What the controller side of the driver said when it attached the volume."""

    @property
    def capability(self) -> dict[str, Any]:
        group = "" if self.group is None else str(self.group)
        mount = {"fs_type": self.fs_type, "mount_flags": list(self.options), "volume_mount_group": group}
        return {"mount": mount, "access_mode": {"mode": ACCESS_MODES[self.access_mode]}}


class Driver:
    """See the module. Raises RpcFailure."""

    def __init__(self, name: str, endpoint: str) -> None:
        self.name = name
        self.endpoint = endpoint
        self._capabilities: frozenset[int] | None = None

    async def _ask(self, what: str, **fields: Any) -> Any:
        classes = messages.node()
        request, answer = classes[f"{what}Request"](**fields), classes[f"{what}Response"]
        return await call(self.endpoint, f"/csi.v1.Node/{what}", request, answer, deadline=DEADLINE)

    async def info(self) -> DriverInfo:
        answer = await self._ask("NodeGetInfo")
        return DriverInfo(answer.node_id, answer.max_volumes_per_node, dict(answer.accessible_topology.segments))

    async def capabilities(self) -> frozenset[int]:
        if self._capabilities is None:
            answer = await self._ask("NodeGetCapabilities")
            self._capabilities = frozenset(found.rpc.type for found in answer.capabilities)
        return self._capabilities

    async def stage(self, wanted: Wanted, staging: str, secrets: Mapping[str, str]) -> None:
        """Once per node: where all pods' parts of the volume come from."""
        await self._ask(
            "NodeStageVolume",
            volume_id=wanted.handle,
            publish_context=dict(wanted.attachment),
            staging_target_path=staging,
            volume_capability=wanted.capability,
            secrets=dict(secrets),
            volume_context=dict(wanted.context),
        )

    async def publish(
        self, wanted: Wanted, target: str, secrets: Mapping[str, str], *, staging: str, read_only: bool
    ) -> None:
        """Once per pod."""
        await self._ask(
            "NodePublishVolume",
            volume_id=wanted.handle,
            publish_context=dict(wanted.attachment),
            staging_target_path=staging,
            target_path=target,
            volume_capability=wanted.capability,
            readonly=read_only,
            secrets=dict(secrets),
            volume_context=dict(wanted.context),
        )

    async def unpublish(self, handle: str, target: str) -> None:
        await self._ask("NodeUnpublishVolume", volume_id=handle, target_path=target)

    async def unstage(self, handle: str, staging: str) -> None:
        await self._ask("NodeUnstageVolume", volume_id=handle, staging_target_path=staging)



"""etcd leases for objects that expire (Events): many objects share one lease, as one lease each is costly.

An object lives at least its ttl, and up to a minute longer.
In Kubernetes: k8s.io/apiserver/pkg/storage/etcd3/lease_manager.go.
"""

from __future__ import annotations

import asyncio
import time

from aetcd import rpc

from apiserver.storage.connection import Connection

_SHARED_FOR = 60.0
_OBJECTS = 1000


class LeasePool:
    """Hands out lease ids by ttl, a new lease each minute or each thousand objects."""

    def __init__(self, etcd: Connection) -> None:
        self._etcd = etcd
        self._granting = asyncio.Lock()
        """Whoever comes while a lease is on its way shares it."""
        self._leases: dict[int, tuple[int, float, int]] = {}
        """ttl -> (lease, until when it may be handed out, how often it was)"""

    async def lease_for(self, ttl: int) -> int:
        if not self._usable(ttl):
            async with self._granting:
                if not self._usable(ttl):
                    await self._grant(ttl)
        lease, until, used = self._leases[ttl]
        self._leases[ttl] = (lease, until, used + 1)
        return lease

    def forget(self, ttl: int) -> None:
        """etcd does not know this lease."""
        self._leases.pop(ttl, None)

    def _usable(self, ttl: int) -> bool:
        _, until, used = self._leases.get(ttl, (0, 0.0, 0))
        return time.monotonic() < until and used < _OBJECTS

    async def _grant(self, ttl: int) -> None:
        shared_for = min(_SHARED_FOR, ttl / 10)
        request = rpc.LeaseGrantRequest(TTL=int(ttl + shared_for + 1))
        granted = await self._etcd.write(self._etcd.lease.LeaseGrant, request)
        self._leases[ttl] = (granted.ID, time.monotonic() + shared_for, 0)

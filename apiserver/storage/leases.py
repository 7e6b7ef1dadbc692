"""etcd leases for objects that expire (Events): many objects share one lease, as one lease each is costly.

An object lives at least its ttl, and up to a minute longer.
In Kubernetes: k8s.io/apiserver/pkg/storage/etcd3/lease_manager.go.
"""

from __future__ import annotations

import time

from aetcd import rpc

from apiserver.storage.connection import Connection

_SHARED_FOR = 60.0
_OBJECTS = 1000


class LeasePool:
    """Hands out lease ids by ttl, a new lease each minute or each thousand objects."""

    def __init__(self, etcd: Connection) -> None:
        self._etcd = etcd
        self._leases: dict[int, tuple[int, float, int]] = {}
        """ttl -> (lease, until when it may be handed out, how often it was)"""

    async def lease_for(self, ttl: int) -> int:
        shared_for = min(_SHARED_FOR, ttl / 10)
        lease, until, used = self._leases.get(ttl, (0, 0.0, 0))
        if time.monotonic() >= until or used >= _OBJECTS:
            request = rpc.LeaseGrantRequest(TTL=int(ttl + shared_for + 1))
            granted = await self._etcd.write(self._etcd.lease.LeaseGrant, request)
            lease, until, used = granted.ID, time.monotonic() + shared_for, 0
        self._leases[ttl] = (lease, until, used + 1)
        return lease

"""Forgetting etcd's history every five minutes, so that it does not grow for ever.

Several API servers agree through one key: who swaps it first compacts to the revision of five minutes ago.
In Kubernetes: k8s.io/apiserver/pkg/storage/etcd3/compact.go.
"""

from __future__ import annotations

import asyncio
import logging

from apiserver.storage.etcd import EtcdStorage
from apiserver.storage.interface import StorageError

log = logging.getLogger(__name__)

_KEY = "compact_rev_key"
FIVE_MINUTES = 300.0


async def compact_forever(storage: EtcdStorage, interval: float = FIVE_MINUTES) -> None:
    """Compact each interval to where the store was one interval ago."""
    turn = then = 0
    while True:
        try:
            turn, then = await compact_once(storage, turn, then)
        except StorageError as error:
            log.warning("compaction postponed: %s", error)
        await asyncio.sleep(interval)


async def compact_once(storage: EtcdStorage, turn: int, then: int) -> tuple[int, int]:
    """One turn: `turn` is the agreed key's revision as we know it, `then` the store's, before."""
    now = await storage.current_revision()
    mine, _, turn = await storage.compare_and_put(_KEY, b"%d" % now, turn)
    if mine and then:
        await storage.compact(then)
        log.info("compacted etcd's history up to revision %d", then)
    return turn, now

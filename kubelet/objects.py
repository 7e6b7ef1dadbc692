"""The ConfigMaps and Secrets that this node's pods refer to, each followed by a watch of its own.

* An object is watched from the first pod that needs it to the last one; the node never lists a whole kind.
* `get` answers from the copy once its first list came; whoever asked to hear of changes is told for each holder.
Real Kubernetes: kubelet/util/manager/watch_based_manager.go.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from machinery.api.core.v1 import ConfigMap, Secret
from machinery.api.model import Object
from machinery.client.informer import Informer
from machinery.client.reflector import Scope
from machinery.client.rest import Client

KINDS: dict[str, type[Object]] = {"ConfigMap": ConfigMap, "Secret": Secret}

Key = tuple[str, str, str]
"""(kind, namespace, name)"""


class Objects:
    """Watched objects, counted by the pods (UIDs) that hold them."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._handlers: list[Callable[[str, Object], None]] = []
        self._informers: dict[Key, Informer[Any]] = {}
        self._tasks: dict[Key, asyncio.Task[None]] = {}
        self._holders: dict[Key, set[str]] = defaultdict(set)

    def on_change(self, handler: Callable[[str, Object], None]) -> None:
        """From now on calls handler(uid, object) for every pod that holds an object which changed."""
        self._handlers.append(handler)

    def hold(self, uid: str, keys: Iterable[Key]) -> None:
        """From now on this pod needs exactly these objects."""
        wanted = set(keys)
        for key in wanted:
            self._holders[key].add(uid)
            if key not in self._informers:
                self._follow(key)
        for key in [key for key, holders in self._holders.items() if uid in holders and key not in wanted]:
            self._let_go(key, uid)

    def release(self, uid: str) -> None:
        self.hold(uid, ())

    def _follow(self, key: Key) -> None:
        kind, namespace, name = key
        informer = Informer(self._client, Scope(KINDS[kind], namespace, "", f"metadata.name={name}"))
        informer.on_change(lambda old, new: self._changed(key, old, new))
        self._informers[key] = informer
        self._tasks[key] = asyncio.create_task(informer.run(), name=f"follow {'/'.join(key)}")

    def _let_go(self, key: Key, uid: str) -> None:
        self._holders[key].discard(uid)
        if not self._holders[key]:
            del self._holders[key], self._informers[key]
            self._tasks.pop(key).cancel()

    def _changed(self, key: Key, old: Object | None, new: Object | None) -> None:
        informer = self._informers.get(key)
        if informer is None or not informer.has_synced:
            return
        for uid in self._holders.get(key, ()):
            for handler in self._handlers:
                handler(uid, new or old)

    async def get(self, key: Key) -> Any | None:
        """The object as of now; None when there is none. It must be held."""
        informer = self._informers[key]
        await informer.synced()
        return informer.lister.get(key[1], key[2])

    async def close(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

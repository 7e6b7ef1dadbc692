"""The quota controller: counts what each ResourceQuota's namespace uses, and gives back what is used no more.

Watches quotas, and the metadata of every kind that can count (pods whole); writes the status of quotas. Creates are
counted by admission, which reserves in the same status, so a count may only lower it once no reservation is fresh:
then whatever was reserved is stored, is found by a consistent list, and the write names the revision it is based on.
Kinds that users define are followed from when a quota counts them, as soon as they are served.
In Kubernetes: pkg/controller/resourcequota.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import orjson

from controllers.discovery import Served, discover
from controllers.garbage_collector import collectable, is_custom
from machinery.api import quantity, quota
from machinery.api.core.v1 import Pod, ResourceQuota, ResourceQuotaStatus
from machinery.api.errors import NotFound
from machinery.api.meta.v1 import PartialObjectMetadata
from machinery.api.quota import Amounts
from machinery.client.controller import Context, Controller, enqueuer, key_of, split_key
from machinery.client.informer import Informer

ROUND_SECONDS = 300.0
SETTLED_SECONDS = 1.0
Doc = dict[str, Any]


# The decision.


def lowered(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Whether anything would be given back."""
    return any(quantity.parse(amount) < quantity.parse(before[name]) for name, amount in after.items()
               if name in before)


def total(hard: Mapping[str, str], costs: Iterable[Amounts]) -> Amounts:
    """The used amounts of what is limited."""
    used = dict.fromkeys(hard, "0")
    for each in costs:
        used = quota.plus(used, quota.only(each, hard))
    return used


def kinds_of(hard: Mapping[str, str], served: Iterable[Served]) -> list[Served]:
    """The kinds whose objects can use any of it."""
    return [kind for kind in served
            if kind.namespaced and "list" in kind.verbs and quota.is_interested(hard, kind.group, kind.plural)]


def counted_of_users(hard: Iterable[str], built_in: Iterable[Served]) -> set[str]:
    """The `count/PLURAL.GROUP` of kinds that are not ours."""
    ours = {f"count/{kind.plural}.{kind.group}" for kind in built_in}
    return {name for name in hard if name.startswith("count/") and "." in name and name not in ours}


# The effect.


class ResourceQuotaController(Controller):
    """Keys are quotas."""

    name = "resourcequota"

    def __init__(self, ctx: Context, served: Iterable[Served]) -> None:
        super().__init__(ctx)
        self.served = [kind for kind in served if not is_custom(kind)]
        self._custom: dict[str, Served] = {}
        """Kinds of users that some quota counts, by the quota's name for them."""
        self._followed: dict[str, Informer[Any]] = {}
        self.quotas, self.pods = ctx.informers.informer(ResourceQuota), ctx.informers.informer(Pod)
        self._changed: dict[str, datetime] = {}
        """When a quota was last seen to change."""
        self.quotas.on_change(self._observe)
        counted = [kind for kind in collectable(self.served)
                   if kind.namespaced and kind.model not in (Pod, ResourceQuota)]
        self.watches = (
            (self.quotas, _unless_only_used),
            (self.pods, self._keys_of_pod),
            *((ctx.informers.metadata(kind), self._keys_of(kind.group, kind.plural)) for kind in counted),
            *((ctx.informers.metadata(kind), self._keys_of_definition) for kind in collectable(self.served)
              if kind.kind == "CustomResourceDefinition"),
        )

    def _observe(self, old: ResourceQuota | None, new: ResourceQuota | None) -> None:
        if new is None:
            self._changed.pop(key_of(old), None)
        else:
            self._changed[key_of(new)] = self.ctx.clock.now()

    def _interested(self, namespace: str, group: str, plural: str) -> list[str]:
        return [key_of(each) for each in self.quotas.lister.list(namespace)
                if quota.is_interested(each.spec.hard, group, plural)]

    def _keys_of(self, group: str, plural: str) -> Callable[[Any, Any], Iterable[str]]:
        def keys(old: Any, new: Any) -> Iterable[str]:
            grows = not group and plural in ("services", "persistentvolumeclaims")
            if new is not None and not (old is not None and grows):
                return ()
            return self._interested(old.metadata.namespace, group, plural)

        return keys

    def _keys_of_definition(self, old: Any, new: Any) -> Iterable[str]:
        """The quotas that count kinds of users: one of those came, went, or is served by now."""
        return [key_of(each) for each in self.quotas.lister if counted_of_users(each.spec.hard, self.served)]

    async def _follow(self, names: set[str]) -> None:
        known = {f"count/{kind.plural}.{kind.group}": kind for kind in await discover(self.ctx.client)
                 if kind.namespaced and is_custom(kind)}
        for name in names:
            self._custom.pop(name, None)
            if (kind := known.get(name)) is None:
                continue
            self._custom[name] = kind
            informer = self.ctx.informers.informer(PartialObjectMetadata, path=kind.path())
            if self._followed.get(name) is not informer:  # another one, if the kind was away meanwhile
                self._followed[name] = informer
                informer.on_change(enqueuer(self.queue, self._keys_of(kind.group, kind.plural)))

    def _keys_of_pod(self, old: Pod | None, new: Pod | None) -> Iterable[str]:
        if old is None or not (found := self._interested(old.metadata.namespace, "", "pods")):
            return ()
        return found if new is None or _matters(old) != _matters(new) else ()

    async def reconcile(self, key: str) -> float | None:
        known = self.quotas.lister.get(*split_key(key))
        if known is None:
            return None
        hard, now = known.spec.hard, self.ctx.clock.now()
        if names := counted_of_users(hard, self.served):
            await self._follow(names)
        changed = self._changed.get(key, now)
        used = total(hard, await self._costs(known.to_dict(), now))
        if lowered(known.status.used, used) and (wait := _left(changed, now)) > 0:
            return wait
        wanted = ResourceQuotaStatus(hard=hard, used=used)
        if wanted != known.status:
            await self.ctx.client.update_status(known.replace(status=wanted))
        return self._next_look(known.metadata.namespace, now)

    async def _costs(self, found: Doc, now: datetime) -> list[Amounts]:
        namespace, hard = found["metadata"]["namespace"], found["spec"].get("hard", {})
        costs: list[Amounts] = []
        for kind in kinds_of(hard, (*self.served, *self._custom.values())):
            costs += [
                quota.usage(kind.group, kind.plural, each, now)
                for each in await self._objects(kind, namespace)
                if quota.in_scope(found["spec"], kind.group, kind.plural, each)
            ]
        return costs

    async def _objects(self, kind: Served, namespace: str) -> list[Doc]:
        """As etcd has them now; pods and the like would be too old in a copy."""
        try:
            return orjson.loads(await self.ctx.client.request("GET", kind.path(namespace))).get("items", [])
        except NotFound:
            return []

    def _next_look(self, namespace: str, now: datetime) -> float:
        """The slow round; sooner where a pod's grace period ends, since nobody may tell us then."""
        ends = [pod.metadata.deletion_timestamp for pod in self.pods.lister.list(namespace)
                if pod.metadata.deletion_timestamp is not None]
        soon = [(end - now).total_seconds() + SETTLED_SECONDS for end in ends if end > now]
        return min([ROUND_SECONDS, *soon])


def _left(changed: datetime, now: datetime) -> float:
    return SETTLED_SECONDS - (now - changed).total_seconds()


def _unless_only_used(old: ResourceQuota | None, new: ResourceQuota | None) -> Iterable[str]:
    """A reservation is no reason to count."""
    if new is None or (old is not None and (old.spec, old.status.hard) == (new.spec, new.status.hard)):
        return ()
    return (key_of(new),)


def _matters(pod: Pod) -> tuple[Any, ...]:
    """What of a pod can change its costs."""
    resources = tuple(each.resources for each in (*pod.spec.containers, *pod.spec.init_containers))
    ended = pod.status.phase in ("Succeeded", "Failed")
    return ended, pod.metadata.deletion_timestamp, pod.spec.active_deadline_seconds, resources

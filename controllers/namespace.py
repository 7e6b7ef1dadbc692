"""The namespace controller: a deleted namespace goes only when everything in it is gone.

Watches Namespaces and Pods; deletes the content of every namespaced resource that the server serves, tells in the
namespace's conditions what is left, and takes the finalizer `kubernetes` away at the end.
In Kubernetes: pkg/controller/namespace. Left out: estimating how long pods take to stop.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import orjson

from controllers.discovery import Served, discover_all
from machinery.api import scheme
from machinery.api.core.v1 import Namespace, NamespaceCondition, Pod
from machinery.api.errors import ApiError, Conflict, MethodNotAllowed, NotFound
from machinery.client.controller import Context, Controller

log = logging.getLogger(__name__)

FINALIZER = "kubernetes"
SOON_SECONDS, LATER_SECONDS = 1.0, 8.0
DELETE = orjson.dumps({"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"})
METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"


@dataclass(frozen=True, slots=True)
class Remains:
    """What is left in a namespace: objects by resource, objects by finalizer, and what went wrong."""

    objects: dict[str, int] = field(default_factory=dict)
    finalizers: dict[str, int] = field(default_factory=dict)
    failures: tuple[str, ...] = ()
    discovery_failure: str = ""

    @property
    def nothing(self) -> bool:
        """Whether the namespace may go."""
        return not (self.objects or self.failures or self.discovery_failure)


def conditions(old: tuple[NamespaceCondition, ...], remains: Remains, now: datetime
               ) -> tuple[NamespaceCondition, ...]:
    """The five conditions, in Kubernetes' words; the time of one that says the same stays."""
    known = {c.type: c for c in old}
    said = []
    for type_, trouble, (fine, fine_text), (bad, bad_text) in _sayings(remains):
        new = NamespaceCondition(
            type=type_, status="True" if trouble else "False", reason=bad if trouble else fine,
            message=bad_text if trouble else fine_text, last_transition_time=now)
        before = known.get(type_)
        if before and before.status == new.status:
            new = new.replace(last_transition_time=before.last_transition_time)
        said.append(new)
    return tuple(said)


def _sayings(remains: Remains) -> Iterable[tuple]:
    left = ", ".join(f"{name} has {n} resource instances" for name, n in sorted(remains.objects.items()))
    held = ", ".join(f"{name} in {n} resource instances" for name, n in sorted(remains.finalizers.items()))
    failed = "Failed to delete all resource types, {} remaining: {}".format(
        len(remains.failures), ", ".join(remains.failures))
    yield ("NamespaceDeletionDiscoveryFailure", remains.discovery_failure,
           ("ResourcesDiscovered", "All resources successfully discovered"),
           ("DiscoveryFailed", f"Discovery failed for some groups, 1 failing: {remains.discovery_failure}"))
    yield ("NamespaceDeletionGroupVersionParsingFailure", False,
           ("ParsedGroupVersions", "All legacy kube types successfully parsed"), ("", ""))
    yield ("NamespaceDeletionContentFailure", remains.failures,
           ("ContentDeleted", "All content successfully deleted, may be waiting on finalization"),
           ("ContentDeletionFailed", failed))
    yield ("NamespaceContentRemaining", remains.objects,
           ("ContentRemoved", "All content successfully removed"),
           ("SomeResourcesRemain", f"Some resources are remaining: {left}"))
    yield ("NamespaceFinalizersRemaining", remains.finalizers,
           ("ContentHasNoFinalizers", "All content-preserving finalizers finished"),
           ("SomeFinalizersRemain", f"Some content in the namespace has finalizers remaining: {held}"))


class NamespaceController(Controller):
    """Keys are namespaces."""

    name = "namespace"
    workers = 2

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.namespaces, pods = ctx.informers.informer(Namespace), ctx.informers.informer(Pod)
        self.watches = ((self.namespaces, keys_of_namespace), (pods, self.keys_of_pod))
        self._looks: dict[str, int] = {}

    def keys_of_pod(self, old: Pod | None, new: Pod | None) -> Iterable[str]:
        """Pods take longest to go: the last one's end is worth a look."""
        if new is not None or not _is_ending(self.namespaces.lister.get("", old.metadata.namespace)):
            return []
        return [old.metadata.namespace]

    async def reconcile(self, key: str) -> float | None:
        namespace = self.namespaces.lister.get("", key)
        if not _is_ending(namespace) or FINALIZER not in namespace.spec.finalizers:
            self._looks.pop(key, None)
            return None
        remains = await self._empty(key)
        namespace = await self._tell(namespace, remains)
        if not remains.nothing:
            self._looks[key] = self._looks.get(key, 0) + 1
            return patience(self._looks[key])
        await self._finalize(namespace)
        return None

    async def _empty(self, name: str) -> Remains:
        """Delete what is there; say what is left."""
        try:
            discovered = await discover_all(self.ctx.client)
        except ApiError as error:
            return Remains(discovery_failure=str(error))
        remains = Remains()
        failures = []
        for resource in discovered.served:
            if resource.namespaced and {"delete", "list"} <= resource.verbs:
                try:
                    await self._empty_of(resource, name, remains)
                except (NotFound, MethodNotAllowed):
                    continue
                except ApiError as error:
                    failures.append(f"{resource.plural}.{resource.group}: {error}")
        return Remains(remains.objects, remains.finalizers, tuple(failures), discovered.failure)

    async def _empty_of(self, resource: Served, namespace: str, remains: Remains) -> None:
        if not await self._list(resource, namespace):
            return
        log.info("namespace %s: deleting %s", namespace, resource.plural)
        await self._delete_all(resource, namespace)
        left = await self._list(resource, namespace)
        if left:
            remains.objects[f"{resource.plural}.{resource.group}"] = len(left)
        for finalizer in (f for meta in left for f in meta.get("finalizers", ())):
            remains.finalizers[finalizer] = remains.finalizers.get(finalizer, 0) + 1

    async def _delete_all(self, resource: Served, namespace: str) -> None:
        path = resource.path(namespace)
        if "deletecollection" in resource.verbs:
            await self.ctx.client.request("DELETE", path, body=DELETE)
            return
        for meta in await self._list(resource, namespace):
            try:
                await self.ctx.client.request("DELETE", f"{path}/{meta['name']}", body=DELETE)
            except NotFound:
                continue

    async def _list(self, resource: Served, namespace: str) -> list[dict]:
        body = await self.ctx.client.request("GET", resource.path(namespace), accept=METADATA_ONLY)
        return [item["metadata"] for item in orjson.loads(body).get("items") or ()]

    async def _tell(self, namespace: Namespace, remains: Remains) -> Namespace:
        status = namespace.status
        said = conditions(status.conditions, remains, self.ctx.clock.now())
        if said == status.conditions:
            return namespace
        newer = namespace.replace(status=status.replace(phase="Terminating", conditions=said))
        try:
            return await self.ctx.client.update_status(newer)
        except NotFound:
            return namespace

    async def _finalize(self, namespace: Namespace) -> None:
        meta = namespace.metadata
        left = tuple(f for f in namespace.spec.finalizers if f != FINALIZER)
        body = namespace.replace(spec=namespace.spec.replace(finalizers=left)).to_json()
        path = scheme.for_model(Namespace).path(name=meta.name, subresource="finalize")
        try:
            await self.ctx.client.request("PUT", path, body=body)
        except NotFound:
            return
        except Conflict:
            log.debug("namespace %s changed meanwhile", meta.name)
            raise
        log.info("namespace %s: empty, finalized", meta.name)


def patience(looks: int) -> float:
    """Seconds until the next look: soon at first; what is held for long is not looked at all the time."""
    return min(SOON_SECONDS * 2 ** (min(looks, 8) - 1), LATER_SECONDS)


def keys_of_namespace(old: Namespace | None, new: Namespace | None) -> Iterable[str]:
    """Only a namespace that is ending needs us."""
    return [new.metadata.name] if _is_ending(new) else []


def _is_ending(namespace: Namespace | None) -> bool:
    return namespace is not None and namespace.metadata.deletion_timestamp is not None

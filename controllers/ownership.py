"""Who belongs to whom: adoption of orphans that match the selector, release of those that no longer do.

`claim` is pure; `Claimer` makes it true by patching ownerReferences, after asking the API whether the owner lives.
In Kubernetes: pkg/controller/controller_ref_manager.go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from machinery.api import scheme
from machinery.api.errors import Invalid, NotFound
from machinery.api.labels import Selector
from machinery.api.meta.v1 import OwnerReference
from machinery.api.model import Object
from machinery.client.informer import Informer
from machinery.client.rest import Client

T = TypeVar("T", bound=Object)

CONTROLLED_BY = "controlled-by"
ORPHANS_IN = "orphans-in"


@dataclass(frozen=True, slots=True)
class Claim(Generic[T]):
    """keep: ours already. adopt: to become ours. release: to be let go."""

    keep: tuple[T, ...]
    adopt: tuple[T, ...]
    release: tuple[T, ...]


def controller_of(obj: Object) -> OwnerReference | None:
    """The one owner that manages the object."""
    return next((ref for ref in obj.metadata.owner_references if ref.controller), None)


def owned_by(owner: Object) -> OwnerReference:
    """The reference that says: this object is managed by that owner."""
    meta = owner.metadata
    return OwnerReference(
        api_version=owner.api_version, kind=owner.kind, name=meta.name, uid=meta.uid,
        controller=True, block_owner_deletion=True,
    )


def claim(owner: Object, selector: Selector, objects: Iterable[T]) -> Claim[T]:
    """Sort objects by what has to happen to them; those of other owners are left out."""
    keep, adopt, release = [], [], []
    for obj in objects:
        ref = controller_of(obj)
        matches = selector.matches(obj.metadata.labels)
        if ref and ref.uid == owner.metadata.uid:
            if matches or owner.metadata.deletion_timestamp:
                keep.append(obj)
            else:
                release.append(obj)
        elif ref is None and matches and not owner.metadata.deletion_timestamp and not obj.metadata.deletion_timestamp:
            adopt.append(obj)
    return Claim(tuple(keep), tuple(adopt), tuple(release))


def index_by_owner(informer: Informer[Any]) -> None:
    """Let `candidates` find what belongs to an owner without looking at everything."""
    informer.add_index(CONTROLLED_BY, lambda obj: [ref.uid] if (ref := controller_of(obj)) else [])
    informer.add_index(ORPHANS_IN, lambda obj: [] if controller_of(obj) else [obj.metadata.namespace])


def candidates(informer: Informer[T], owner: Object) -> list[T]:
    """What the owner has, and what it might adopt."""
    mine = informer.lister.by_index(CONTROLLED_BY, owner.metadata.uid)
    return mine + informer.lister.by_index(ORPHANS_IN, owner.metadata.namespace)


class Claimer:
    """Carries out claims."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def fulfil(self, owner: Object, claimed: Claim[T]) -> list[T]:
        """Adopt and release; returns what is the owner's afterwards."""
        for obj in claimed.release:
            await self._patch(obj, [{"$patch": "delete", "uid": owner.metadata.uid}])
        if not claimed.adopt or not await self._lives(owner):
            return list(claimed.keep)
        reference = owned_by(owner).to_dict()
        adopted = [await self._patch(obj, [reference]) for obj in claimed.adopt]
        return [*claimed.keep, *(obj for obj in adopted if obj is not None)]

    async def _lives(self, owner: Object) -> bool:
        """Our copy may be old: an owner that is gone, or going, must not adopt."""
        try:
            live = await self._client.get(type(owner), owner.metadata.name, owner.metadata.namespace)
        except NotFound:
            return False
        return live.metadata.uid == owner.metadata.uid and live.metadata.deletion_timestamp is None

    async def _patch(self, obj: T, references: list[dict[str, Any]]) -> T | None:
        """The object as it is now; None where it is gone, or is another one of the same name."""
        meta = obj.metadata
        body = {"metadata": {"uid": meta.uid, "ownerReferences": references}}
        try:
            return await self._client.patch(type(obj), meta.name, meta.namespace, body, patch_type="strategic")
        except (NotFound, Invalid):
            return None


def resource_of(reference: OwnerReference) -> scheme.Resource:
    """The resource that an owner reference points into."""
    return scheme.for_kind(reference.api_version, reference.kind)

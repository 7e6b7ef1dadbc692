"""Own writes: what a controller wrote last counts as known, though the watch has not told it yet. And how it writes.

A reconcile that follows our own write closely finds the copy as it was before: it would decide twice, and send a
revision that we ourselves made old (409). So `newest` answers with the server's answer to our last write until the
copy has caught up. `patch` names no revision and only what differs, since a user changes a spec, or another
controller the other half of the object, at the same moment: sizes and status each have one author, so nothing is lost.
What must not be merged (slices, whose places were counted) is sent by `update`: there a 409 tells of somebody else.
In Kubernetes: cache.MutationCache has the first half; status goes by PUT there, with a 409 and a retry now and then.
New objects and deleted ones are the matter of expectations.py.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from controllers.expectations import revision_of
from machinery.api.errors import Conflict, NotFound
from machinery.api.model import Object
from machinery.api.patch.three_way import three_way
from machinery.client.informer import Informer
from machinery.client.rest import Client

T = TypeVar("T", bound=Object)


class OwnWrites(Generic[T]):
    """Reads and writes objects that are in an informer's copy."""

    def __init__(self, client: Client, informer: Informer[T]) -> None:
        self._client, self._lister = client, informer.lister
        self._ahead: dict[str, T] = {}
        """By uid: what the server answered, where the copy is older than that."""
        informer.on_change(self._observe)

    def newest(self, known: T) -> T:
        """An object of the copy, or what we made of it since."""
        return self._ahead.get(known.metadata.uid, known)

    async def update(self, wanted: T, *, status: bool = False) -> T:
        """PUT of the object or of its status; a Conflict says that somebody else changed it."""
        write = self._client.update_status if status else self._client.update
        try:
            return self._noted(await write(wanted))
        except (Conflict, NotFound):
            self._ahead.pop(wanted.metadata.uid, None)
            raise

    async def patch(self, old: T, new: T, *, subresource: str = "") -> T | None:
        """Send what makes old into new, whatever else changed; None where the object is gone."""
        meta, before = old.metadata, old.to_dict()
        body = three_way(before, new.to_dict(), before, type(old))
        # The uid makes it miss a younger object of the same name.
        body["metadata"] = body.get("metadata", {}) | {"uid": meta.uid}
        try:
            return self._noted(await self._client.patch(
                type(old), meta.name, meta.namespace, body, patch_type="strategic", subresource=subresource))
        except (Conflict, NotFound):
            self._ahead.pop(meta.uid, None)
            return None

    def _noted(self, answer: T) -> T:
        """What the copy shows already, or shows no more, need not be kept."""
        meta = answer.metadata
        known = self._lister.get(meta.namespace, meta.name)
        if known and known.metadata.uid == meta.uid and revision_of(known) < revision_of(answer):
            self._ahead[meta.uid] = answer
        else:
            self._ahead.pop(meta.uid, None)
        return answer

    def _observe(self, old: T | None, new: T | None) -> None:
        told = old if new is None else new
        ahead = self._ahead.get(told.metadata.uid)
        if ahead and (new is None or revision_of(told) >= revision_of(ahead)):
            del self._ahead[told.metadata.uid]

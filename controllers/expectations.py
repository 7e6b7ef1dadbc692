"""Expectations: a controller does not act on a copy that has not yet seen what the controller did last.

After a create or delete it notes the object; until the copy shows the effect, counting would count wrongly.
In Kubernetes (pkg/controller/controller_utils.go) expectations are numbers that events count down; here they are the
very objects, compared with the copy, so a lost or doubled event cannot make them wrong.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from machinery.api.model import Object
from machinery.client.informer import Informer
from machinery.component.clock import Clock

EXPIRY_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Expected:
    """One write whose effect the copy must show."""

    namespace: str
    name: str
    uid: str
    revision: int
    deadline: float
    deleted: bool


class Expectations:
    """By key of the owner: what it did to objects of the informer's kind."""

    def __init__(self, informer: Informer[Any], clock: Clock) -> None:
        self._lister, self._clock = informer.lister, clock
        self._seen = 0
        self._pending: defaultdict[str, dict[str, Expected]] = defaultdict(dict)
        informer.on_change(self._observe)

    def created(self, key: str, obj: Object) -> None:
        """The API gave us this new object."""
        self._note(key, obj, deleted=False)

    def deleted(self, key: str, obj: Object) -> None:
        """The API accepted the deletion of this object."""
        self._note(key, obj, deleted=True)

    def forget(self, key: str) -> None:
        """The owner is gone."""
        self._pending.pop(key, None)

    def met(self, key: str) -> bool:
        """Whether the copy shows everything that was done for this key."""
        pending = self._pending.get(key, {})
        for uid in [uid for uid, expected in pending.items() if self._shows(expected)]:
            del pending[uid]
        if not pending:
            self._pending.pop(key, None)
        return not pending

    def _note(self, key: str, obj: Object, *, deleted: bool) -> None:
        meta = obj.metadata
        self._pending[key][meta.uid] = Expected(
            meta.namespace, meta.name, meta.uid, revision_of(obj),
            self._clock.monotonic() + EXPIRY_SECONDS, deleted,
        )

    def _shows(self, expected: Expected) -> bool:
        if expected.deadline <= self._clock.monotonic():
            return True
        known = self._lister.get(expected.namespace, expected.name)
        same = known is not None and known.metadata.uid == expected.uid
        if expected.deleted:
            return not same or known.metadata.deletion_timestamp is not None
        # Created, seen and already gone again: the copy is past the revision at which it was made.
        return same or (self._seen >= expected.revision > 0)

    def _observe(self, old: Object | None, new: Object | None) -> None:
        self._seen = max(self._seen, revision_of(old if new is None else new))


def revision_of(obj: Object) -> int:
    """The object's revision, to compare with others of its kind."""
    revision = obj.metadata.resource_version
    return int(revision) if revision.isdigit() else 0

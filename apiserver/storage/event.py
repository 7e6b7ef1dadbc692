"""A change as watchers get it: which type it has for whom, and the bytes that all of them share.

A change that makes an object match a selector is ADDED for that watcher, one that makes it match no more is
DELETED, whatever happened to the object itself. Pure.
In Kubernetes: convertToWatchEvent in k8s.io/apiserver/pkg/storage/cacher/cacher.go.
"""

from __future__ import annotations

from collections.abc import Callable

from apiserver.storage.entry import Entry
from apiserver.storage.interface import EventType


def transition(matched: bool, matches: bool) -> EventType | None:
    """What a change is to someone who saw the old state if it matched, and wants the new one if it does."""
    if matches:
        return "MODIFIED" if matched else "ADDED"
    return "DELETED" if matched else None


class Emission:
    """One event of one type, made once and given to every watcher for whom the change has that type."""

    __slots__ = ("_forms", "body", "revision", "type")

    def __init__(self, type_: EventType, revision: int, body: bytes) -> None:
        self.type = type_
        self.revision = revision
        self.body = body
        self._forms: dict[str, bytes] | None = None

    @property
    def frame(self) -> bytes:
        return self.rendered("", _json_frame)

    def rendered(self, form: str, render: Callable[[Emission], bytes]) -> bytes:
        if self._forms is None:
            self._forms = {}
        if form not in self._forms:
            self._forms[form] = render(self)
        return self._forms[form]


def _json_frame(emission: Emission) -> bytes:
    return b'{"type":"%b","object":%b}\n' % (emission.type.encode(), emission.body)


class CacheEvent:
    """One key's change with both states (None: absent). Emissions are made when someone wants them."""

    __slots__ = ("_emissions", "new", "old", "revision")

    def __init__(self, revision: int, old: Entry | None, new: Entry | None) -> None:
        self.revision = revision
        self.old = old
        self.new = new
        self._emissions: dict[EventType, Emission] = {}

    @property
    def key(self) -> str:
        return (self.new or self.old).key  # type: ignore[union-attr]  # one of them is there

    def emission(self, type_: EventType) -> Emission:
        made = self._emissions.get(type_)
        if made is None:
            made = self._emissions[type_] = Emission(type_, self.revision, self._body(type_))
        return made

    def _body(self, type_: EventType) -> bytes:
        if type_ == "DELETED":
            return self.old.last_body(self.revision)  # type: ignore[union-attr]  # it had matched
        return self.new.body  # type: ignore[union-attr]  # it matches

    def forget_emissions(self) -> None:
        """Keep frames only while they are being handed out; a later replay makes them again."""
        self._emissions = {}


def bookmark(api_version: str, kind: str, revision: int, *, initial_end: bool = False) -> Emission:
    """How far a watcher has got, without an object."""
    annotations = b',"annotations":{"k8s.io/initial-events-end":"true"}' if initial_end else b""
    body = b'{"kind":"%b","apiVersion":"%b","metadata":{"resourceVersion":"%d"%b}}' % (
        kind.encode(),
        api_version.encode(),
        revision,
        annotations,
    )
    return Emission("BOOKMARK", revision, body)


def added(entry: Entry) -> Emission:
    """An object of the initial state."""
    return Emission("ADDED", entry.revision, entry.body)

"""The seam between the API server's HTTP half and etcd: the types both sides speak, and nothing else.

Revisions are etcd's own: an object's resourceVersion is its key's mod_revision, a list's is the store's.
Bodies are JSON text as clients get it, metadata.resourceVersion spliced in; etcd holds the text without it.
In Kubernetes: k8s.io/apiserver/pkg/storage/interfaces.go. Encryption at rest is below this: sealing.py.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol, Self

EventType = Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]


# --- what is stored -------------------------------------------------------------------------------------


class Stored(NamedTuple):
    """One object as etcd holds it at a revision; `body` is ready to be sent (resourceVersion inside)."""

    key: str
    revision: int
    body: bytes
    stale: bool = False
    """It should be encrypted otherwise by now: an update stores it anew although nothing else changes."""


class Page(NamedTuple):
    """One page of a list. Ask the next with `after=items[-1].key, revision=revision`."""

    items: Sequence[Stored]
    revision: int
    more: bool
    remaining: int
    """How many follow this page (exact for a whole list; a selector makes it meaningless)."""


class Change(NamedTuple):
    """One key's change as etcd's watch tells it; `value` is the raw text, None when the key went away."""

    key: str
    revision: int
    value: bytes | None
    fault: Unreadable | None = None
    """Why there is something that we cannot read."""


Mutate = Callable[["Stored | None"], "bytes | Awaitable[bytes | None] | None"]
"""From the current object (None: absent) to the new text, or None for no change. May raise anything."""


class Storage(Protocol):
    """etcd as the API server uses it. Every call may raise the StorageErrors below."""

    async def create(self, key: str, body: bytes, *, ttl: int | None = None) -> Stored:
        """Store a new object; KeyExists when there is one. `ttl` in seconds, by an etcd lease."""

    async def get(self, key: str, revision: int = 0) -> Stored | None:
        """The object now (a linearizable read), or as it was at `revision`."""

    async def list(
        self, prefix: str, *, limit: int = 0, after: str = "", revision: int = 0, unreadable: set[str] | None = None
    ) -> Page:
        """Objects under a prefix in key order, now or exactly at `revision`, behind the key `after`.

        One that cannot be decrypted fails the list, unless there is a set `unreadable` to name it in.
        """

    async def guaranteed_update(
        self,
        key: str,
        mutate: Mutate,
        *,
        expected_revision: int | None = None,
        ttl: int | None = None,
        suggestion: Stored | None = None,
    ) -> Stored:
        """Read, mutate, compare-and-swap; `mutate` runs again on what is there when somebody was faster.

        `suggestion` (an Entry of the cache) saves the first read; when it proves stale, `mutate` runs again,
        also when it raised. With `expected_revision`, RevisionConflict when it is another (0: absent).
        """

    async def delete(self, key: str, *, expected_revision: int | None = None) -> Stored:
        """Remove a key; returns its last object at the deletion's revision. KeyMissing, RevisionConflict."""

    def watch(self, prefix: str, from_revision: int = 0) -> AsyncIterator[Sequence[Change]]:
        """Changes with revision > from_revision (0: from now), whole revisions at a time.

        First comes an empty sequence: the watch stands. Compacted and Unavailable end it.
        """

    async def current_revision(self) -> int:
        """The store's revision, as fresh as the call: a quorum read shared by everyone who waits for one."""

    async def compact(self, revision: int) -> None:
        """Forget history before `revision`."""


# --- what is cached -------------------------------------------------------------------------------------


class Matcher(Protocol):
    """What a parsed label or field selector offers (machinery.api.labels.Selector, .fields.FieldSelector)."""

    def matches(self, values: Mapping[str, str], /) -> bool: ...


@dataclass(frozen=True, slots=True)
class Selection:
    """Which objects a list or watch wants. None = all. `prefix` from keys.prefix_of() or one whole key."""

    prefix: str
    labels: Matcher | None = None
    fields: Matcher | None = None
    """May have `.requirements`, each with .field, .op, .value: an `=` on an indexed field makes it cheap."""


@dataclass(frozen=True, slots=True)
class CachedResource:
    """What a Cacher must know of its resource."""

    prefix: str
    """/registry/pods/"""
    api_version: str
    kind: str
    fields_of: Callable[[Mapping[str, Any]], dict[str, str]]
    """From the decoded JSON object to its field-selector values, metadata.name and .namespace included."""
    indexes: tuple[str, ...] = ()
    """Fields worth an index, such as spec.nodeName: lists and watches by them touch only what matches."""


class Entry(Protocol):
    """One cached object. Has Stored's attributes, so an Entry serves as a `suggestion`."""

    key: str
    revision: int
    body: bytes
    stale: bool
    """Always False: only etcd knows."""
    labels: Mapping[str, str]
    fields: Mapping[str, str]


class Snapshot(NamedTuple):
    """A list from the cache, in key order, true at `revision`: later pages may be asked of Storage.list."""

    items: Sequence[Entry]
    revision: int
    remaining: int
    """How many matching objects the limit cut off (0: the list is whole)."""


class Emission(Protocol):
    """One event for watchers; the same instance goes to every watcher that gets this event."""

    type: EventType
    revision: int
    body: bytes
    """The object. DELETED: the last one (before leaving the selection or the store) with this revision."""

    @property
    def frame(self) -> bytes:
        """`{"type":"ADDED","object":{...}}` and a newline, made once."""

    def rendered(self, form: str, render: Callable[[Emission], bytes]) -> bytes:
        """Another form of the frame (a Table, protobuf), made once per form and shared as well."""


class Watcher(Protocol):
    """One watch. `async with await cacher.watch(...) as w: async for emissions in w: write(frames)`.

    Each turn gives all that waits, in order, never empty. Iteration ends after close() or stop;
    it raises Compacted when the cache had to start over and SlowWatcher when this one was dropped.
    """

    def __aiter__(self) -> AsyncIterator[Sequence[Emission]]: ...

    def bookmark(self) -> Emission:
        """A BOOKMARK as of now, queued last: before a watch ends by timeoutSeconds, say."""

    def close(self) -> None:
        """End the iteration once what is queued has been read."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...


Follower = Callable[["Entry | None", "Entry | None"], None]
"""Told an object's old and new entry, one of which may be missing. Must neither wait nor raise."""


class Cacher(Protocol):
    """The watch cache of one resource.

    resource_version everywhere: None (unset) = as fresh as etcd; 0 = what is here now;
    N = not older than N: waits up to 3 s, then TooLargeRevision.
    """

    async def get(self, key: str, resource_version: int | None = None) -> Entry | None: ...

    async def list(self, selection: Selection, *, resource_version: int | None = None, limit: int = 0) -> Snapshot: ...

    @property
    def size(self) -> int:
        """How many objects are here now."""

    def peek(self, key: str) -> Entry | None:
        """What is here now, without waiting: for admission, authorizers, suggestions."""

    def written(self, stored: Stored, document: Mapping[str, Any]) -> None:
        """This server has just stored this object, whose text says what the document says: no need to decode it
        when the feed tells of it, which stays the one way into the cache."""

    def follow(self, follower: Follower) -> None:
        """Tell of every change, as it enters the cache, and first of every object that is here."""

    async def watch(
        self,
        selection: Selection,
        *,
        resource_version: int | None = None,
        initial_events: bool | None = None,
        bookmarks: bool = False,
    ) -> Watcher:
        """Changes after resource_version N (Compacted when history does not reach back that far,
        TooLargeRevision when nobody has seen N within 3 s).

        None or 0: first the objects that exist, as ADDED. initial_events=True (sendInitialEvents): those of
        a state not older than resource_version, then, with bookmarks, the BOOKMARK that
        k8s.io/initial-events-end marks. False: no state even for None or 0, only changes from here on.
        """


class WatchCache(Protocol):
    """All Cachers, fed by one stream from etcd. cache.py: `Cache(storage)`."""

    def resource(self, resource: CachedResource) -> Cacher:
        """Make (or find, by prefix) the Cacher of a resource. Call before or after run() began."""

    async def synced(self) -> None:
        """Return once every Cacher made so far holds its first list."""

    async def run(self) -> None:
        """Follow etcd until cancelled; rides out etcd's restarts."""

    @property
    def healthy(self) -> bool:
        """Whether the stream from etcd stands (for /readyz)."""


# --- what can go wrong ----------------------------------------------------------------------------------
# StorageError
# ├── KeyExists            409 AlreadyExists
# ├── KeyMissing           404 NotFound
# ├── RevisionConflict     409 Conflict
# ├── Compacted            410 Expired
# ├── TooLargeRevision     504 Timeout, cause ResourceVersionTooLarge, retry after 1 s
# ├── TooLarge             413 RequestEntityTooLarge
# ├── NoSpace              500 with etcd's own words, and what to do
# ├── LeaseLost            nothing was written; tried again with a new lease
# ├── SlowWatcher          the watch's connection is closed
# ├── Unreadable           500 InternalError: a key for encryption at rest is missing
# └── Unavailable          503 ServiceUnavailable
#     └── DeadlinePassed   504 Timeout (a write may or may not have happened)


class StorageError(Exception):
    """Why storage could not do what was asked."""


class _KeyError(StorageError):
    def __init__(self, key: str) -> None:
        super().__init__(f"{self.__doc__} {key}")
        self.key = key


class KeyExists(_KeyError):
    """key exists:"""


class KeyMissing(_KeyError):
    """no such key:"""


class RevisionConflict(StorageError):
    """The key's revision is not the expected one; `current` is what is there (None: nothing)."""

    def __init__(self, key: str, expected: int, current: Stored | None) -> None:
        found = current.revision if current else "nothing"
        super().__init__(f"{key}: expected revision {expected}, found {found}")
        self.key, self.expected, self.current = key, expected, current


class Compacted(StorageError):
    """The revision asked for is no longer kept; `oldest` is the first that is, when known."""

    def __init__(self, revision: int, oldest: int = 0) -> None:
        super().__init__(f"too old resource version: {revision} ({oldest})")
        self.revision, self.oldest = revision, oldest


class TooLargeRevision(StorageError):
    """Nobody has seen this revision yet."""

    def __init__(self, revision: int, current: int) -> None:
        super().__init__(f"Too large resource version: {revision}, current: {current}")
        self.revision, self.current = revision, current


class TooLarge(StorageError):
    """The object exceeds what etcd takes in one request."""


class NoSpace(StorageError):
    """etcd's quota is used up: it takes no writes until it is compacted, defragmented and disarmed."""


class LeaseLost(StorageError):
    """The lease that a new key was to have is not there any more."""


class SlowWatcher(StorageError):
    """The watcher did not read as fast as changes came, and was dropped."""


class Unreadable(StorageError):
    """The object is there, encrypted, and none of our keys opens it."""

    def __init__(self, key: str, why: str) -> None:
        super().__init__(f'unable to transform key "{key}": {why}')
        self.key = key


class Unavailable(StorageError):
    """etcd does not answer, or what answers is not the etcd we know."""


class DeadlinePassed(Unavailable):
    """etcd did not answer in time."""

"""One object in the watch cache: its text as clients get it, and the few values that selectors ask for.

Decoded once when it arrives, then kept only as bytes and two small dicts. What this server has written itself is known
before it arrives, and not decoded at all.
In Kubernetes: storeElement in k8s.io/apiserver/pkg/storage/cacher/watch_cache.go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from apiserver.storage.body import BadBody, raw_from, resplice, splice, splice_point
from apiserver.storage.interface import Stored

_NO_LABELS: dict[str, str] = {}


class Entry:
    """Never changed once made: the cache, its history and watchers' queues share it."""

    __slots__ = ("_at", "body", "fields", "key", "labels", "revision")
    stale = False

    def __init__(
        self, key: str, revision: int, body: bytes, *, labels: Mapping[str, str], fields: Mapping[str, str]
    ) -> None:
        self.key = key
        self.revision = revision
        self.body = body
        self._at = splice_point(body)
        self.labels = labels
        self.fields = fields

    def last_body(self, revision: int) -> bytes:
        """The body for a DELETED event."""
        return resplice(self.body, revision, self._at)

    def stored(self) -> Stored:
        return Stored(self.key, self.revision, self.body)


FieldsOf = Callable[[Mapping[str, Any]], dict[str, str]]


def entry_of(stored: Stored, document: Mapping[str, Any], fields_of: FieldsOf) -> Entry:
    """What is stored, when it is known decoded."""
    labels = document["metadata"].get("labels") or _NO_LABELS
    return Entry(stored.key, stored.revision, stored.body, labels=labels, fields=fields_of(document))


def entry_from(key: str, revision: int, text: bytes, fields_of: FieldsOf) -> Entry:
    """Decode what selectors need; `text` may be etcd's or spliced. BadBody when it is no object of ours."""
    try:
        raw = raw_from(text)
        return entry_of(Stored(key, revision, splice(raw, revision)), orjson.loads(raw), fields_of)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadBody(f"{key}: {error!r}") from error

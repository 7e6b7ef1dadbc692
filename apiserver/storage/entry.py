"""One object in the watch cache: its text as clients get it, and the few values that selectors ask for.

Decoded once when it arrives, then kept only as bytes and two small dicts.
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
        self, key: str, revision: int, raw: bytes, *, labels: Mapping[str, str], fields: Mapping[str, str]
    ) -> None:
        self.key = key
        self.revision = revision
        self._at = splice_point(raw)
        self.body = splice(raw, revision, self._at)
        self.labels = labels
        self.fields = fields

    def last_body(self, revision: int) -> bytes:
        """The body for a DELETED event."""
        return resplice(self.body, revision, self._at)

    def stored(self) -> Stored:
        return Stored(self.key, self.revision, self.body)


def entry_from(key: str, revision: int, text: bytes, fields_of: Callable[[Mapping[str, Any]], dict[str, str]]) -> Entry:
    """Decode what selectors need; `text` may be etcd's or spliced. BadBody when it is no object of ours."""
    try:
        raw = raw_from(text)
        document = orjson.loads(raw)
        labels = document["metadata"].get("labels") or _NO_LABELS
        return Entry(key, revision, raw, labels=labels, fields=fields_of(document))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadBody(f"{key}: {error!r}") from error

"""The cached objects of one resource, in key order, with indexes by field. Pure.

A list by namespace, by name or by an indexed field touches only what it finds.
In Kubernetes: storeIndexer and the btree of k8s.io/apiserver/pkg/storage/cacher/store_btree.go.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence

from apiserver.storage.entry import Entry
from apiserver.storage.interface import Selection
from apiserver.storage.keys import end_of
from apiserver.storage.selection import equalities, is_prefix, restricting


class EntryStore:
    """A dict by key, the sorted keys beside it, and per indexed field: value -> keys."""

    def __init__(self, prefix: str, indexes: Sequence[str] = (), entries: Iterable[Entry] = ()) -> None:
        self._prefix = prefix
        self._entries = {entry.key: entry for entry in entries}
        self._keys = sorted(self._entries)
        self._indexes: dict[str, dict[str, set[str]]] = {field: {} for field in indexes}
        for entry in self._entries.values():
            self._index(entry)

    def __len__(self) -> int:
        return len(self._keys)

    def get(self, key: str) -> Entry | None:
        return self._entries.get(key)

    def put(self, entry: Entry) -> Entry | None:
        """Returns the entry that was there."""
        old = self._entries.get(entry.key)
        if old is None:
            insort(self._keys, entry.key)
        else:
            self._unindex(old)
        self._entries[entry.key] = entry
        self._index(entry)
        return old

    def remove(self, key: str) -> Entry | None:
        old = self._entries.pop(key, None)
        if old is not None:
            del self._keys[bisect_left(self._keys, key)]
            self._unindex(old)
        return old

    def _index(self, entry: Entry) -> None:
        for field, values in self._indexes.items():
            values.setdefault(entry.fields.get(field, ""), set()).add(entry.key)

    def _unindex(self, entry: Entry) -> None:
        for field, values in self._indexes.items():
            keys = values[entry.fields.get(field, "")]
            keys.discard(entry.key)
            if not keys:
                del values[entry.fields.get(field, "")]

    def select(self, selection: Selection, limit: int = 0) -> tuple[list[Entry], int]:
        """The first `limit` (0: all) matching entries in key order, and how many follow."""
        found: Sequence[str] = self._keys_of(selection)
        labels, fields = restricting(selection.labels), restricting(selection.fields)
        if labels:
            found = [key for key in found if labels.matches(self._entries[key].labels)]
        if fields:
            found = [key for key in found if fields.matches(self._entries[key].fields)]
        here = found[:limit] if limit else found
        return [self._entries[key] for key in here], len(found) - len(here)

    def _keys_of(self, selection: Selection) -> list[str]:
        """Keys that can match, in order: all those under the prefix, unless a field narrows them."""
        prefix = selection.prefix
        if not is_prefix(prefix):
            return [prefix] if prefix in self._entries else []
        wanted = equalities(selection.fields)
        if name := wanted.get("metadata.name"):
            if prefix + name in self._entries:
                return [prefix + name]
            if prefix != self._prefix:
                return []
        for field, values in self._indexes.items():
            if field in wanted:
                return sorted(key for key in values.get(wanted[field], ()) if key.startswith(prefix))
        if prefix == self._prefix:
            return self._keys
        return self._keys[bisect_left(self._keys, prefix) : bisect_left(self._keys, end_of(prefix))]

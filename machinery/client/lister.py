"""The objects of an informer, and the ways to find them: by name, by namespace, by selector, by index.

In real Kubernetes: client-go/tools/cache (store, thread_safe_store, listers). Left out: locks; one event loop
writes and reads, and never sees a change half-made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Generic, TypeVar

from machinery.api.model import Object
from machinery.client.mutation import detector

if TYPE_CHECKING:
    from machinery.api.labels import Selector

M = TypeVar("M", bound=Object)

Key = tuple[str, str]
"""(namespace, name)"""

NAMESPACE = "namespace"


def store_key(obj: Object) -> Key:
    return obj.metadata.namespace, obj.metadata.name


class Index(Generic[M]):
    """Value to the keys of the objects that have it."""

    def __init__(self, values_of: Callable[[M], Iterable[str]]) -> None:
        self._values_of = values_of
        self._keys: defaultdict[str, dict[Key, None]] = defaultdict(dict)

    def keys(self, value: str) -> Iterable[Key]:
        return self._keys.get(value, ())

    def put(self, obj: M) -> None:
        for value in self._values_of(obj):
            self._keys[value][store_key(obj)] = None

    def remove(self, obj: M) -> None:
        for value in self._values_of(obj):
            keys = self._keys[value]
            keys.pop(store_key(obj), None)
            if not keys:
                del self._keys[value]


class Store(Generic[M]):
    """Objects by key, with indexes that always agree with them."""

    def __init__(self) -> None:
        self.objects: dict[Key, M] = {}
        self.detector = detector()
        self.indexes: dict[str, Index[M]] = {}
        self.add_index(NAMESPACE, lambda obj: (obj.metadata.namespace,))

    def add_index(self, name: str, values_of: Callable[[M], Iterable[str]]) -> None:
        index = self.indexes[name] = Index(values_of)
        for obj in self.objects.values():
            index.put(obj)

    def put(self, obj: M) -> None:
        self.remove(store_key(obj))
        self.objects[store_key(obj)] = obj
        if self.detector:
            self.detector.entered(obj)
        for index in self.indexes.values():
            index.put(obj)

    def remove(self, key: Key) -> M | None:
        obj = self.objects.pop(key, None)
        if obj is None:
            return None
        if self.detector:
            self.detector.left(obj)
        for index in self.indexes.values():
            index.remove(obj)
        return obj


class Lister(Generic[M]):
    """Reads from a store. What it returns is shared by everyone: look, do not touch."""

    def __init__(self, store: Store[M]) -> None:
        self._store = store

    def __len__(self) -> int:
        return len(self._store.objects)

    def __iter__(self) -> Iterator[M]:
        return iter(list(self._store.objects.values()))

    def get(self, namespace: str, name: str) -> M | None:
        return self._store.objects.get((namespace, name))

    def list(self, namespace: str | None = None, selector: Selector | None = None) -> list[M]:
        """All objects; or those of a namespace, those whose labels match, or both."""
        found = list(self._store.objects.values()) if namespace is None else self.by_index(NAMESPACE, namespace)
        return found if selector is None else [obj for obj in found if selector.matches(obj.metadata.labels)]

    def by_index(self, index_name: str, value: str) -> list[M]:
        return [self._store.objects[key] for key in self._store.indexes[index_name].keys(value)]

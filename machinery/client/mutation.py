"""Finds out who changes a cached object: everyone else who reads it would see the change, the server never.

Off unless MINI_DETECT_MUTATIONS is set, as the tests do: each object's text is kept when it enters a store and
compared when it leaves. Frozen classes make most cheating impossible; a dict such as `metadata.labels` can still be
written to. In real Kubernetes: KUBE_CACHE_MUTATION_DETECTOR in client-go/tools/cache.
"""

from __future__ import annotations

import os

from machinery.api.model import Object


class CacheMutatedError(Exception):
    """An object that is shared by all readers of a cache was changed in place."""


class MutationDetector:
    """The texts of the objects of one store."""

    def __init__(self) -> None:
        self._texts: dict[int, tuple[Object, bytes]] = {}

    def entered(self, obj: Object) -> None:
        self._texts[id(obj)] = (obj, obj.to_json())

    def left(self, obj: Object) -> None:
        compare(*self._texts.pop(id(obj)))

    def check(self) -> None:
        """Compares everything that is still there."""
        for obj, text in self._texts.values():
            compare(obj, text)


def compare(obj: Object, text: bytes) -> None:
    if obj.to_json() != text:
        meta = obj.metadata
        raise CacheMutatedError(f"{obj.kind} {meta.namespace}/{meta.name}@{meta.resource_version} was changed in the "
                                f"cache:\nwas {text.decode()}\nis  {obj.to_json().decode()}")


def detector() -> MutationDetector | None:
    return MutationDetector() if os.environ.get("MINI_DETECT_MUTATIONS") else None

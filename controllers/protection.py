"""What the two protection controllers have in common: a finalizer that comes with an object and goes with its last use.

Pure. In Kubernetes: pkg/controller/volume/protectionutil.
"""

from __future__ import annotations

from typing import TypeVar

from machinery.api.model import Object

M = TypeVar("M", bound=Object)


def lacks(obj: Object, finalizer: str) -> bool:
    """It lives, and nothing protects it: it is from before admission gave finalizers."""
    return obj.metadata.deletion_timestamp is None and finalizer not in obj.metadata.finalizers


def waits(obj: Object, finalizer: str) -> bool:
    """It is to be deleted, and the finalizer is in the way."""
    return obj.metadata.deletion_timestamp is not None and finalizer in obj.metadata.finalizers


def protected(obj: M, finalizer: str) -> M:
    return _with(obj, (*obj.metadata.finalizers, finalizer))


def released(obj: M, finalizer: str) -> M:
    return _with(obj, tuple(name for name in obj.metadata.finalizers if name != finalizer))


def _with(obj: M, finalizers: tuple[str, ...]) -> M:
    return obj.replace(metadata=obj.metadata.replace(finalizers=finalizers))

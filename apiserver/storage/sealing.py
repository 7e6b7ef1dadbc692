"""The seam for encryption at rest: what etcd holds from what we hold, and back. Here: as it is.

Most kinds are stored as plain text. Only etcd.py asks; the watch cache and everything behind it see texts alone.
In Kubernetes: value.Transformer of k8s.io/apiserver/pkg/storage/value, and its identity.
"""

from __future__ import annotations

from typing import Protocol

from apiserver.storage.interface import Unreadable

SEALED = b"k8s:enc:"
"""So begins whatever is encrypted, in Kubernetes' etcd as in ours."""


class Sealing(Protocol):
    """By the key, since what is encrypted is a matter of the resource."""

    def seal(self, key: str, text: bytes) -> bytes:
        """What etcd shall hold."""

    def open(self, key: str, data: bytes) -> tuple[bytes, bool]:
        """The text, and whether it should be stored anew. Raises Unreadable."""


class Plain:
    """No encryption, and no mistaking of encrypted data for a text."""

    def seal(self, key: str, text: bytes) -> bytes:
        return text

    def open(self, key: str, data: bytes) -> tuple[bytes, bool]:
        if data.startswith(SEALED):
            raise Unreadable(key, "identity transformer tried to read encrypted data")
        return data, False


PLAIN = Plain()

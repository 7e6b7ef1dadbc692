"""What stands between a text and etcd: the first key seals, every key opens, by the prefix that sealed data carries.

`k8s:enc:aesgcm:v1:key1:` and then the cipher's bytes. Data that another than the first key has sealed is stale: the
next update stores it anew, even one that changes nothing.
Real Kubernetes: k8s.io/apiserver/pkg/storage/value/transformer.go, whose words the errors are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from apiserver.encryption.ciphers import Cipher, NotOurs
from apiserver.storage.interface import Unreadable
from apiserver.storage.keys import ROOT
from apiserver.storage.sealing import PLAIN, SEALED


class Key(NamedTuple):
    """A cipher and the prefix of what it has sealed; identity has neither."""

    prefix: bytes
    cipher: Cipher | None


class Transformer:
    """The keys of one entry of the file, the one that writes first."""

    def __init__(self, keys: Iterable[Key], missing: Mapping[bytes, str]) -> None:
        """missing: what to say when no key fits to data that begin with a provider's prefix."""
        self._keys, self._missing = tuple(keys), missing

    def seal(self, key: str, text: bytes) -> bytes:
        prefix, cipher = self._keys[0]
        return text if cipher is None else prefix + cipher.seal(text, key.encode())

    def open(self, key: str, data: bytes) -> tuple[bytes, bool]:
        """The text, and whether another key should hold it by now. Raises Unreadable."""
        wrong = ""
        for index, (prefix, cipher) in enumerate(self._keys):
            if cipher is None and not data.startswith(SEALED):
                return data, index > 0
            if cipher is None or not data.startswith(prefix):
                continue
            try:
                return cipher.open(data[len(prefix) :], key.encode()), index > 0
            except NotOurs as error:
                wrong = wrong or str(error)
        raise Unreadable(key, wrong or self._why(data))

    def _why(self, data: bytes) -> str:
        named = (why for prefix, why in self._missing.items() if data.startswith(prefix))
        return next(named, "no matching prefix found")


class Transformers:
    """By key of etcd: which Transformer, if any. `replace` gives all of them new keys at once."""

    def __init__(self, find: Callable[[str, str], Transformer | None], group_of: Mapping[str, str]) -> None:
        """group_of: the API group of each built-in resource, whose keys do not hold it."""
        self._find, self._group_of = find, group_of
        self._known: dict[str, Transformer | None] = {}

    def replace(self, find: Callable[[str, str], Transformer | None]) -> None:
        self._find = find
        self._known.clear()

    def seal(self, key: str, text: bytes) -> bytes:
        found = self._of(key)
        return text if found is None else found.seal(key, text)

    def open(self, key: str, data: bytes) -> tuple[bytes, bool]:
        found = self._of(key)
        return PLAIN.open(key, data) if found is None else found.open(key, data)

    def _of(self, key: str) -> Transformer | None:
        """/registry/secrets/… or, of a custom resource, /registry/widgets.example.com/…"""
        if not key.startswith(ROOT):
            return None
        place = key[len(ROOT) : key.find("/", len(ROOT))]
        if place not in self._known:
            resource, _, group = place.partition(".")
            self._known[place] = self._find(group or self._group_of.get(resource, ""), resource)
        return self._known[place]

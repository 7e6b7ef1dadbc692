"""The ciphers of EncryptionConfiguration: `seal` and `open` for one key, with nonces as Kubernetes lays them out.

Only aesgcm says where a value belongs (the path in etcd is authenticated), so that it cannot be moved. aescbc proves
nothing about who wrote it: it is here to read what others have written.
Real Kubernetes: k8s.io/apiserver/pkg/storage/value/encrypt/{aes,secretbox}.
"""

from __future__ import annotations

import os
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

_BLOCK = 16
_GCM_NONCE = 12
_BOX_NONCE, _BOX_TAG = 24, 16
AES_SIZES = (16, 24, 32)
BOX_SIZES = (32,)
_TOO_SHORT = "the stored data was shorter than the required size"


class NotOurs(ValueError):
    """Why sealed data could not be opened."""


class Cipher(Protocol):
    """One key of one provider."""

    def seal(self, text: bytes, place: bytes) -> bytes: ...

    def open(self, data: bytes, place: bytes) -> bytes: ...


class AesGcm:
    """A nonce of 12 random bytes, the text, a tag over text and place."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    def seal(self, text: bytes, place: bytes) -> bytes:
        nonce = os.urandom(_GCM_NONCE)
        return nonce + self._aead.encrypt(nonce, text, place)

    def open(self, data: bytes, place: bytes) -> bytes:
        if len(data) < _GCM_NONCE:
            raise NotOurs(_TOO_SHORT)
        try:
            return self._aead.decrypt(data[:_GCM_NONCE], data[_GCM_NONCE:], place)
        except InvalidTag:
            raise NotOurs("cipher: message authentication failed") from None


class AesCbc:
    """An initial block of random bytes, then the text, padded as PKCS#7 says."""

    def __init__(self, key: bytes) -> None:
        self._key = AES(key)

    def seal(self, text: bytes, place: bytes) -> bytes:
        missing = _BLOCK - len(text) % _BLOCK
        first = os.urandom(_BLOCK)
        encryptor = BlockCipher(self._key, CBC(first)).encryptor()
        return first + encryptor.update(text + bytes([missing]) * missing) + encryptor.finalize()

    def open(self, data: bytes, place: bytes) -> bytes:
        if len(data) < _BLOCK:
            raise NotOurs(_TOO_SHORT)
        if len(data) % _BLOCK:
            raise NotOurs("the stored data is not a multiple of the block size")
        decryptor = BlockCipher(self._key, CBC(data[:_BLOCK])).decryptor()
        padded = decryptor.update(data[_BLOCK:]) + decryptor.finalize()
        missing = padded[-1] if padded else 0
        if not 0 < missing <= len(padded):
            raise NotOurs("invalid PKCS7 data (empty or not padded)")
        if padded[-missing:] != bytes([missing]) * missing:
            raise NotOurs("invalid padding on input")
        return padded[:-missing]


class SecretBox:
    """NaCl's secretbox, XSalsa20 and Poly1305, behind a nonce of 24 random bytes."""

    def __init__(self, key: bytes) -> None:
        from nacl.secret import SecretBox as Box  # only who uses it needs libsodium

        self._box = Box(key)

    def seal(self, text: bytes, place: bytes) -> bytes:
        return bytes(self._box.encrypt(text))

    def open(self, data: bytes, place: bytes) -> bytes:
        from nacl.exceptions import CryptoError

        if len(data) < _BOX_NONCE + _BOX_TAG:
            raise NotOurs(_TOO_SHORT)
        try:
            return self._box.decrypt(data)
        except CryptoError:
            raise NotOurs("message authentication failed") from None

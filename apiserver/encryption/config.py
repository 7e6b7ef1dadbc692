"""EncryptionConfiguration, apiserver.config.k8s.io/v1: from the file to the Transformer of each resource.

A mistake is refused with the path of its field; keys are never shown. KMS providers are refused: none is built in.
Real Kubernetes: k8s.io/apiserver/pkg/apis/apiserver/validation/validation_encryption.go and
pkg/server/options/encryptionconfig.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from apiserver.encryption.ciphers import AES_SIZES, BOX_SIZES, AesCbc, AesGcm, Cipher, SecretBox
from apiserver.encryption.transformers import Key, Transformer
from machinery.api.field_errors import FieldError
from machinery.api.yaml import load

Doc = dict[str, Any]
Find = Callable[[str, str], Transformer | None]
API_VERSION, KIND = "apiserver.config.k8s.io/v1", "EncryptionConfiguration"


class Provider(NamedTuple):
    """How a provider seals, with keys of which sizes, and what it says when it has no key."""

    cipher: Callable[[bytes], Cipher]
    sizes: tuple[int, ...]
    family: str


PROVIDERS = {
    "aescbc": Provider(AesCbc, AES_SIZES, "AES"),
    "aesgcm": Provider(AesGcm, AES_SIZES, "AES"),
    "secretbox": Provider(SecretBox, BOX_SIZES, "Secretbox"),
}
_KNOWN = (*PROVIDERS, "identity", "kms")


class Mistaken(Exception):
    """Why a file cannot be used."""


def read(path: str) -> Find:
    """The Transformer of a resource (group and plural), by the file. Raises Mistaken."""
    try:
        document = load(Path(path).read_bytes())
    except (OSError, yaml.YAMLError) as error:
        raise Mistaken(f"{path}: {error}") from None
    if not isinstance(document, dict) or (document.get("apiVersion"), document.get("kind")) != (API_VERSION, KIND):
        raise Mistaken(f"{path}: no {KIND} of {API_VERSION}")
    if found := list(errors(document)):
        raise Mistaken(f"{path}: " + "; ".join(map(str, found)))
    return finder(document)


def finder(document: Doc) -> Find:
    """The first entry that names a resource decides; a wildcard of an earlier entry comes before a name."""
    entries = [(entry["resources"], cache(lambda entry=entry: _transformer(entry))) for entry in document["resources"]]

    def find(group: str, resource: str) -> Transformer | None:
        named = {f"{resource}.{group}" if group else resource, f"*.{group}", "*.*"}
        return next((transformer() for resources, transformer in entries if named & set(resources)), None)

    return find


def _transformer(entry: Doc) -> Transformer:
    keys: list[Key] = []
    missing: dict[bytes, str] = {}
    for (name, settings) in (pair for provider in entry["providers"] for pair in provider.items()):
        if name == "identity":
            keys.append(Key(b"", None))
            continue
        prefix = f"k8s:enc:{name}:v1:".encode()
        missing[prefix] = f"no matching key was found for the provided {PROVIDERS[name].family} transformer"
        for key in settings["keys"]:
            cipher = PROVIDERS[name].cipher(base64.b64decode(key["secret"]))
            keys.append(Key(prefix + key["name"].encode() + b":", cipher))
    return Transformer(keys, missing)


# --- what can be wrong


def errors(document: Doc) -> Iterator[FieldError]:
    """What is wrong, field by field."""
    entries = document.get("resources")
    if not entries or not isinstance(entries, list):
        yield FieldError.required("resources", "at least one resources is required")
        return
    for number, entry in enumerate(entries):
        path = f"resources[{number}]"
        if not isinstance(entry, dict):
            yield FieldError.invalid(path, entry, "must be an object")
            continue
        yield from _resource_errors(entry.get("resources"), f"{path}.resources")
        yield from _provider_errors(entry.get("providers"), f"{path}.providers")


def _resource_errors(names: Any, path: str) -> Iterator[FieldError]:
    if not names or not isinstance(names, list):
        yield FieldError.required(path, f"at least one {path} is required")
        return
    if len(set(map(str, names))) < len(names):
        yield FieldError.invalid(path, names, "the same resource cannot be specified multiple times")
    for number, name in enumerate(names):
        if why := _why_no_resource(name):
            yield FieldError.invalid(f"{path}[{number}]", name, why)


def _why_no_resource(name: Any) -> str:
    if not isinstance(name, str) or name != name.lower():
        return "resource name should not contain capital letters"
    resource, _, group = name.partition(".")
    if name == "*":
        return "use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources"
    if group == "events.k8s.io":
        return (
            "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. "
            "Use 'events' instead in the config file"
        )
    if group == "*" and resource != "*":
        return "encrypting the same resource across groups is not supported"
    return ""


def _provider_errors(providers: Any, path: str) -> Iterator[FieldError]:
    if not providers or not isinstance(providers, list):
        yield FieldError.required(path, f"at least one {path} is required")
        return
    for number, provider in enumerate(providers):
        here = f"{path}[{number}]"
        names = [*provider] if isinstance(provider, dict) else []
        if len(names) != 1 or names[0] not in _KNOWN:
            more = "more than one provider specified in a single element, should split into different list elements"
            none = f"provider does not contain any of the expected providers: {', '.join(_KNOWN)}"
            yield FieldError.invalid(here, names, more if len(names) > 1 else none)
        elif names[0] == "kms":
            yield FieldError("FieldValueForbidden", f"{here}.kms", "KMS providers are not supported by this server")
        elif names[0] != "identity":
            settings = provider[names[0]]
            keys = settings.get("keys") if isinstance(settings, dict) else None
            yield from _key_errors(keys, f"{here}.{names[0]}.keys", PROVIDERS[names[0]].sizes)


def _key_errors(keys: Any, path: str, sizes: tuple[int, ...]) -> Iterator[FieldError]:
    if not keys or not isinstance(keys, list):
        yield FieldError.required(path, "at least one keys is required")
        return
    for number, key in enumerate(keys):
        here, key = f"{path}[{number}]", key if isinstance(key, dict) else {}
        for name in ("name", "secret"):
            if not key.get(name) or not isinstance(key[name], str):
                yield FieldError.required(f"{here}.{name}", f"{name} is a mandatory field for a key")
        if isinstance(secret := key.get("secret"), str) and secret and (why := _why_no_secret(secret, sizes)):
            yield FieldError.invalid(f"{here}.secret", "REDACTED", why)


def _why_no_secret(secret: str, sizes: tuple[int, ...]) -> str:
    try:
        size = len(base64.b64decode(secret, validate=True))
    except binascii.Error:
        return "secrets must be base64 encoded"
    wanted = " ".join(map(str, sizes))
    return "" if size in sizes else f"secret is not of the expected length, got {size}, expected one of [{wanted}]"

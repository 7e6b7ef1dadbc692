"""Kubernetes' protobuf: the envelope `k8s\\0`, and messages described by the facts of our classes.

Pure. `decode` turns a body, such as a new kubectl sends, into the same dict that JSON would have given; `encode` is its
mirror. Nothing is generated: field numbers and types come from `Model.fields_table()`, through the tables that
protobuf_decoder and protobuf_encoder make of them.
In Kubernetes: apimachinery/pkg/runtime/serializer/protobuf and the generated.pb.go files. Left out: kinds without a
class here, and protobuf objects nested in a RawExtension.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson

from machinery.api import scheme, wire
from machinery.api.errors import BadRequest
from machinery.api.meta.v1 import ListMeta
from machinery.api.model import Model
from machinery.api.protobuf_decoder import decode_message
from machinery.api.protobuf_encoder import encode_message
from machinery.api.wire import WireError, put_bytes

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"
PREFIX = b"k8s\0"
_API_VERSION = re.compile("([a-z0-9][a-z0-9.-]*/)?v[0-9]+((alpha|beta)[0-9]+)?")
_KIND = re.compile("[A-Z][A-Za-z0-9]*")


def decode(body: bytes) -> dict[str, Any]:
    """The object in an envelope, as its JSON form with apiVersion and kind. Raises BadRequest."""
    if not body.startswith(PREFIX):
        expected = " ".join(map(str, PREFIX))
        raise BadRequest(f"provided data does not appear to be a protobuf message, expected prefix [{expected}]")
    try:
        return _opened(wire.submessages(body[len(PREFIX):]))
    except (WireError, UnicodeDecodeError, orjson.JSONDecodeError) as why:
        raise BadRequest(f"unable to decode protobuf: {why}") from None


def _opened(envelope: dict[int, bytes]) -> dict[str, Any]:
    meta = {number: value.decode() for number, value in wire.submessages(envelope.get(1, b"")).items()}
    api_version, kind = meta.get(1, ""), meta.get(2, "")
    raw = envelope.get(2, b"")
    if envelope.get(4, b"").startswith(b"application/json"):
        document = orjson.loads(raw)
    else:
        document = decode_message(raw, model_for(api_version, kind))
    return {"apiVersion": api_version, "kind": kind} | document


@cache
def model_for(api_version: str, kind: str) -> type[Model]:
    """The class of a kind: a resource, a subresource's kind, or one of the options. Raises BadRequest."""
    group, _, version = api_version.rpartition("/")
    try:
        # The look-up imports modules by these names: only what looks like a group, a version and a kind gets there.
        if _API_VERSION.fullmatch(api_version) and _KIND.fullmatch(kind):
            found = scheme.model_of(group, version, kind)
            if isinstance(found, type) and issubclass(found, Model):
                return found
    except scheme.NotRegistered:
        pass
    raise BadRequest(f'no kind "{kind}" is registered for version "{api_version}"')


def encode(document: Mapping[str, Any], model: type[Model] | None = None) -> bytes:
    """The envelope around an object's JSON form; a list (`items`) of any kind needs no class."""
    api_version, kind = document.get("apiVersion", ""), document.get("kind", "")
    if model is None:
        model = _item_model(api_version, kind) if "items" in document else model_for(api_version, kind)
    raw = _encode_list(document, model) if "items" in document else encode_message(document, model)
    return envelope(api_version, kind, raw)


def envelope(api_version: str, kind: str, raw: bytes) -> bytes:
    """An encoded message with its prefix, version and kind."""
    meta = put_bytes(1, api_version.encode()) + put_bytes(2, kind.encode())
    return PREFIX + put_bytes(1, meta) + put_bytes(2, raw) + put_bytes(3, b"") + put_bytes(4, b"")


def watch_frame(event: str, object_envelope: bytes) -> bytes:
    """One event of a watch: four bytes of length, then a WatchEvent around the object's own envelope."""
    message = put_bytes(1, event.encode()) + put_bytes(2, put_bytes(1, object_envelope))
    return len(message).to_bytes(4, "big") + message


def _item_model(api_version: str, kind: str) -> type[Model]:
    return model_for(api_version, kind.removesuffix("List"))


def _encode_list(document: Mapping[str, Any], model: type[Model]) -> bytes:
    """Every list kind has metadata 1 and items 2."""
    metadata = put_bytes(1, encode_message(document.get("metadata") or {}, ListMeta))
    return metadata + b"".join(put_bytes(2, encode_message(item, model)) for item in document["items"] or ())

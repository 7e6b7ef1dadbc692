"""Kubernetes' protobuf: the envelope `k8s\\0`, and messages described by the facts of our classes.

Pure. `decode` turns the body that a new kubectl sends into the same dict that JSON would have given; `encode` is its
mirror (protobuf_encoder). Nothing is generated: field numbers and types come from `Model.fields_table()`.
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
from machinery.api.model import FieldFact, Model
from machinery.api.protobuf_codecs import CODECS, ZEROS
from machinery.api.protobuf_encoder import encode_message, layout, schema_model, value_type
from machinery.api.protobuf_unions import UNIONS, decode_union
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
            return scheme.model_of(group, version, kind)
    except scheme.NotRegistered:
        pass
    raise BadRequest(f'no kind "{kind}" is registered for version "{api_version}"')


def decode_message(raw: bytes, model: type[Model]) -> dict[str, Any]:
    """A message without envelope as its JSON form. Unknown fields are dropped. Raises WireError."""
    rows, result = layout(model), {}
    for number, value in wire.fields(raw):
        entry = rows.get(number)
        if isinstance(entry, FieldFact):
            _decode_field(result, entry, value)
        elif entry is not None and isinstance(value, bytes):
            result |= decode_message(value, entry)
    return result


def _decode_field(result: dict[str, Any], fact: FieldFact, value: int | bytes) -> None:
    if fact.type.startswith("map<"):
        result.setdefault(fact.json, {}).update([_map_entry(fact, value)])
        return
    decoded = _decode_value(fact.type, fact.model, value)
    if fact.repeated:
        result.setdefault(fact.json, []).append(decoded)
    elif decoded is not None and (fact.pointer or fact.required or not _is_zero(fact, decoded)):
        result[fact.json] = decoded


def _is_zero(fact: FieldFact, value: Any) -> bool:
    return fact.type in ZEROS and value == ZEROS[fact.type]


def _decode_value(kind: str, model: type[Model] | None, value: int | bytes) -> Any:
    if kind in CODECS:
        return CODECS[kind].decode(value)
    if kind in UNIONS:
        return decode_union(kind, value, lambda raw: decode_message(raw, schema_model()))
    if model is None or not isinstance(value, bytes):
        raise WireError(f"cannot decode {kind}")
    return decode_message(value, model)


def _map_entry(fact: FieldFact, value: int | bytes) -> tuple[str, Any]:
    if not isinstance(value, bytes):
        raise WireError("proto: wrong wireType")
    parts = dict(wire.fields(value))
    kind = value_type(fact)
    key = CODECS["string"].decode(parts.get(1, b""))
    return key, _decode_value(kind, fact.model, parts[2]) if 2 in parts else ZEROS.get(kind, {})


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

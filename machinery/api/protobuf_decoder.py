"""From a protobuf message to the JSON form of an object: one compiled table per class, made when first used.

Pure, the mirror of protobuf_encoder. What Go writes though nobody set it is left out again, as JSON leaves it out;
fields that a class does not have are passed over.
In Kubernetes: the Unmarshal methods of the generated.pb.go files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from machinery.api import wire
from machinery.api.model import FieldFact, Model
from machinery.api.protobuf_codecs import CODECS, ZEROS
from machinery.api.protobuf_encoder import layout, schema_model, value_type
from machinery.api.protobuf_unions import UNIONS, decode_union
from machinery.api.wire import WireError

Value = int | bytes
Read = Callable[[Any], Any]
Put = Callable[[dict[str, Any], Value], None]
_NO_ZERO = object()


def decode_message(raw: bytes, model: type[Model]) -> dict[str, Any]:
    """A message without envelope as its JSON form. Raises WireError."""
    return document_of(model)(raw)


class Document:
    """Reads the messages of one class; its rows are made late, since a class may hold itself."""

    __slots__ = ("_model", "_rows")

    def __init__(self, model: type[Model]) -> None:
        self._model = model
        self._rows: Mapping[int, Put] = {}

    def __call__(self, raw: Value) -> dict[str, Any]:
        if not isinstance(raw, bytes):
            raise WireError("proto: wrong wireType")
        rows = self._rows
        if not rows:
            rows = self._rows = {number: _put(entry) for number, entry in layout(self._model).items()}
        result: dict[str, Any] = {}
        for number, value in wire.fields(raw):
            put = rows.get(number)
            if put is not None:
                put(result, value)
        return result


@cache
def document_of(model: type[Model]) -> Document:
    """The one reader of a class."""
    return Document(model)


def _put(entry: FieldFact | type[Model]) -> Put:
    """How a field's value gets into the document."""
    if not isinstance(entry, FieldFact):
        spliced = document_of(entry)
        return lambda result, value: result.update(spliced(value))
    if entry.type.startswith("map<"):
        return _entry(entry)
    name, read = entry.json, _reader(entry.type, entry.model)
    if entry.repeated:
        return lambda result, value: result.setdefault(name, []).append(read(value))
    zero = _NO_ZERO if entry.pointer or entry.required else ZEROS.get(entry.type, _NO_ZERO)

    def put(result: dict[str, Any], value: Value) -> None:
        decoded = read(value)
        if decoded is not None and (zero is _NO_ZERO or decoded != zero):
            result[name] = decoded

    return put


def _entry(fact: FieldFact) -> Put:
    """One entry of a map; a value that is not there is the zero of its type."""
    name, kind, read_key = fact.json, value_type(fact), CODECS["string"].decode
    read, zero = _reader(kind, fact.model), ZEROS.get(kind, {})

    def put(result: dict[str, Any], value: Value) -> None:
        if not isinstance(value, bytes):
            raise WireError("proto: wrong wireType")
        parts = dict(wire.fields(value))
        result.setdefault(name, {})[read_key(parts.get(1, b""))] = read(parts[2]) if 2 in parts else zero

    return put


def _reader(kind: str, model: type[Model] | None) -> Read:
    if kind == "string":
        return _text
    if kind in CODECS:
        return CODECS[kind].decode
    if kind in UNIONS:
        return lambda value: decode_union(kind, value, document_of(schema_model()))
    if model is None:
        raise WireError(f"cannot decode {kind}")
    return document_of(model)


def _text(value: Value) -> str:
    if not isinstance(value, bytes):
        raise WireError("proto: wrong wireType")
    return value.decode()

"""From the JSON form of an object to its protobuf message: one compiled table per class, made when first used.

Pure. A row of a table is a JSON name, the function that writes its value, and the bytes that stand for its absence:
Go writes every field that is no pointer, set or not, in ascending order of numbers.
In Kubernetes: the Marshal methods of the generated.pb.go files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from machinery.api import scheme
from machinery.api.model import FieldFact, Model
from machinery.api.protobuf_codecs import CODECS, ZEROS
from machinery.api.protobuf_unions import UNIONS, encode_union
from machinery.api.wire import LENGTH, VARINT, WireError, varint

Write = Callable[[Any], bytes]
Row = tuple[str | None, Write, bytes]
"""JSON name (None: the class whose fields JSON splices in), how to write a value, what stands for none."""

# Our classes hold these as None when absent, Go as a zero value, which it always writes.
_HELD_BY_VALUE = {
    "creationTimestamp", "divisor", "eventTime", "expirationTimestamp", "finishedAt", "firstTimestamp",
    "lastHeartbeatTime", "lastObservedTime", "lastProbeTime", "lastTimestamp", "lastTransitionTime",
    "lastUpdateTime", "startedAt", "targetPort",
}  # fmt: skip

# Absent in JSON and no pointer, yet nothing on the wire: nil slices of bytes and raw values.
_ABSENT_WHEN_NULL = {"bytes", "any", "meta/v1.FieldsV1"}


@cache
def layout(model: type[Model]) -> Mapping[int, FieldFact | type[Model]]:
    """By ascending number: the fact of a field, or the class whose fields JSON splices in."""
    return dict(sorted(_entries(model), key=lambda entry: entry[0]))


def _entries(model: type[Model]) -> Iterator[tuple[int, FieldFact | type[Model]]]:
    for fact in model.fields_table().values():
        if fact.inline is not None:
            yield fact.inline, model.__mro__[1]
        elif fact.proto is not None:
            yield fact.proto, fact


def encode_message(document: Mapping[str, Any], model: type[Model]) -> bytes:
    """A JSON form as message, without envelope."""
    return message_of(model)(document)


class Message:
    """Writes the messages of one class; its rows are made late, since a class may hold itself."""

    __slots__ = ("_model", "_rows")

    def __init__(self, model: type[Model]) -> None:
        self._model = model
        self._rows: tuple[Row, ...] = ()

    def __call__(self, document: Mapping[str, Any]) -> bytes:
        rows = self._rows
        if not rows:
            rows = self._rows = tuple(_row(number, entry) for number, entry in layout(self._model).items())
        get, parts = document.get, []
        for name, write, absent in rows:
            value = document if name is None else get(name)
            if value is not None:
                parts.append(write(value))
            elif absent:
                parts.append(absent)
        return b"".join(parts)


@cache
def message_of(model: type[Model]) -> Message:
    """The one writer of a class."""
    return Message(model)


def _row(number: int, entry: FieldFact | type[Model]) -> Row:
    if not isinstance(entry, FieldFact):
        return None, _nested(number, message_of(entry)), b""
    if entry.type.startswith("map<"):
        return entry.json, _map(number, entry), b""
    write = _writer(number, entry.type, entry.model)
    if entry.repeated:
        return entry.json, _each(write), b""
    return entry.json, write, _absent(entry, write)


def _absent(fact: FieldFact, write: Write) -> bytes:
    if (fact.pointer and fact.json not in _HELD_BY_VALUE) or fact.type in _ABSENT_WHEN_NULL:
        return b""
    return write({} if fact.model else ZEROS.get(fact.type))


def _each(write: Write) -> Write:
    return lambda values: b"".join([write(value) for value in values])


def _writer(number: int, kind: str, model: type[Model] | None) -> Write:
    """How a value of a type is written as field `number`, tag included."""
    if kind == "string":
        return _string(number)
    if kind in ("int32", "int64", "bool"):
        return _integer(number)
    if kind in CODECS:
        encode = CODECS[kind].encode
        return lambda value: encode(number, value)
    if kind in UNIONS:
        return _nested(number, lambda value: encode_union(kind, value, message_of(schema_model())))
    if model is None:
        raise WireError(f"cannot encode {kind}")
    return _nested(number, message_of(model))


def _string(number: int) -> Write:
    tag = varint(number << 3 | LENGTH)

    def write(value: str) -> bytes:
        raw = value.encode()
        return tag + varint(len(raw)) + raw

    return write


def _integer(number: int) -> Write:
    tag = varint(number << 3 | VARINT)
    return lambda value: tag + varint(value)


def _nested(number: int, write_inside: Write) -> Write:
    tag = varint(number << 3 | LENGTH)

    def write(value: Any) -> bytes:
        inside = write_inside(value)
        return tag + varint(len(inside)) + inside

    return write


def _map(number: int, fact: FieldFact) -> Write:
    """Entries in order of their keys, as Go writes them."""
    key, value = _string(1), _writer(2, value_type(fact), fact.model)
    entry = _nested(number, lambda item: key(item[0]) + value(item[1]))
    return lambda items: b"".join([entry(item) for item in sorted(items.items())])


def value_type(fact: FieldFact) -> str:
    """The type of a map's values."""
    return fact.type.removeprefix("map<string,").removesuffix(">")


def schema_model() -> type[Model]:
    """The class that holds itself: schemas of custom resources."""
    return scheme.model_of("apiextensions.k8s.io", "v1", "JSONSchemaProps")

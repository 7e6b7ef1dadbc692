"""The unions in schemas of custom resources, which JSON writes bare and protobuf as a message with one field per kind.

Pure. How a schema itself is written comes in as a function. In Kubernetes: JSONSchemaPropsOrArray, …OrBool and
…OrStringArray of k8s.io/apiextensions-apiserver, with their hand-written JSON code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from machinery.api import wire
from machinery.api.wire import WireError, put_bytes, put_varint

UNIONS = ("schemaOrArray", "schemaOrBool", "schemaOrStringArray")


def decode_union(kind: str, value: int | bytes, schema_of: Callable[[bytes], Any]) -> Any:
    """The JSON value of one of UNIONS."""
    if not isinstance(value, bytes):
        raise WireError("proto: wrong wireType")
    parts = list(wire.fields(value))
    first = dict(reversed(parts))
    if kind == "schemaOrBool":
        return schema_of(_raw(first[2])) if 2 in first else bool(first.get(1, 0))
    if 1 in first:
        return schema_of(_raw(first[1]))
    others = [_raw(part) for number, part in parts if number == 2]
    return [part.decode() if kind == "schemaOrStringArray" else schema_of(part) for part in others]


def encode_union(kind: str, value: Any, schema_to: Callable[[Any], bytes]) -> bytes:
    """The message of a JSON value of one of UNIONS."""
    is_schema = isinstance(value, dict)
    if kind == "schemaOrBool":
        allows = put_varint(1, is_schema or bool(value))
        return allows + (put_bytes(2, schema_to(value)) if is_schema else b"")
    if is_schema:
        return put_bytes(1, schema_to(value))
    return b"".join(put_bytes(2, item.encode() if isinstance(item, str) else schema_to(item)) for item in value)


def _raw(value: int | bytes) -> bytes:
    if not isinstance(value, bytes):
        raise WireError("proto: wrong wireType")
    return value

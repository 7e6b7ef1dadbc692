"""An OpenAPI v3 document as protobuf (gnostic's openapi.v3.Document), which client-go can ask for.

Pure. A table says which JSON key of a schema is which field; numbers are those of gnostic's OpenAPIv3.proto.
Real Kubernetes: k8s.io/kube-openapi/pkg/handler3 with google/gnostic-models.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import Any

from apiserver.openapi.gnostic_parts import Doc, put_any, put_each, put_extensions, put_named, put_text
from machinery.api.wire import FIXED64, put_bytes, put_varint, varint

_EXTENSIONS_OF_SCHEMA, _EXTENSIONS_OF_OPERATION = 36, 13
_METHODS = {"get": 4, "put": 5, "post": 6, "delete": 7, "options": 8, "head": 9, "patch": 10}


def document(doc: Doc) -> bytes:
    """The whole document of one group and version."""
    return b"".join((
        put_text(1, doc["openapi"]),
        put_bytes(2, put_text(1, doc["info"]["title"]) + put_text(6, doc["info"]["version"])),
        put_bytes(4, b"".join(put_bytes(1, put_named(path, _path_item(item))) for path, item in doc["paths"].items())),
        put_bytes(5, put_bytes(1, put_each(doc["components"]["schemas"], _schema_or_reference))),
    ))  # fmt: skip


def _flag(number: int, value: bool) -> bytes:
    return put_varint(number, 1) if value else b""


def _double(number: int, value: float) -> bytes:
    return varint(number << 3 | FIXED64) + struct.pack("<d", value)


def _schema_or_reference(doc: Doc) -> bytes:
    return put_bytes(2, put_text(1, doc["$ref"])) if "$ref" in doc else put_bytes(1, _schema(doc))


def _schema(doc: Doc) -> bytes:
    parts = (_SCHEMA[key][1](_SCHEMA[key][0], value) for key, value in doc.items() if key in _SCHEMA)
    return b"".join(parts) + put_extensions(_EXTENSIONS_OF_SCHEMA, doc)


def _texts(number: int, values: Iterable[str]) -> bytes:
    return b"".join(put_text(number, value) for value in values)


def _anys(number: int, values: Iterable[Any]) -> bytes:
    return b"".join(put_bytes(number, put_any(value)) for value in values)


def _schemas(number: int, values: Iterable[Doc]) -> bytes:
    return b"".join(put_bytes(number, _schema_or_reference(value)) for value in values)


def _below(number: int, value: Doc) -> bytes:
    return put_bytes(number, _schema(value))


def _items(number: int, value: Doc) -> bytes:
    return put_bytes(number, put_bytes(1, _schema_or_reference(value)))


def _properties(number: int, value: Doc) -> bytes:
    return put_bytes(number, put_each(value, _schema_or_reference))


def _additional(number: int, value: Any) -> bytes:
    if isinstance(value, bool):
        return put_bytes(number, put_varint(2, value))
    return put_bytes(number, put_bytes(1, _schema_or_reference(value)))


def _default(number: int, value: Any) -> bytes:
    """Objects and lists have no place in the message."""
    if isinstance(value, bool):
        return put_bytes(number, put_varint(2, value))
    if isinstance(value, int | float):
        return put_bytes(number, _double(1, value))
    return put_bytes(number, put_bytes(3, value.encode())) if isinstance(value, str) else b""


_SCHEMA: dict[str, tuple[int, Callable[[int, Any], bytes]]] = {
    "nullable": (1, _flag), "deprecated": (8, _flag), "title": (9, put_text), "multipleOf": (10, _double),
    "maximum": (11, _double), "exclusiveMaximum": (12, _flag), "minimum": (13, _double),
    "exclusiveMinimum": (14, _flag), "maxLength": (15, put_varint), "minLength": (16, put_varint),
    "pattern": (17, put_text), "maxItems": (18, put_varint), "minItems": (19, put_varint), "uniqueItems": (20, _flag),
    "maxProperties": (21, put_varint), "minProperties": (22, put_varint), "required": (23, _texts),
    "enum": (24, _anys), "type": (25, put_text), "allOf": (26, _schemas), "oneOf": (27, _schemas),
    "anyOf": (28, _schemas), "not": (29, _below), "items": (30, _items), "properties": (31, _properties),
    "additionalProperties": (32, _additional), "default": (33, _default), "description": (34, put_text),
    "format": (35, put_text),
}  # fmt: skip


def _path_item(doc: Doc) -> bytes:
    methods = [put_bytes(number, _operation(doc[name])) for name, number in _METHODS.items() if name in doc]
    return b"".join([*methods, *(put_bytes(13, _parameter(each)) for each in doc.get("parameters", ()))])


def _operation(doc: Doc) -> bytes:
    body = b""
    if asked := doc.get("requestBody"):
        content = put_bytes(2, _content(asked["content"])) + _flag(3, asked.get("required", False))
        body = put_bytes(7, put_bytes(1, content))
    responses = (put_bytes(2, put_named(code, _response(answer))) for code, answer in doc["responses"].items())
    return b"".join((
        _texts(1, doc["tags"]),
        put_text(3, doc["description"]),
        put_text(5, doc["operationId"]),
        *(put_bytes(6, _parameter(each)) for each in doc.get("parameters", ())),
        body,
        put_bytes(8, b"".join(responses)),
        put_extensions(_EXTENSIONS_OF_OPERATION, doc),
    ))  # fmt: skip


def _parameter(doc: Doc) -> bytes:
    """ParameterOrReference."""
    named = put_text(1, doc["name"]) + put_text(2, doc["in"]) + put_text(3, doc.get("description", ""))
    shape = put_bytes(10, _schema_or_reference(doc["schema"]))
    return put_bytes(1, named + _flag(4, doc.get("required", False)) + shape)


def _response(doc: Doc) -> bytes:
    """ResponseOrReference."""
    content = put_bytes(3, _content(doc["content"])) if "content" in doc else b""
    return put_bytes(1, put_text(1, doc["description"]) + content)


def _content(doc: Doc) -> bytes:
    return put_each(doc, lambda media: put_bytes(1, _schema_or_reference(media["schema"])))

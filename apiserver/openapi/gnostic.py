"""The OpenAPI v2 document as protobuf (gnostic's openapi.v2.Document), which kubectl up to 1.28 asks for.

Pure. A table says, message by message, which JSON key is which field; numbers are those of gnostic's OpenAPIv2.proto.
Real Kubernetes: k8s.io/kube-openapi/pkg/handler with google/gnostic.
"""

from __future__ import annotations

from typing import Any

from apiserver.openapi.gnostic_parts import Doc, put_each, put_extensions, put_named, put_text
from machinery.api.wire import put_bytes, put_varint

MEDIA_TYPE = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"


def document(doc: Doc) -> bytes:
    """The whole document."""
    return b"".join(
        (
            put_text(1, doc["swagger"]),
            put_bytes(2, put_text(1, doc["info"]["title"]) + put_text(2, doc["info"]["version"])),
            put_bytes(
                8, b"".join(put_bytes(2, put_named(path, _path_item(item))) for path, item in doc["paths"].items())
            ),
            put_bytes(9, put_each(doc["definitions"], _schema)),
        )
    )


def _schema(doc: Doc) -> bytes:
    parts = [
        put_text(1, doc.get("$ref", "")),
        put_text(2, doc.get("format", "")),
        put_text(4, doc.get("description", "")),
    ]
    parts += [put_text(19, name) for name in doc.get("required", [])]
    if "additionalProperties" in doc:
        parts.append(put_bytes(21, _additional(doc["additionalProperties"])))
    if "type" in doc:
        parts.append(put_bytes(22, put_text(1, doc["type"])))
    if "items" in doc:
        parts.append(put_bytes(23, put_bytes(1, _schema(doc["items"]))))
    if doc.get("properties"):
        parts.append(put_bytes(25, put_each(doc["properties"], _schema)))
    return b"".join(parts) + put_extensions(31, doc)


def _additional(value: Any) -> bytes:
    """AdditionalPropertiesItem: a schema, or a word on whether anything may be there."""
    return put_varint(2, int(value)) if isinstance(value, bool) else put_bytes(1, _schema(value))


_METHODS = {"get": 2, "put": 3, "post": 4, "delete": 5, "options": 6, "head": 7, "patch": 8}


def _path_item(doc: Doc) -> bytes:
    methods = [put_bytes(number, _operation(doc[name])) for name, number in _METHODS.items() if name in doc]
    return b"".join([*methods, *(put_bytes(9, _parameter(each)) for each in doc.get("parameters", []))])


def _operation(doc: Doc) -> bytes:
    return b"".join(
        (
            *(put_text(1, name) for name in doc.get("tags", ())),
            put_text(3, doc.get("description", "")),
            put_text(5, doc.get("operationId", "")),
            *(put_text(6, media) for media in doc.get("produces", ())),
            *(put_text(7, media) for media in doc.get("consumes", ())),
            *(put_bytes(8, _parameter(each)) for each in doc.get("parameters", ())),
            put_bytes(9, put_each(doc["responses"], _response)),
            put_extensions(13, doc),
        )
    )


def _response(doc: Doc) -> bytes:
    shape = put_bytes(2, put_bytes(1, _schema(doc["schema"]))) if "schema" in doc else b""
    return put_bytes(1, put_text(1, doc.get("description", "")) + shape)


def _parameter(doc: Doc) -> bytes:
    """ParametersItem.parameter: one of body, query or path."""
    if doc["in"] == "body":
        body = put_text(2, doc["name"]) + put_text(3, "body") + _flag(4, doc) + put_bytes(5, _schema(doc["schema"]))
        return put_bytes(1, put_bytes(1, body))
    plain = _flag(1, doc) + put_text(2, doc["in"]) + put_text(3, doc.get("description", "")) + put_text(4, doc["name"])
    if doc["in"] == "query":
        return put_bytes(1, put_bytes(2, put_bytes(3, plain + put_text(6, doc["type"]))))
    return put_bytes(1, put_bytes(2, put_bytes(4, plain + put_text(5, doc["type"]))))


def _flag(number: int, doc: Doc) -> bytes:
    return put_varint(number, 1) if doc.get("required") else b""

"""What both versions of gnostic's OpenAPI messages have in common: texts, named values, extensions.

Pure. Real Kubernetes: google/gnostic-models' OpenAPIv2.proto and OpenAPIv3.proto, where these have the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

from machinery.api.wire import put_bytes

Doc = dict[str, Any]
Encoder = Callable[[Any], bytes]


def put_text(number: int, value: str) -> bytes:
    return put_bytes(number, value.encode()) if value else b""


def put_named(name: str, value: bytes) -> bytes:
    """NamedSchema, NamedPathItem, NamedAny …: a name and a value."""
    return put_text(1, name) + put_bytes(2, value)


def put_each(items: Doc, encode: Encoder) -> bytes:
    """Definitions, Properties, MediaTypes, …: a repeated Named… as field 1."""
    return b"".join(put_bytes(1, put_named(name, encode(value))) for name, value in items.items())


def put_any(value: Any) -> bytes:
    """Any: the value as YAML text."""
    return put_text(2, yaml.safe_dump(value))


def put_extensions(number: int, doc: Doc) -> bytes:
    """Every key that begins with x-, as NamedAny."""
    found = ((key, value) for key, value in doc.items() if key.startswith("x-"))
    return b"".join(put_bytes(number, put_named(key, put_any(value))) for key, value in found)

"""What is wrong with one field, in the words that the API server prints: `spec.containers[0].name: Required value`.

Watches and writes nothing: validation collects these, `errors.Invalid` makes one Status of them.
In Kubernetes: k8s.io/apimachinery/pkg/util/validation/field. A value that is no string is shown as JSON, as
Kubernetes does from 1.33; earlier ones print Go syntax.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

_ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v",
            "\\": "\\\\", '"': '\\"'}


def quote(text: str) -> str:
    """Quotes like Go's %q: printable characters stay, all else is escaped."""
    return '"' + "".join(_ESCAPES.get(c) or (c if c.isprintable() else _escape(ord(c))) for c in text) + '"'


def _escape(code: int) -> str:
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_WORDS = {
    "FieldValueNotFound": "Not found",
    "FieldValueRequired": "Required value",
    "FieldValueDuplicate": "Duplicate value",
    "FieldValueInvalid": "Invalid value",
    "FieldValueNotSupported": "Unsupported value",
    "FieldValueForbidden": "Forbidden",
    "FieldValueTooLong": "Too long",
    "FieldValueTooMany": "Too many",
    "InternalError": "Internal error",
    "FieldValueTypeInvalid": "Invalid value",
}
_VALUELESS = {"FieldValueRequired", "FieldValueForbidden", "FieldValueTooLong", "InternalError"}
OMITTED = object()
"""The value of an error about something whose content would say nothing."""


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field; `field` is its path: `spec.containers[0].name`."""

    type: str
    field: str
    detail: str = ""
    value: Any = field(default=None, compare=False)

    @property
    def body(self) -> str:
        """The message without the field's path."""
        word = _WORDS[self.type]
        value = "" if self.type in _VALUELESS or self.value is OMITTED else f": {_rendered(self.value)}"
        return word + value + (f": {self.detail}" if self.detail else "")

    def __str__(self) -> str:
        return f"{self.field}: {self.body}"

    @classmethod
    def required(cls, field: str, detail: str = "") -> FieldError:
        return cls("FieldValueRequired", field, detail)

    @classmethod
    def invalid(cls, field: str, value: Any, detail: str = "") -> FieldError:
        return cls("FieldValueInvalid", field, detail, value)

    @classmethod
    def type_invalid(cls, field: str, value: Any, detail: str = "") -> FieldError:
        return cls("FieldValueTypeInvalid", field, detail, value)

    @classmethod
    def immutable(cls, field: str, value: Any) -> FieldError:
        return cls.invalid(field, value, "field is immutable")

    @classmethod
    def not_supported(cls, field: str, value: Any, supported: Iterable[str]) -> FieldError:
        words = ", ".join(quote(word) for word in supported)
        return cls("FieldValueNotSupported", field, f"supported values: {words}" if words else "", value)

    @classmethod
    def duplicate(cls, field: str, value: Any) -> FieldError:
        return cls("FieldValueDuplicate", field, "", value)

    @classmethod
    def not_found(cls, field: str, value: Any) -> FieldError:
        return cls("FieldValueNotFound", field, "", value)

    @classmethod
    def forbidden(cls, field: str, detail: str) -> FieldError:
        return cls("FieldValueForbidden", field, detail)

    @classmethod
    def too_long(cls, field: str, value: Any, most: int) -> FieldError:
        unit = "byte" if most == 1 else "bytes"
        return cls("FieldValueTooLong", field, f"may not be more than {most} {unit}", value)

    @classmethod
    def too_many(cls, field: str, actual: int, most: int) -> FieldError:
        unit = "item" if most == 1 else "items"
        return cls("FieldValueTooMany", field, f"must have at most {most} {unit}", actual)

    @classmethod
    def internal(cls, field: str, why: str) -> FieldError:
        return cls("InternalError", field, why)


def _rendered(value: Any) -> str:
    if isinstance(value, str):
        return quote(value)
    plain = value.to_dict() if hasattr(value, "to_dict") else value
    return json.dumps(plain, separators=(",", ":"), ensure_ascii=False, default=str)


def joined(errors: Iterable[FieldError]) -> str:
    """One message as it is, several in brackets; each text once."""
    texts = list(dict.fromkeys(str(error) for error in errors))
    return texts[0] if len(texts) == 1 else "[" + ", ".join(texts) + "]"

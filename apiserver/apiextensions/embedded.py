"""Whole objects inside custom resources, x-kubernetes-embedded-resource: their apiVersion, kind and metadata.

Pure. `coerce` drops what no metadata has; what is of a wrong type is refused when it comes in, and dropped when it is
read from storage. `errors` says what is wrong with names, labels and the like, as for objects that stand by themselves.
Real Kubernetes: apiextensions-apiserver's pkg/apiserver/schema/objectmeta.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from apiserver.apiextensions.structural import Structural
from apiserver.decoding import Undecodable
from apiserver.registry import metadata
from machinery.api import names
from machinery.api.errors import FieldError
from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import without_nulls

Doc = dict[str, Any]
_SAID = ("apiVersion", "kind")


def any_embedded(schema: Structural | None) -> bool:
    """Whether there are embedded objects here or below."""
    if schema is None:
        return False
    below = (*schema.properties.values(), schema.items, schema.additional)
    return schema.embedded or any(any_embedded(each) for each in below)


def _parts(value: Any, schema: Structural, path: str) -> Iterator[tuple[Any, Structural, str]]:
    """What is below a value and has a schema."""
    if isinstance(value, dict):
        for name, item in value.items():
            below = schema.below(name)
            if below is not None:
                yield item, below, f"{path}.{name}".lstrip(".") if name in schema.properties else f"{path}[{name}]"
    elif isinstance(value, list) and schema.items is not None:
        yield from ((item, schema.items, f"{path}[{index}]") for index, item in enumerate(value))


def coerce(value: Any, schema: Structural, path: str = "", *, drop: bool) -> list[str]:
    """In place: unknown metadata goes, and its paths are told. What is wrong raises Undecodable, or goes if `drop`."""
    dropped = _coerce_head(value, path, drop=drop) if schema.embedded and isinstance(value, dict) else []
    for item, below, where in _parts(value, schema, path):
        if isinstance(item, dict | list):
            dropped += coerce(item, below, where, drop=drop)
    return dropped


def _coerce_head(value: Doc, path: str, *, drop: bool) -> list[str]:
    for name in _SAID:
        if name in value and not isinstance(value[name], str):
            if not drop:
                raise Undecodable(str(FieldError.invalid(f"{path}.{name}", value[name], "must be a string")))
            del value[name]
    if "metadata" not in value:
        return []
    given = value["metadata"]
    try:
        value["metadata"] = _known(given)
    except ValidationError as error:
        if not drop:
            why = error.errors(include_url=False)[0]["msg"]
            raise Undecodable(str(FieldError.invalid(f"{path}.metadata", given, why))) from None
        value["metadata"] = _known({name: each for name, each in _rows(given) if _readable(name, each)})
    known = ObjectMeta.fields_table()
    return [f"{path}.metadata.{name}" for name in given if name not in known] if isinstance(given, dict) else []


def _known(given: Any) -> Doc:
    return ObjectMeta.from_dict(without_nulls(given or {})).to_dict()


def _rows(given: Any) -> Iterator[tuple[str, Any]]:
    """The fields; of labels and annotations only what is text."""
    for name, each in given.items() if isinstance(given, dict) else ():
        if name in ("labels", "annotations") and isinstance(each, dict):
            each = {key: text for key, text in each.items() if isinstance(text, str)}
        yield name, each


def _readable(name: str, value: Any) -> bool:
    try:
        _known({name: value})
    except ValidationError:
        return False
    return True


def errors(value: Any, schema: Structural, path: str = "") -> Iterator[FieldError]:
    """What is wrong with the heads of all embedded objects."""
    if schema.embedded and isinstance(value, dict):
        yield from _head_errors(value, path)
    for item, below, where in _parts(value, schema, path):
        if isinstance(item, dict | list):
            yield from errors(item, below, where)


def _head_errors(value: Doc, path: str) -> Iterator[FieldError]:
    version, kind = (value.get(name) for name in _SAID)
    if not version:
        yield FieldError.required(f"{path}.apiVersion", "must not be empty")
    elif version.count("/") > 1:
        yield FieldError.invalid(f"{path}.apiVersion", version, f"unexpected GroupVersion string: {version}")
    if not kind:
        yield FieldError.required(f"{path}.kind", "must not be empty")
    elif bad := names.dns1035_label(kind.lower()):
        why = f"may have mixed case, but should otherwise match: {','.join(bad)}"
        yield FieldError.invalid(f"{path}.kind", kind, why)
    if isinstance(value.get("metadata"), dict):
        meta = ObjectMeta.from_dict({"name": "fakename", **value["metadata"]})
        for error in metadata.errors(meta, namespaced=bool(meta.namespace), name_errors=names.path_segment):
            yield replace(error, field=f"{path}.{error.field}")

"""Whether a configuration fits its class: known fields, right types, keys that tell items apart.

Pure. Every mistake is found, each with its path. Where Kubernetes answers 500 for a configuration that a client got
wrong, this raises BadRequest with the same words.
In Kubernetes: structured-merge-diff's typed/validate.go, apimachinery's managedfields/internal/structuredmerge.go.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from machinery.api.apply.elements import NoElement, item_step, shown
from machinery.api.apply.shapes import LIST, MAP, SCALAR, Shape, struct
from machinery.api.errors import BadRequest
from machinery.api.model import Model
from machinery.api.patch.go_text import printed

_NUMBERS = {"int32", "int64", "double"}
_STRINGS = {"string", "bytes", "meta/v1.Time", "meta/v1.MicroTime", "meta/v1.Duration"}


def check_config(config: Any, model: type[Model], api_version: str) -> None:
    """Raise BadRequest unless this is an apply configuration of that kind and version."""
    kind = model.model_fields["kind"].default
    if not isinstance(config, dict):
        raise BadRequest(f"expected map, got &{{{printed(config)}}}")
    given = _kind_text(str(config.get("apiVersion") or ""), str(config.get("kind") or ""))
    if given != _kind_text(api_version, kind):
        raise BadRequest(f"invalid object type: {given}")
    try:
        orjson.dumps(config)
    except TypeError as error:  # keys that are no text, numbers beyond 64 bits, more than 250 levels
        raise BadRequest(f"failed to create typed patch object ({given}): {error}") from None
    meta = config.get("metadata")
    if isinstance(meta, dict) and meta.get("managedFields") is not None:
        raise BadRequest("metadata.managedFields must be nil")
    errors = list(mistakes(config, struct(model)))
    if errors:
        why = errors[0] if len(errors) == 1 else "\n".join(["errors:", *(f"  {error}" for error in errors)])
        raise BadRequest(f"failed to create typed patch object ({_place(meta)}; {given}): {why}")


def _kind_text(api_version: str, kind: str) -> str:
    """`apps/v1, Kind=Deployment`; the legacy group shows as `/v1`."""
    return f"{api_version if '/' in api_version else '/' + api_version}, Kind={kind}"


def _place(meta: Any) -> str:
    meta = meta if isinstance(meta, dict) else {}
    return f"{meta.get('namespace') or ''}/{meta.get('name') or ''}"


def mistakes(value: Any, shape: Shape, path: str = "") -> Iterator[str]:
    """What does not fit, as `.spec.replicas: expected numeric (int or float), got string`."""
    shape = shape.concrete(value)
    if value is None:
        return
    if shape.kind == SCALAR:
        expected = _scalar_mistake(value, shape.scalar)
        if expected:
            yield f"{path}: {expected}"
    elif shape.kind == MAP:
        yield from _map_mistakes(value, shape, path)
    elif shape.kind == LIST:
        yield from _list_mistakes(value, shape, path)


def _scalar_mistake(value: Any, scalar: str) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if scalar in _NUMBERS and not number:
        return f"expected numeric (int or float), got {_go_type(value)}"
    if scalar in _STRINGS and not isinstance(value, str):
        return f"expected string, got &{{{printed(value)}}}"
    if scalar == "bool" and not isinstance(value, bool):
        return f"expected boolean, got &{{{printed(value)}}}"
    return f"expected scalar, got &{{{printed(value)}}}" if isinstance(value, dict | list) else ""


def _go_type(value: Any) -> str:
    words = {bool: "bool", str: "string", dict: "map[string]interface {}", list: "[]interface {}"}
    return words.get(type(value), type(value).__name__)


def _map_mistakes(value: Any, shape: Shape, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: expected map, got &{{{printed(value)}}}"
        return
    for name, item in value.items():
        if shape.item is None and name not in shape.fields:
            yield f"{path}.{name}: field not declared in schema"
        else:
            yield from mistakes(item, shape.member(name), f"{path}.{name}")


def _list_mistakes(value: Any, shape: Shape, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path}: expected list, got &{{{printed(value)}}}"
        return
    seen = set()
    for index, item in enumerate(value):
        step = f"i:{index}"
        if not shape.atomic:
            try:
                step = item_step(item, shape)
            except NoElement as error:
                yield f"{path}: element {index}: {error}"
                continue
            if step in seen:
                yield f"{path}: duplicate entries for key {shown(step)}"
            seen.add(step)
        yield from mistakes(item, shape.item, path + shown(step))

"""One step of a path, as FieldsV1 writes it: `f:image`, `k:{"name":"web"}`, `v:"orphan"`, `i:0`.

Pure. Inside this package a step is always this text, its JSON compact and its keys sorted, so that equal steps are
equal strings. Messages show steps as Kubernetes prints paths: `.image`, `[name="web"]`, `[="orphan"]`, `[0]`.
In Kubernetes: structured-merge-diff's fieldpath/element.go and serialize-pe.go.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson

from machinery.api.apply.shapes import Shape
from machinery.api.field_errors import quote

_SORTED = orjson.OPT_SORT_KEYS
_RANK = "fkvi"


class NoElement(ValueError):
    """An item of a list that cannot be told from the others; the message says why, in Kubernetes' words."""


def field_step(name: str) -> str:
    return "f:" + name


def item_step(item: Any, shape: Shape) -> str:
    """The step to an item of an associative list. Raises NoElement."""
    return _keyed(item, shape) if shape.keys else _valued(item)


def _keyed(item: Any, shape: Shape) -> str:
    if not isinstance(item, dict):
        kind = "a null element" if item is None else "non-map elements"
        raise NoElement(f"associative list with keys may not have {kind}")
    if len(shape.keys) == 1:
        value = item.get(shape.keys[0])
        if type(value) is str:
            return _by_one_key(shape.keys[0], value)
    keys = {key: item.get(key, shape.defaults.get(key)) for key in shape.keys
            if key in item or key in shape.defaults}
    if not keys:
        wanted = " ".join(map(quote, shape.keys))
        raise NoElement(f"associative list with keys has an element that omits all key fields [{wanted}] "
                        "(and doesn't have default values for any key fields)")
    return "k:" + _json(keys)


@lru_cache(maxsize=4096)
def _by_one_key(key: str, value: str) -> str:
    """The most frequent step by far: containers, conditions, volumes …"""
    return "k:" + _json({key: value})


def _valued(item: Any) -> str:
    if isinstance(item, dict):
        raise NoElement("associative list without keys has an element that's a map type")
    if isinstance(item, list):
        raise NoElement("not supported: associative list with lists as elements")
    if item is None:
        raise NoElement("associative list without keys has an element that's an explicit null")
    return "v:" + _json(item)


def _json(value: Any) -> str:
    try:
        return orjson.dumps(value, option=_SORTED).decode()
    except TypeError as error:  # a number beyond 64 bits, half a letter
        raise NoElement(f"a key that JSON cannot hold: {error}") from None


def normal(step: str) -> str:
    """The step as this package writes it, from a text that a client may have written. Raises ValueError."""
    kind, content = step[:2], step[2:]
    if kind == "f:":
        return step
    if kind == "i:":
        return f"i:{int(content)}"
    if kind not in ("k:", "v:"):
        raise ValueError(f"unknown path element type in {quote(step)}")
    value = orjson.loads(content)
    if kind == "k:" and not isinstance(value, dict):
        raise ValueError(f"a key must be an object: {quote(step)}")
    return kind + orjson.dumps(value, option=_SORTED).decode()


@lru_cache(maxsize=4096)
def order(step: str) -> tuple[Any, ...]:
    """A sort key: fields, keys, values, indices; numbers by their size."""
    kind, content = step[0], step[2:]
    if kind == "f":
        return (0, content)
    if kind == "i":
        return (3, int(content))
    value = orjson.loads(content)
    parts = sorted(value.items()) if kind == "k" else [("", value)]
    return (_RANK.index(kind), *((name, *_comparable(part)) for name, part in parts))


def _comparable(value: Any) -> tuple[int, Any]:
    if isinstance(value, bool):
        return (2, value)
    if isinstance(value, int | float):
        return (0, value)
    return (1, value if isinstance(value, str) else str(value))


@lru_cache(maxsize=4096)
def shown(step: str) -> str:
    """As in messages: `.image`, `[name="web"]`."""
    kind, content = step[0], step[2:]
    if kind == "f":
        return "." + content
    if kind == "k":
        return "[" + ",".join(f"{name}={_text(value)}" for name, value in sorted(orjson.loads(content).items())) + "]"
    return f"[={_text(orjson.loads(content))}]" if kind == "v" else f"[{content}]"


def _text(value: Any) -> str:
    return quote(value) if isinstance(value, str) else orjson.dumps(value).decode()

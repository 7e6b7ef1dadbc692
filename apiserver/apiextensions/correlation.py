"""What a part of an object was before an update: by field, by the keys of a map list, else by index.

Pure. Items of sets and of atomic lists have no past of their own. Validation and rules let stay wrong what is the same
as it was, so that a schema that grew stricter locks nobody out of objects that are there.
Real Kubernetes: CorrelatedObject in k8s.io/apiserver/pkg/cel/common/equality.go (CRDValidationRatcheting).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson

ABSENT: Any = object()
"""There was nothing, or nobody can tell what."""
Past = Callable[[int, Any], Any]
"""From an index and the item there to what it was."""
Correlate = Callable[[Any], Past]
"""From what a list was to the pasts of its items."""


def correlation(list_type: str | None, keys: Sequence[str]) -> Correlate:
    """How items of a list of this type are found again."""
    if list_type == "map":
        return lambda before: _by_keys(before, tuple(keys))
    if list_type is None:
        return _by_index
    return lambda _: _unknown


def _unknown(index: int, item: Any) -> Any:
    return ABSENT


def _by_index(before: Any) -> Past:
    if not isinstance(before, list):
        return _unknown
    return lambda index, _: before[index] if index < len(before) and before[index] is not None else ABSENT


def _by_keys(before: Any, keys: tuple[str, ...]) -> Past:
    if not isinstance(before, list):
        return _unknown
    known = {_key(item, keys): item for item in before}
    return lambda _, item: known.get(_key(item, keys), ABSENT)


def _key(item: Any, keys: tuple[str, ...]) -> Any:
    return canonical([item.get(key) for key in keys]) if isinstance(item, dict) else canonical(item)


def same(value: Any, before: Any) -> bool:
    """Equal as JSON: true is no 1."""
    return value == before and canonical(value) == canonical(before)


def canonical(value: Any) -> bytes:
    """Equal for equal JSON values: 1 and 1.0 are one number, true is none."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return repr(value).encode()

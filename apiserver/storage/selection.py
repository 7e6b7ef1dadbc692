"""What a selection says before any object is looked at: which places it can concern. Pure.

A place is a key, a prefix, or a (field, value) pair; a watch is filed under one, and an event asks only the
watchers of its own places. In Kubernetes: indexedTrigger and scope in cacher.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apiserver.storage.entry import Entry
from apiserver.storage.interface import Matcher, Selection
from apiserver.storage.keys import parent_of

Place = str | tuple[str, str]


def is_prefix(text: str) -> bool:
    """Prefixes end in a slash, keys do not."""
    return text.endswith("/")


def equalities(fields: Matcher | None) -> dict[str, str]:
    """The `field=value` requirements of a field selector."""
    requirements = getattr(fields, "requirements", ())
    return {wanted.field: wanted.value for wanted in requirements if wanted.op in ("=", "==")}


def restricting(selector: Matcher | None) -> Matcher | None:
    """The selector, or None when it lets everything pass."""
    return None if selector is None or getattr(selector, "empty", False) else selector


def place_of(selection: Selection, resource_prefix: str, indexes: Sequence[str]) -> Place:
    """The narrowest place under which a watch can be filed."""
    prefix = selection.prefix
    wanted = equalities(selection.fields)
    if not is_prefix(prefix):
        return prefix
    if name := wanted.get("metadata.name"):
        return prefix + name if prefix != resource_prefix else ("metadata.name", name)
    for field in indexes:
        if field in wanted:
            return field, wanted[field]
    return prefix


def places_of(old: Entry | None, new: Entry | None, resource_prefix: str, indexes: Sequence[str]) -> Iterator[Place]:
    """Every place whose watchers may care about a change."""
    key = (new or old).key  # type: ignore[union-attr]  # one of them is there
    yield resource_prefix
    yield key
    parent = parent_of(key)
    if parent != resource_prefix:
        yield parent
    yield "metadata.name", key[len(parent) :]
    for field in indexes:
        before = old.fields.get(field, "") if old else None
        after = new.fields.get(field, "") if new else None
        if before is not None:
            yield field, before
        if after is not None and after != before:
            yield field, after

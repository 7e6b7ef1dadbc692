"""What an ordinary write (create, update, patch) does to the owners: who changed a field has it, who lost it has not.

Pure; runs on every write, so it looks only at what differs. A write that changes nothing changes no owner and no time.
Removed fields are nobody's. An object whose owners were forgotten stays untracked until somebody applies to it.
In Kubernetes: structured-merge-diff's merge/update.go (Update), apimachinery's managedfields/internal:
managedfieldsupdater.go, skipnonapplied.go, stripmeta.go; apiserver's handlers/fieldmanager/equality.go. Left out:
conversion of fields between versions (the entry of another version is compared as it stands).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

import orjson

from machinery.api.apply import managers as owners
from machinery.api.apply.compare import NEVER_OWNED, Comparison, compare_objects
from machinery.api.apply.field_set import Fields, difference, named, recursive_difference, union
from machinery.api.apply.managers import APPLY, UPDATE, Identity, Managers, Owned
from machinery.api.model import Model

Document = dict[str, Any]
NOBODYS = named("apiVersion", "kind", "metadata", *(f"metadata.{name}" for name in sorted(NEVER_OWNED)))
LONGEST_NAME = 128


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, in which version, through which door; and the fields that this door resets.

    manager: a short name, see manager_name().  subresource: "", "status", "scale" …
    reset: what the kind's strategy takes from the stored object whatever is sent: named("status") for the object
    itself, named("spec") for its status.
    """

    manager: str
    api_version: str
    subresource: str = ""
    reset: Fields = field(default_factory=dict)

    def identity(self, operation: str) -> Identity:
        version = "" if operation == APPLY else self.api_version
        return Identity(self.manager or "unknown", operation, version, self.subresource)


def manager_name(field_manager: str, user_agent: str) -> str:
    """The manager of a request: as it says, or what its user agent says before the first slash."""
    if field_manager:
        return field_manager
    name = user_agent.partition("/")[0]
    return (name if name.isprintable() else "".join(filter(str.isprintable, name)))[:LONGEST_NAME]


def update(live: Document | None, new: Document, model: type[Model], writer: Writer, *, now: datetime) -> Document:
    """The new object with its managedFields. `live` is what is stored, None on create; `new` what shall be."""
    before, given = owners.entries_of(live) if live else None, owners.entries_of(new)
    managers = _managers(before, given, writer)
    if live is not None and not managers:
        return owners.with_entries(new, [])
    try:
        if live is None and not managers:
            made = _all_of_new.__wrapped__ if _comes_and_goes(model) else _all_of_new
            mine = made(model, _owned_text(new), orjson.dumps(writer.reset))
            after = {writer.identity(UPDATE): Owned(mine, writer.api_version, owners.stamp(now))} if mine else {}
        else:
            found = compare_objects(zero(model) if live is None else live, new, model)
            after = credited(managers, found, writer, now)
    except RecursionError:  # hundreds of levels: the write is valid, only its owners stay as they were
        after = managers
    return owners.with_entries(new, owners.written(after))


def _managers(before: Any, given: Any, writer: Writer) -> Managers:
    """The owners to begin with. A client may write managedFields, though not through a subresource."""
    if writer.subresource or given == before or given is None:
        return owners.read(before)
    if owners.is_reset(given):
        return {}
    return owners.read_from_client(given) or owners.read(before)


def credited(managers: Managers, found: Comparison, writer: Writer, now: datetime) -> Managers:
    """The owners after a write: the writer has what it wrote, nobody has what is removed."""
    found = without_reset(found, writer.reset)
    identity = writer.identity(UPDATE)
    before = managers.get(identity)
    others = {one: owned for one, owned in managers.items() if one != identity}
    written = found.written
    left = robbed(others, union(written, found.removed) if found.removed else written) if others else {}
    mine = difference(written, found.removed)
    kept = difference(before.fields, found.removed) if before else {}
    if mine:
        owned = Owned(union(kept, mine) if kept else mine, writer.api_version, owners.stamp(now))
        return owners.capped({**left, identity: owned})
    return {**left, identity: before._replace(fields=kept)} if kept else left


def _owned_text(new: Document) -> bytes:
    """A new object without what tells it from others that are made from the same template."""
    meta = {name: value for name, value in (new.get("metadata") or {}).items() if name not in NEVER_OWNED}
    return orjson.dumps({**new, "metadata": meta})


@lru_cache(maxsize=64)
def _all_of_new(model: type[Model], text: bytes, reset: bytes) -> Fields:
    """What the writer of a new object owns; a controller makes many from one template."""
    found = without_reset(compare_objects(zero(model), orjson.loads(text), model), orjson.loads(reset))
    return difference(found.written, found.removed)


def without_reset(found: Comparison, reset: Fields) -> Comparison:
    """What was found, but for what this door resets."""
    return Comparison(*(recursive_difference(fields, reset) for fields in found)) if reset else found


def robbed(managers: Managers, taken: Fields) -> Managers:
    """The owners without these fields; those with none left are gone."""
    if not taken:
        return managers
    left = {}
    for identity, owned in managers.items():
        fields = difference(owned.fields, taken)
        if fields:
            left[identity] = owned if fields is owned.fields else owned._replace(fields=fields)
    return left


def zero(model: type[Model]) -> Document:
    """An object of which nothing is said: what a new one is compared with. Not to be changed."""
    return model().to_dict() if _comes_and_goes(model) else _zero(model)


def _comes_and_goes(model: type[Model]) -> bool:
    """Whether it is the class of a custom resource: another one after each change of its definition, so never kept."""
    return not issubclass(model, Model)


@cache
def _zero(model: type[Model]) -> Document:
    return model().to_dict()


def with_old_times(old: Document, new: Document) -> Document:
    """The new object; the old one's times where nothing but times differs, so that nothing is written."""
    before, after = owners.entries_of(old), owners.entries_of(new)
    if not before or not after or before == after or len(before) != len(after):
        return new
    if _timeless(before) != _timeless(after) or _bare(old) != _bare(new):
        return new
    return owners.with_entries(new, before)


def _timeless(entries: list[Document]) -> list[Document]:
    return [{name: value for name, value in entry.items() if name != "time"} for entry in entries]


def _bare(document: Document) -> Document:
    meta = document.get("metadata") or {}
    kept = {name: value for name, value in meta.items() if name not in ("managedFields", "resourceVersion")}
    return {**document, "metadata": kept}

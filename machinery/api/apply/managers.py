"""metadata.managedFields: who owns which fields, by which operation, through which door, since when.

Pure. Read into a dict by identity, written back sorted. An applier is the same whatever version it applies; an
updater is another one for each version. What the server itself wrote is trusted; what a client sent is checked, and
thrown away where it makes no sense.
In Kubernetes: apimachinery's managedfields/internal/managedfields.go, fieldmanager.go and capmanagers.go.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from machinery.api.apply.field_set import Fields, checked, union

Document = dict[str, Any]
APPLY, UPDATE = "Apply", "Update"
MOST_UPDATERS = 10
OLDEST = "ancient-changes"


class Identity(NamedTuple):
    """One owner. `api_version` is empty for appliers."""

    manager: str
    operation: str
    api_version: str = ""
    subresource: str = ""


class Owned(NamedTuple):
    """What an owner has: its fields as of a version, and when it last changed the object ("": never)."""

    fields: Fields
    api_version: str
    time: str = ""


Managers = dict[Identity, Owned]


def stamp(now: datetime) -> str:
    return now.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def entries_of(document: Document) -> Any:
    """The raw managedFields of an object."""
    return (document.get("metadata") or {}).get("managedFields")


def is_reset(entries: Any) -> bool:
    """An empty list, or one empty entry: the client wants all owners forgotten. Null means nothing."""
    return isinstance(entries, list) and (not entries or entries == [{}])


def read(entries: Any) -> Managers:
    """The owners, from entries that this server wrote."""
    found: Managers = {}
    for entry in entries or ():
        operation, version = entry["operation"], entry["apiVersion"]
        identity = Identity(
            entry.get("manager", ""), operation, "" if operation == APPLY else version, entry.get("subresource", "")
        )
        found[identity] = Owned(entry.get("fieldsV1") or {}, version, entry.get("time") or "")
    return found


def read_from_client(entries: Any) -> Managers | None:
    """The owners, from entries that anybody wrote; None where they make no sense or say nothing."""
    try:
        return read([_checked(entry) for entry in entries or ()]) or None
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def _checked(entry: Document) -> Document:
    if entry.get("operation") not in (APPLY, UPDATE):
        raise ValueError("operation must be `Apply` or `Update`")
    if not entry.get("apiVersion"):
        raise ValueError("apiVersion must not be empty")
    if entry.get("fieldsType") != "FieldsV1":
        raise ValueError("invalid fieldsType")
    return {**entry, "fieldsV1": checked(entry.get("fieldsV1") or {})}


def written(managers: Managers) -> list[Document]:
    """The entries: appliers first, then by time, name, version and subresource."""
    return [_entry(identity, owned) for identity, owned in sorted(managers.items(), key=_place)]


def _place(item: tuple[Identity, Owned]) -> tuple[str, ...]:
    identity, owned = item
    return (identity.operation, owned.time, identity.manager, owned.api_version, identity.subresource)


def _entry(identity: Identity, owned: Owned) -> Document:
    entry = {"manager": identity.manager, "operation": identity.operation, "apiVersion": owned.api_version}
    if owned.time:
        entry["time"] = owned.time
    entry |= {"fieldsType": "FieldsV1", "fieldsV1": owned.fields}
    return entry | {"subresource": identity.subresource} if identity.subresource else entry


def with_entries(document: Document, entries: list[Document]) -> Document:
    """The object with these managedFields; without any, where there are none."""
    meta = {name: value for name, value in (document.get("metadata") or {}).items() if name != "managedFields"}
    return {**document, "metadata": {**meta, "managedFields": entries} if entries else meta}


def capped(managers: Managers, most: int = MOST_UPDATERS) -> Managers:
    """No more than ten updaters: the oldest of a version become one, called ancient-changes."""
    updaters = [identity for identity in managers if identity.operation == UPDATE]
    if len(updaters) <= most:
        return managers
    result, first = dict(managers), {}
    for identity in sorted(updaters, key=lambda one: (managers[one].time, one)):
        if sum(one.operation == UPDATE for one in result) <= most:
            break
        version = identity.api_version
        if version not in first:
            first[version] = identity
            continue
        _pour(result, (first[version], identity), Identity(OLDEST, UPDATE, version))
    return result


def _pour(managers: Managers, pair: tuple[Identity, Identity], bucket: Identity) -> None:
    """Move an updater's fields into the bucket, which the oldest one becomes first."""
    first, moved = pair
    if bucket not in managers:
        managers[bucket] = managers.pop(first)
    if moved != bucket:
        fields, version, time = managers.pop(moved)
        managers[bucket] = Owned(union(managers[bucket].fields, fields), version, time)

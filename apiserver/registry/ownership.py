"""Who decides a write's metadata.managedFields: one function from the stored object and the wanted one to the latter.

Pure but for the clock. Clients' writes are tracked; what the server writes for itself carries over what is stored; an
apply has decided by the time it reaches the Store. The decisions are those of machinery.api.apply.
Real Kubernetes: k8s.io/apiserver/pkg/endpoints/handlers/fieldmanager and the GetResetFields of every strategy.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson

from apiserver.storage.body import splice_point
from machinery.api.apply import Fields, Writer, named, update, with_old_times
from machinery.api.apply.managers import with_entries
from machinery.api.model import Model

Doc = dict[str, Any]
Owners = Callable[[Doc | None, Doc], Doc]
"""From the stored object (None on create) and the wanted one to the wanted one with its managedFields."""

STATUS = named("status")
NOT_STATUS = named("metadata", "spec")
NOT_SPEC = named("metadata", "status")
NOTHING: Fields = {}


def tracked(model: type[Model], writer: Writer) -> Owners:
    """A client's write: whoever changes a field has it."""
    return lambda old, new: update(old, new, model, writer, now=datetime.now(UTC))


def carried_over(old: Doc | None, new: Doc) -> Doc:
    """The server's own write: nobody's fields change hands."""
    return with_entries(new, (old or {}).get("metadata", {}).get("managedFields") or [])


def decided(_: Doc | None, new: Doc) -> Doc:
    """An apply: the object comes with its owners."""
    return new


def taken_from(doc: Doc) -> list[Doc]:
    """The managedFields, out of the object: only we write them, so no step between needs to look at them."""
    return doc["metadata"].pop("managedFields", None) or []


def same_owners(before: list[Doc], entries: list[Doc]) -> bool:
    """Whether nobody has come or gone; when they last wrote does not count."""
    was, new = ({"metadata": {"managedFields": each}} for each in (before, entries))
    return before == entries or with_old_times(was, new) is not new


def written_with(text: bytes, meta: Any, entries: list[Doc]) -> bytes:
    """The text of an object that has this metadata, with these owners at the end of it."""
    if not entries:
        return text
    end = splice_point(text) + len(meta.to_json()) - 2
    return b'%b,"managedFields":%b%b' % (text[:end], orjson.dumps(entries), text[end:])

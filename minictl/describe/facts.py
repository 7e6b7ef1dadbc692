"""What a describer is given besides its object, and how it asks for it.

Pure. `needs(document)` returns queries by name; the command reads them all at once and hands over what it found:
objects in a list, one object, or what went wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from machinery.api.errors import ApiError

Document = dict[str, Any]
Needs = Mapping[str, "Query"]


@dataclass(frozen=True, slots=True)
class Query:
    """A GET: one object by name, or a collection by selectors."""

    path: str
    label_selector: str = ""
    field_selector: str = ""
    single: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """The answers, by the names of the queries."""

    now: datetime
    events: Sequence[Document] | None = None
    found: Mapping[str, Any] = field(default_factory=dict)

    def many(self, name: str) -> list[Document]:
        """The objects of a query; none when it failed."""
        answer = self.found.get(name)
        return answer if isinstance(answer, list) else []

    def missing(self, name: str) -> ApiError | None:
        """Why a query has no answer."""
        answer = self.found.get(name)
        return answer if isinstance(answer, ApiError) else None


def events_of(document: Document, *, uid: str = "", kind: str = "") -> Query:
    """The query for the events about one object."""
    meta = document["metadata"]
    wanted = {"name": meta["name"], "namespace": meta.get("namespace", ""), "kind": kind, "uid": uid or meta["uid"]}
    chosen = ",".join(f"involvedObject.{key}={value}" for key, value in sorted(wanted.items())
                      if value or key == "namespace")  # fmt: skip
    scope = f"/namespaces/{meta['namespace']}" if meta.get("namespace") else ""
    return Query(f"/api/v1{scope}/events", field_selector=chosen)

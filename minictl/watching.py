"""`get --watch`: the first state as a table, then a row for every change, as long as one likes to look.

Column widths are those of the rows printed at a time, as kubectl's. In real Kubernetes: kubectl/pkg/cmd/get.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from machinery.api.errors import from_status
from machinery.api.scheme import Resource
from minictl import printers
from minictl.commands.get import print_documents, rows_of
from minictl.failure import Failure
from minictl.resources import Target
from minictl.session import TABLE, Session


async def watch(session: Session, args: argparse.Namespace, found: Sequence[Target],
                selectors: Mapping[str, str]) -> int:  # fmt: skip
    """Never returns on its own."""
    if len(found) != 1:
        raise Failure("you may only specify a single resource type")
    resource, name = found[0].resource, found[0].name
    namespace = session.scope(resource)
    if name:
        await session.fetch(resource, namespace, name)
    only = {"field_selector": f"metadata.name={name}"} if name else selectors
    screen = Screen(args, found[0])
    first = await session.read(resource.path(namespace), accept=screen.accept, **only)
    version = first["metadata"]["resourceVersion"]
    if not args.watch_only:
        screen.show_first(first)
    while True:
        params = {**only, "resource_version": version, "allow_watch_bookmarks": "true"}
        version = await _follow(session, resource.path(namespace), params, screen)
        await asyncio.sleep(0.1)


async def _follow(session: Session, path: str, params: Mapping[str, str], screen: Screen) -> str:
    """One watch until the server ends it; the revision to go on from."""
    version = params["resource_version"]
    async for frame in session.watch(path, accept=screen.accept, **params):
        if frame["type"] == "ERROR":
            raise from_status(frame["object"])
        if frame["type"] != "BOOKMARK":
            screen.show(frame["object"])
        version = frame["object"].get("metadata", {}).get("resourceVersion") or version
    return version


class Screen:
    """Prints tables (the headers once) or documents as they come."""

    def __init__(self, args: argparse.Namespace, target: Target) -> None:
        self._args, self._target = args, target
        self._definitions: Any = None
        self._tables = args.output in ("", "wide")
        self.accept = TABLE if self._tables else "application/json"

    def show_first(self, answer: dict[str, Any]) -> None:
        """The state from which the watch goes on."""
        if self._tables:
            return self.show(answer)
        for item in answer.get("items") or ():
            self._document(item)
        return None

    def show(self, answer: dict[str, Any]) -> None:
        """One table, or one watch frame (later frames carry no column definitions)."""
        if not self._tables:
            return self._document(answer)
        first = self._definitions is None
        self._definitions = answer.get("columnDefinitions") or self._definitions
        rows = rows_of(self._args, self._resource, {**answer, "columnDefinitions": self._definitions}, headers=first)
        if rows:
            print(printers.columns(rows), flush=True)
        return None

    @property
    def _resource(self) -> Resource:
        return self._target.resource

    def _document(self, item: dict[str, Any]) -> None:
        typed = {"apiVersion": self._resource.api_version, "kind": self._resource.kind}
        whole = printers.for_people({**typed, **item})
        if self._args.output == "yaml":
            print("---")
        print_documents(self._args, [self._target], whole, [whole])

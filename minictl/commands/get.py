"""Show objects: as a table that the server fills, or as YAML, JSON or names."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import Any

from machinery.api.errors import ApiError, NotFound, from_status
from machinery.api.scheme import Resource
from minictl import cli, printers
from minictl.failure import Failure, explain
from minictl.manifests import read
from minictl.resources import Target, for_document, qualified_name, targets
from minictl.session import TABLE, Session

FORMATS = ("", "wide", "yaml", "json", "name")
PAGE = 500


def flags(parser: argparse.ArgumentParser) -> None:
    """Declare what `get` takes."""
    parser.add_argument("words", nargs="*", metavar="TYPE[/NAME]")
    cli.selector_flags(parser)
    cli.filename_flags(parser)
    parser.add_argument("-o", "--output", default="", choices=FORMATS)
    parser.add_argument("-A", "--all-namespaces", action="store_true")
    parser.add_argument("-w", "--watch", action="store_true", help="go on and show every change")
    parser.add_argument("--no-headers", action="store_true")
    parser.add_argument("--show-labels", action="store_true")
    parser.add_argument("--ignore-not-found", action="store_true")


async def run(session: Session, args: argparse.Namespace) -> int:
    """Fetch, print, and go on watching if asked."""
    found = await _targets(session, args)
    if args.watch:
        return await _watch(session, args, found)
    if args.output in ("", "wide"):
        return await _tables(session, args, found)
    documents = [item for target in found for item in await _documents(session, args, target)]
    _print_documents(args, found, documents)
    return 0


async def _targets(session: Session, args: argparse.Namespace) -> list[Target]:
    if not args.filename:
        return await targets(session, args.words)
    manifests = read(args.filename, recursive=args.recursive)
    return [Target(await for_document(session, one.document), one.name) for one in manifests]


async def _tables(session: Session, args: argparse.Namespace, found: Sequence[Target]) -> int:
    """One table per resource; objects asked for by name share the table of their resource."""
    several = len({target.resource for target in found}) > 1
    blocks, failed = [], 0
    for resource in dict.fromkeys(target.resource for target in found):
        names = [target.name for target in found if target.resource is resource]
        prefix = qualified_name(resource, "") if several else ""
        answers, errors = await _answers(session, args, resource, names)
        failed += errors
        rows = [row for answer in answers[:1] for row in _rows(args, resource, answer, prefix=prefix)]
        rows += [row for answer in answers[1:] for row in _rows(args, resource, answer, prefix=prefix, headers=False)]
        if len(rows) > (not args.no_headers):
            blocks.append(printers.columns(rows))
    print("\n\n".join(blocks)) if blocks else _nothing_found(session, args, found, failed)
    return 1 if failed else 0


async def _answers(session: Session, args: argparse.Namespace, resource: Resource,
                   names: Sequence[str]) -> tuple[list[dict[str, Any]], int]:  # fmt: skip
    """Tables of all these objects; of those that fail, only the error is shown, as kubectl does."""
    answers, failed = [], 0
    for name in names:
        try:
            answers.append(await _page_through(session, args, resource, name))
        except ApiError as error:
            if len(names) == 1 and not (args.ignore_not_found and isinstance(error, NotFound)):
                raise
            if not (args.ignore_not_found and isinstance(error, NotFound)):
                print(explain(error), file=sys.stderr)
                failed += 1
    return answers, failed


async def _page_through(session: Session, args: argparse.Namespace, resource: Resource, name: str) -> dict[str, Any]:
    path = resource.path(session.scope(resource), name)
    if name:
        return await session.read(path, accept=TABLE)
    whole = await session.read(path, accept=TABLE, limit=PAGE, **_selectors(args))
    page = whole
    while more := page["metadata"].get("continue"):
        page = await session.read(path, accept=TABLE, limit=PAGE, continue_=more, **_selectors(args))
        whole["rows"] = [*(whole.get("rows") or ()), *(page.get("rows") or ())]
    return whole


def _rows(args: argparse.Namespace, resource: Resource, answer: dict[str, Any], *, prefix: str = "",
          headers: bool = True) -> list[printers.Cells]:  # fmt: skip
    return printers.table(
        answer,
        wide=args.output == "wide",
        namespaces=args.all_namespaces and resource.namespaced,
        labels=args.show_labels,
        prefix=prefix,
        headers=headers and not args.no_headers,
    )


def _nothing_found(session: Session, args: argparse.Namespace, found: Sequence[Target], failed: int) -> None:
    if failed or args.ignore_not_found:
        return
    local = any(target.resource.namespaced for target in found) and not args.all_namespaces
    print("No resources found" + (f" in {session.namespace} namespace." if local else ""), file=sys.stderr)


def _selectors(args: argparse.Namespace) -> dict[str, str]:
    return {"label_selector": args.selector, "field_selector": args.field_selector}


async def _documents(session: Session, args: argparse.Namespace, target: Target) -> list[dict[str, Any]]:
    resource = target.resource
    path = resource.path(session.scope(resource), target.name)
    if target.name:
        return [printers.for_people(await session.read(path))]
    answer = await session.read(path, **_selectors(args))
    typed = {"apiVersion": resource.api_version, "kind": resource.kind}
    return [printers.for_people({**typed, **item}) for item in answer.get("items") or ()]


def _print_documents(args: argparse.Namespace, found: Sequence[Target], documents: list[dict[str, Any]]) -> None:
    if args.output == "name":
        kinds = {(target.resource.api_version, target.resource.kind): target.resource for target in found}
        for item in documents:
            print(qualified_name(kinds[item["apiVersion"], item["kind"]], item["metadata"]["name"]))
        return
    single = len(found) == 1 and bool(found[0].name)
    whole = documents[0] if single else printers.listing(documents)
    print(printers.as_yaml(whole) if args.output == "yaml" else printers.as_json(whole))


async def _watch(session: Session, args: argparse.Namespace, found: Sequence[Target]) -> int:
    """The table, then a line per change; column widths are those of the first table, as kubectl's."""
    if len(found) != 1:
        raise Failure("you may only specify a single resource type")
    resource, name = found[0].resource, found[0].name
    path = resource.path(session.scope(resource))
    only = {"field_selector": f"metadata.name={name}"} if name else _selectors(args)
    answer = await session.read(path, accept=TABLE, **only)
    if name and not answer.get("rows"):
        await session.read(resource.path(session.scope(resource), name))
    screen = WatchScreen(args, resource)
    screen.show(answer)
    while True:
        params = {**only, "resource_version": answer["metadata"]["resourceVersion"], "allow_watch_bookmarks": "true"}
        answer["metadata"]["resourceVersion"] = await _follow(session, path, params, screen)
        await asyncio.sleep(0.1)


async def _follow(session: Session, path: str, params: dict[str, str], screen: WatchScreen) -> str:
    """One watch until the server ends it; the revision to go on from."""
    version = params["resource_version"]
    async for frame in session.watch(path, **params):
        if frame["type"] == "ERROR":
            raise from_status(frame["object"])
        if frame["type"] != "BOOKMARK":
            screen.show(frame["object"])
        version = frame["object"].get("metadata", {}).get("resourceVersion") or version
    return version


class WatchScreen:
    """Prints tables as they come, the headers once."""

    def __init__(self, args: argparse.Namespace, resource: Resource) -> None:
        self._args, self._resource, self._definitions = args, resource, None

    def show(self, answer: dict[str, Any]) -> None:
        """The rows of one table or one watch frame (later frames carry no column definitions)."""
        first = self._definitions is None
        self._definitions = answer.get("columnDefinitions") or self._definitions
        if self._args.output in ("yaml", "json", "name"):
            return self._show_objects(answer)
        rows = _rows(self._args, self._resource, {**answer, "columnDefinitions": self._definitions}, headers=first)
        if rows:
            print(printers.columns(rows), flush=True)
        return None

    def _show_objects(self, answer: dict[str, Any]) -> None:
        for row in answer.get("rows") or ():
            print(qualified_name(self._resource, row["object"]["metadata"]["name"]), flush=True)

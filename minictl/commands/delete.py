"""Delete objects and wait until they are gone."""

from __future__ import annotations

import argparse

from machinery.api.errors import NotFound
from minictl import cli
from minictl.commands.create import namespace_for
from minictl.failure import Failure
from minictl.manifests import read
from minictl.resources import Target, for_document, qualified_name, targets
from minictl.session import Session

FORCED = (
    "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. "
    "The resource may continue to run on the cluster indefinitely."
)


def flags(parser: argparse.ArgumentParser) -> None:
    """Declare what `delete` takes."""
    parser.add_argument("words", nargs="*", metavar="TYPE[/NAME]")
    cli.selector_flags(parser)
    cli.filename_flags(parser)
    parser.add_argument("-A", "--all-namespaces", action="store_true")
    parser.add_argument("--all", action="store_true", help="every object of the type in the namespace")
    parser.add_argument("--grace-period", type=int, default=None)
    parser.add_argument("--force", action="store_true", help="do not wait for the node's confirmation")
    parser.add_argument("--now", action="store_true", help="the same as --grace-period=1")
    parser.add_argument("--wait", nargs="?", const="true", default="true", choices=("true", "false"))
    parser.add_argument("--cascade", default="background", choices=("background", "foreground", "orphan"))
    parser.add_argument("--ignore-not-found", action="store_true")


async def run(session: Session, args: argparse.Namespace) -> int:
    """Delete each, then wait for all."""
    gone = [await _delete(session, args, *place) for place in await _places(session, args)]
    if args.wait == "true" and not args.force:
        for target, namespace, uid in filter(None, gone):
            await _until_gone(session, target, namespace, uid)
    return 0


async def _places(session: Session, args: argparse.Namespace) -> list[tuple[Target, str]]:
    """Every object to delete and its namespace."""
    if args.filename:
        manifests = read(args.filename, recursive=args.recursive)
        rows = [(await for_document(session, one.document), one) for one in manifests]
        return [(Target(row, one.name), namespace_for(session, args, one) if row.namespaced else "")
                for row, one in rows]  # fmt: skip
    places: list[tuple[Target, str]] = []
    for target in await targets(session, args.words):
        places += [(target, session.scope(target.resource))] if target.name else await _many(session, args, target)
    return places


async def _many(session: Session, args: argparse.Namespace, target: Target) -> list[tuple[Target, str]]:
    if not (args.all or args.selector or args.field_selector):
        raise Failure("resource(s) were provided, but no name was specified")
    path = target.resource.path(session.scope(target.resource))
    selectors = {"label_selector": args.selector, "field_selector": args.field_selector}
    items = (await session.read(path, **selectors)).get("items") or ()
    return [(Target(target.resource, item["metadata"]["name"]), item["metadata"].get("namespace", ""))
            for item in items]  # fmt: skip


async def _delete(session: Session, args: argparse.Namespace, target: Target,
                  namespace: str) -> tuple[Target, str, str] | None:  # fmt: skip
    grace = 0 if args.force and args.grace_period is None else 1 if args.now else args.grace_period
    path = target.resource.path(namespace, target.name)
    try:
        answer = await session.delete(
            path, propagationPolicy=args.cascade.capitalize(), gracePeriodSeconds=grace
        )
    except NotFound:
        if args.ignore_not_found:
            return None
        raise
    shown = qualified_name(target.resource, target.name).replace("/", ' "', 1) + '"'
    print(f"{shown} {'force deleted' if args.force else 'deleted'}", flush=True)
    uid = answer.get("details", {}).get("uid") or answer.get("metadata", {}).get("uid", "")
    return target, namespace, uid


async def _until_gone(session: Session, target: Target, namespace: str, uid: str) -> None:
    """Watch one object until it is deleted, or another of its name has taken its place."""
    collection = target.resource.path(namespace)
    only = {"field_selector": f"metadata.name={target.name}"}
    while True:
        listing = await session.read(collection, **only)
        if not any(item["metadata"]["uid"] == uid for item in listing.get("items") or ()):
            return
        version = listing["metadata"]["resourceVersion"]
        frames = session.watch(collection, accept="application/json", resource_version=version, **only)
        async for frame in frames:
            if frame["type"] in ("DELETED", "ERROR"):
                break

"""Delete objects and wait until they are gone."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass

from machinery.api.errors import ApiError, NotFound
from minictl import cli
from minictl.commands.create import namespace_for
from minictl.failure import Failure, explain, lost
from minictl.manifests import read
from minictl.outcome import SUFFIX, dry_run_params
from minictl.resources import Target, for_document, qualified_name, targets
from minictl.session import Session

FORCED = (
    "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. "
    "The resource may continue to run on the cluster indefinitely."
)


@dataclass(frozen=True, slots=True)
class Place:
    """One object, where it is, and the file that named it."""

    target: Target
    namespace: str
    source: str = ""


def flags(parser: argparse.ArgumentParser) -> None:
    """Declare what `delete` takes."""
    parser.add_argument("words", nargs="*", metavar="TYPE[/NAME]")
    cli.selector_flags(parser)
    cli.filename_flags(parser)
    cli.switch(parser, "-A", "--all-namespaces")
    cli.switch(parser, "--all", help="every object of the type in the namespace")
    parser.add_argument("--grace-period", type=int, default=-1)
    cli.switch(parser, "--force", help="do not wait for the node's confirmation")
    cli.switch(parser, "--now", help="the same as --grace-period=1")
    cli.switch(parser, "--wait", default=True, help="wait until they are gone")
    parser.add_argument("--cascade", default="background", choices=("background", "foreground", "orphan"))
    parser.add_argument("--dry-run", nargs="?", const="client", default="none", choices=("none", "client", "server"))
    parser.add_argument("-o", "--output", default="", choices=("", "name"))
    cli.switch(parser, "--ignore-not-found")


async def run(session: Session, args: argparse.Namespace) -> int:
    """Delete each, then wait for all."""
    places = await _places(session, args)
    if args.force and places:
        print(FORCED, file=sys.stderr)
    failed, gone = 0, []
    for place in places:
        try:
            gone.append((place, await _delete(session, args, place)))
        except ApiError as error:
            if lost(error):
                raise
            if not (args.ignore_not_found and isinstance(error, NotFound)):
                print(explain(error, f'error when deleting "{place.source}": ' if place.source else ""),
                      file=sys.stderr)  # fmt: skip
                failed = 1
    if not places and not args.filename:
        print("No resources found")
    if args.wait and not args.force and args.dry_run == "none":
        for place, uid in gone:
            await _until_gone(session, place, uid)
    return failed


async def _places(session: Session, args: argparse.Namespace) -> list[Place]:
    """Every object to delete."""
    if args.filename:
        manifests = read(args.filename, recursive=args.recursive, verb="delete")
        rows = [(await for_document(session, one.document), one) for one in manifests]
        return [Place(Target(row, one.name), namespace_for(session, args, one) if row.namespaced else "", one.source)
                for row, one in rows]  # fmt: skip
    places: list[Place] = []
    for target in await targets(session, args.words):
        if target.name:
            places.append(Place(target, session.scope(target.resource)))
        else:
            places += await _many(session, args, target)
    return places


async def _many(session: Session, args: argparse.Namespace, target: Target) -> list[Place]:
    if not (args.all or args.selector or args.field_selector):
        raise Failure("resource(s) were provided, but no name was specified")
    resource = target.resource
    answer = await session.listed(resource, session.scope(resource), label_selector=args.selector,
                                  field_selector=args.field_selector)  # fmt: skip
    metas = [item["metadata"] for item in answer.get("items") or ()]
    return [Place(Target(resource, meta["name"]), meta.get("namespace", "")) for meta in metas]


async def _delete(session: Session, args: argparse.Namespace, place: Place) -> str:
    """Ask for the deletion and say so; the object's uid."""
    grace = 0 if args.force and args.grace_period < 0 else 1 if args.now else args.grace_period
    target = place.target
    path = target.resource.path(place.namespace, target.name)
    if args.dry_run == "client":
        answer = await session.read(path)
    else:
        answer = await session.delete(path, propagationPolicy=args.cascade.capitalize(),
                                      gracePeriodSeconds=grace if grace >= 0 else None,
                                      dryRun=["All"] if dry_run_params(args) else None)  # fmt: skip
    shown = qualified_name(target.resource, target.name)
    if args.output != "name":
        done = "force deleted" if args.force else "deleted"
        shown = shown.replace("/", ' "', 1) + f'" {done}{SUFFIX.get(args.dry_run, "")}'
    print(shown, flush=True)
    return answer.get("details", {}).get("uid") or answer.get("metadata", {}).get("uid", "")


async def _until_gone(session: Session, place: Place, uid: str) -> None:
    """Watch one object until it is deleted, or another of its name has taken its place."""
    collection = place.target.resource.path(place.namespace)
    only = {"field_selector": f"metadata.name={place.target.name}"}
    while True:
        listing = await session.read(collection, **only)
        if not any(item["metadata"]["uid"] == uid for item in listing.get("items") or ()):
            return
        version = listing["metadata"]["resourceVersion"]
        frames = session.watch(collection, accept="application/json", resource_version=version, **only)
        async for frame in frames:
            if frame["type"] in ("DELETED", "ERROR"):
                break

"""Set the number of replicas of a deployment or replica set."""

from __future__ import annotations

import argparse

from minictl import cli
from minictl.commands.create import namespace_for
from minictl.failure import Failure
from minictl.manifests import read
from minictl.resources import Target, for_document, named, qualified_name
from minictl.session import Session


def flags(parser: argparse.ArgumentParser) -> None:
    """Declare what `scale` takes."""
    parser.add_argument("words", nargs="*", metavar="TYPE/NAME")
    cli.filename_flags(parser)
    parser.add_argument("--replicas", type=int, required=True)
    parser.add_argument("--current-replicas", type=int, default=-1, help="only if there are this many now")


async def run(session: Session, args: argparse.Namespace) -> int:
    """Patch the scale subresource of each."""
    if args.replicas < 0:
        raise Failure("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0")
    for target, namespace in await _places(session, args):
        await _scale(session, args, target, namespace)
    return 0


async def _places(session: Session, args: argparse.Namespace) -> list[tuple[Target, str]]:
    if args.filename:
        manifests = read(args.filename, recursive=args.recursive)
        return [(Target(await for_document(session, one.document), one.name), namespace_for(session, args, one))
                for one in manifests]  # fmt: skip
    return [(target, session.scope(target.resource)) for target in await named(session, args.words)]


async def _scale(session: Session, args: argparse.Namespace, target: Target, namespace: str) -> None:
    if not target.resource.subresource("scale"):
        raise Failure(f"cannot scale {target.resource.qualified}: it has no replicas")
    path = target.resource.path(namespace, target.name, "scale")
    if args.current_replicas >= 0:
        current = (await session.read(path))["spec"].get("replicas", 0)
        if current != args.current_replicas:
            raise Failure(f"Expected replicas to be {args.current_replicas}, was {current}")
    await session.patch(path, {"spec": {"replicas": args.replicas}})
    print(f"{qualified_name(target.resource, target.name)} scaled")

"""Run one pod: `minictl run web --image=nginx`."""

from __future__ import annotations

import argparse

from machinery.api import scheme
from minictl import cli, generators
from minictl.failure import Failure
from minictl.outcome import confirm, dry_run_params
from minictl.session import Session


def flags(parser: argparse.ArgumentParser) -> None:
    """Declare what `run` takes."""
    parser.add_argument("name", nargs="?", default="")
    cli.dry_run_flags(parser)
    parser.add_argument("--image", default="")
    parser.add_argument("--port", type=int, default=None)
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--labels", default="", metavar="KEY=VALUE,…")
    parser.add_argument("--restart", default="Always", choices=("Always", "OnFailure", "Never"))
    parser.add_argument("--image-pull-policy", default="")
    parser.add_argument("--command", dest="as_command", action="store_true", help="what follows -- replaces entrypoint")


async def run(session: Session, args: argparse.Namespace) -> int:
    """Make the pod, or only show it."""
    if not args.name:
        raise Failure("NAME is required for run")
    if not args.image:
        raise Failure(
            f'required flag(s) "image" not set: a pod needs an image, such as: minictl run {args.name} --image=nginx'
        )
    resource = scheme.for_kind("v1", "Pod")
    document = generators.pod(args.name, args)
    if args.dry_run != "client":
        document = await session.create(resource, document, session.namespace, **dry_run_params(args))
    confirm(args, resource, document, "created")
    return 0

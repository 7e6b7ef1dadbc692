"""Run one pod: `minictl run web --image=nginx`."""

from __future__ import annotations

import argparse
import re
from typing import Any

from machinery.api import scheme
from machinery.api.scheme import Resource
from minictl import cli, generators
from minictl.commands.create import placed
from minictl.failure import Failure
from minictl.outcome import confirm, dry_run_params
from minictl.session import Session

IMAGE = re.compile(
    r"(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::\d+)?/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*"
    r"(?::\w[\w.-]{0,127})?(?:@\w[\w+.-]*:[0-9a-fA-F]{32,})?"
)


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
    cli.switch(parser, "--expose", help="make a ClusterIP service for --port, too")


async def run(session: Session, args: argparse.Namespace) -> int:
    """Make the pod, or only show it."""
    if not args.name:
        raise Failure("NAME is required for run")
    if not args.image:
        raise Failure(
            f'required flag(s) "image" not set: a pod needs an image, such as: minictl run {args.name} --image=nginx'
        )
    if not IMAGE.fullmatch(args.image):
        raise Failure(f'Invalid image name "{args.image}": invalid reference format')
    if args.expose:
        await _make(session, args, scheme.for_kind("v1", "Service"), _service(args))
    await _make(session, args, scheme.for_kind("v1", "Pod"), generators.pod(args.name, args))
    return 0


async def _make(session: Session, args: argparse.Namespace, resource: Resource, document: dict[str, Any]) -> None:
    if args.dry_run == "client":
        document = placed(args, resource, document)
    else:
        document = await session.create(resource, document, session.namespace, **dry_run_params(args))
    confirm(args, resource, document, "created")


def _service(args: argparse.Namespace) -> dict[str, Any]:
    if not args.port:
        raise Failure("--port must be set when exposing a service")
    ports = [{"port": args.port, "protocol": "TCP", "targetPort": args.port}]
    return generators.service_for(args.name, kind="", selector={"run": args.name}, labels={}, ports=ports)

"""Create objects: from manifests, or a namespace, deployment, configmap, secret or service by flags."""

from __future__ import annotations

import argparse

from machinery.api import scheme
from minictl import cli, generators
from minictl.failure import Failure
from minictl.manifests import Manifest, read
from minictl.outcome import confirm, dry_run_params
from minictl.resources import for_document
from minictl.session import Session


def flags(parser: argparse.ArgumentParser) -> None:
    """Declare what `create` takes."""
    parser.add_argument("words", nargs="*", metavar="KIND NAME")
    cli.filename_flags(parser)
    cli.dry_run_flags(parser)
    parser.add_argument("--image", action="append", default=[])
    parser.add_argument("-r", "--replicas", type=int, default=1)
    parser.add_argument("--port", type=int, default=None)
    parser.add_argument("--from-literal", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--from-file", action="append", default=[], metavar="[KEY=]FILE")
    parser.add_argument("--type", default="", help="the type of a secret")
    parser.add_argument("--tcp", action="append", default=[], metavar="PORT[:TARGETPORT]")
    parser.add_argument("--validate", default="strict", help="strict, warn or ignore unknown fields")


async def run(session: Session, args: argparse.Namespace) -> int:
    """Build or read the objects and send each."""
    for manifest in _manifests(args):
        await create(session, args, manifest)
    return 0


def _manifests(args: argparse.Namespace) -> list[Manifest]:
    if args.filename:
        return read(args.filename, recursive=args.recursive)
    return [Manifest("flags", generators.from_words(args))]


async def create(session: Session, args: argparse.Namespace, manifest: Manifest) -> None:
    """One object: POST it (unless this is a client-side dry run) and say so."""
    document = manifest.document
    if args.dry_run == "client":
        api_version, kind = document["apiVersion"], document["kind"]
        return confirm(args, scheme.for_kind(api_version, kind), document, "created")
    resource = await for_document(session, document)
    namespace = namespace_for(session, args, manifest) if resource.namespaced else ""
    strict = {"field_validation": args.validate.capitalize()}
    made = await session.create(resource, document, namespace, **strict, **dry_run_params(args))
    return confirm(args, resource, made, "created")


def namespace_for(session: Session, args: argparse.Namespace, manifest: Manifest) -> str:
    """The manifest's namespace, or else the session's; two that disagree are refused."""
    if args.namespace and manifest.namespace and args.namespace != manifest.namespace:
        raise Failure(
            f'the namespace from the provided object "{manifest.namespace}" does not match the namespace '
            f'"{args.namespace}". You must pass \'--namespace={manifest.namespace}\' to perform this operation.'
        )
    return manifest.namespace or session.namespace

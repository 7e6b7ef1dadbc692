"""Create objects: from manifests, or a namespace, deployment, configmap, secret or service by flags."""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

import orjson

from machinery.api import scheme
from machinery.api.errors import AlreadyExists
from machinery.api.scheme import Resource
from minictl import cli, generators
from minictl.failure import Failure
from minictl.manifests import Manifest, read
from minictl.outcome import confirm, dry_run_params, each
from minictl.resources import for_document
from minictl.session import Session

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
VALIDATION = {"true": "Strict", "false": "Ignore"}


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
    parser.add_argument("--node-port", type=int, default=0)
    parser.add_argument("--clusterip", default="", help="a fixed address, or None for a service without one")
    parser.add_argument("--external-name", default="", help="what a service of type ExternalName stands for")
    cli.switch(parser, "--save-config", help="keep the manifest in an annotation, for a later apply")
    parser.add_argument("--validate", default="strict", help="strict, warn or ignore unknown fields")


async def run(session: Session, args: argparse.Namespace) -> int:
    """Build or read the objects and send each."""
    if args.filename:
        manifests = read(args.filename, recursive=args.recursive, verb="create")
        return await each(manifests, partial(create, session, args), "creating")
    manifest = Manifest("flags", generators.from_words(args))
    try:
        await create(session, args, manifest)
    except AlreadyExists as error:
        what = generators.NAMED.get(manifest.document["kind"])
        if not what:
            raise
        raise Failure(f"failed to create {what}: {error.status.message}") from error
    return 0


async def create(session: Session, args: argparse.Namespace, manifest: Manifest) -> None:
    """One object: POST it (unless this is a client-side dry run) and say so."""
    document = manifest.document
    if args.dry_run == "client":
        resource = scheme.for_kind(document["apiVersion"], document["kind"])
        return confirm(args, resource, placed(args, resource, document), "created")
    resource = await for_document(session, document)
    namespace = namespace_for(session, args, manifest) if resource.namespaced else ""
    strict = {"field_validation": VALIDATION.get(args.validate, args.validate.capitalize())}
    if args.save_config:
        document = with_last_applied(document, namespace)
    made = await session.create(resource, document, namespace, **strict, **dry_run_params(args))
    return confirm(args, resource, made, "created")


def placed(args: argparse.Namespace, resource: Resource, document: dict[str, Any]) -> dict[str, Any]:
    """The object with the namespace of -n in it, where that was given and means something."""
    if not args.namespace or not resource.namespaced:
        return document
    return {**document, "metadata": {"namespace": args.namespace, **document["metadata"]}}


def namespace_for(session: Session, args: argparse.Namespace, manifest: Manifest) -> str:
    """The manifest's namespace, or else the session's; two that disagree are refused."""
    if args.namespace and manifest.namespace and args.namespace != manifest.namespace:
        raise Failure(
            f'the namespace from the provided object "{manifest.namespace}" does not match the namespace '
            f'"{args.namespace}". You must pass \'--namespace={manifest.namespace}\' to perform this operation.'
        )
    return manifest.namespace or session.namespace


def with_last_applied(document: dict[str, Any], namespace: str) -> dict[str, Any]:
    """The manifest with itself, as compact JSON, in its own annotations."""
    meta = {"annotations": {}, **document.get("metadata", {}), **({"namespace": namespace} if namespace else {})}
    annotations = {key: value for key, value in (meta["annotations"] or {}).items() if key != LAST_APPLIED}
    plain = {**document, "metadata": {**meta, "annotations": annotations}}
    text = orjson.dumps(plain, option=orjson.OPT_SORT_KEYS).decode() + "\n"
    return {**plain, "metadata": {**meta, "annotations": {**annotations, LAST_APPLIED: text}}}

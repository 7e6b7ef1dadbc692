"""Make the cluster's objects match manifests: create what is missing, patch what differs.

The last applied manifest is kept in an annotation; the patch is made from it, the manifest and the live object, so
that fields which others set stay. In real Kubernetes: kubectl/pkg/cmd/apply (client-side).
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from typing import Any

import orjson

from machinery.api.patch import three_way
from machinery.api.scheme import NotRegistered, Resource, for_kind, model_of
from minictl import cli
from minictl.commands.create import LAST_APPLIED, VALIDATION, namespace_for, with_last_applied
from minictl.manifests import Manifest, read
from minictl.outcome import confirm, dry_run_params, during, each
from minictl.resources import for_document
from minictl.session import Session

UNMANAGED = (
    "Warning: resource {plural}/{name} is missing the {key} annotation which is required by minictl apply. "
    "minictl apply should only be used on resources created declaratively by either minictl create --save-config or "
    "minictl apply. "
    "The missing annotation will be patched automatically."
)


def flags(parser: argparse.ArgumentParser) -> None:
    """Declare what `apply` takes."""
    cli.filename_flags(parser)
    cli.dry_run_flags(parser)
    parser.add_argument("--validate", default="strict", help="strict, warn or ignore unknown fields")


async def run(session: Session, args: argparse.Namespace) -> int:
    """One object after the other, in the order of the files."""
    manifests = read(args.filename, recursive=args.recursive, verb="apply")
    return await each(manifests, partial(apply, session, args), "applying")


async def apply(session: Session, args: argparse.Namespace, manifest: Manifest) -> None:
    """GET, then POST, PATCH or nothing."""
    if args.dry_run == "client":
        resource = for_kind(manifest.document["apiVersion"], manifest.document["kind"])
        return confirm(args, resource, manifest.document, "configured")
    resource = await for_document(session, manifest.document)
    namespace = namespace_for(session, args, manifest) if resource.namespaced else ""
    wanted = with_last_applied(manifest.document, namespace)
    params = {"field_validation": VALIDATION.get(args.validate, args.validate.capitalize()), **dry_run_params(args)}
    live = await session.find(resource.path(namespace, manifest.name)) if manifest.name else None
    if live is None:
        with during("creating"):
            made = await session.create(resource, wanted, namespace, **params)
        return confirm(args, resource, made, "created")
    name = live["metadata"]["name"]
    if LAST_APPLIED not in (live["metadata"].get("annotations") or {}):
        print(UNMANAGED.format(plural=resource.plural, name=name, key=LAST_APPLIED), file=sys.stderr)
    patch, kind = make_patch(resource, live, wanted)
    if not patch:
        return confirm(args, resource, live, "unchanged")
    with during("patching"):
        changed = await session.patch(resource.path(namespace, manifest.name), patch, kind, **params)
    return confirm(args, resource, changed, "configured")


def make_patch(resource: Resource, live: dict[str, Any], wanted: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """What to send, and as which kind of patch: strategic where we know the fields, merge where we do not."""
    before = orjson.loads(live["metadata"].get("annotations", {}).get(LAST_APPLIED) or b"{}")
    try:
        model = model_of(resource.group, resource.version, resource.kind)
    except NotRegistered:
        return three_way(before, wanted, live, None), "merge"
    return three_way(before, wanted, live, model), "strategic"

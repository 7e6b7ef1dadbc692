"""Show one object with everything around it: what it owns, what points to it, and its events."""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from importlib import import_module
from types import ModuleType
from typing import Any

from machinery.api.errors import ApiError, NotFound
from machinery.api.scheme import Resource
from minictl import cli
from minictl.commands.create import namespace_for
from minictl.describe.facts import Document, Facts, Query, events_of
from minictl.failure import Failure, explain
from minictl.manifests import read
from minictl.resources import NO_TYPE, Target, for_document, targets
from minictl.session import Session

DESCRIBERS = {
    ("v1", "ConfigMap"): "config_map",
    ("v1", "Endpoints"): "endpoints",
    ("v1", "Namespace"): "namespace",
    ("v1", "Node"): "node",
    ("v1", "Pod"): "pod",
    ("v1", "Secret"): "secret",
    ("v1", "Service"): "service",
    ("v1", "ServiceAccount"): "service_account",
    ("apps/v1", "Deployment"): "deployment",
    ("apps/v1", "ReplicaSet"): "replica_set",
    ("discovery.k8s.io/v1", "EndpointSlice"): "endpoint_slice",
}


def flags(parser: argparse.ArgumentParser) -> None:
    """Declare what `describe` takes."""
    parser.add_argument("words", nargs="*", metavar="TYPE[/NAME]")
    cli.selector_flags(parser)
    cli.filename_flags(parser)
    cli.switch(parser, "-A", "--all-namespaces")
    cli.switch(parser, "--show-events", default=True)


async def run(session: Session, args: argparse.Namespace) -> int:
    """Read the objects, then the page of each, two blank lines apart."""
    failed, gap = 0, ""
    for target, namespace in await _places(session, args):
        try:
            documents = await _documents(session, args, target, namespace)
        except ApiError as error:
            print(explain(error), file=sys.stderr)
            failed += 1
            continue
        alike = bool(target.name) and [one["metadata"]["name"] for one in documents] != [target.name]
        for document in documents:
            text = await page(session, args, target.resource, document)
            print(text + "\n" if alike else gap + text, end="", flush=True)
            gap = "\n\n"
    if not gap and not failed:
        where = "" if args.all_namespaces else f" in {session.namespace} namespace."
        print(f"No resources found{where}", file=sys.stderr)
    return 1 if failed else 0


async def _places(session: Session, args: argparse.Namespace) -> list[tuple[Target, str]]:
    if args.filename:
        manifests = read(args.filename, recursive=args.recursive)
        rows = [(await for_document(session, one.document), one) for one in manifests]
        return [(Target(row, one.name), namespace_for(session, args, one) if row.namespaced else "")
                for row, one in rows]  # fmt: skip
    if not args.words:
        raise Failure(NO_TYPE)
    return [(target, session.scope(target.resource)) for target in await targets(session, args.words)]


async def _documents(session: Session, args: argparse.Namespace, target: Target, namespace: str) -> list[Document]:
    """The named object; if there is none, those whose names begin so; without a name, all that match."""
    resource = target.resource
    if target.name:
        try:
            return [await session.fetch(resource, namespace, target.name)]
        except NotFound:
            alike = [one for one in await _listed(session, resource, namespace)
                     if one["metadata"]["name"].startswith(target.name)]  # fmt: skip
            if not alike:
                raise
            return alike
    return await _listed(session, resource, namespace, label_selector=args.selector,
                         field_selector=args.field_selector)  # fmt: skip


async def _listed(session: Session, resource: Resource, namespace: str, **selectors: str) -> list[Document]:
    answer = await session.listed(resource, namespace, **selectors)
    return [{"apiVersion": resource.api_version, "kind": resource.kind, **one} for one in answer.get("items") or ()]


async def page(session: Session, args: argparse.Namespace, resource: Resource, document: Document) -> str:
    """One object's text, after reading at once what its describer needs."""
    describer = _describer(resource)
    needs = describer.needs(document) if hasattr(describer, "needs") else {}
    queries = _event_queries(describer, resource, document) if args.show_events else []
    answers = await asyncio.gather(*(_ask(session, query) for query in (*needs.values(), *queries)))
    found, events = answers[: len(needs)], answers[len(needs) :]
    known = [event for answer in events if isinstance(answer, list) for event in answer]
    facts = Facts(datetime.now(UTC), known if queries else None, dict(zip(needs, found, strict=True)))
    return describer.describe(document, facts)


def _describer(resource: Resource) -> ModuleType:
    name = DESCRIBERS.get((resource.api_version, resource.kind), "generic")
    return import_module(f"minictl.describe.{name}")


def _event_queries(describer: ModuleType, resource: Resource, document: Document) -> list[Query]:
    if not getattr(describer, "EVENTS", True):
        return []
    if hasattr(describer, "event_queries"):
        return describer.event_queries(document)
    return [events_of(document, kind=resource.kind)]


async def _ask(session: Session, query: Query) -> Any:
    """One object, a list, or the failure itself: a page shows what it can."""
    try:
        answer = await session.read(query.path, label_selector=query.label_selector,
                                    field_selector=query.field_selector)  # fmt: skip
    except ApiError as error:
        return error
    return answer if query.single else answer.get("items") or []

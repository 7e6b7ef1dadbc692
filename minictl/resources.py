"""What a person typed, as resources and names: `pods`, `po,svc`, `pod/web`, `deploy web api`.

kubectl asks the server's discovery for every name; we know the built-in kinds by heart (machinery.api.scheme) and ask
discovery only for what we do not know. In real Kubernetes: cli-runtime/pkg/resource.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from machinery.api import scheme
from machinery.api.scheme import Resource, Subresource
from minictl.failure import Failure
from minictl.session import Session

NOTHING_NAMED = """You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'"""
NO_TYPE = 'Required resource not specified.\nUse "minictl api-resources" for a complete list of supported resources.'


@dataclass(frozen=True, slots=True)
class Target:
    """A resource, and one object of it unless name is empty."""

    resource: Resource
    name: str = ""


async def targets(session: Session, words: Sequence[str]) -> list[Target]:
    """`TYPE [NAME …]`, `TYPE,TYPE`, or `TYPE/NAME …`. Raises Failure in kubectl's words."""
    if any("/" in word for word in words):
        return [await _slashed(session, word) for word in words]
    if not words:
        raise Failure(NOTHING_NAMED)
    types, names = words[0].split(","), words[1:]
    resources = [found for word in types for found in await lookup(session, word)]
    if not names:
        return [Target(resource) for resource in resources]
    return [Target(resource, name) for resource in resources for name in names]


async def one(session: Session, words: Sequence[str]) -> Target:
    """Exactly one object, named as `TYPE/NAME` or `TYPE NAME`."""
    found = await named(session, words)
    if len(found) != 1:
        raise Failure("exactly one resource must be named, as TYPE/NAME or TYPE NAME")
    return found[0]


async def named(session: Session, words: Sequence[str]) -> list[Target]:
    """Objects that must each carry a name."""
    found = await targets(session, words)
    if any(not target.name for target in found):
        typed = " ".join(words)
        raise Failure(f'resource name may not be empty: write TYPE/NAME or TYPE NAME, not "{typed}"')
    return found


async def lookup(session: Session, word: str) -> list[Resource]:
    """The resource behind `po`, `Pod`, `deployments.apps`; several for a category such as `all`."""
    if word == "all":
        return [row for row in scheme.resources() if "all" in row.categories]
    known = scheme.resource_named(word)
    if known:
        return known[:1]
    if not word:
        raise Failure("You must specify the type of resource to get.")
    plain, _, group = word.lower().partition(".")
    for row in await discover(session):
        if plain in (row.plural, row.singular, *row.short_names) and group in ("", row.group):
            return [row]
    raise Failure(f'the server doesn\'t have a resource type "{word}"')


async def for_document(session: Session, document: dict[str, Any]) -> Resource:
    """The resource that a manifest's apiVersion and kind belong to."""
    version, kind = document["apiVersion"], document["kind"]
    try:
        return scheme.for_kind(version, kind)
    except scheme.NotRegistered:
        pass
    for row in await discover(session):
        if (row.api_version, row.kind) == (version, kind):
            return row
    meta = document.get("metadata") or {}
    raise Failure(no_match(version, kind, meta.get("name", ""), meta.get("namespace", "")))


def no_match(version: str, kind: str, name: str = "", namespace: str = "") -> str:
    """kubectl's sentence for an unknown kind, and what to write instead where a kind only moved."""
    sentence = (
        f'resource mapping not found for name: "{name}" namespace: "{namespace}": '
        f'no matches for kind "{kind}" in version "{version}"\n'
        "ensure CRDs are installed first"
    )
    served = [row.api_version for row in scheme.resources() if row.kind == kind]
    return f"{sentence}\n{kind} is served as {served[0]}: write `apiVersion: {served[0]}`" if served else sentence


async def discover(session: Session) -> list[Resource]:
    """Every resource that the server names, the core group's first."""
    groups = (await session.read("/apis"))["groups"]
    roots = ["/api/v1", *(f"/apis/{group['preferredVersion']['groupVersion']}" for group in groups)]
    return [row for root in roots for row in _rows(await session.read(root))]


def _rows(listing: dict[str, Any]) -> list[Resource]:
    group, _, version = listing["groupVersion"].rpartition("/")
    subs: dict[str, list[Subresource]] = {}
    for item in listing["resources"]:
        parent, slash, name = item["name"].partition("/")
        if slash:
            subs.setdefault(parent, []).append(Subresource(name, tuple(item["verbs"])))
    return [
        Resource(
            group, version, item["kind"], item["name"], tuple(item.get("shortNames", ())),
            categories=tuple(item.get("categories", ())),
            namespaced=item["namespaced"],
            verbs=tuple(item["verbs"]),
            subresources=tuple(subs.get(item["name"], ())),
        )
        for item in listing["resources"]
        if "/" not in item["name"]
    ]  # fmt: skip


async def _slashed(session: Session, word: str) -> Target:
    kind, _, name = word.partition("/")
    if not kind or not name or "/" in name:
        raise Failure("there is no need to specify a resource type as a separate argument when passing arguments in "
                      "resource/name form (e.g. 'minictl get resource/<resource_name>' instead of "
                      "'minictl get resource resource/<resource_name>'")
    return Target((await lookup(session, kind))[0], name)


def qualified_name(resource: Resource, name: str) -> str:
    """`pod/web` or `deployment.apps/web`, as every confirmation starts."""
    kind = f"{resource.singular}.{resource.group}" if resource.group else resource.singular
    return f"{kind}/{name}"

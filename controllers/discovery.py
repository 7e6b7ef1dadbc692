"""What the API server serves, asked of the server itself: two requests, aggregated discovery.

Used by the namespace controller (what is there to delete?) and the garbage collector (what is there to watch?).
In Kubernetes: client-go/discovery. Left out: the older one-request-per-group form.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from machinery.client.rest import Client

STALE = "Stale"
ACCEPT = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


@dataclass(frozen=True, slots=True)
class Served:
    """One resource, in the version that its group prefers."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool
    verbs: frozenset[str]

    @property
    def api_version(self) -> str:
        """`v1`, or `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str = "") -> str:
        """The collection's URL."""
        root = f"/apis/{self.api_version}" if self.group else f"/api/{self.version}"
        return f"{root}/namespaces/{namespace}/{self.plural}" if namespace else f"{root}/{self.plural}"


class Discovered(NamedTuple):
    """Everything that is served, and the groups and versions whose servers are away."""

    served: list[Served]
    stale: list[str]

    @property
    def failure(self) -> str:
        """What client-go says when it cannot know everything."""
        if not self.stale:
            return ""
        told = ", ".join(f"{each}: stale GroupVersion discovery: {each}" for each in self.stale)
        return f"unable to retrieve the complete list of server APIs: {told}"


async def discover_all(client: Client) -> Discovered:
    """Everything, and what is missing from it."""
    found, stale = list[Served](), list[str]()
    for path in ("/api", "/apis"):
        document = orjson.loads(await client.request("GET", path, accept=ACCEPT))
        found += read(document)
        stale += stale_in(document)
    return Discovered(found, stale)


async def discover(client: Client) -> list[Served]:
    """Everything that is served and can be reached."""
    return (await discover_all(client)).served


def read(document: dict[str, Any]) -> list[Served]:
    """An APIGroupDiscoveryList; of several versions of a group the first that has a resource counts."""
    found: dict[tuple[str, str], Served] = {}
    for group, version in _versions(document):
        if version.get("freshness") != STALE:
            for served in _resources(group, version):
                found.setdefault((group, served.plural), served)
    return list(found.values())


def stale_in(document: dict[str, Any]) -> list[str]:
    """The groups and versions whose servers could not be asked when the document was made."""
    return sorted(
        f"{group}/{version['version']}" for group, version in _versions(document) if version.get("freshness") == STALE
    )


def _versions(document: dict[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
    for item in document.get("items", ()):
        for version in item.get("versions") or ():
            yield item.get("metadata", {}).get("name", ""), version


def _resources(group: str, version: dict[str, Any]) -> Iterable[Served]:
    for row in version.get("resources", ()):
        yield Served(
            group=group, version=version["version"], plural=row["resource"],
            kind=row.get("responseKind", {}).get("kind", ""), namespaced=row.get("scope") == "Namespaced",
            verbs=frozenset(row.get("verbs", ())),
        )

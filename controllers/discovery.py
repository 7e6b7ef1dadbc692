"""What the API server serves, asked of the server itself: two requests, aggregated discovery.

Used by the namespace controller (what is there to delete?) and the garbage collector (what is there to watch?).
In Kubernetes: client-go/discovery. Left out: the older one-request-per-group form.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from machinery.client.rest import Client

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


async def discover(client: Client) -> list[Served]:
    """Everything that is served."""
    found: list[Served] = []
    for path in ("/api", "/apis"):
        found += read(orjson.loads(await client.request("GET", path, accept=ACCEPT)))
    return found


def read(document: dict[str, Any]) -> list[Served]:
    """An APIGroupDiscoveryList; of several versions of a group the first that has a resource counts."""
    found: dict[tuple[str, str], Served] = {}
    for item in document.get("items", ()):
        group = item.get("metadata", {}).get("name", "")
        for version in item.get("versions", ()):
            for served in _resources(group, version):
                found.setdefault((group, served.plural), served)
    return list(found.values())


def _resources(group: str, version: dict[str, Any]) -> Iterable[Served]:
    for row in version.get("resources", ()):
        yield Served(
            group=group, version=version["version"], plural=row["resource"],
            kind=row.get("responseKind", {}).get("kind", ""), namespaced=row.get("scope") == "Namespaced",
            verbs=frozenset(row.get("verbs", ())),
        )

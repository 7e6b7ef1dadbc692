"""Which API servers there are: each renews a Lease of its own in kube-system, named after its machine and port.

`kubectl -n kube-system get leases -l apiserver.kubernetes.io/identity=kube-apiserver` shows them. A Lease that was
not renewed for an hour is removed by whoever is still there.
Real Kubernetes: pkg/controlplane/apiserver/server.go and controller/apiserverleasegc.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import socket
import uuid
from datetime import UTC, datetime, timedelta

import orjson

from apiserver.admission.attributes import Attributes
from apiserver.config import Config
from apiserver.ensure import Doc, ensure
from apiserver.registry.deletion import DeleteOptions
from apiserver.registry.store import Store
from apiserver.user import ITSELF
from machinery.api.errors import Conflict, NotFound

LABEL = "apiserver.kubernetes.io/identity"
LEASE_SECONDS = 3600
_NAMESPACE = "kube-system"


class ServerLease:
    """This server's Lease. Wants the Store of Leases."""

    def __init__(self, config: Config, leases: Store) -> None:
        self._leases = leases
        machine = socket.gethostname()
        digest = hashlib.sha256(f"{machine}:{config.secure_port}".encode()).digest()
        self.name = "apiserver-" + base64.b32encode(digest[:16]).decode().rstrip("=").lower()
        self._holder = f"{self.name}_{uuid.uuid4()}"
        self._labels = {LABEL: "kube-apiserver", "kubernetes.io/hostname": machine}

    async def renew(self) -> None:
        """Still here."""
        spec = {"holderIdentity": self._holder, "leaseDurationSeconds": LEASE_SECONDS, "renewTime": _micro()}
        meta = {"name": self.name, "namespace": _NAMESPACE, "labels": self._labels}
        await ensure(self._leases, {"metadata": meta, "spec": spec}, change="spec")

    async def remove_expired(self) -> None:
        """The Leases of servers that are long gone."""
        page = await self._leases.storage.list(self._leases.scope(_NAMESPACE) + "apiserver-")
        for lease in map(orjson.loads, [stored.body for stored in page.items]):
            if expired(lease, datetime.now(UTC)):
                meta = lease["metadata"]
                gone = Attributes("DELETE", self._leases.resource, _NAMESPACE, meta["name"], ITSELF)
                with contextlib.suppress(NotFound, Conflict):
                    await self._leases.delete(gone, DeleteOptions(resource_version=meta["resourceVersion"]))


def expired(lease: Doc, now: datetime) -> bool:
    """Whether a server's Lease was not renewed in time."""
    spec = lease.get("spec", {})
    if lease["metadata"].get("labels", {}).get(LABEL) != "kube-apiserver" or not spec.get("renewTime"):
        return False
    renewed = datetime.fromisoformat(spec["renewTime"])
    return renewed + timedelta(seconds=spec.get("leaseDurationSeconds") or 0) < now


def _micro() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"

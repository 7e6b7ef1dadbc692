"""The `kubernetes` Service leads to every living API server: each keeps a key of its own in etcd that expires.

Writes /registry/masterleases/ADDRESS, the Service, its Endpoints and its EndpointSlice. Who stops takes its address
away first; who is killed drops out when its key expires.
Real Kubernetes: pkg/controlplane/controller/kubernetesservice and reconcilers/lease.go.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from datetime import UTC, datetime

import orjson

from apiserver.config import Config
from apiserver.ensure import Doc, Stores, ensure
from apiserver.storage.interface import KeyMissing

SERVERS = "/registry/masterleases/"
SERVER_TTL_SECONDS = 15
_LABELS = {"component": "apiserver", "provider": "kubernetes"}


class KubernetesService:
    """This server's place behind the Service. Wants the Service's address."""

    def __init__(self, config: Config, stores: Stores, ip: str) -> None:
        self._stores, self._ip = stores, ip
        self._address, self._port = advertised_address(config), config.secure_port
        self._storage = stores["", "v1", "services"].storage

    async def join(self) -> None:
        """Be there for another while, and have all who are there behind the Service."""
        body = orjson.dumps({"metadata": {"name": self._address}, "renewed": datetime.now(UTC).isoformat()})
        await self._storage.guaranteed_update(SERVERS + self._address, lambda _: body, ttl=SERVER_TTL_SECONDS)
        await self._publish()

    async def leave(self) -> None:
        """Be there no more. The last one stays behind the Service: an empty one helps nobody."""
        with contextlib.suppress(KeyMissing):
            await self._storage.delete(SERVERS + self._address)
        await self._publish()

    async def _publish(self) -> None:
        page = await self._storage.list(SERVERS)
        if addresses := sorted(stored.key.removeprefix(SERVERS) for stored in page.items):
            await ensure(self._stores["", "v1", "services"], kubernetes_service(self._ip, self._port))
            points = endpoints(addresses, self._port)
            await ensure(self._stores["", "v1", "endpoints"], points, change="subsets")
            slices = self._stores["discovery.k8s.io", "v1", "endpointslices"]
            await ensure(slices, endpoint_slice(addresses, self._port), change="endpoints")


def advertised_address(config: Config) -> str:
    """The address for others: as told, or that of the interface towards the world."""
    if config.advertise_address:
        return config.advertise_address
    bound = ipaddress.ip_address(config.bind_address)
    if not bound.is_unspecified:
        return config.bind_address
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return probe.getsockname()[0]


def kubernetes_service(ip: str, port: int) -> Doc:
    """The Service by which pods reach the API."""
    ports = [{"name": "https", "protocol": "TCP", "port": 443, "targetPort": port}]
    return {
        "metadata": {"name": "kubernetes", "namespace": "default", "labels": dict(_LABELS)},
        "spec": {"type": "ClusterIP", "clusterIP": ip, "clusterIPs": [ip], "ports": ports},
    }


def endpoints(addresses: list[str], port: int) -> Doc:
    return {
        "metadata": {
            "name": "kubernetes",
            "namespace": "default",
            "labels": {"endpointslice.kubernetes.io/skip-mirror": "true"},
        },
        "subsets": [
            {
                "addresses": [{"ip": address} for address in addresses],
                "ports": [{"name": "https", "port": port, "protocol": "TCP"}],
            }
        ],
    }


def endpoint_slice(addresses: list[str], port: int) -> Doc:
    return {
        "metadata": {
            "name": "kubernetes",
            "namespace": "default",
            "labels": {"kubernetes.io/service-name": "kubernetes"},
        },
        "addressType": "IPv4",
        "endpoints": [{"addresses": [address], "conditions": {"ready": True}} for address in addresses],
        "ports": [{"name": "https", "port": port, "protocol": "TCP"}],
    }

"""What the API server makes itself, at start and again every few seconds: namespaces and the `kubernetes` Service.

Writes Namespaces, the Service, its Endpoints and EndpointSlice (all live servers are in them: each renews a key of
its own in etcd), and repairs the reservations of addresses.
Real Kubernetes: pkg/controlplane/controller/{systemnamespaces,kubernetesservice} and reconcilers.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from datetime import UTC, datetime
from typing import Any

import orjson

from apiserver.admission.attributes import Attributes
from apiserver.admission.priority import SYSTEM_CLASSES
from apiserver.config import Config
from apiserver.registry.core.service import held
from apiserver.registry.core.service_ranges import ServiceRanges
from apiserver.registry.store import Store
from apiserver.storage.interface import Storage, StorageError
from apiserver.user import ITSELF
from machinery.api.errors import AlreadyExists, ApiError

log = logging.getLogger(__name__)

NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")
INTERVAL_SECONDS = 10.0
TURNS_BETWEEN_REPAIRS = 18
SERVERS = "/registry/masterleases/"
SERVER_TTL_SECONDS = 15
_LABELS = {"component": "apiserver", "provider": "kubernetes"}
Doc = dict[str, Any]
Stores = dict[tuple[str, str, str], Store]


async def run(config: Config, stores: Stores, ranges: ServiceRanges) -> None:
    """Keep it all true until cancelled; storage may be away for a while."""
    turn = 0
    while True:
        try:
            await once(config, stores, ranges)
            if turn % TURNS_BETWEEN_REPAIRS == 0:
                await repair(stores["", "v1", "services"], ranges)
            turn += 1
        except (StorageError, ApiError) as error:
            log.warning("bootstrap postponed: %s", error)
            await asyncio.sleep(1)
            continue
        await asyncio.sleep(INTERVAL_SECONDS)


async def once(config: Config, stores: Stores, ranges: ServiceRanges) -> None:
    """One turn; it costs nothing while all is there, since the watch cache knows."""
    for name in NAMESPACES:
        await ensure(stores["", "v1", "namespaces"], {"metadata": {"name": name}})
    for name, value in SYSTEM_CLASSES.items():
        await ensure(stores["scheduling.k8s.io", "v1", "priorityclasses"], system_class(name, value))
    addresses = await live_servers(stores["", "v1", "services"].storage, advertised_address(config))
    await ensure(stores["", "v1", "services"], kubernetes_service(ranges.first_ip, config.secure_port))
    await ensure(stores["", "v1", "endpoints"], endpoints(addresses, config.secure_port), change="subsets")
    slices = stores["discovery.k8s.io", "v1", "endpointslices"]
    await ensure(slices, endpoint_slice(addresses, config.secure_port), change="endpoints")


async def live_servers(storage: Storage, address: str) -> list[str]:
    """The addresses of all API servers on this etcd: each keeps a key that expires when it is gone."""
    body = orjson.dumps({"metadata": {"name": address}, "renewed": datetime.now(UTC).isoformat()})
    await storage.guaranteed_update(SERVERS + address, lambda _: body, ttl=SERVER_TTL_SECONDS)
    return sorted(stored.key.removeprefix(SERVERS) for stored in (await storage.list(SERVERS)).items)


async def repair(services: Store, ranges: ServiceRanges) -> None:
    """Reservations follow the Services that exist."""
    page = await services.storage.list(services.prefix)
    objects = [orjson.loads(stored.body) for stored in page.items]
    owned = [
        (space, value, f"{obj['metadata']['namespace']}/{obj['metadata']['name']}")
        for obj in objects
        for space, value in held(ranges, obj)
    ]
    for space in (ranges.ips, ranges.ports):
        await ranges.repair(space, [(value, owner) for where, value, owner in owned if where == space])


async def ensure(store: Store, obj: Doc, *, change: str = "") -> None:
    """Create the object unless it is there; with `change`, keep that field as it is here."""
    meta, strategy = obj["metadata"], store.strategy
    attributes = Attributes("CREATE", store.resource, meta.get("namespace", ""), meta["name"], ITSELF)
    key = store.key(attributes.namespace, meta["name"])
    existing = store.cacher.peek(key) or await store.cacher.get(key)
    if existing is None:
        document = {"apiVersion": strategy.api_version, "kind": strategy.kind, **obj}
        try:
            await store.create(attributes, strategy.model.from_dict(document).to_dict())
        except AlreadyExists:
            log.debug("%s %s was made by another server", strategy.kind, meta["name"])
    elif change and orjson.loads(existing.body).get(change) != obj[change]:

        async def changed(old: Doc) -> Doc:
            return {**old, change: obj[change]}

        updating = Attributes("UPDATE", store.resource, attributes.namespace, meta["name"], ITSELF)
        await store.update(updating, changed)


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


def system_class(name: str, value: int) -> Doc:
    """The priority of what a cluster, or a node, cannot live without."""
    where = name.removeprefix("system-").removesuffix("-critical")
    why = f"Used for system critical pods that must {'run in the cluster' if where == 'cluster' else 'not be moved'}."
    return {"metadata": {"name": name}, "value": value, "description": why}


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

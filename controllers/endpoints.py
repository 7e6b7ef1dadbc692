"""The Endpoints controller: for every service with a selector, the addresses of its pods, as one object.

Watches Services, Pods, Endpoints; writes Endpoints. Terminating pods are not listed, unready ones are listed apart.
In Kubernetes: pkg/controller/endpoint. Left out: the cut at 1000 addresses, the trigger-time annotation.
"""

from __future__ import annotations

from controllers.endpoint_mapping import Address, Ports, is_mapped, labels_of, map_service
from controllers.expectations import EXPIRY_SECONDS, Expectations
from controllers.own_writes import OwnWrites
from controllers.service_watch import ServiceController
from controllers.terminating import unless_ending
from machinery.api.core.v1 import EndpointAddress, EndpointPort, Endpoints, EndpointSubset, Pod, Service
from machinery.api.errors import NotFound
from machinery.api.meta.v1 import ObjectMeta
from machinery.client.controller import Context, own_key, split_key


def plan(service: Service, pods: list[Pod], existing: Endpoints | None) -> Endpoints | None:
    """The object as it should be; None where the existing one already is."""
    meta = service.metadata
    base = existing or Endpoints(metadata=ObjectMeta(name=meta.name, namespace=meta.namespace))
    wanted = base.replace(
        metadata=base.metadata.replace(labels=labels_of(service)), subsets=subsets_of(service, pods))
    return None if wanted == existing else wanted


def subsets_of(service: Service, pods: list[Pod]) -> tuple[EndpointSubset, ...]:
    """One subset for each set of ports; ready and unready addresses beside each other."""
    subsets = (_subset(ports, addresses) for ports, addresses in map_service(service, pods).items())
    return tuple(subset for subset in subsets if subset.addresses or subset.not_ready_addresses)


def _subset(ports: Ports, addresses: list[Address]) -> EndpointSubset:
    return EndpointSubset(
        addresses=tuple(_address(a) for a in addresses if a.ready),
        not_ready_addresses=tuple(_address(a) for a in addresses if not a.ready and not a.terminating),
        ports=tuple(
            EndpointPort(name=p.name, port=p.number, protocol=p.protocol, app_protocol=p.app_protocol) for p in ports),
    )


def _address(address: Address) -> EndpointAddress:
    return EndpointAddress(
        ip=address.ip, hostname=address.hostname, node_name=address.node_name or None, target_ref=address.target)


class EndpointsController(ServiceController):
    """Keys are services; the object has the service's name."""

    name = "endpoint"

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.endpoints = ctx.informers.informer(Endpoints)
        self.expectations = Expectations(self.endpoints, ctx.clock)
        self.own = OwnWrites(ctx.client, self.endpoints)
        self.watches = (*self.watches, (self.endpoints, own_key))

    async def reconcile(self, key: str) -> float | None:
        if not self.expectations.met(key):
            return EXPIRY_SECONDS
        namespace, name = split_key(key)
        service, existing = self.services.lister.get(namespace, name), self.endpoints.lister.get(namespace, name)
        if service is None:
            if existing is not None and _is_ours(existing):
                await self._delete(key, existing)
            return None
        if is_mapped(service):
            existing = existing and self.own.newest(existing)
            await self._write(key, existing, plan(service, self.pods_of(service), existing))
        return None

    async def _write(self, key: str, existing: Endpoints | None, wanted: Endpoints | None) -> None:
        if wanted is None:
            return
        if existing:
            await self.own.update(wanted)
        elif made := await unless_ending(self.ctx.client.create(wanted)):
            self.expectations.created(key, made)

    async def _delete(self, key: str, existing: Endpoints) -> None:
        meta = existing.metadata
        try:
            await self.ctx.client.delete(Endpoints, meta.name, meta.namespace, uid=meta.uid)
        except NotFound:
            return
        self.expectations.deleted(key, existing)


def _is_ours(endpoints: Endpoints) -> bool:
    """Leader election of older clients keeps its record in an Endpoints object without a service."""
    return "control-plane.alpha.kubernetes.io/leader" not in endpoints.metadata.annotations

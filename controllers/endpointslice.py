"""The EndpointSlice controller: the same addresses in slices of at most 100, which is what kubeproxy follows.

Watches Services, Pods, EndpointSlices; writes EndpointSlices. A change touches as few slices as possible: endpoints
stay in their slice, free places are filled, and only the rest goes to new slices.
In Kubernetes: pkg/controller/endpointslice and k8s.io/endpointslice. Left out: topology hints, dual stack.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from controllers.endpoint_mapping import Address, Port, Ports, is_mapped, labels_of, map_service
from controllers.expectations import EXPIRY_SECONDS, Expectations
from controllers.own_writes import OwnWrites
from controllers.ownership import owned_by
from controllers.service_watch import ServiceController
from controllers.terminating import unless_ending
from machinery.api.core.v1 import Pod, Service
from machinery.api.discovery.v1 import Endpoint, EndpointConditions, EndpointPort, EndpointSlice
from machinery.api.errors import NotFound
from machinery.api.meta.v1 import ObjectMeta
from machinery.client.controller import Context, both, split_key

SERVICE_NAME = "kubernetes.io/service-name"
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
OURS = "endpointslice-controller.k8s.io"
CAPACITY = 100


# The decision.


@dataclass(frozen=True, slots=True)
class Plan:
    """Slices to make, to write anew, and to delete."""

    create: tuple[EndpointSlice, ...] = ()
    update: tuple[EndpointSlice, ...] = ()
    delete: tuple[EndpointSlice, ...] = ()


def plan(service: Service, pods: list[Pod], existing: Iterable[EndpointSlice]) -> Plan:
    """The least change to the existing slices after which they say what the pods say."""
    left = sorted(existing, key=lambda s: s.metadata.name)
    create: list[EndpointSlice] = []
    update: list[EndpointSlice] = []
    groups = map_service(service, pods) or {(): []}
    for ports, addresses in groups.items():
        mine = [s for s in left if ports_of(s) == ports]
        left = [s for s in left if s not in mine]
        changed, made, unused = _fill(service, ports, [endpoint_of(a) for a in addresses], mine)
        update += changed
        create += made
        left += unused
    return _reused(create, update, left)


def _reused(create: list[EndpointSlice], update: list[EndpointSlice], delete: list[EndpointSlice]) -> Plan:
    """Where one slice would come and another go, the one that is there is written anew: one change, and its name stays.

    A slice that is on its way out can only go; the type of addresses can never change.
    """
    create, update, gone = list(create), list(update), []
    for old in delete:
        fits = old.metadata.deletion_timestamp is None and old.address_type == "IPv4"
        if fits and create:
            new = create.pop()
            meta = old.metadata.replace(labels=new.metadata.labels, owner_references=new.metadata.owner_references)
            update.append(new.replace(metadata=meta))
        else:
            gone.append(old)
    return Plan(tuple(create), tuple(update), tuple(gone))


def _fill(service: Service, ports: Ports, wanted: list[Endpoint], slices: list[EndpointSlice]
          ) -> tuple[list[EndpointSlice], list[EndpointSlice], list[EndpointSlice]]:
    """Slices of one set of ports: (changed, new, no longer needed)."""
    missing = {endpoint_key(e): e for e in wanted}
    kept = []
    for old in slices:
        stay = tuple(missing.pop(key) for e in old.endpoints if (key := endpoint_key(e)) in missing)
        kept.append((old, stay))
    waiting = list(missing.values())
    # The fullest first, so that as few slices as possible stay half empty.
    filled = []
    for old, stay in sorted(kept, key=lambda pair: -len(pair[1])):
        room = CAPACITY - len(stay)
        filled.append((old, (*stay, *waiting[:room])))
        waiting = waiting[room:]
    made = [new_slice(service, ports, tuple(waiting[i:i + CAPACITY])) for i in range(0, len(waiting), CAPACITY)]
    empty = [old for old, endpoints in filled if not endpoints]
    if not made and len(empty) == len(filled):
        # One slice without endpoints says that there are none.
        empty = empty[1:]
        made = [] if filled else [new_slice(service, ports, ())]
    newer = [(old, _labelled(service, old.replace(endpoints=ends))) for old, ends in filled if old not in empty]
    return [new for old, new in newer if new != old], made, empty


def new_slice(service: Service, ports: Ports, endpoints: tuple[Endpoint, ...]) -> EndpointSlice:
    """A slice of the service; the API gives it its name."""
    meta = ObjectMeta(
        generate_name=f"{service.metadata.name}-", namespace=service.metadata.namespace,
        labels=slice_labels(service), owner_references=(owned_by(service),))
    return EndpointSlice(
        metadata=meta, address_type="IPv4", endpoints=endpoints, ports=tuple(_port(port) for port in ports))


def slice_labels(service: Service) -> dict[str, str]:
    """The service's own labels, and those by which kubeproxy, kubectl and we find the slices."""
    return labels_of(service) | {SERVICE_NAME: service.metadata.name, MANAGED_BY: OURS}


def endpoint_of(address: Address) -> Endpoint:
    """An address as the slice says it."""
    return Endpoint(
        addresses=(address.ip,),
        conditions=EndpointConditions(
            ready=address.ready, serving=address.serving, terminating=address.terminating),
        hostname=address.hostname or None,
        node_name=address.node_name or None,
        target_ref=address.target,
    )


def endpoint_key(endpoint: Endpoint) -> tuple:
    """The same pod at the same address is the same endpoint, whatever its state."""
    return endpoint.addresses, endpoint.target_ref and endpoint.target_ref.uid


def ports_of(slice_: EndpointSlice) -> Ports:
    """The ports as the mapping says them, for comparing."""
    return tuple(Port(p.name or "", p.protocol or "TCP", p.port or 0, p.app_protocol) for p in slice_.ports)


def _port(port: Port) -> EndpointPort:
    return EndpointPort(name=port.name, protocol=port.protocol, port=port.number, app_protocol=port.app_protocol)


def _labelled(service: Service, slice_: EndpointSlice) -> EndpointSlice:
    return slice_.replace(metadata=slice_.metadata.replace(labels=slice_labels(service)))


# The effect.


class EndpointSliceController(ServiceController):
    """Keys are services; their slices are found by label."""

    name = "endpointslice"

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.slices = ctx.informers.informer(EndpointSlice)
        self.slices.add_index("service", _service_keys)
        self.expectations = Expectations(self.slices, ctx.clock)
        self.own = OwnWrites(ctx.client, self.slices)
        self.watches = (*self.watches, (self.slices, both(_service_keys)))

    async def reconcile(self, key: str) -> float | None:
        service = self.services.lister.get(*split_key(key))
        if service is None or service.metadata.deletion_timestamp:
            self.expectations.forget(key)
            return None  # The slices belong to the service: the garbage collector takes them.
        if not is_mapped(service):
            return None
        if not self.expectations.met(key):
            return EXPIRY_SECONDS
        existing = [self.own.newest(slice_) for slice_ in self.slices.lister.by_index("service", key)]
        decided = plan(service, self.pods_of(service), existing)
        for slice_ in decided.create:
            if made := await unless_ending(self.ctx.client.create(slice_)):
                self.expectations.created(key, made)
        for slice_ in decided.update:
            await self.own.update(slice_)
        for slice_ in decided.delete:
            await self._delete(key, slice_)
        return None

    async def _delete(self, key: str, slice_: EndpointSlice) -> None:
        meta = slice_.metadata
        try:
            await self.ctx.client.delete(EndpointSlice, meta.name, meta.namespace, uid=meta.uid)
        except NotFound:
            return
        self.expectations.deleted(key, slice_)


def _service_keys(slice_: EndpointSlice) -> list[str]:
    labels = slice_.metadata.labels
    if labels.get(MANAGED_BY) != OURS or SERVICE_NAME not in labels:
        return []
    return [f"{slice_.metadata.namespace}/{labels[SERVICE_NAME]}"]

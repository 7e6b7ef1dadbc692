"""ClusterIPs and node ports without duplicates: every one that is in use is a key in etcd, made by a create.

A reservation is /registry/ranges/serviceips/10.96.0.7 or …/servicenodeports/30080 and names its Service. Two
API servers cannot both create a key, so no lock is needed. Only the write that made a reservation, or the Service
that holds it, gives it back; `repair` gives back what a crash left behind, and reserves what a crash left open.
The first address needs no reservation: it is the `kubernetes` Service's, and nobody else ever gets it.
Real Kubernetes: IPAddress objects and pkg/registry/core/service/portallocator (there a bitmap).
"""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

import orjson

from apiserver.storage.interface import KeyExists, KeyMissing, RevisionConflict, Storage, Stored
from machinery.api.errors import InternalError

log = logging.getLogger(__name__)

_LUCKY_TRIES = 8
_ORPHAN_SECONDS = 120
"""Twice as long as a request may take: no Service is on its way any more to a reservation of this age."""


class Owner(NamedTuple):
    """The Service that a reservation is for."""

    name: str
    """namespace/name"""
    uid: str


KUBERNETES = "default/kubernetes"


class Taken(Exception):
    """Somebody else holds the value that was asked for."""


class OutOfRange(Exception):
    """The value that was asked for is not in the range."""


@dataclass(frozen=True, slots=True)
class Range:
    """Values of one sort, by their index: the space they come from and where reservations are kept."""

    prefix: str
    first: int
    size: int
    is_ip: bool
    shown: str

    def text(self, index: int) -> str:
        number = self.first + index
        return str(ipaddress.ip_address(number)) if self.is_ip else str(number)

    def contains(self, value: str) -> bool:
        try:
            number = int(ipaddress.ip_address(value)) if self.is_ip else int(value)
        except ValueError:
            return False
        return self.first <= number < self.first + self.size


def ip_range(cidr: str) -> Range:
    """The usable addresses of a range: neither the network's own nor the last."""
    network = ipaddress.ip_network(cidr, strict=False)
    size = min(network.num_addresses - 2, 2**16)
    return Range("/registry/ranges/serviceips/", int(network.network_address) + 1, size, True, str(network))


def port_range(text: str) -> Range:
    first, _, last = text.partition("-")
    return Range("/registry/ranges/servicenodeports/", int(first), int(last) - int(first) + 1, False, text)


class ServiceRanges:
    """Wants the storage, the CIDR of Services and the range of node ports."""

    def __init__(self, storage: Storage, cidr: str, ports: str) -> None:
        self._storage = storage
        self.ips = ip_range(cidr)
        self.ports = port_range(ports)

    @property
    def first_ip(self) -> str:
        """The address of the `kubernetes` Service."""
        return self.ips.text(0)

    async def reserve(self, space: Range, wanted: str, owner: Owner, *, dry_run: bool = False) -> str:
        """Reserve a certain value (Taken, OutOfRange), or any when none is wanted."""
        if not wanted:
            return await self._reserve_any(space, owner, dry_run)
        if not space.contains(wanted):
            raise OutOfRange(wanted)
        if self._is_first_ip(space, wanted):
            if owner.name != KUBERNETES:
                raise Taken(wanted)
        elif not await self._try(space, wanted, owner, dry_run):
            raise Taken(wanted)
        return wanted

    def _is_first_ip(self, space: Range, value: str) -> bool:
        return space is self.ips and value == self.first_ip

    async def _reserve_any(self, space: Range, owner: Owner, dry_run: bool) -> str:
        first = 1 if space.is_ip else 0
        for _ in range(_LUCKY_TRIES):
            value = space.text(random.randrange(first, space.size))
            if await self._try(space, value, owner, dry_run):
                return value
        taken = {stored.key for stored in (await self._storage.list(space.prefix)).items}
        for index in range(first, space.size):
            value = space.text(index)
            if space.prefix + value not in taken and await self._try(space, value, owner, dry_run):
                return value
        raise InternalError("failed to allocate a serviceIP: range is full" if space.is_ip else "range is full")

    async def _try(self, space: Range, value: str, owner: Owner, dry_run: bool) -> bool:
        key = space.prefix + value
        if dry_run:
            return await self._storage.get(key) is None
        record = {"kind": "Reservation", "metadata": {"name": value}, "owner": owner.name, "uid": owner.uid}
        record["since"] = datetime.now(UTC).isoformat()
        try:
            await self._storage.create(key, orjson.dumps(record))
        except KeyExists:
            return False
        return True

    async def release(self, space: Range, value: str, owner: Owner) -> None:
        """Give a value back, unless it has become somebody else's meanwhile."""
        stored = await self._storage.get(space.prefix + value)
        if stored is not None and orjson.loads(stored.body).get("uid", owner.uid) == owner.uid:
            with contextlib.suppress(KeyMissing, RevisionConflict):
                await self._storage.delete(stored.key, expected_revision=stored.revision)

    async def repair(self, space: Range, in_use: Iterable[tuple[str, Owner]]) -> None:
        """Make the reservations equal to what Services (value, owner) hold; young strangers may be in the making."""
        used: dict[str, Owner] = {}
        for value, owner in in_use:
            if used.setdefault(value, owner) != owner:
                log.error("%s belongs to two Services: %s and %s", value, used[value].name, owner.name)
        page = await self._storage.list(space.prefix)
        known = {stored.key.removeprefix(space.prefix) for stored in page.items}
        for value in used.keys() - known:
            if space.contains(value) and not self._is_first_ip(space, value):
                log.warning("%s of Service %s was not reserved: done", value, used[value].name)
                await self._try(space, value, used[value], False)
        for stored in _orphans(page.items, space, used):
            log.warning("%s was reserved for a Service that is not there: given back", stored.key)
            with contextlib.suppress(KeyMissing, RevisionConflict):
                await self._storage.delete(stored.key, expected_revision=stored.revision)


def _orphans(items: Sequence[Stored], space: Range, used: Mapping[str, Owner]) -> Iterable[Stored]:
    now = datetime.now(UTC)
    for stored in items:
        if stored.key.removeprefix(space.prefix) not in used:
            since = datetime.fromisoformat(orjson.loads(stored.body)["since"])
            if (now - since).total_seconds() > _ORPHAN_SECONDS:
                yield stored

"""ClusterIPs and node ports without duplicates: every one that is in use is a key in etcd, made by a create.

A reservation is /registry/ranges/serviceips/10.96.0.7 or …/servicenodeports/30080 and names its Service. Two
API servers cannot both create a key, so no lock is needed. `repair` gives back what a crash left behind.
Real Kubernetes: IPAddress objects and pkg/registry/core/service/portallocator (there a bitmap).
"""

from __future__ import annotations

import contextlib
import ipaddress
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from apiserver.storage.interface import KeyExists, KeyMissing, RevisionConflict, Storage, Stored
from machinery.api.errors import ApiError, InternalError

_LUCKY_TRIES = 8
_ORPHAN_SECONDS = 60


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

    async def reserve(self, space: Range, wanted: str, owner: str, *, dry_run: bool = False) -> str:
        """Reserve a certain value (Taken, OutOfRange), or any when none is wanted."""
        if not wanted:
            return await self._reserve_any(space, owner, dry_run)
        if not space.contains(wanted):
            raise OutOfRange(wanted)
        if not await self._try(space, wanted, owner, dry_run):
            raise Taken(wanted)
        return wanted

    async def _reserve_any(self, space: Range, owner: str, dry_run: bool) -> str:
        for _ in range(_LUCKY_TRIES):
            value = space.text(random.randrange(1, space.size))
            if await self._try(space, value, owner, dry_run):
                return value
        taken = {stored.key for stored in (await self._storage.list(space.prefix)).items}
        for index in range(1, space.size):
            value = space.text(index)
            if space.prefix + value not in taken and await self._try(space, value, owner, dry_run):
                return value
        raise InternalError("failed to allocate a serviceIP: range is full" if space.is_ip else "range is full")

    async def _try(self, space: Range, value: str, owner: str, dry_run: bool) -> bool:
        key = space.prefix + value
        if dry_run:
            return await self._storage.get(key) is None
        record = {"kind": "Reservation", "metadata": {"name": value}, "owner": owner}
        record["since"] = datetime.now(UTC).isoformat()
        try:
            await self._storage.create(key, orjson.dumps(record))
        except KeyExists:
            return await self._is_mine(key, owner)
        return True

    async def _is_mine(self, key: str, owner: str) -> bool:
        """A reservation survives its Service when the server dies between two writes: its owner may go on."""
        stored = await self._storage.get(key)
        return stored is not None and orjson.loads(stored.body).get("owner") == owner

    async def release(self, space: Range, value: str) -> None:
        with contextlib.suppress(KeyMissing):
            await self._storage.delete(space.prefix + value)

    async def repair(self, space: Range, in_use: Iterable[tuple[str, str]]) -> None:
        """Make the reservations equal to what Services (value, owner) hold; young strangers may be in the making."""
        used = dict(in_use)
        page = await self._storage.list(space.prefix)
        known = {stored.key.removeprefix(space.prefix) for stored in page.items}
        for value in used.keys() - known:
            if space.contains(value):
                with contextlib.suppress(ApiError):
                    await self._try(space, value, used[value], False)
        for stored in _orphans(page.items, space, used):
            with contextlib.suppress(KeyMissing, RevisionConflict):
                await self._storage.delete(stored.key, expected_revision=stored.revision)


def _orphans(items: Sequence[Stored], space: Range, used: dict[str, str]) -> Iterable[Stored]:
    now = datetime.now(UTC)
    for stored in items:
        if stored.key.removeprefix(space.prefix) not in used:
            since = datetime.fromisoformat(orjson.loads(stored.body)["since"])
            if (now - since).total_seconds() > _ORPHAN_SECONDS:
                yield stored

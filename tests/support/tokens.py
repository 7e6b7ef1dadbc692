"""Service account tokens for tests: keys, an issuer, and a small world in which objects live and die."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from apiserver.authentication.claims import Lifetime, Reference, claims_of
from apiserver.authentication.issuer import Issuer
from apiserver.authentication.keys import PrivateKey, SigningKey, verification_key
from apiserver.authentication.living import Living
from apiserver.authentication.service_account_token import ServiceAccountTokens

NAME = "https://issuer.test"
NOW = 1_800_000_000
ACCOUNT = Reference("serviceaccount", "team", "robot", "uid-robot")
POD = Reference("pod", "team", "web", "uid-web")
NODE = Reference("node", "", "worker-1", "uid-node")


def elliptic(curve: ec.EllipticCurve | None = None) -> PrivateKey:
    return ec.generate_private_key(curve or ec.SECP256R1())


def rsa_key() -> PrivateKey:
    return rsa.generate_private_key(65537, 2048)


def issuer(key: PrivateKey | None = None, *names: str) -> Issuer:
    """Signs with this key, believes this key."""
    private = key or elliptic()
    signing = SigningKey(private, verification_key(private.public_key()))
    return Issuer(names or (NAME,), signing, (signing.public,), names or (NAME,))


def signed(by: Issuer, *objects: Reference, audiences: tuple[str, ...] = (), now: int = NOW, seconds: int = 3600,
           **changes: Any) -> str:  # fmt: skip
    """A token; changes replace claims."""
    lifetime = Lifetime(now, seconds)
    claims = claims_of(objects or (ACCOUNT,), audiences or by.api_audiences, lifetime, issuer=by.name, identity="j-1")
    return by.sign({**claims, **changes})


@dataclass
class Entry:
    """What a watch cache holds."""

    key: str
    revision: int
    body: bytes
    labels: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)


class World:
    """Cachers of everything that a token may be bound to; counts the reads that went past the cache."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.unseen: dict[str, Entry] = {}
        self.reads = 0

    def put(self, key: str, uid: str, *, cached: bool = True, **parts: Any) -> None:
        meta = {"name": key.rpartition("/")[2], "uid": uid, **parts.pop("metadata", {})}
        entry = Entry(f"/registry/{key}", len(self.entries) + 7, orjson.dumps({"metadata": meta, **parts}))
        (self.entries if cached else self.unseen)[entry.key] = entry

    def peek(self, key: str) -> Entry | None:
        return self.entries.get(key)

    async def get(self, key: str, resource_version: int | None = None) -> Entry | None:
        self.reads += 1
        return self.unseen.get(key) or self.entries.get(key)

    def living(self) -> Living:
        return Living(dict.fromkeys(("serviceaccounts", "pods", "secrets", "nodes"), self))

    def tokens(self, by: Issuer, *, now: int = NOW) -> ServiceAccountTokens:
        return ServiceAccountTokens(
            by.names, by.keys, self.living(), api_audiences=by.api_audiences, clock=lambda: now
        )


def team() -> World:
    """An account, its pod and the pod's node."""
    world = World()
    world.put("serviceaccounts/team/robot", "uid-robot")
    world.put("pods/team/web", "uid-web")
    world.put("nodes/worker-1", "uid-node")
    return world

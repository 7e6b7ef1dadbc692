"""POST …/serviceaccounts/NAME/token: a token for the account, bound to a pod, a secret or a node if one likes.

Writes nothing: a token is a signature, and ends with what it is bound to.
Real Kubernetes: pkg/registry/core/serviceaccount/storage/token.go. Left out: signing by an external program.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from aiohttp import web

from apiserver import options, replies
from apiserver.authentication.claims import Lifetime, Reference, claims_of
from apiserver.authentication.issuer import Issuer
from apiserver.call import Call
from apiserver.endpoints import write
from apiserver.endpoints.dispatch import Endpoint
from apiserver.registry.metadata import stamp
from apiserver.registry.store import Store
from machinery.api.authentication.v1 import TokenRequest
from machinery.api.errors import BadRequest, Conflict, FieldError, Invalid

Doc = dict[str, Any]
DEFAULT_SECONDS = 3600
SHORTEST, LONGEST = 600, 1 << 32
AUTOMATIC_SECONDS = 3607
"""What the volume that every pod gets asks for; by this odd number it is known."""
A_YEAR = 365 * 24 * 3600
_BINDABLE = {"Pod": "pods", "Node": "nodes", "Secret": "secrets"}
_API_VERSION = "authentication.k8s.io/v1"


@dataclass(frozen=True, slots=True)
class Bound:
    """What a token is bound to, and whether that is a pod."""

    objects: tuple[Reference, ...] = ()
    to_pod: bool = False


def token_endpoint(issuer: Issuer, stores: Mapping[str, Store]) -> Endpoint:
    """The endpoint. `stores` by plural: pods, nodes, secrets."""

    async def create(call: Call, accounts: Store) -> web.StreamResponse:
        wanted = options.write_options(call.http.query)
        request = await write.body_of(call, TokenRequest, _API_VERSION, wanted)
        account = await _object(accounts, call.info.name, call.info.namespace)
        _name(request, call)
        await accounts.chain.passes(write.attributes(call, accounts, "CREATE", dry_run=wanted.dry_run), request)
        spec = _filled(request, issuer)
        bound = await _bound(spec.get("boundObjectRef"), call, stores)
        lifetime = _lifetime(spec, call, issuer, bound)
        own = Reference("serviceaccount", call.info.namespace, call.info.name, account["metadata"]["uid"])
        objects, identity = (own, *bound.objects), str(uuid.uuid4())
        claims = claims_of(objects, spec["audiences"], lifetime, issuer=issuer.name, identity=identity)
        call.annotations["authentication.kubernetes.io/issued-credential-id"] = f"JTI={identity}"
        expires = datetime.fromtimestamp(lifetime.now + spec["expirationSeconds"], UTC)
        status = {"token": issuer.sign(claims), "expirationTimestamp": stamp(expires)}
        return replies.document({**request, "spec": spec, "status": status}, call, 201)

    return create


async def _object(store: Store, name: str, namespace: str = "", uid: str = "") -> Doc:
    """From the watch cache, and afresh where that has nothing or something else."""
    found = await store.find(name, namespace)
    if found is None or uid not in ("", found["metadata"]["uid"]):
        entry = await store.cacher.get(store.key(namespace, name))
        found = None if entry is None else orjson.loads(entry.body)
    if found is None:
        raise store.missing(name)
    return found


def _name(request: Doc, call: Call) -> None:
    """The request is named as the account is. Invalid when it says otherwise."""
    meta, info = request["metadata"], call.info
    found = [
        FieldError.invalid(f"metadata.{field}", meta[field], f"must match the service account {field} if specified")
        for field, value in (("name", info.name), ("namespace", info.namespace))
        if meta.get(field, value) != value
    ]
    if found:
        raise Invalid("TokenRequest", info.name, found[:1], group="authentication.k8s.io")
    meta |= {"name": info.name, "namespace": info.namespace, "creationTimestamp": stamp(datetime.now(UTC))}
    request["spec"] = {"expirationSeconds": DEFAULT_SECONDS, **request.get("spec", {})}


def _filled(request: Doc, issuer: Issuer) -> Doc:
    """The spec with what it leaves to us. Invalid when something is wrong."""
    spec = dict(request["spec"])
    spec["audiences"] = spec.get("audiences") or list(issuer.api_audiences)
    if error := seconds_error(spec["expirationSeconds"]):
        raise Invalid("TokenRequest", "", [error], group="authentication.k8s.io")
    return spec


def seconds_error(seconds: int) -> FieldError | None:
    """Shorter would be renewed all the time; longer does not fit."""
    if seconds < SHORTEST:
        why = "may not specify a duration less than 10 minutes"
    elif seconds > LONGEST:
        why = "may not specify a duration larger than 2^32 seconds"
    else:
        return None
    return FieldError.invalid("spec.expirationSeconds", seconds, why)


def _lifetime(spec: Doc, call: Call, issuer: Issuer, bound: Bound) -> Lifetime:
    """As asked, but not too long. Automatic tokens hold longer than they say, for clients that never read again."""
    asked = spec["expirationSeconds"]
    if 0 < issuer.longest < asked:
        call.warnings.append(f"requested expiration of {asked} seconds shortened to {issuer.longest} seconds")
        asked = spec["expirationSeconds"] = issuer.longest
    now = int(time.time())
    ours = set(spec["audiences"]) == set(issuer.api_audiences)
    if issuer.extend and bound.to_pod and asked == AUTOMATIC_SECONDS and ours:
        return Lifetime(now, A_YEAR, warn_after=asked)
    return Lifetime(now, asked)


async def _bound(reference: Doc | None, call: Call, stores: Mapping[str, Store]) -> Bound:
    """The objects with which the token ends: the one asked for, and the node of a pod."""
    if not reference:
        return Bound()
    version, kind = reference.get("apiVersion", ""), reference.get("kind", "")
    plural = _BINDABLE.get(kind) if "/" not in version else None
    if plural is None:
        group, _, version = version.rpartition("/")
        raise BadRequest(f"cannot bind token to object of type {group}/{version}, Kind={kind}")
    namespace = "" if kind == "Node" else call.info.namespace
    obj = await _object(stores[plural], reference.get("name", ""), namespace, reference.get("uid", ""))
    uid = obj["metadata"]["uid"]
    if kind == "Pod" and obj["spec"].get("serviceAccountName", "") != call.info.name:
        quoted = f'"{call.info.name}"'
        raise BadRequest(
            f"cannot bind token for serviceaccount {quoted} to pod running with different serviceaccount name.")
    if reference.get("uid", uid) != uid:
        why = f"the UID in the bound object reference ({reference['uid']}) does not match the UID in record. "
        raise Conflict(kind, reference["name"], why + "The object might have been deleted and then recreated")
    objects = (Reference(kind.lower(), namespace, reference["name"], uid),)
    return Bound(objects + (await _node_of(obj, stores["nodes"]) if kind == "Pod" else ()), kind == "Pod")


async def _node_of(pod: Doc, nodes: Store) -> tuple[Reference, ...]:
    """Where the pod runs; a node that is gone is still named."""
    name = pod["spec"].get("nodeName", "")
    node = await nodes.find(name) if name else None
    uid = node["metadata"]["uid"] if node else ""
    return (Reference("node", "", name, uid),) if name else ()

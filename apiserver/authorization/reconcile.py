"""Brings the bootstrap roles and bindings into the cluster at start: what lacks is added, what was added stays.

An object whose annotation rbac.authorization.kubernetes.io/autoupdate is "false" is left alone. A binding that refers
to another role than it should is made anew, since a reference cannot change.
Real Kubernetes: pkg/registry/rbac/rest/storage_rbac.go, k8s.io/component-helpers/auth/rbac/reconciliation.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from apiserver.admission.attributes import Attributes
from apiserver.authorization.bootstrap_controllers import CONTROLLER_ROLES
from apiserver.authorization.bootstrap_policy import (
    AGGREGATE,
    AGGREGATED,
    CLUSTER_ROLE_BINDINGS,
    CLUSTER_ROLES,
    LABELS,
    RBAC_GROUP,
    ROLE_BINDINGS,
    ROLES,
    Lines,
    rule,
)
from apiserver.authorization.rules import rules_from, uncovered
from apiserver.ensure import Doc, Stores, ensure
from apiserver.registry.deletion import DeleteOptions
from apiserver.registry.store import Store
from apiserver.user import ITSELF
from machinery.api.errors import NotFound

AUTOUPDATE = "rbac.authorization.kubernetes.io/autoupdate"
BOOTSTRAPPING = {"kubernetes.io/bootstrapping": "rbac-defaults"}
AT_ONCE = 16
"""Writes that are under way together: a new cluster has some 130 of these objects."""


async def reconcile(stores: Stores) -> None:
    """Roles before bindings, since none is to refer to what is not there yet."""
    for plurals in (("clusterroles", "roles"), ("clusterrolebindings", "rolebindings")):
        room = asyncio.Semaphore(AT_ONCE)
        work = [
            _one(stores[RBAC_GROUP, "v1", plural], wanted, room) for plural in plurals for wanted in POLICY[plural]()
        ]
        for failure in await asyncio.gather(*work, return_exceptions=True):
            if failure is not None:
                raise failure


async def _one(store: Store, wanted: Doc, room: asyncio.Semaphore) -> None:
    meta = wanted["metadata"]
    async with room:
        entry = store.cacher.peek(store.key(meta.get("namespace", ""), meta["name"]))
        if entry is not None:
            existing = orjson.loads(entry.body)
            if existing.get("roleRef") != wanted.get("roleRef"):
                await _delete(store, existing)
            else:
                await _complete(store, existing, wanted)
        await ensure(store, wanted)


async def _complete(store: Store, existing: Doc, wanted: Doc) -> None:
    if completed(existing, wanted) is None:
        return

    async def change(current: Doc) -> Doc:
        return completed(current, wanted) or current

    await store.update(_attributes("UPDATE", store, existing), change)


async def _delete(store: Store, obj: Doc) -> None:
    if (obj["metadata"].get("annotations") or {}).get(AUTOUPDATE) == "false":
        return
    try:
        await store.delete(_attributes("DELETE", store, obj), DeleteOptions())
    except NotFound:
        return


def _attributes(operation: str, store: Store, obj: Doc) -> Attributes:
    meta = obj["metadata"]
    return Attributes(operation, store.resource, meta.get("namespace", ""), meta["name"], ITSELF)


# --- what is wanted


def completed(existing: Doc, wanted: Doc) -> Doc | None:
    """The object with what it lacks; None when it lacks nothing, or is not to be touched."""
    meta, goal = existing["metadata"], wanted["metadata"]
    if (meta.get("annotations") or {}).get(AUTOUPDATE) == "false":
        return None
    metadata = {**meta, **{field: {**goal[field], **(meta.get(field) or {})} for field in ("labels", "annotations")}}
    changed = {**existing, "metadata": metadata}
    if "roleRef" in wanted:
        changed["subjects"] = _joined(existing.get("subjects"), wanted.get("subjects"))
    elif "aggregationRule" in wanted:
        field = "clusterRoleSelectors"
        held = (existing.get("aggregationRule") or {}).get(field)
        changed["aggregationRule"] = {field: _joined(held, wanted["aggregationRule"][field])}
    else:
        missing = uncovered(rules_from(existing), rules_from(wanted))
        changed["rules"] = [*(existing.get("rules") or ()), *(each.document for each in missing)]
    return None if _plain(changed) == _plain(existing) else changed


def _joined(held: list[Doc] | None, wanted: list[Doc] | None) -> list[Doc]:
    return [*(held or ()), *(each for each in wanted or () if each not in (held or ()))]


def _plain(obj: Doc) -> Doc:
    """Without what is empty, which is stored as nothing."""
    return {field: value for field, value in obj.items() if value not in ([], None)}


def cluster_roles() -> Iterator[Doc]:
    for name, lines in CLUSTER_ROLES.items():
        role = _role(name, lines)
        if name in LABELS:
            role["metadata"]["labels"][LABELS[name]] = "true"
        if name in AGGREGATED:
            del role["rules"]
            role["aggregationRule"] = {"clusterRoleSelectors": [{"matchLabels": {f"{AGGREGATE}{name}": "true"}}]}
        yield role
    for name, lines in CONTROLLER_ROLES.items():
        yield _role(f"system:controller:{name}", lines)


def roles() -> Iterator[Doc]:
    return (_role(name, lines, namespace) for (namespace, name), lines in ROLES.items())


def cluster_role_bindings() -> Iterator[Doc]:
    for name, subjects in CLUSTER_ROLE_BINDINGS.items():
        yield _binding(name, "ClusterRole", name, subjects)
    for account in CONTROLLER_ROLES:
        name = f"system:controller:{account}"
        yield _binding(name, "ClusterRole", name, (f"ServiceAccount kube-system/{account}",))


def role_bindings() -> Iterator[Doc]:
    for (namespace, name), (role, subjects) in ROLE_BINDINGS.items():
        yield _binding(name, "Role", role, subjects, namespace=namespace)


POLICY = {
    "clusterroles": cluster_roles,
    "roles": roles,
    "clusterrolebindings": cluster_role_bindings,
    "rolebindings": role_bindings,
}


def _metadata(name: str, namespace: str) -> Doc:
    meta = {"name": name, "labels": dict(BOOTSTRAPPING), "annotations": {AUTOUPDATE: "true"}}
    return {**meta, "namespace": namespace} if namespace else meta


def _role(name: str, lines: Lines, namespace: str = "") -> Doc:
    return {"metadata": _metadata(name, namespace), "rules": [rule(line).document for line in lines]}


def _binding(name: str, kind: str, role: str, subjects: Lines, *, namespace: str = "") -> Doc:
    reference = {"apiGroup": RBAC_GROUP, "kind": kind, "name": role}
    found = [_subject(line) for line in subjects]
    return {"metadata": _metadata(name, namespace), "roleRef": reference, "subjects": found}


def _subject(line: str) -> Mapping[str, Any]:
    kind, _, name = line.partition(" ")
    if kind == "ServiceAccount":
        namespace, _, account = name.partition("/")
        return {"kind": kind, "name": account, "namespace": namespace}
    return {"kind": kind, "apiGroup": RBAC_GROUP, "name": name}

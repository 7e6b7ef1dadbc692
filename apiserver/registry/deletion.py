"""What a DELETE does to an object, decided purely: `plan` -> Remove, Mark (a changed object) or Keep.

Graceful deletion, finalizers and propagation policies meet here, once for every kind.
Real Kubernetes: rest.BeforeDelete and registry/generic/registry/store.go (deletionFinalizersForGarbageCollection).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apiserver.options import number
from apiserver.registry.metadata import stamp
from apiserver.registry.strategy import Strategy
from machinery.api.errors import Conflict, FieldError, Invalid

Doc = dict[str, Any]
ORPHAN, FOREGROUND = "orphan", "foregroundDeletion"


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """What the deleter asks for; None = not said."""

    grace_period_seconds: int | None = None
    propagation_policy: str = ""
    uid: str = ""
    resource_version: str = ""
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Remove:
    """The object goes away now."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The object lives on as a deleted one, until its finalizers or its grace period are over."""

    obj: Doc


@dataclass(frozen=True, slots=True)
class Keep:
    """It is being deleted already, and this request changes nothing."""


Plan = Remove | Mark | Keep


def delete_options(body: Doc, query: Any) -> DeleteOptions:
    """DeleteOptions from the body or, where the body is silent, from the query."""
    grace = body.get("gracePeriodSeconds")
    if grace is None and query.get("gracePeriodSeconds"):
        grace = number(query, "gracePeriodSeconds")
    policy = body.get("propagationPolicy") or query.get("propagationPolicy", "")
    if not policy and body.get("orphanDependents") is not None:
        policy = "Orphan" if body["orphanDependents"] else "Background"
    conditions = body.get("preconditions") or {}
    dry_run = body.get("dryRun") or [value for value in (query.get("dryRun"),) if value]
    options = DeleteOptions(
        grace,
        policy,
        conditions.get("uid") or "",
        conditions.get("resourceVersion") or "",
        dry_run == ["All"],
    )
    if policy not in ("", "Orphan", "Background", "Foreground"):
        error = FieldError.not_supported("propagationPolicy", policy, ["Foreground", "Background", "Orphan", ""])
        raise Invalid("DeleteOptions", "", [error], group="meta.k8s.io")
    return options


def check_preconditions(strategy: Strategy, obj: Doc, options: DeleteOptions) -> None:
    """Delete only the very object, or the very state of it, that the deleter saw."""
    meta, resource = obj["metadata"], strategy.resource
    for what, wanted, found in (
        ("UID", options.uid, meta.get("uid")),
        ("ResourceVersion", options.resource_version, meta.get("resourceVersion")),
    ):
        if wanted and wanted != found:
            why = f"Precondition failed: {what} in precondition: {wanted}, {what} in object meta: {found}"
            raise Conflict(resource.plural, meta["name"], why, group=resource.group)


def plan(strategy: Strategy, obj: Doc, options: DeleteOptions, now: datetime) -> Plan:
    """Decide what deleting `obj` means now."""
    meta = obj["metadata"]
    present = meta.get("finalizers", [])
    finalizers = _finalizers(present, options.propagation_policy or _unasked(strategy, present))
    if "deletionTimestamp" in meta:
        return _again(strategy, obj, options, finalizers)
    grace = strategy.grace_period(obj, options.grace_period_seconds)
    if not grace and not strategy.blocks_removal({**obj, "metadata": {**meta, "finalizers": finalizers}}):
        return Remove()
    changed = {**meta, "deletionTimestamp": stamp(now + timedelta(seconds=grace or 0))}
    changed["deletionGracePeriodSeconds"] = grace or 0
    if meta.get("generation"):
        changed["generation"] = meta["generation"] + 1
    return Mark(strategy.marked(_with(obj, changed, finalizers)))


def _again(strategy: Strategy, obj: Doc, options: DeleteOptions, finalizers: list[str]) -> Plan:
    """A second DELETE may shorten the grace period or change the finalizers, never lengthen or revive."""
    meta = obj["metadata"]
    running = meta.get("deletionGracePeriodSeconds") or 0
    wanted = running
    if options.grace_period_seconds is not None:
        wanted = min(running, max(options.grace_period_seconds, 0))
    changed = dict(meta)
    if wanted != running:
        then = datetime.fromisoformat(meta["deletionTimestamp"]) - timedelta(seconds=running - wanted)
        changed |= {"deletionTimestamp": stamp(then), "deletionGracePeriodSeconds": wanted}
    after = _with(obj, changed, finalizers)
    if not wanted and not strategy.blocks_removal(after):
        return Remove()
    return Keep() if after == obj else Mark(after)


def _with(obj: Doc, meta: Doc, finalizers: list[str]) -> Doc:
    meta = {key: value for key, value in meta.items() if key != "finalizers"}
    if finalizers:
        meta["finalizers"] = finalizers
    return {**obj, "metadata": meta}


def _unasked(strategy: Strategy, present: list[str]) -> str:
    """The policy where the deleter names none: what the object says already, or else its kind."""
    return "" if {ORPHAN, FOREGROUND} & set(present) else strategy.default_propagation


def _finalizers(present: list[str], policy: str) -> list[str]:
    """The finalizers after the propagation policy said its word; without a policy they stay."""
    if not policy:
        return list(present)
    kept = [name for name in present if name not in (ORPHAN, FOREGROUND)]
    return kept + {"Orphan": [ORPHAN], "Foreground": [FOREGROUND]}.get(policy, [])


def finished_by_update(strategy: Strategy, obj: Doc) -> bool:
    """Whether an update took away the last thing that kept a deleted object alive."""
    meta = obj["metadata"]
    waiting = meta.get("deletionGracePeriodSeconds") or 0
    return "deletionTimestamp" in meta and not waiting and not strategy.blocks_removal(obj)

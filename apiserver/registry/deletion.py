"""What a DELETE does to an object, decided purely: `plan` -> Remove, Mark (a changed object) or Keep.

Graceful deletion, finalizers and propagation policies meet here, once for every kind.
Real Kubernetes: rest.BeforeDelete and registry/generic/registry/store.go (deletionFinalizersForGarbageCollection).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from apiserver.options import GROUP, Query, dry_run_errors, dry_run_values, flag, number
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
    orphan_dependents: bool | None = None
    """The deprecated way to say Orphan or Background; it changes the answer's code as well."""

    def document(self) -> Doc:
        """As one would write them."""
        conditions = {"uid": self.uid, "resourceVersion": self.resource_version}
        given = {
            "gracePeriodSeconds": self.grace_period_seconds, "propagationPolicy": self.propagation_policy or None,
            "orphanDependents": self.orphan_dependents,
            "preconditions": {key: value for key, value in conditions.items() if value} or None,
        }  # fmt: skip
        return {key: value for key, value in given.items() if value is not None}


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


def from_body(body: Doc) -> DeleteOptions:
    """DeleteOptions as a document."""
    conditions = body.get("preconditions") or {}
    grace, policy, orphan = (body.get(key) for key in ("gracePeriodSeconds", "propagationPolicy", "orphanDependents"))
    found = DeleteOptions(
        grace, policy or "", conditions.get("uid") or "", conditions.get("resourceVersion") or "",
        orphan_dependents=orphan,
    )  # fmt: skip
    return _checked(found, body.get("dryRun") or [])


def from_query(query: Query) -> DeleteOptions:
    """DeleteOptions as the parameters of a URL."""
    found = DeleteOptions(
        number(query, "gracePeriodSeconds") if "gracePeriodSeconds" in query else None,
        query.get("propagationPolicy", ""),
        orphan_dependents=flag(query, "orphanDependents") if "orphanDependents" in query else None,
    )
    return _checked(found, dry_run_values(query) if "dryRun" in query else [])


def _checked(options: DeleteOptions, dry_run: list[str]) -> DeleteOptions:
    policy, found = options.propagation_policy, []
    if policy and options.orphan_dependents is not None:
        why = "orphanDependents and deletionPropagation cannot be both set"
        found.append(FieldError.invalid("propagationPolicy", policy, why))
    if policy not in ("", "Orphan", "Background", "Foreground"):
        choices = ["Foreground", "Background", "Orphan", "nil"]
        found.append(FieldError.not_supported("propagationPolicy", policy, choices))
    found += dry_run_errors(dry_run)
    if found:
        raise Invalid("DeleteOptions", "", found, group=GROUP)
    grace = options.grace_period_seconds
    if options.orphan_dependents is not None:
        policy = "Orphan" if options.orphan_dependents else "Background"
    return replace(
        options,
        grace_period_seconds=1 if grace is not None and grace < 0 else grace,
        propagation_policy=policy,
        dry_run=bool(dry_run),
    )


def check_preconditions(strategy: Strategy, obj: Doc, options: DeleteOptions) -> None:
    """Delete only the very object, or the very state of it, that the deleter saw."""
    meta, resource = obj["metadata"], strategy.resource
    for what, wanted, found, guess in (
        ("UID", options.uid, meta.get("uid"), "deleted and then recreated"),
        ("ResourceVersion", options.resource_version, meta.get("resourceVersion"), "modified"),
    ):
        if wanted and wanted != found:
            why = f"the {what} in the precondition ({wanted}) does not match the {what} in record ({found}). "
            why += f"The object might have been {guess}"
            raise Conflict(resource.kind, meta["name"], why, group=resource.group)


def plan(strategy: Strategy, obj: Doc, options: DeleteOptions, now: datetime) -> Plan:
    """Decide what deleting `obj` means now."""
    meta = obj["metadata"]
    present = meta.get("finalizers", [])
    finalizers = present
    if strategy.has_dependents:
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
    """A second DELETE may shorten the grace period, never lengthen it or revive the object.

    While the grace period runs, what becomes of dependents is settled; afterwards finalizers may still change.
    """
    meta = obj["metadata"]
    running = meta.get("deletionGracePeriodSeconds") or 0
    wanted = running
    if options.grace_period_seconds is not None:
        wanted = min(running, max(options.grace_period_seconds, 0))
    if running and wanted == running:
        return Keep()
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
    """The finalizers after the propagation policy said its word; without a policy, or news, they stay."""
    if not policy:
        return list(present)
    kept = [name for name in present if name not in (ORPHAN, FOREGROUND)]
    wanted = kept + {"Orphan": [ORPHAN], "Foreground": [FOREGROUND]}.get(policy, [])
    return list(present) if set(wanted) == set(present) else wanted


def finished_by_update(strategy: Strategy, obj: Doc) -> bool:
    """Whether an update took away the last thing that kept a deleted object alive."""
    meta = obj["metadata"]
    waiting = meta.get("deletionGracePeriodSeconds") or 0
    return "deletionTimestamp" in meta and not waiting and not strategy.blocks_removal(obj)

"""Server-side apply: a configuration is what its manager wants, whole; the rest of the object is others' business.

Pure. 1. lay the configuration over the live object; 2. take out what the manager had applied, applies no more, and no
other owns; 3. where the result changes another's field, that is a conflict, unless forced; 4. the manager owns what
the configuration mentions. In Kubernetes: structured-merge-diff's merge/update.go (Apply, prune), apimachinery's
managedfields/internal/structuredmerge.go, skipnonapplied.go. Left out: conversion of fields between versions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from typing import Any

from machinery.api.apply import managers as owners
from machinery.api.apply.compare import compare_objects
from machinery.api.apply.conflicts import Conflicts, of_owners
from machinery.api.apply.extract import fields_of, with_named
from machinery.api.apply.field_set import Fields, difference, intersection, recursive_difference, union
from machinery.api.apply.last_applied import allowed_conflicts, with_last_applied
from machinery.api.apply.managers import APPLY, Managers, Owned
from machinery.api.apply.merge import merge, remove
from machinery.api.apply.shapes import Shape, struct
from machinery.api.apply.typed import check_config
from machinery.api.apply.updating import NOBODYS, Writer, credited, robbed, without_reset, zero
from machinery.api.errors import BadRequest
from machinery.api.model import Model, without_nulls

Document = dict[str, Any]
KUBECTL = "kubectl"
BEFORE_FIRST_APPLY = "before-first-apply"


@dataclass(frozen=True, slots=True)
class Applied:
    """The object with its managedFields, and whether anything beside these changed.

    A map that the configuration names as empty counts as a change; with_old_times sees through that, once the object
    is in the form in which it is stored.
    """

    object: Document
    changed: bool


def apply(
    live: Document | None, config: Document, model: type[Model], writer: Writer, *, now: datetime, force: bool = False
) -> Applied | Conflicts:
    """The live object (None: there is none yet) after this configuration; or who stands against it.

    Raises BadRequest for a configuration that does not fit the class. The answer wants defaults, as after any write.
    """
    check_config(config, model, writer.api_version)
    attempt = _Attempt(_without_owners(live, model), config, model, writer, now)
    try:
        managers = _known(live, attempt)
        outcome = attempt.run(managers, force=force)
        return outcome if writer.manager != KUBECTL else _of_kubectl(outcome, attempt, managers)
    except RecursionError:
        raise BadRequest("the object is nested too deeply to be applied") from None


def _of_kubectl(outcome: Applied | Conflicts, attempt: _Attempt, managers: Managers) -> Applied | Conflicts:
    """Conflicts with kubectl's own client-side past are none; its annotation is kept true."""
    if isinstance(outcome, Conflicts):
        left = outcome.outside(allowed_conflicts(attempt.live, attempt.model, attempt.writer.api_version))
        outcome = left if left.found else attempt.run(managers, force=True)
    if isinstance(outcome, Conflicts):
        return outcome
    return replace(outcome, object=with_last_applied(outcome.object, attempt.config))


def _without_owners(live: Document | None, model: type[Model]) -> Document:
    return zero(model) if live is None else owners.with_entries(live, [])


def _known(live: Document | None, attempt: _Attempt) -> Managers:
    """The owners so far. All that an untracked object has is held by before-first-apply."""
    managers = owners.read(owners.entries_of(live)) if live else {}
    if managers or live is None:
        return managers
    found = compare_objects(zero(attempt.model), attempt.live, attempt.model)
    return credited({}, found, replace(attempt.writer, manager=BEFORE_FIRST_APPLY), attempt.now)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One configuration against one object."""

    live: Document
    config: Document
    model: type[Model]
    writer: Writer
    now: datetime

    def run(self, managers: Managers, *, force: bool) -> Applied | Conflicts:
        identity, shape = self.writer.identity(APPLY), struct(self.model)
        last = managers.get(identity)
        mine = recursive_difference(fields_of(self.config, shape), self.writer.reset)
        others = {one: owned for one, owned in managers.items() if one != identity}
        wanted = self._pruned(last, [mine, *(owned.fields for owned in others.values())])

        found = without_reset(compare_objects(self.live, wanted, self.model), self.writer.reset)
        contested = {one: intersection(owned.fields, found.written) for one, owned in others.items()}
        contested = {one: fields for one, fields in contested.items() if fields}
        if contested and not force:
            return of_owners(contested)

        result, left = without_nulls(wanted), robbed(others, union(found.written, found.removed))
        changed = result != self.live
        time = owners.stamp(self.now) if changed else last.time if last else ""
        kept = difference(mine, NOBODYS)
        after = {**left, identity: Owned(kept, self.writer.api_version, time)} if kept else left
        return Applied(owners.with_entries(result, owners.written(after)), changed)

    def _pruned(self, last: Owned | None, claims: list[Fields]) -> Document:
        shape = struct(self.model)
        merged = merge(self.live, self.config, shape)
        if not last:
            return merged
        # Once more: a map that lost all it had is null by now, though the configuration may name it as empty.
        return merge(prune(merged, last.fields, reduce(union, claims, NOBODYS), shape), self.config, shape)


def prune(merged: Document, last: Fields, claimed: Fields, shape: Shape) -> Document:
    """The object without what was applied last time and nobody claims now.

    A field goes with all that is in it, unless somebody claims a part of that.
    """
    last, claimed = with_named(last, shape), with_named(claimed, shape)
    everything = _fields(merged, shape)
    rest = _fields(remove(merged, last, shape), shape)
    rest = _fields(remove(merged, difference(everything, union(rest, claimed)), shape), shape)
    unwanted = intersection(difference(everything, rest), last)
    return remove(merged, difference(unwanted, claimed), shape)


def _fields(value: Any, shape: Shape) -> Fields:
    return with_named(fields_of(value, shape), shape)

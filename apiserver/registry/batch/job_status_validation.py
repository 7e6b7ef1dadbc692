"""What a job's status may not say: counters that shrink, an end that is none. Pure.

Each rule is one row: whether it is broken, where, the value, and the words for it. As in Kubernetes, most rules hold
only for what an update changes, so that a status from before a rule can still be written.
Real Kubernetes: validateJobStatus and ValidateJobStatusUpdate in pkg/apis/batch/validation.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apiserver.registry.batch import indexes
from apiserver.registry.batch.job_validation import INDEXED
from apiserver.registry.field_checks import not_negative
from machinery.api.batch.v1 import Job
from machinery.api.errors import FieldError
from machinery.api.field_errors import OMITTED

COMPLETE, FAILED, TARGET, MET = "Complete", "Failed", "FailureTarget", "SuccessCriteriaMet"
Rule = tuple[bool, str, Any, str]


def status_errors(job: Job, old: Job) -> list[FieldError]:
    """All errors of a new status, given the one before."""
    rules = (*_condition_rules(job, old), *_end_rules(job, old), *_time_rules(job, old), *_counter_rules(job, old))
    return [
        *not_negative("status", job.status, "active", "succeeded", "failed", "ready", "terminating"),
        *_uncounted_errors(job),
        *(FieldError.invalid(f"status.{field}", value, why) for broken, field, value, why in rules if broken),
        *_index_errors(job, old),
    ]


def is_true(job: Job, kind: str) -> bool:
    return any(condition.type == kind and condition.status == "True" for condition in job.status.conditions)


def _finished(job: Job) -> bool:
    return is_true(job, COMPLETE) or is_true(job, FAILED)


def _condition_rules(job: Job, old: Job) -> Iterable[Rule]:
    now = {kind: is_true(job, kind) for kind in (COMPLETE, FAILED, TARGET, MET)}
    before = {kind: is_true(old, kind) for kind in now}
    new = {kind for kind in now if now[kind] != before[kind]}
    field = "conditions"
    for one, other, words in (
        (COMPLETE, FAILED, "Complete=True and Failed=true"),
        (COMPLETE, TARGET, "Complete=True and FailureTarget=true"),
        (MET, FAILED, "SuccessCriteriaMet=True and Failed=true"),
        (MET, TARGET, "SuccessCriteriaMet=True and FailureTarget=true"),
    ):
        yield now[one] and now[other] and bool(new & {one, other}), field, OMITTED, f"cannot set {words} conditions"
    alone = now[FAILED] and not now[TARGET] and bool(new & {FAILED, TARGET})
    yield alone, field, OMITTED, "cannot set Failed=True condition without the FailureTarget=true condition"
    alone = now[COMPLETE] and not now[MET] and bool(new & {COMPLETE, MET})
    yield alone, field, OMITTED, "cannot set Complete=True condition without the SuccessCriteriaMet=true condition"
    for kind in (FAILED, COMPLETE, TARGET):
        gone = before[kind] and not now[kind]
        yield gone, field, OMITTED, f"cannot disable the terminal {kind}=True condition"
    yield before[MET] and not now[MET], field, OMITTED, "cannot disable the SuccessCriteriaMet=True condition"
    late = before[COMPLETE] and not before[MET] and now[MET]
    yield late, field, OMITTED, "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions"


def _end_rules(job: Job, old: Job) -> Iterable[Rule]:
    """What must be over when a job ends."""
    status, just_ended = job.status, _finished(job) and not _finished(old)
    left = status.uncounted_terminated_pods
    yield just_ended and status.active > 0, "active", status.active, "active>0 is invalid for finished job"
    running = status.terminating or 0
    yield just_ended and running > 0, "terminating", running, "terminating>0 is invalid for finished job"
    some = left is not None and bool(left.succeeded or left.failed)
    why = "uncountedTerminatedPods needs to be empty for finished job"
    yield just_ended and some, "uncountedTerminatedPods", left, why


def _time_rules(job: Job, old: Job) -> Iterable[Rule]:
    status, before = job.status, old.status
    end, begin = status.completion_time, status.start_time
    changed = end != before.completion_time or is_true(job, COMPLETE) != is_true(old, COMPLETE)
    field, shown = "completionTime", status.to_dict().get("completionTime")
    why = "cannot set completionTime when there is no Complete=True condition"
    yield changed and end is not None and not is_true(job, COMPLETE), field, shown, why
    early = end is not None and begin is not None and end < begin
    yield changed and early, field, shown, "completionTime cannot be set before startTime"
    moved = end is not None and before.completion_time is not None and end != before.completion_time
    yield moved, field, shown, "completionTime cannot be mutated"


def _counter_rules(job: Job, old: Job) -> Iterable[Rule]:
    status, before, indexed = job.status, old.status, job.spec.completion_mode == INDEXED
    less = status.failed < before.failed and (old.spec.backoff_limit_per_index is None or not indexed)
    yield less, "failed", status.failed, "cannot decrease the failed counter"
    less = status.succeeded < before.succeeded and not indexed
    yield less, "succeeded", status.succeeded, "cannot decrease the succeeded counter"
    changed = (status.ready, status.active) != (before.ready, before.active)
    more = status.ready is not None and status.ready > status.active
    yield changed and more, "ready", status.ready, "cannot set more ready pods than active"
    why = "cannot set non-empty completedIndexes when non-indexed completion mode"
    yield bool(status.completed_indexes) and not indexed, "completedIndexes", status.completed_indexes, why
    why = "cannot set non-null failedIndexes when backoffLimitPerIndex is null"
    odd = status.failed_indexes is not None and job.spec.backoff_limit_per_index is None
    yield odd, "failedIndexes", status.failed_indexes, why


def _uncounted_errors(job: Job) -> list[FieldError]:
    uncounted, found, seen = job.status.uncounted_terminated_pods, [], set()
    if uncounted is None:
        return []
    for field, uids in (("succeeded", uncounted.succeeded), ("failed", uncounted.failed)):
        for index, uid in enumerate(uids):
            path = f"status.uncountedTerminatedPods.{field}[{index}]"
            if not uid:
                found.append(FieldError.invalid(path, uid, "must not be empty"))
            elif uid in seen:
                found.append(FieldError.duplicate(path, uid))
            seen.add(uid)
    return found


def _index_errors(job: Job, old: Job) -> list[FieldError]:
    """The lists of indexes are readable and apart, the times that an end needs are there."""
    status, found, read = job.status, [], []
    just_ended = _finished(job) and not _finished(old)
    if just_ended and status.start_time is None:
        found.append(FieldError.required("status.startTime", "startTime is required for finished job"))
    if just_ended and is_true(job, COMPLETE) and status.completion_time is None:
        why = "completionTime is required for Complete jobs"
        found.append(FieldError.required("status.completionTime", why))
    for field, text in (("completedIndexes", status.completed_indexes), ("failedIndexes", status.failed_indexes)):
        try:
            read.append(indexes.intervals(text or "", job.spec.completions or 0))
        except indexes.BadIndexes as error:
            if job.spec.completions is not None:
                found.append(FieldError.invalid(f"status.{field}", text, f"error parsing {field}: {error}"))
    both = indexes.overlap(*read) if len(read) == 2 else None
    if both is not None:
        why = f"failedIndexes and completedIndexes overlap at index: {both}"
        found.append(FieldError.invalid("status.failedIndexes", status.failed_indexes, why))
    return found

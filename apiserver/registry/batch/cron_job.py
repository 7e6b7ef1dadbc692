"""CronJob: a Job whenever a crontab line says so. Real Kubernetes: pkg/registry/batch/cronjob, validateCronJobSpec."""

from __future__ import annotations

import re
import zoneinfo
from datetime import datetime
from typing import Any

from apiserver.durations import age
from apiserver.registry.batch.job import default_job_template, name_warnings
from apiserver.registry.batch.job_validation import job_errors
from apiserver.registry.cells import NONE, UNSET, container_cells, selector_cell
from apiserver.registry.field_checks import not_negative, one_of
from apiserver.registry.strategy import Doc, Strategy, columns
from machinery.api import cron
from machinery.api.batch.v1 import CronJob, CronJobSpec, JobTemplateSpec
from machinery.api.errors import FieldError

_POLICIES = ("Allow", "Forbid", "Replace")
_MAX_NAME = 52
"""A job's name is the cron job's, a dash and ten digits, and has at most 63 letters."""
_ZONE_PART = r"[A-Za-z.\-_0-9+]{1,14}"
_COUNTS = ("starting_deadline_seconds", "successful_jobs_history_limit", "failed_jobs_history_limit")


class CronJobStrategy(Strategy):
    """See the module."""

    api_version = "batch/v1"
    kind = "CronJob"
    has_status = True
    has_generation = True
    columns = columns(
        "Name, Schedule, Timezone, Suspend, Active, Last Schedule, Age", "Containers, Images, Selector",
        suspend="boolean", active="integer",
    )  # fmt: skip

    def default(self, obj: Doc) -> None:
        spec = obj.setdefault("spec", {})
        spec["concurrencyPolicy"] = spec.get("concurrencyPolicy") or "Allow"
        spec.setdefault("suspend", False)
        spec.setdefault("successfulJobsHistoryLimit", 3)
        spec.setdefault("failedJobsHistoryLimit", 1)
        default_job_template(spec.setdefault("jobTemplate", {}).setdefault("spec", {}))

    def validate(self, obj: CronJob) -> list[FieldError]:
        found = _spec_errors(obj.spec)
        if len(obj.metadata.name) > _MAX_NAME:
            why = f"must be no more than {_MAX_NAME} characters"
            found.append(FieldError.invalid("metadata.name", obj.metadata.name, why))
        return found + _zone_errors(obj.spec.time_zone, "spec.timeZone")

    def validate_update(self, obj: CronJob, old: CronJob) -> list[FieldError]:
        found = _spec_errors(obj.spec)
        if obj.spec.time_zone != old.spec.time_zone:
            found += _zone_errors(obj.spec.time_zone, "spec.timeZone")
        return found

    def warnings(self, obj: CronJob) -> list[str]:
        return name_warnings(obj.metadata.name)

    def row(self, obj: CronJob, now: datetime) -> list[Any]:
        spec, last = obj.spec, obj.status.last_schedule_time
        return [
            obj.metadata.name,
            spec.schedule,
            NONE if spec.time_zone is None else spec.time_zone,
            UNSET if spec.suspend is None else str(spec.suspend),
            len(obj.status.active),
            NONE if last is None else age(last, now),
            age(obj.metadata.creation_timestamp, now),
            *container_cells(spec.job_template.spec.template),
            selector_cell(spec.job_template.spec.selector),
        ]


def _spec_errors(spec: CronJobSpec) -> list[FieldError]:
    return [
        *_schedule_errors(spec.schedule, "spec.schedule"),
        *not_negative("spec", spec, *_COUNTS),
        *one_of("spec.concurrencyPolicy", spec.concurrency_policy, _POLICIES, required=True),
        *_template_errors(spec.job_template, "spec.jobTemplate.spec"),
    ]


def _schedule_errors(line: str, path: str) -> list[FieldError]:
    if not line:
        return [FieldError.required(path)]
    if "TZ" in line:
        why = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
        return [FieldError.invalid(path, line, why)]
    try:
        cron.parse(line)
    except cron.CronError as error:
        return [FieldError.invalid(path, line, str(error))]
    return []


def _zone_errors(zone: str | None, path: str) -> list[FieldError]:
    if zone is None:
        return []
    if not zone:
        return [FieldError.invalid(path, zone, "timeZone must be nil or non-empty string")]
    if zone.lower() == "local":
        why = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
        return [FieldError.invalid(path, zone, why)]
    known = all(part not in (".", "..") and re.fullmatch(_ZONE_PART, part) for part in zone.split("/"))
    if known and not any(part.startswith("-") for part in zone.split("/")) and _exists(zone):
        return []
    return [FieldError.invalid(path, zone, f"unknown time zone {zone}")]


def _exists(zone: str) -> bool:
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _template_errors(template: JobTemplateSpec, path: str) -> list[FieldError]:
    """The selector of each job is its own, so the template may have none."""
    found, spec = job_errors(template.spec, path), template.spec
    if spec.selector is not None:
        found.append(FieldError.invalid(f"{path}.selector", spec.selector, "`selector` will be auto-generated"))
    if spec.manual_selector:
        found.append(FieldError.not_supported(f"{path}.manualSelector", True, ("nil", "false")))
    return found

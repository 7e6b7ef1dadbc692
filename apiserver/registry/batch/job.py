"""Job: pods that shall end. Real Kubernetes: pkg/registry/batch/job, pkg/apis/batch/v1/defaults.go.

Unless its author wants another, a job gets a selector that finds its own pods alone: by the job's uid.
Left out: nothing of the spec.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from apiserver.durations import age
from apiserver.registry.batch.job_status_validation import is_true, status_errors
from apiserver.registry.batch.job_validation import INDEXED, job_errors
from apiserver.registry.cells import container_cells, selector_cell
from apiserver.registry.core.template_validation import mismatch_errors
from apiserver.registry.field_checks import unchanged
from apiserver.registry.selectors import label_selector_errors
from apiserver.registry.strategy import Doc, Strategy, columns
from machinery.api import names
from machinery.api.batch.v1 import Job, JobSpec
from machinery.api.core.pod_defaults import default_pod_spec
from machinery.api.core.v1 import Affinity, PodTemplateSpec
from machinery.api.durations import human
from machinery.api.errors import FieldError
from machinery.api.field_errors import quote

PREFIX = "batch.kubernetes.io/"
NAME, UID = "job-name", "controller-uid"
_NO_LIMIT = 2**31 - 1
_STATES = ("Complete", "Failed", "Suspended", "FailureTarget")


class JobStrategy(Strategy):
    """See the module."""

    api_version = "batch/v1"
    kind = "Job"
    has_status = True
    has_generation = True
    default_propagation: ClassVar[str] = "Orphan"
    columns = columns("Name, Status, Completions, Duration, Age", "Containers, Images, Selector")
    selectable_fields: ClassVar = ("status.successful",)

    def default(self, obj: Doc) -> None:
        spec = obj.setdefault("spec", {})
        if "completions" not in spec and "parallelism" not in spec:
            spec["completions"] = 1
        spec.setdefault("parallelism", 1)
        spec.setdefault("backoffLimit", _NO_LIMIT if "backoffLimitPerIndex" in spec else 6)
        spec.setdefault("completionMode", "NonIndexed")
        spec.setdefault("suspend", False)
        spec.setdefault("manualSelector", False)
        strict = "podFailurePolicy" in spec
        spec.setdefault("podReplacementPolicy", "Failed" if strict else "TerminatingOrFailed")
        default_job_template(spec)
        _copy_labels(obj)

    def prepare_for_create(self, obj: Doc) -> None:
        super().prepare_for_create(obj)
        if not obj["spec"].get("manualSelector"):
            _generate_selector(obj)
            _copy_labels(obj)

    def validate(self, obj: Job) -> list[FieldError]:
        return [*_own_selector_errors(obj), *_spec_errors(obj.spec), *_host_name_errors(obj)]

    def validate_update(self, obj: Job, old: Job) -> list[FieldError]:
        new, was = obj.spec, old.spec
        waiting = bool(was.suspend) and old.status.start_time is None
        template = _with_directives(was.template, new.template) if waiting else was.template
        return [
            *_spec_errors(new),
            *_completions_errors(new, was),
            *unchanged("spec.selector", new.selector, was.selector),
            *([] if new.template == template else [FieldError.immutable("spec.template", new.template)]),
            *unchanged("spec.completionMode", new.completion_mode, was.completion_mode),
            *unchanged("spec.podFailurePolicy", new.pod_failure_policy, was.pod_failure_policy),
            *unchanged("spec.backoffLimitPerIndex", new.backoff_limit_per_index, was.backoff_limit_per_index),
            *unchanged("spec.managedBy", new.managed_by, was.managed_by),
            *unchanged("spec.successPolicy", new.success_policy, was.success_policy),
        ]

    def validate_status_update(self, obj: Job, old: Job) -> list[FieldError]:
        return status_errors(obj, old)

    def warnings(self, obj: Job) -> list[str]:
        return name_warnings(obj.metadata.name)

    def refused_field(self, field: str) -> str:
        return f"field label {quote(field)} not supported for Job"

    def selectable(self, obj: Doc) -> dict[str, str]:
        return {"status.successful": str(obj.get("status", {}).get("succeeded", 0))}

    def row(self, obj: Job, now: datetime) -> list[Any]:
        return [
            obj.metadata.name,
            _state_cell(obj),
            _completions_cell(obj),
            _duration_cell(obj, now),
            age(obj.metadata.creation_timestamp, now),
            *container_cells(obj.spec.template),
            selector_cell(obj.spec.selector),
        ]


def default_job_template(spec: Doc) -> None:
    """What the jobs of a CronJob get too: the pods' defaults, and the conditions' status."""
    default_pod_spec(spec.setdefault("template", {}).setdefault("spec", {}))
    for rule in spec.get("podFailurePolicy", {}).get("rules", []):
        for pattern in rule.get("onPodConditions", []):
            pattern["status"] = pattern.get("status") or "True"


def name_warnings(name: str) -> list[str]:
    bad = names.dns_label(name)
    if not bad:
        return []
    return [
        "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label "
        f"is recommended: [{' '.join(bad)}]"
    ]


def _copy_labels(obj: Doc) -> None:
    """A job without labels has its pods'."""
    labels = obj["spec"]["template"].get("metadata", {}).get("labels")
    if labels and not obj["metadata"].get("labels"):
        obj["metadata"]["labels"] = dict(labels)


def _generate_selector(obj: Doc) -> None:
    meta, template = obj["metadata"], obj["spec"]["template"].setdefault("metadata", {})
    own = {NAME: meta.get("name", ""), UID: meta["uid"]}
    own |= {PREFIX + key: value for key, value in own.items()}
    template["labels"] = {**own, **template.get("labels", {})}
    selector = obj["spec"].setdefault("selector", {})
    selector["matchLabels"] = {PREFIX + UID: meta["uid"], **selector.get("matchLabels", {})}


def _own_selector_errors(obj: Job) -> list[FieldError]:
    """A generated selector and its labels are as they were generated."""
    if obj.spec.manual_selector or obj.spec.selector is None:
        return []
    expected = {PREFIX + UID: obj.metadata.uid, PREFIX + NAME: obj.metadata.name}
    expected |= {UID: obj.metadata.uid, NAME: obj.metadata.name}
    labels, found = obj.spec.template.metadata.labels, []
    for key, value in expected.items():
        path = "spec.template.metadata.labels"
        if key not in labels:
            found.append(FieldError.required(path, f"must be '{value}'"))
        elif labels[key] != value:
            found.append(FieldError.invalid(f"{path}[{key}]", labels[key], f"must be '{value}'"))
    known = PodTemplateSpec.from_dict({"metadata": {"labels": expected}})
    if mismatch_errors(obj.spec.selector, known, "spec"):
        found.append(FieldError.invalid("spec.selector", obj.spec.selector, "`selector` not auto-generated"))
    return found


def _spec_errors(spec: JobSpec) -> list[FieldError]:
    found = job_errors(spec, "spec")
    if spec.selector is None:
        found.append(FieldError.required("spec.selector"))
    found += label_selector_errors(spec.selector, "spec.selector")
    return found + mismatch_errors(spec.selector, spec.template, "spec.template")


def _host_name_errors(obj: Job) -> list[FieldError]:
    """The pods of an indexed job have the index in their host names."""
    if obj.spec.completion_mode != INDEXED or not obj.spec.completions:
        return []
    last = f"{obj.metadata.name}-{obj.spec.completions - 1}"
    if not names.dns_label(last):
        return []
    why = f"will not able to create pod with invalid DNS label: {last}"
    return [FieldError.invalid("metadata.name", obj.metadata.name, why)]


def _completions_errors(new: JobSpec, was: JobSpec) -> list[FieldError]:
    """An indexed job may grow and shrink, together with its parallelism."""
    if new.completions == was.completions or (new.completion_mode == INDEXED and new.completions is None):
        return []
    if new.completion_mode != INDEXED:
        return [FieldError.immutable("spec.completions", new.completions)]
    if new.completions == new.parallelism:
        return []
    why = "can only be modified in tandem with spec.parallelism"
    return [FieldError.invalid("spec.completions", new.completions, why)]


def _with_directives(was: PodTemplateSpec, new: PodTemplateSpec) -> PodTemplateSpec:
    """The old template with what may still change while a job has never begun: where its pods may run."""
    before, wanted = was.spec, new.spec
    node = wanted.affinity.node_affinity if wanted.affinity is not None else None
    affinity = (before.affinity or Affinity()).replace(node_affinity=node)
    if affinity == Affinity():
        affinity = wanted.affinity if wanted.affinity == Affinity() else None
    spec = before.replace(
        affinity=affinity,
        node_selector=wanted.node_selector,
        tolerations=wanted.tolerations,
        scheduling_gates=wanted.scheduling_gates,
    )
    meta = was.metadata.replace(labels=new.metadata.labels, annotations=new.metadata.annotations)
    return was.replace(metadata=meta, spec=spec)


def _state_cell(obj: Job) -> str:
    """The one word for how far a job is."""
    first = next((kind for kind in _STATES[:2] if is_true(obj, kind)), "")
    if first:
        return first
    if obj.metadata.deletion_timestamp is not None:
        return "Terminating"
    return next((kind for kind in _STATES[2:] if is_true(obj, kind)), "Running")


def _completions_cell(obj: Job) -> str:
    done, spec = obj.status.succeeded, obj.spec
    if spec.completions is not None:
        return f"{done}/{spec.completions}"
    parallel = spec.parallelism or 0
    return f"{done}/1 of {parallel}" if parallel > 1 else f"{done}/1"


def _duration_cell(obj: Job, now: datetime) -> str:
    begin = obj.status.start_time
    if begin is None:
        return ""
    return human(((obj.status.completion_time or now) - begin).total_seconds())

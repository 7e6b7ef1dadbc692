"""What Deployment and ReplicaSet (and later their kin) share: the template, the selector, the label cells.

Real Kubernetes: pkg/apis/apps/validation and the label printers.
"""

from __future__ import annotations

from apiserver.registry.core.pod_validation import pod_spec_errors
from apiserver.registry.metadata import label_errors
from apiserver.registry.selectors import label_selector_errors
from machinery.api import labels
from machinery.api.core.v1 import PodTemplateSpec
from machinery.api.errors import ApiError, FieldError
from machinery.api.meta.v1 import LabelSelector

NOT_NEGATIVE = "must be greater than or equal to 0"


def selector_errors(selector: LabelSelector | None, template: PodTemplateSpec, *, kind: str) -> list[FieldError]:
    """The selector must be there, make sense, and match the template."""
    path = "spec.selector"
    if selector is None:
        return [FieldError.required(path), *_mismatch({}, template)]
    found = label_selector_errors(selector, path)
    if not selector.match_labels and not selector.match_expressions:
        why = f"empty selector is invalid for {kind}"
        found.append(FieldError.invalid(path, {}, why))
    if found:
        return found
    try:
        matches = labels.from_label_selector(selector).matches(template.metadata.labels)
    except ApiError:
        return [FieldError.invalid(path, selector.to_dict(), "invalid label selector")]
    return [] if matches else _mismatch(template.metadata.labels, template)


def _mismatch(value: dict[str, str], template: PodTemplateSpec) -> list[FieldError]:
    why = "`selector` does not match template `labels`"
    return [FieldError.invalid("spec.template.metadata.labels", value or template.metadata.labels, why)]


def template_errors(template: PodTemplateSpec) -> list[FieldError]:
    """A template that shall run for ever."""
    path = "spec.template"
    found = label_errors(template.metadata.labels, f"{path}.labels")
    found += pod_spec_errors(template.spec, f"{path}.spec")
    if template.spec.restart_policy != "Always":
        where = f"{path}.spec.restartPolicy"
        found.append(FieldError.not_supported(where, template.spec.restart_policy, ["Always"]))
    if template.spec.active_deadline_seconds is not None:
        why = "activeDeadlineSeconds in ReplicaSet is not Supported"
        found.append(FieldError.forbidden(f"{path}.spec.activeDeadlineSeconds", why))
    return found


def not_negative(**values: int | None) -> list[FieldError]:
    """Errors for counts below zero, by field of the spec (`min_ready_seconds` is `spec.minReadySeconds`)."""
    found = []
    for attr, value in values.items():
        if value is not None and value < 0:
            first, *rest = attr.split("_")
            found.append(FieldError.invalid(f"spec.{first}{''.join(map(str.title, rest))}", value, NOT_NEGATIVE))
    return found


def selector_cell(selector: LabelSelector | None) -> str:
    """The SELECTOR column."""
    return str(labels.from_label_selector(selector)) or "<none>" if selector is not None else "<none>"

"""What can be wrong with a pod template, wherever it stands. Pure.

Real Kubernetes: ValidatePodTemplateSpec and its callers for each kind of workload.
"""

from __future__ import annotations

from apiserver.registry.core.pod_validation import pod_spec_errors
from apiserver.registry.metadata import label_errors
from apiserver.registry.selectors import label_selector_errors
from machinery.api import labels, names
from machinery.api.core.v1 import PodTemplateSpec
from machinery.api.errors import ApiError, FieldError
from machinery.api.labels import Selector
from machinery.api.meta.v1 import LabelSelector


def template_errors(template: PodTemplateSpec, path: str) -> list[FieldError]:
    """A template by itself: labels, annotations and the pod."""
    found = [*template_metadata_errors(template, path), *pod_spec_errors(template.spec, f"{path}.spec")]
    if template.spec.ephemeral_containers:
        why = "ephemeral containers not allowed in pod template"
        found.append(FieldError.forbidden(f"{path}.spec.ephemeralContainers", why))
    return found


def template_metadata_errors(template: PodTemplateSpec, path: str) -> list[FieldError]:
    """Labels and annotations alone."""
    found = label_errors(template.metadata.labels, f"{path}.labels")
    for key in template.metadata.annotations:
        found += [FieldError.invalid(f"{path}.annotations", key, why) for why in names.qualified_name(key.lower())]
    return found


def lasting_errors(template: PodTemplateSpec, path: str, *, kind: str) -> list[FieldError]:
    """Pods that shall run for ever: restarted always, without a deadline."""
    found = []
    if template.spec.restart_policy != "Always":
        where = f"{path}.spec.restartPolicy"
        found.append(FieldError.not_supported(where, template.spec.restart_policy, ["Always"]))
    if template.spec.active_deadline_seconds is not None:
        why = f"activeDeadlineSeconds in {kind} is not Supported"
        found.append(FieldError.forbidden(f"{path}.spec.activeDeadlineSeconds", why))
    return found


def selector_errors(selector: LabelSelector | None, path: str, *, kind: str) -> list[FieldError]:
    """The selector of a workload must be there, make sense, and not take everything."""
    if selector is None:
        return [FieldError.required(path)]
    found = label_selector_errors(selector, path)
    if not selector.match_labels and not selector.match_expressions:
        found.append(FieldError.invalid(path, {}, f"empty selector is invalid for {kind}"))
    return found


def mismatch_errors(selector: LabelSelector | None, template: PodTemplateSpec, path: str) -> list[FieldError]:
    """A selector must find the pods that the template makes. No selector finds none, an unreadable one is no error
    of this check."""
    try:
        matcher: Selector = labels.from_label_selector(selector)
    except ApiError:
        return []
    found = template.metadata.labels
    if matcher.matches(found):
        return []
    return [FieldError.invalid(f"{path}.metadata.labels", found, "`selector` does not match template `labels`")]

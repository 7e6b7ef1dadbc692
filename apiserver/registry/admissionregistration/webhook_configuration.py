"""MutatingWebhookConfiguration and ValidatingWebhookConfiguration, which differ in one field.

apiserver/admission/webhook calls them. Real Kubernetes: pkg/registry/admissionregistration.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from apiserver.durations import age
from apiserver.registry.admissionregistration import matching
from apiserver.registry.checks import checked, fully_qualified_name, optional_one_of, unique
from apiserver.registry.selectors import label_selector_errors
from apiserver.registry.strategy import Doc, Strategy, columns
from apiserver.registry.webhook_client import client_errors, default_client
from machinery.api import names
from machinery.api.errors import FieldError

if TYPE_CHECKING:
    from machinery.api.admissionregistration.v1 import (
        MutatingWebhook,
        MutatingWebhookConfiguration,
        ValidatingWebhook,
        ValidatingWebhookConfiguration,
    )

    Configuration = MutatingWebhookConfiguration | ValidatingWebhookConfiguration

_REVIEW_VERSIONS = ("v1", "v1beta1")
_SIDE_EFFECTS = ("None", "NoneOnDryRun")
_REINVOCATIONS = ("IfNeeded", "Never")
_LONGEST = 30


class _WebhookConfigurationStrategy(Strategy):
    api_version = "admissionregistration.k8s.io/v1"
    has_generation = True
    allow_unconditional_update = False
    columns = columns("Name, Webhooks, Age", webhooks="integer")

    def default(self, obj: Doc) -> None:
        for hook in obj.get("webhooks", ()):
            hook.setdefault("failurePolicy", "Fail")
            hook.setdefault("matchPolicy", "Equivalent")
            hook.setdefault("namespaceSelector", {})
            hook.setdefault("objectSelector", {})
            hook.setdefault("timeoutSeconds", 10)
            default_client(hook.get("clientConfig"))
            matching.default_rules(hook.get("rules", ()))

    def validate(self, obj: Configuration) -> list[FieldError]:
        found = unique((f"webhooks[{i}].name", hook.name) for i, hook in enumerate(obj.webhooks) if hook.name)
        for index, hook in enumerate(obj.webhooks):
            found += _hook_errors(hook, f"webhooks[{index}]")
        return found

    def row(self, obj: Configuration, now: datetime) -> list[Any]:
        return [obj.metadata.name, len(obj.webhooks), age(obj.metadata.creation_timestamp, now)]


class ValidatingWebhookConfigurationStrategy(_WebhookConfigurationStrategy):
    """Webhooks that may refuse."""

    kind = "ValidatingWebhookConfiguration"


class MutatingWebhookConfigurationStrategy(_WebhookConfigurationStrategy):
    """Webhooks that may change, and be asked again after others have changed."""

    kind = "MutatingWebhookConfiguration"

    def default(self, obj: Doc) -> None:
        super().default(obj)
        for hook in obj.get("webhooks", ()):
            hook.setdefault("reinvocationPolicy", "Never")

    def validate(self, obj: MutatingWebhookConfiguration) -> list[FieldError]:
        found = super().validate(obj)
        for index, hook in enumerate(obj.webhooks):
            path = f"webhooks[{index}].reinvocationPolicy"
            found += optional_one_of(path, hook.reinvocation_policy, _REINVOCATIONS)
        return found


def _hook_errors(hook: MutatingWebhook | ValidatingWebhook, path: str) -> list[FieldError]:
    found = fully_qualified_name(f"{path}.name", hook.name)
    for index, rule in enumerate(hook.rules):
        found += matching.rule_errors(rule, f"{path}.rules[{index}]")
    found += optional_one_of(f"{path}.failurePolicy", hook.failure_policy, matching.FAILURE_POLICIES)
    found += optional_one_of(f"{path}.matchPolicy", hook.match_policy, matching.MATCH_POLICIES)
    if hook.side_effects is None:
        found.append(FieldError.required(f"{path}.sideEffects", f"must specify one of {', '.join(_SIDE_EFFECTS)}"))
    found += optional_one_of(f"{path}.sideEffects", hook.side_effects, _SIDE_EFFECTS)
    if hook.timeout_seconds is not None and not 1 <= hook.timeout_seconds <= _LONGEST:
        why = "the timeout value must be between 1 and 30 seconds"
        found.append(FieldError.invalid(f"{path}.timeoutSeconds", hook.timeout_seconds, why))
    return [
        *found,
        *label_selector_errors(hook.namespace_selector, f"{path}.namespaceSelector"),
        *label_selector_errors(hook.object_selector, f"{path}.objectSelector"),
        *client_errors(hook.client_config, f"{path}.clientConfig"),
        *matching.condition_errors(hook.match_conditions, f"{path}.matchConditions"),
        *review_version_errors(hook.admission_review_versions, f"{path}.admissionReviewVersions"),
    ]


def review_version_errors(versions: Sequence[str], path: str, *, said: bool = True) -> list[FieldError]:
    """At least one version that this server speaks; `said`: the message for none at all lists them."""
    known = ", ".join(_REVIEW_VERSIONS)
    if not versions:
        return [FieldError.required(path, f"must specify one of {known}" if said else "")]
    found = []
    for index, version in enumerate(versions):
        where = f"{path}[{index}]"
        if version in versions[:index]:
            found.append(FieldError.invalid(where, version, "duplicate version"))
        else:
            found += checked(where, version, names.dns1035_label)
    if not set(versions) & set(_REVIEW_VERSIONS):
        found.append(FieldError.invalid(path, list(versions), f"must include at least one of {known}"))
    return found

"""ValidatingAdmissionPolicyBinding: where a policy holds, with which parameters. Stored and validated only.

Real Kubernetes: pkg/registry/admissionregistration/validatingadmissionpolicybinding.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from apiserver.durations import age
from apiserver.registry.admissionregistration import matching
from apiserver.registry.checks import checked, needed, unique
from apiserver.registry.field_checks import one_of
from apiserver.registry.selectors import label_selector_errors
from apiserver.registry.strategy import Doc, Strategy, columns
from machinery.api import labels, names
from machinery.api.errors import FieldError

if TYPE_CHECKING:
    from machinery.api.admissionregistration.v1 import ParamRef, ValidatingAdmissionPolicyBinding

_ACTIONS = ("Audit", "Deny", "Warn")
_EXCLUSIVE = "name and selector are mutually exclusive"


class ValidatingAdmissionPolicyBindingStrategy(Strategy):
    """See the module."""

    api_version = "admissionregistration.k8s.io/v1"
    kind = "ValidatingAdmissionPolicyBinding"
    has_generation = True
    allow_unconditional_update = False
    columns = columns("Name, PolicyName, ParamRef, Age")

    def default(self, obj: Doc) -> None:
        matching.default_match(obj.get("spec", {}).get("matchResources"))

    def validate(self, obj: ValidatingAdmissionPolicyBinding) -> list[FieldError]:
        spec = obj.spec
        found = needed("spec.policyName", spec.policy_name, names.dns_subdomain)
        found += _param_errors(spec.param_ref, "spec.paramRef") if spec.param_ref is not None else []
        # The path is misspelt in Kubernetes, too.
        found += matching.match_errors(spec.match_resources, "spec.matchResouces")
        return found + _action_errors(spec.validation_actions, "spec.validationActions")

    def row(self, obj: ValidatingAdmissionPolicyBinding, now: datetime) -> list[Any]:
        when = age(obj.metadata.creation_timestamp, now)
        return [obj.metadata.name, obj.spec.policy_name, _param_cell(obj.spec.param_ref), when]


def _param_cell(reference: ParamRef | None) -> str:
    if reference is None:
        return "<unset>"
    if reference.name:
        return f"{reference.namespace or '*'}/{reference.name}"
    return str(labels.from_label_selector(reference.selector)) if reference.selector is not None else "<unset>"


def _param_errors(row: ParamRef, path: str) -> list[FieldError]:
    found = checked(f"{path}.name", row.name, names.path_segment) if row.name else []
    found += label_selector_errors(row.selector, f"{path}.selector")
    if row.name and row.selector is not None:
        found += [FieldError.forbidden(f"{path}.{field}", _EXCLUSIVE) for field in ("name", "selector")]
    if not row.name and row.selector is None:
        found.append(FieldError.required(path, "one of name or selector must be specified"))
    where, action = f"{path}.parameterNotFoundAction", row.parameter_not_found_action
    return found + (one_of(where, action, ("Deny", "Allow")) if action else [FieldError.required(where)])


def _action_errors(actions: Sequence[str], path: str) -> list[FieldError]:
    if not actions:
        return [FieldError.required(path, "at least one validation action is required")]
    found = []
    for index, action in enumerate(actions):
        found += one_of(f"{path}[{index}]", action, _ACTIONS)
    found += unique((f"{path}[{index}]", action) for index, action in enumerate(actions))
    if {"Deny", "Warn"} <= set(actions):
        why = (
            "must not contain both Deny and Warn (repeating the same validation failure information in the API "
            "response and headers serves no purpose)"
        )
        found.append(FieldError.invalid(path, list(actions), why))
    return found

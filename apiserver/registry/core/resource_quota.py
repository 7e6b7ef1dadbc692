"""ResourceQuota: how much a namespace may use in all. Real Kubernetes: pkg/registry/core/resourcequota.

The row lists requests and limits apart, used before allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from apiserver.durations import age
from apiserver.registry.core.resource_names import is_standard_quota, quota_resource_errors, resource_value_errors
from apiserver.registry.strategy import Strategy, columns
from machinery.api.core.v1 import ResourceQuota, ResourceQuotaSpec, ScopedResourceSelectorRequirement
from machinery.api.errors import FieldError

_BEST_EFFORT = ("BestEffort", "NotBestEffort")
_TERMINATING = ("Terminating", "NotTerminating")
_AFFINITY = "CrossNamespacePodAffinity"
_SCOPES = (*_BEST_EFFORT, *_TERMINATING, _AFFINITY, "PriorityClass")
_POD_RESOURCES = ("pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory")
_ONLY_EXISTS = (
    "must be 'Exist' only operator when scope is any of ResourceQuotaScopeTerminating, "
    "ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort "
    "or ResourceQuotaScopeCrossNamespacePodAffinity"
)


class ResourceQuotaStrategy(Strategy):
    """See the module."""

    kind = "ResourceQuota"
    has_status = True
    returns_deleted = True
    columns = columns("Name, Age, Request, Limit")

    def validate(self, obj: ResourceQuota) -> list[FieldError]:
        spec = obj.spec
        return [*_list_errors("spec.hard", spec.hard), *_scope_errors(spec), *_selector_errors(spec)]

    def validate_update(self, obj: ResourceQuota, old: ResourceQuota) -> list[FieldError]:
        found = self.validate(obj)
        if set(obj.spec.scopes) != set(old.spec.scopes):
            found.append(FieldError.immutable("spec.scopes", list(obj.spec.scopes)))
        return found

    def validate_status_update(self, obj: ResourceQuota, old: ResourceQuota) -> list[FieldError]:
        return [*_list_errors("status.hard", obj.status.hard), *_list_errors("status.used", obj.status.used)]

    def row(self, obj: ResourceQuota, now: datetime) -> list[Any]:
        limits = [name for name in sorted(obj.status.hard) if name.startswith("limits.")]
        requests = [name for name in sorted(obj.status.hard) if not name.startswith("limits.")]
        born = age(obj.metadata.creation_timestamp, now)
        return [obj.metadata.name, born, _usage_cell(obj, requests), _usage_cell(obj, limits)]


def _usage_cell(obj: ResourceQuota, resources: Iterable[str]) -> str:
    used, hard = obj.status.used, obj.status.hard
    return ", ".join(f"{name}: {used.get(name, '0')}/{hard[name]}" for name in resources)


def _list_errors(path: str, resources: Mapping[str, str]) -> list[FieldError]:
    found = []
    for name, text in resources.items():
        found += quota_resource_errors(name, f"{path}[{name}]")
        found += resource_value_errors(name, text, f"{path}[{name}]")
    return found


def _fits(scope: str, resource: str) -> bool:
    """Whether a scope says anything about this resource."""
    if not is_standard_quota(resource) or scope not in _SCOPES:
        return True
    return resource == "pods" if scope == "BestEffort" else resource in _POD_RESOURCES


def _scope_errors(spec: ResourceQuotaSpec) -> list[FieldError]:
    path, shown, found = "spec.scopes", list(spec.scopes), []
    for scope in spec.scopes:
        if scope not in _SCOPES:
            found.append(FieldError.invalid(path, shown, "unsupported scope"))
        unfit = [resource for resource in spec.hard if not _fits(scope, resource)]
        found += [FieldError.invalid(path, shown, "unsupported scope applied to resource") for _ in unfit]
    return found + _conflict_errors(path, spec.scopes, shown)


def _conflict_errors(path: str, scopes: Iterable[str], shown: Any) -> list[FieldError]:
    pairs = [pair for pair in (_BEST_EFFORT, _TERMINATING) if set(pair) <= set(scopes)]
    return [FieldError.invalid(path, shown, "conflicting scopes") for _ in pairs]


def _selector_errors(spec: ResourceQuotaSpec) -> list[FieldError]:
    if spec.scope_selector is None:
        return []
    path, found = "spec.scopeSelector.matchExpressions", []
    for row in spec.scope_selector.match_expressions:
        if row.scope_name not in _SCOPES:
            found.append(FieldError.invalid(f"{path}.scopeName", row.scope_name, "unsupported scope"))
        why = "unsupported scope applied to resource"
        unfit = [resource for resource in spec.hard if not _fits(row.scope_name, resource)]
        found += [FieldError.invalid(path, spec.scope_selector, why) for _ in unfit]
        found += _requirement_errors(row, path)
    scopes = [row.scope_name for row in spec.scope_selector.match_expressions]
    return found + _conflict_errors(path, scopes, spec.scope_selector)


def _requirement_errors(row: ScopedResourceSelectorRequirement, path: str) -> list[FieldError]:
    found = []
    if row.scope_name in (*_BEST_EFFORT, *_TERMINATING, _AFFINITY) and row.operator != "Exists":
        found.append(FieldError.invalid(f"{path}.operator", row.operator, _ONLY_EXISTS))
    if row.operator in ("In", "NotIn"):
        if not row.values:
            why = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
            found.append(FieldError.required(f"{path}.values", why))
    elif row.operator in ("Exists", "DoesNotExist"):
        if row.values:
            why = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
            found.append(FieldError.invalid(f"{path}.values", list(row.values), why))
    else:
        found.append(FieldError.invalid(f"{path}.operator", row.operator, "not a valid selector operator"))
    return found

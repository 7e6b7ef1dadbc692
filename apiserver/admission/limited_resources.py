"""Resources that may only be used where some quota covers them: the configuration of ResourceQuota. Pure.

Real Kubernetes: ResourceQuotaConfiguration in k8s.io/apiserver/pkg/admission/plugin/resourcequota.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from apiserver.admission.configuration import check_kind, refuse, unknown_fields
from machinery.api import quota
from machinery.api.field_errors import FieldError

Doc = dict[str, Any]
PLACES = {
    "ResourceQuotaConfiguration": ("apiserver.config.k8s.io/v1",),
    "Configuration": ("resourcequota.admission.k8s.io/v1beta1", "resourcequota.admission.k8s.io/v1alpha1"),
}
_FIELDS = ("apiGroup", "resource", "matchContains", "matchScopes")


def rows_of(document: Doc) -> list[Doc]:
    """Raises Mistaken."""
    kind = "Configuration" if document.get("kind") == "Configuration" else "ResourceQuotaConfiguration"
    check_kind(document, kind, PLACES[kind], where="ResourceQuota")
    rows = document.get("limitedResources") or []
    errors = unknown_fields(document, ("apiVersion", "kind", "limitedResources"))
    for number, row in enumerate(rows):
        path = f"limitedResources[{number}]"
        errors += unknown_fields(row, _FIELDS, path)
        if not row.get("resource"):
            errors.append(FieldError.required(f"{path}.resource"))
    refuse("ResourceQuota", errors)
    return rows


def matching(rows: Iterable[Doc], group: str, plural: str) -> list[Doc]:
    return [row for row in rows if (row.get("apiGroup") or "") == group and row["resource"] == plural]


def uncovered(rows: Iterable[Doc], costs: Iterable[str], covered: Iterable[str]) -> list[str]:
    """What of the costs would need a quota and has none."""
    parts = [part for row in rows for part in row.get("matchContains") or ()]
    limited = {name for name in costs if any(part in name for part in parts)}
    return sorted(limited - set(covered))


def uncovered_scopes(rows: Iterable[Doc], obj: Doc, quotas: Sequence[Doc]) -> list[str]:
    """The scopes that the pod is in, that would need a quota of that scope, and have none."""
    named = {name for each in quotas for name in _scopes(each.get("spec", {}))}
    wanted = (row for each in rows for row in each.get("matchScopes") or ())
    return [_said(row) for row in wanted if row["scopeName"] not in named and _is_in(row, obj)]


def _is_in(row: Doc, pod: Doc) -> bool:
    return quota.in_scope({"scopeSelector": {"matchExpressions": [row]}}, "", "pods", pod)


def _scopes(spec: Doc) -> list[str]:
    rows = (spec.get("scopeSelector") or {}).get("matchExpressions") or ()
    return [*(spec.get("scopes") or ()), *(row["scopeName"] for row in rows)]


def _said(row: Doc) -> str:
    return f"{{{row['scopeName']} {row.get('operator', '')} [{' '.join(row.get('values') or ())}]}}"

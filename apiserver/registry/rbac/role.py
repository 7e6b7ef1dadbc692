"""Role and ClusterRole: permissions in a namespace, or everywhere. Real Kubernetes: pkg/registry/rbac."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from apiserver.registry.metadata import stamp
from apiserver.registry.rbac.rules import rules_errors
from apiserver.registry.selectors import label_selector_errors
from apiserver.registry.strategy import Column, Strategy
from machinery.api import names
from machinery.api.errors import FieldError

if TYPE_CHECKING:
    from machinery.api.rbac.v1 import ClusterRole, Role

CREATED_AT = (Column("Name", format="name"), Column("Created At", type="date"))
"""The columns of kinds for which Kubernetes has no printer of their own."""


def created_at_row(obj: Any) -> list[Any]:
    born = obj.metadata.creation_timestamp
    return [obj.metadata.name, stamp(born) if born is not None else None]


class RoleStrategy(Strategy):
    """Permissions inside a namespace."""

    api_version = "rbac.authorization.k8s.io/v1"
    kind = "Role"
    allow_create_on_update = True
    columns = CREATED_AT

    def name_errors(self, name: str) -> list[str]:
        return names.path_segment(name)

    def validate(self, obj: Role) -> list[FieldError]:
        return rules_errors(obj.rules, namespaced=True)

    def row(self, obj: Role, now: datetime) -> list[Any]:
        return created_at_row(obj)


class ClusterRoleStrategy(Strategy):
    """Permissions everywhere, perhaps gathered from other roles."""

    api_version = "rbac.authorization.k8s.io/v1"
    kind = "ClusterRole"
    allow_create_on_update = True
    columns = CREATED_AT

    def name_errors(self, name: str) -> list[str]:
        return names.path_segment(name)

    def validate(self, obj: ClusterRole) -> list[FieldError]:
        found = rules_errors(obj.rules, namespaced=False)
        if obj.aggregation_rule is None:
            return found
        path = "aggregationRule.clusterRoleSelectors"
        if not obj.aggregation_rule.cluster_role_selectors:
            why = "at least one clusterRoleSelector required if aggregationRule is non-nil"
            found.append(FieldError.required(path, why))
        for index, selector in enumerate(obj.aggregation_rule.cluster_role_selectors):
            found += label_selector_errors(selector, f"{path}[{index}]")
        return found

    def row(self, obj: ClusterRole, now: datetime) -> list[Any]:
        return created_at_row(obj)

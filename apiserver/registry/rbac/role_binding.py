"""RoleBinding and ClusterRoleBinding: who holds a role. Real Kubernetes: pkg/registry/rbac."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from apiserver.durations import age
from apiserver.registry.rbac import rules
from apiserver.registry.strategy import Doc, Strategy, columns
from machinery.api import names
from machinery.api.errors import FieldError

if TYPE_CHECKING:
    from machinery.api.rbac.v1 import ClusterRoleBinding, RoleBinding


class RoleBindingStrategy(Strategy):
    """Gives a role, or a cluster role, inside a namespace."""

    api_version = "rbac.authorization.k8s.io/v1"
    kind = "RoleBinding"
    allow_create_on_update = True
    columns = columns("Name, Role, Age", "Users, Groups, ServiceAccounts")
    role_kinds: ClassVar = ("Role", "ClusterRole")

    def name_errors(self, name: str) -> list[str]:
        return names.path_segment(name)

    def default(self, obj: Doc) -> None:
        rules.default_binding(obj)

    def validate(self, obj: RoleBinding | ClusterRoleBinding) -> list[FieldError]:
        return rules.binding_errors(obj.role_ref, obj.subjects, kinds=self.role_kinds)

    def validate_update(self, obj: Any, old: Any) -> list[FieldError]:
        return self.validate(obj) + rules.reference_change(obj.role_ref, old.role_ref)

    def row(self, obj: RoleBinding | ClusterRoleBinding, now: datetime) -> list[Any]:
        role = f"{obj.role_ref.kind}/{obj.role_ref.name}"
        return [
            obj.metadata.name,
            role,
            age(obj.metadata.creation_timestamp, now),
            *rules.subject_cells(obj.subjects),
        ]


class ClusterRoleBindingStrategy(RoleBindingStrategy):
    """Gives a cluster role everywhere."""

    kind = "ClusterRoleBinding"
    role_kinds = ("ClusterRole",)

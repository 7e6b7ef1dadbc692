"""Role, ClusterRole and their bindings (k8s.io/api `rbac/v1`)."""

from typing import ClassVar

from machinery.api.meta.v1 import LabelSelector, ObjectMeta
from machinery.api.model import Model, Object, field


class AggregationRule(Model):
    """Roles whose rules are gathered into one."""

    cluster_role_selectors: tuple[LabelSelector, ...] = field(1, (), list_type="atomic")


class PolicyRule(Model):
    """Verbs that are allowed on resources or paths."""

    verbs: tuple[str, ...] = field(1, (), required=True, list_type="atomic")
    api_groups: tuple[str, ...] = field(2, (), list_type="atomic")
    resources: tuple[str, ...] = field(3, (), list_type="atomic")
    resource_names: tuple[str, ...] = field(4, (), list_type="atomic")
    non_resource_urls: tuple[str, ...] = field(5, (), json="nonResourceURLs", list_type="atomic")


class ClusterRole(Object):
    """Permissions that hold in the whole cluster, or in any namespace that binds them."""

    api_version: str = field(None, "rbac.authorization.k8s.io/v1", required=True)
    kind: str = field(None, "ClusterRole", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    rules: tuple[PolicyRule, ...] = field(2, (), required=True, optional=True, list_type="atomic")
    aggregation_rule: AggregationRule | None = field(3, None)


class Subject(Model):
    """A user, a group or a service account."""

    atomic: ClassVar[bool] = True
    kind: str = field(1, "", required=True)
    api_group: str = field(2, "")
    name: str = field(3, "", required=True)
    namespace: str = field(4, "")


class RoleRef(Model):
    """The role that a binding gives."""

    atomic: ClassVar[bool] = True
    api_group: str = field(1, "", required=True)
    kind: str = field(2, "", required=True)
    name: str = field(3, "", required=True)


class ClusterRoleBinding(Object):
    """Gives a cluster role to somebody, everywhere."""

    api_version: str = field(None, "rbac.authorization.k8s.io/v1", required=True)
    kind: str = field(None, "ClusterRoleBinding", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    subjects: tuple[Subject, ...] = field(2, (), list_type="atomic")
    role_ref: RoleRef = field(3, RoleRef, required=True)


class Role(Object):
    """Permissions inside a namespace."""

    api_version: str = field(None, "rbac.authorization.k8s.io/v1", required=True)
    kind: str = field(None, "Role", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    rules: tuple[PolicyRule, ...] = field(2, (), required=True, optional=True, list_type="atomic")


class RoleBinding(Object):
    """Gives a role to somebody inside a namespace."""

    api_version: str = field(None, "rbac.authorization.k8s.io/v1", required=True)
    kind: str = field(None, "RoleBinding", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    subjects: tuple[Subject, ...] = field(2, (), list_type="atomic")
    role_ref: RoleRef = field(3, RoleRef, required=True)

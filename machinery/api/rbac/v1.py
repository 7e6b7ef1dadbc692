"""Role, ClusterRole and their bindings (k8s.io/api `rbac/v1`)."""

from typing import ClassVar

from machinery.api.meta.v1 import LabelSelector, ObjectMeta
from machinery.api.model import Model, Object, field


class AggregationRule(Model):
    """Roles whose rules are gathered into one."""

    cluster_role_selectors: tuple[LabelSelector, ...] = field(1, (), list_type="atomic")
    """Labels of cluster roles: the rules of all that match any of these are gathered into this one."""


class PolicyRule(Model):
    """Verbs that are allowed on resources or paths."""

    verbs: tuple[str, ...] = field(1, (), required=True, list_type="atomic")
    """What may be done: get, list, watch, create, update, patch, delete … or * for everything."""
    api_groups: tuple[str, ...] = field(2, (), list_type="atomic")
    """The API groups of the resources: "" for the core group, * for all."""
    resources: tuple[str, ...] = field(3, (), list_type="atomic")
    """What it may be done to: pods, deployments/scale … or * for everything."""
    resource_names: tuple[str, ...] = field(4, (), list_type="atomic")
    """Only objects of these names; all if empty."""
    non_resource_urls: tuple[str, ...] = field(5, (), json="nonResourceURLs", list_type="atomic")
    """URLs that are no resources, such as /healthz or /metrics/*. Only in cluster roles."""


class ClusterRole(Object):
    """Permissions that hold in the whole cluster, or in any namespace that binds them."""

    api_version: str = field(None, "rbac.authorization.k8s.io/v1", required=True)
    kind: str = field(None, "ClusterRole", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    rules: tuple[PolicyRule, ...] = field(2, (), required=True, optional=True, list_type="atomic")
    """What it allows."""
    aggregation_rule: AggregationRule | None = field(3, None)
    """Other roles to gather the rules from; a controller then writes rules, and one's own are lost."""


class Subject(Model):
    """A user, a group or a service account."""

    atomic: ClassVar[bool] = True
    kind: str = field(1, "", required=True)
    """User, Group or ServiceAccount."""
    api_group: str = field(2, "")
    """Empty for a ServiceAccount; for the others rbac.authorization.k8s.io, filled in if not said."""
    name: str = field(3, "", required=True)
    """The name of the user, group or service account."""
    namespace: str = field(4, "")
    """The service account's namespace; users and groups have none."""


class RoleRef(Model):
    """The role that a binding gives."""

    atomic: ClassVar[bool] = True
    api_group: str = field(1, "", required=True)
    """Always rbac.authorization.k8s.io."""
    kind: str = field(2, "", required=True)
    """Role or ClusterRole."""
    name: str = field(3, "", required=True)
    """The role's name."""


class ClusterRoleBinding(Object):
    """Gives a cluster role to somebody, everywhere."""

    api_version: str = field(None, "rbac.authorization.k8s.io/v1", required=True)
    kind: str = field(None, "ClusterRoleBinding", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    subjects: tuple[Subject, ...] = field(2, (), list_type="atomic")
    """Who gets it."""
    role_ref: RoleRef = field(3, RoleRef, required=True)
    """The ClusterRole that they get. It cannot be changed."""


class Role(Object):
    """Permissions inside a namespace."""

    api_version: str = field(None, "rbac.authorization.k8s.io/v1", required=True)
    kind: str = field(None, "Role", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    rules: tuple[PolicyRule, ...] = field(2, (), required=True, optional=True, list_type="atomic")
    """What it allows."""


class RoleBinding(Object):
    """Gives a role to somebody inside a namespace."""

    api_version: str = field(None, "rbac.authorization.k8s.io/v1", required=True)
    kind: str = field(None, "RoleBinding", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    subjects: tuple[Subject, ...] = field(2, (), list_type="atomic")
    """Who gets it."""
    role_ref: RoleRef = field(3, RoleRef, required=True)
    """A Role of this namespace, or a ClusterRole for this namespace only. It cannot be changed."""

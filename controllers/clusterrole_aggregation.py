"""The cluster role aggregator: a ClusterRole with an aggregationRule has the rules of all whose labels it selects.

Watches ClusterRoles; writes the rules of those that aggregate. Whatever else stands in their rules is replaced.
In Kubernetes: pkg/controller/clusterroleaggregation.
"""

from __future__ import annotations

from collections.abc import Iterable

from machinery.api import labels
from machinery.api.errors import NotFound
from machinery.api.rbac.v1 import ClusterRole, PolicyRule
from machinery.client.controller import Context, Controller


def plan(role: ClusterRole, others: Iterable[ClusterRole]) -> tuple[PolicyRule, ...] | None:
    """The rules that the role should have, in the order of the others' names; None when it has them."""
    if role.aggregation_rule is None:
        return None
    selectors = [labels.from_label_selector(each) for each in role.aggregation_rule.cluster_role_selectors]
    found: dict[PolicyRule, None] = {}
    for other in sorted(others, key=lambda other: other.metadata.name):
        chosen = any(selector.matches(other.metadata.labels) for selector in selectors)
        if chosen and other.metadata.name != role.metadata.name:
            found |= dict.fromkeys(other.rules)
    return None if tuple(found) == role.rules else tuple(found)


class ClusterRoleAggregation(Controller):
    """Keys are names of cluster roles."""

    name = "clusterrole-aggregation"
    workers = 1

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.roles = ctx.informers.informer(ClusterRole)
        self.watches = ((self.roles, self._aggregating),)

    async def reconcile(self, key: str) -> None:
        role = self.roles.lister.get("", key)
        rules = plan(role, self.roles.lister) if role is not None else None
        if rules is None:
            return
        body = {"rules": [rule.to_dict() for rule in rules]}
        try:
            await self.ctx.client.patch(ClusterRole, key, "", body)
        except NotFound:
            return

    def _aggregating(self, old: ClusterRole | None, new: ClusterRole | None) -> list[str]:
        """Any change of a role may concern any that aggregates."""
        changed = [role for role in (new,) if role is not None and role.aggregation_rule is not None]
        return [role.metadata.name for role in (*self.roles.lister, *changed) if role.aggregation_rule is not None]

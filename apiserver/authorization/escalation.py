"""Nobody gives away what they do not hold: the guard before every write of a role or a binding.

Who may `escalate` a role, or `bind` it, is let through, and so is system:masters. It stands first in the
list of admission plugins, and no flag takes it away.
Real Kubernetes: pkg/registry/rbac/*/policybased and pkg/registry/rbac/{escalation_check,validation}.go.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apiserver.admission.attributes import Attributes
from apiserver.admission.plugin import Plugin
from apiserver.authorization.authorizer import decide
from apiserver.authorization.chain import Authorization
from apiserver.authorization.index import Reference, role_of
from apiserver.authorization.rules import EVERYTHING, Rule, quoted, rules_from, told, uncovered
from apiserver.request_info import RequestInfo
from apiserver.user import MASTERS, User
from machinery.api.errors import Forbidden, NotFound
from machinery.api.field_errors import quote

Doc = dict[str, Any]
GROUP = "rbac.authorization.k8s.io"
BINDINGS = ("rolebindings", "clusterrolebindings")


class GrantGuard(Plugin):
    """Wants the authorizers, and RBAC with its Index."""

    def __init__(self, may: Authorization) -> None:
        self._may = may

    def handles(self, attributes: Attributes) -> bool:
        return (
            attributes.resource.group == GROUP
            and attributes.operation in ("CREATE", "UPDATE")
            and MASTERS not in attributes.user.groups
        )

    async def validate(self, attributes: Attributes, obj: Doc | None, old: Doc | None) -> None:
        if obj is None:
            return
        check = self._binding if attributes.resource.plural in BINDINGS else self._role
        check(attributes, obj, old or {})

    def _role(self, attributes: Attributes, obj: Doc, old: Doc) -> None:
        rules, aggregated = rules_from(obj), obj.get("aggregationRule")
        if old and rules == rules_from(old) and aggregated == old.get("aggregationRule"):
            return
        role = Reference(attributes.resource.kind, attributes.name, attributes.namespace)
        if self._may_do("escalate", attributes, role):
            return
        if aggregated and aggregated != old.get("aggregationRule") and self._lacks(attributes, EVERYTHING):
            raise _forbidden(attributes, "must have cluster-admin privileges to use the aggregationRule")
        self._confirm(attributes, rules)

    def _binding(self, attributes: Attributes, obj: Doc, old: Doc) -> None:
        if old and all((obj.get(field) or []) == (old.get(field) or []) for field in ("subjects", "roleRef")):
            return
        role = role_of(obj, attributes.namespace)
        if self._may_do("bind", attributes, role):
            return
        rules = self._may.index.rules(role)
        if rules is None:
            raise NotFound(_plural(role), role.name, group=GROUP)
        self._confirm(attributes, rules)

    def _may_do(self, verb: str, attributes: Attributes, role: Reference) -> bool:
        info = RequestInfo(
            path="", verb=verb, is_resource=True, group=GROUP, version="v1", namespace=attributes.namespace,
            resource=_plural(role), name=role.name,
        )  # fmt: skip
        return decide(self._may.authorizers, attributes.user, info).allowed

    def _confirm(self, attributes: Attributes, rules: Iterable[Rule]) -> None:
        if missing := self._lacks(attributes, rules):
            raise _forbidden(attributes, escalation(attributes.user, missing))

    def _lacks(self, attributes: Attributes, rules: Iterable[Rule]) -> list[Rule]:
        return uncovered(tuple(self._may.rbac.held(attributes.user, attributes.namespace)), rules)


def escalation(user: User, missing: Iterable[Rule]) -> str:
    """What the user would give without having it."""
    who = f"user {quote(user.name)} (groups={quoted(user.groups)})"
    lacking = "\n".join(map(told, missing))
    return f"{who} is attempting to grant RBAC permissions not currently held:\n{lacking}"


def _plural(role: Reference) -> str:
    return f"{role.kind.lower()}s"


def _forbidden(attributes: Attributes, why: str) -> Forbidden:
    return Forbidden(attributes.resource.plural, attributes.name, why, group=GROUP)

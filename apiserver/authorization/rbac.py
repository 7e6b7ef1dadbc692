"""RBAC: a request is allowed when a role that the user was given, here or everywhere, has a rule for it.

Decisions are remembered until any role or binding changes.
Real Kubernetes: plugin/pkg/auth/authorizer/rbac.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apiserver.authorization.authorizer import NO_OPINION, Decision, Opinion
from apiserver.authorization.index import Grant, Index
from apiserver.authorization.rules import Rule, allows
from apiserver.request_info import RequestInfo
from apiserver.user import User

REMEMBERED = 4096


class RBAC:
    """Wants the Index of roles and bindings."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._decided: dict[tuple[str, tuple[str, ...], RequestInfo], Opinion] = {}
        self._decided_at = 0

    def __call__(self, user: User, info: RequestInfo) -> Opinion:
        if self._decided_at != self._index.changes or len(self._decided) >= REMEMBERED:
            self._decided.clear()
            self._decided_at = self._index.changes
        question = (user.name, user.groups, info)
        opinion = self._decided.get(question)
        if opinion is None:
            opinion = self._decided[question] = self._opinion(user, info)
        return opinion

    def _opinion(self, user: User, info: RequestInfo) -> Opinion:
        missing = []
        for grant in self._index.grants(user, info.namespace if info.is_resource else ""):
            rules = self._index.rules(grant.role)
            if rules is None:
                missing.append(_missing(grant))
            elif any(allows(rule, info) for rule in rules):
                return Opinion(Decision.ALLOW, f"RBAC: allowed by {grant.told}")
        return Opinion(Decision.NO_OPINION, f"RBAC: {_together(missing)}") if missing else NO_OPINION

    def held(self, user: User, namespace: str) -> Iterator[Rule]:
        """Every rule that the user has in a namespace, those that hold everywhere included."""
        for grant in self._index.grants(user, namespace):
            yield from self._index.rules(grant.role) or ()

    def rules(self, user: User, namespace: str) -> tuple[list[Any], list[Any], str]:
        """The same as a SelfSubjectRulesReview lists them: resource rules, other rules, and what is missing."""
        found = [rule.document for rule in self.held(user, namespace)]
        missing = [_missing(g) for g in self._index.grants(user, namespace) if self._index.rules(g.role) is None]
        others = [rule for rule in found if "nonResourceURLs" in rule]
        return [rule for rule in found if "resources" in rule], others, _together(missing)


def _missing(grant: Grant) -> str:
    return f'{grant.role.kind.lower()}.rbac.authorization.k8s.io "{grant.role.name}" not found'


def _together(errors: list[str]) -> str:
    """One as it is, several as a list."""
    known = list(dict.fromkeys(errors))
    return known[0] if len(known) == 1 else f"[{', '.join(known)}]" if known else ""

"""Roles and bindings by what RBAC asks for: the grants of a subject in a namespace, each with its rules.

Fed by the watch cache's changes one by one: what a request costs does not depend on how many bindings there are.
`changes` counts them, for those who remember what they have concluded.
Real Kubernetes: pkg/registry/rbac/validation/rule.go, which walks over all bindings at every request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from apiserver.authorization.rules import Rule, rules_from
from apiserver.storage.interface import Cacher, Entry
from apiserver.storage.keys import ROOT
from apiserver.user import User, service_account_name

Doc = Mapping[str, Any]
Subject = tuple[str, str]
"""(User or Group, name). A service account is a user of a certain name."""
NEEDED = ("clusterroles", "roles", "clusterrolebindings", "rolebindings")


class Reference(NamedTuple):
    """The role that a binding gives; a ClusterRole has no namespace."""

    kind: str
    name: str
    namespace: str


class Grant(NamedTuple):
    """One binding, as one of its subjects has it."""

    binding: str
    role: Reference
    subject: str

    @property
    def told(self) -> str:
        return f'{self.binding} of {self.role.kind} "{self.role.name}" to {self.subject}'


class Index:
    """Follows the Cachers, by plural, of `NEEDED`."""

    def __init__(self, cachers: Mapping[str, Cacher]) -> None:
        self.changes = 0
        self._roles: dict[Reference, tuple[Rule, ...]] = {}
        self._grants: dict[Subject, dict[str, dict[str, Grant]]] = {}
        """subject -> namespace (empty: everywhere) -> key of the binding"""
        for plural in NEEDED:
            cachers[plural].follow(self._changed)

    def rules(self, role: Reference) -> tuple[Rule, ...] | None:
        """None when there is no such role."""
        return self._roles.get(role)

    def grants(self, user: User, namespace: str) -> Iterator[Grant]:
        """What the user was given everywhere, then what in this namespace."""
        subjects = [("User", user.name), *(("Group", group) for group in user.groups)]
        held = [found for subject in subjects if (found := self._grants.get(subject))]
        for where in ("", namespace) if namespace else ("",):
            for found in held:
                yield from found.get(where, {}).values()

    # --- feeding

    def _changed(self, old: Entry | None, new: Entry | None) -> None:
        self.changes += 1
        key = (new or old).key  # type: ignore[union-attr]  # one of them is there
        plural, _, rest = key.removeprefix(ROOT).partition("/")
        namespace = rest.partition("/")[0] if "/" in rest else ""
        if plural.endswith("bindings"):
            for subject, _ in _given(old, namespace):
                self._take(subject, namespace, key)
            for subject, grant in _given(new, namespace):
                self._grants.setdefault(subject, {}).setdefault(namespace, {})[key] = grant
        else:
            self._role(Reference("Role" if namespace else "ClusterRole", rest.rpartition("/")[2], namespace), new)

    def _role(self, role: Reference, entry: Entry | None) -> None:
        if entry is None:
            self._roles.pop(role, None)
        else:
            self._roles[role] = rules_from(orjson.loads(entry.body))

    def _take(self, subject: Subject, namespace: str, key: str) -> None:
        """Leaves nothing empty behind."""
        held = self._grants.get(subject, {})
        here = held.get(namespace, {})
        here.pop(key, None)
        if not here:
            held.pop(namespace, None)
        if not held:
            self._grants.pop(subject, None)


def _given(entry: Entry | None, namespace: str) -> Iterator[tuple[Subject, Grant]]:
    """A binding, subject by subject."""
    if entry is None:
        return
    document = orjson.loads(entry.body)
    role, binding = role_of(document, namespace), _binding(document["metadata"])
    for subject in document.get("subjects") or ():
        who, words = subject_of(subject, namespace)
        yield who, Grant(binding, role, words)


def role_of(binding: Doc, namespace: str) -> Reference:
    """The role that a binding in this namespace refers to."""
    kind, name = binding["roleRef"]["kind"], binding["roleRef"]["name"]
    return Reference(kind, name, namespace if kind == "Role" else "")


def _binding(meta: Doc) -> str:
    if namespace := meta.get("namespace"):
        return f'RoleBinding "{meta["name"]}/{namespace}"'
    return f'ClusterRoleBinding "{meta["name"]}"'


def subject_of(subject: Doc, namespace: str) -> tuple[Subject, str]:
    """Whom a subject means, and the words for it."""
    kind, name = subject["kind"], subject["name"]
    if kind != "ServiceAccount":
        return (kind, name), f'{kind} "{name}"'
    where = subject.get("namespace") or namespace
    return ("User", service_account_name(where, name)), f'ServiceAccount "{name}/{where}"'

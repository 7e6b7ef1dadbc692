"""What roles and bindings have in common: rules, subjects, the reference to a role.

Real Kubernetes: pkg/apis/rbac/validation and pkg/apis/rbac/v1/defaults.go. Whether the writer holds the permissions
that it hands out (escalation) is asked nowhere yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from apiserver.registry.checks import checked, needed
from apiserver.registry.field_checks import one_of
from machinery.api import names
from machinery.api.errors import FieldError

if TYPE_CHECKING:
    from machinery.api.rbac.v1 import PolicyRule, RoleRef, Subject

Doc = dict[str, Any]
GROUP = "rbac.authorization.k8s.io"


def rules_errors(rules: Sequence[PolicyRule], *, namespaced: bool) -> list[FieldError]:
    return [error for index, rule in enumerate(rules) for error in _rule_errors(rule, f"rules[{index}]", namespaced)]


def _rule_errors(rule: PolicyRule, path: str, namespaced: bool) -> list[FieldError]:
    found = []
    if not rule.verbs:
        found.append(FieldError.required(f"{path}.verbs", "verbs must contain at least one value"))
    if rule.non_resource_urls:
        where, urls = f"{path}.nonResourceURLs", list(rule.non_resource_urls)
        if namespaced:
            found.append(FieldError.invalid(where, urls, "namespaced rules cannot apply to non-resource URLs"))
        if rule.api_groups or rule.resources or rule.resource_names:
            why = "rules cannot apply to both regular resources and non-resource URLs"
            found.append(FieldError.invalid(where, urls, why))
        return found
    if not rule.api_groups:
        found.append(FieldError.required(f"{path}.apiGroups", "resource rules must supply at least one api group"))
    if not rule.resources:
        found.append(FieldError.required(f"{path}.resources", "resource rules must supply at least one resource"))
    if rule.resource_names and len(rule.resources) > 1:
        why = "resource names cannot apply to multiple resources"
        found.append(FieldError.required(f"{path}.resourceNames", why))
    return found


def default_binding(obj: Doc) -> None:
    """Users, groups and roles belong to the RBAC group; service accounts to the core group."""
    reference = obj.setdefault("roleRef", {})
    reference["apiGroup"] = reference.get("apiGroup") or GROUP
    for subject in obj.get("subjects", ()):
        if subject.get("kind") in ("User", "Group") and not subject.get("apiGroup"):
            subject["apiGroup"] = GROUP


def binding_errors(reference: RoleRef, subjects: Iterable[Subject], *, kinds: Sequence[str]) -> list[FieldError]:
    """`kinds` of roles that this kind of binding can give."""
    found = one_of("roleRef.apiGroup", reference.api_group, [GROUP])
    found += one_of("roleRef.kind", reference.kind, kinds)
    found += needed("roleRef.name", reference.name, names.path_segment)
    for index, subject in enumerate(subjects):
        found += _subject_errors(subject, f"subjects[{index}]", namespaced="Role" in kinds)
    return found


def _subject_errors(subject: Subject, path: str, *, namespaced: bool) -> list[FieldError]:
    found = needed(f"{path}.name", subject.name)
    if subject.kind == "ServiceAccount":
        found += checked(f"{path}.name", subject.name, names.dns_subdomain) if subject.name else []
        found += one_of(f"{path}.apiGroup", subject.api_group, [""])
        if not namespaced and not subject.namespace:
            found.append(FieldError.required(f"{path}.namespace"))
    elif subject.kind in ("User", "Group"):
        if not subject.name:
            why = f"{subject.kind.lower()} name cannot be empty"
            found.append(FieldError.invalid(f"{path}.name", subject.name, why))
        found += one_of(f"{path}.apiGroup", subject.api_group, [GROUP])
    else:
        found += one_of(f"{path}.kind", subject.kind, ("ServiceAccount", "User", "Group"))
    return found


def reference_change(new: RoleRef, old: RoleRef) -> list[FieldError]:
    return [] if new == old else [FieldError.invalid("roleRef", new, "cannot change roleRef")]


def subject_cells(subjects: Iterable[Subject]) -> list[str]:
    """Users, groups and service accounts, as the wide table shows them."""
    found: dict[str, list[str]] = {"User": [], "Group": [], "ServiceAccount": []}
    for subject in subjects:
        name = f"{subject.namespace}/{subject.name}" if subject.kind == "ServiceAccount" else subject.name
        found.setdefault(subject.kind, []).append(name)
    return [", ".join(found[kind]) for kind in ("User", "Group", "ServiceAccount")]

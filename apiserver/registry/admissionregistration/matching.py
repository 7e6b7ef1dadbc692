"""Which requests a webhook or a policy is asked about: rules, selectors, match conditions; and their defaults.

Pure. Real Kubernetes: pkg/apis/admissionregistration/{v1/defaults.go,validation}.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from apiserver.admission.expressions import IN_CONDITIONS
from apiserver.registry.admissionregistration.compiled import expression_errors
from apiserver.registry.checks import checked, needed, optional_one_of, unique
from apiserver.registry.field_checks import one_of
from apiserver.registry.selectors import label_selector_errors
from machinery.api import names
from machinery.api.errors import FieldError

if TYPE_CHECKING:
    from machinery.api.admissionregistration.v1 import MatchCondition, MatchResources, RuleWithOperations

Doc = dict[str, Any]
MATCH_POLICIES = ("Equivalent", "Exact")
FAILURE_POLICIES = ("Fail", "Ignore")
_OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
_SCOPES = ("*", "Cluster", "Namespaced")
_MOST_CONDITIONS = 64


def default_rules(rules: Sequence[Doc]) -> None:
    for rule in rules:
        rule.setdefault("scope", "*")


def default_match(match: Doc | None) -> None:
    """What MatchResources leaves out."""
    if match is None:
        return
    match.setdefault("matchPolicy", "Equivalent")
    match.setdefault("namespaceSelector", {})
    match.setdefault("objectSelector", {})
    default_rules([*match.get("resourceRules", ()), *match.get("excludeResourceRules", ())])


def match_errors(match: MatchResources | None, path: str) -> list[FieldError]:
    if match is None:
        return []
    found = optional_one_of(f"{path}.matchPolicy", match.match_policy, MATCH_POLICIES)
    found += label_selector_errors(match.namespace_selector, f"{path}.namespaceSelector")
    found += label_selector_errors(match.object_selector, f"{path}.objectSelector")
    lists = {"resourceRules": match.resource_rules, "excludeResourceRules": match.exclude_resource_rules}
    for field, rules in lists.items():
        for index, rule in enumerate(rules):
            where = f"{path}.{field}[{index}]"
            paths = [f"{where}.resourceNames[{i}]" for i in range(len(rule.resource_names))]
            for each, name in zip(paths, rule.resource_names, strict=True):
                found += checked(each, name, names.path_segment)
            found += unique(zip(paths, rule.resource_names, strict=True)) + rule_errors(rule, where)
    return found


def rule_errors(rule: RuleWithOperations, path: str) -> list[FieldError]:
    """Operations, groups, versions and resources must be named; a star stands alone."""
    found = _list_errors(rule.operations, f"{path}.operations", "operations")
    for index, operation in enumerate(rule.operations):
        found += one_of(f"{path}.operations[{index}]", operation, _OPERATIONS)
    found += _list_errors(rule.api_groups, f"{path}.apiGroups", "API groups")
    found += _list_errors(rule.api_versions, f"{path}.apiVersions", "API versions")
    for index, version in enumerate(rule.api_versions):
        found += needed(f"{path}.apiVersions[{index}]", version)
    found += _resource_errors(rule.resources, f"{path}.resources")
    return found + optional_one_of(f"{path}.scope", rule.scope, _SCOPES)


def _list_errors(values: Sequence[str], path: str, what: str) -> list[FieldError]:
    if not values:
        return [FieldError.required(path)]
    if len(values) > 1 and "*" in values:
        return [FieldError.invalid(path, list(values), f"if '*' is present, must not specify other {what}")]
    return []


def _resource_errors(resources: Sequence[str], path: str) -> list[FieldError]:
    found = [] if resources else [FieldError.required(path)]
    whole: set[str] = set()
    parts: set[str] = set()
    for index, text in enumerate(resources):
        where = f"{path}[{index}]"
        resource, slash, part = text.partition("/")
        if not text:
            found.append(FieldError.required(where))
        if not slash:
            continue
        if resource in whole:
            why = f"if '{resource}/*' is present, must not specify {text}"
            found.append(FieldError.invalid(where, text, why))
        if part in parts:
            found.append(FieldError.invalid(where, text, f"if '*/{part}' is present, must not specify {text}"))
        whole |= {resource} if part == "*" else set()
        parts |= {part} if resource == "*" else set()
    return found + _star_errors(list(resources), path)


def _star_errors(resources: list[str], path: str) -> list[FieldError]:
    found = []
    if len(resources) > 1 and "*/*" in resources:
        why = "if '*/*' is present, must not specify other resources"
        found.append(FieldError.invalid(path, resources, why))
    if "*" in resources and any(text and "/" not in text and text != "*" for text in resources):
        why = "if '*' is present, must not specify other resources without subresources"
        found.append(FieldError.invalid(path, resources, why))
    return found


def condition_errors(conditions: Sequence[MatchCondition], path: str) -> list[FieldError]:
    """Match conditions: named once each, and with an expression."""
    found = []
    if len(conditions) > _MOST_CONDITIONS:
        found.append(FieldError.too_many(path, len(conditions), _MOST_CONDITIONS))
    for index, row in enumerate(conditions):
        where = f"{path}[{index}]"
        if not row.expression.strip():
            found.append(FieldError.required(f"{where}.expression"))
        found += expression_errors(f"{where}.expression", row.expression, "bool", names=IN_CONDITIONS)
        found += needed(f"{where}.name", row.name, names.qualified_name)
    named = [(f"{path}[{index}].name", row.name) for index, row in enumerate(conditions) if row.name]
    return found + unique(named)

"""FlowSchema: which requests belong to which priority level. See apiserver/flowcontrol for what it does.

Real Kubernetes: pkg/registry/flowcontrol/flowschema and pkg/apis/flowcontrol/validation.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from apiserver.durations import age
from apiserver.registry.checks import checked, needed, unique
from apiserver.registry.field_checks import one_of
from apiserver.registry.flowcontrol.mandatory import FLOW_SCHEMAS
from apiserver.registry.strategy import ALL_METADATA, Doc, Strategy, columns
from machinery.api import names
from machinery.api.errors import FieldError

if TYPE_CHECKING:
    from machinery.api.flowcontrol.v1 import (
        FlowSchema,
        FlowSchemaSpec,
        NonResourcePolicyRule,
        PolicyRulesWithSubjects,
        ResourcePolicyRule,
        Subject,
    )

_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch")
_KINDS = ("Group", "ServiceAccount", "User")
_DEFAULT_PRECEDENCE, _LAST_PRECEDENCE = 1000, 10000
_FIELDS = {"User": "user", "Group": "group", "ServiceAccount": "serviceAccount"}


class FlowSchemaStrategy(Strategy):
    """See the module."""

    api_version = "flowcontrol.apiserver.k8s.io/v1"
    kind = "FlowSchema"
    has_status = True
    status_keeps = ALL_METADATA
    has_generation = True
    columns = columns("Name, PriorityLevel, MatchingPrecedence, DistinguisherMethod, Age, MissingPL")

    def default(self, obj: Doc) -> None:
        spec = obj.setdefault("spec", {})
        spec["matchingPrecedence"] = spec.get("matchingPrecedence") or _DEFAULT_PRECEDENCE

    def validate(self, obj: FlowSchema) -> list[FieldError]:
        found = _spec_errors(obj.metadata.name, obj.spec)
        fixed = FLOW_SCHEMAS.get(obj.metadata.name)
        if fixed is not None and obj.spec != type(obj.spec).from_dict(fixed):
            why = f"spec of '{obj.metadata.name}' must equal the fixed value"
            found.append(FieldError.invalid("spec", obj.spec, why))
        return found

    def validate_status_update(self, obj: FlowSchema, old: FlowSchema) -> list[FieldError]:
        return condition_errors(obj.status.conditions)

    def row(self, obj: FlowSchema, now: datetime) -> list[Any]:
        spec = obj.spec
        dangling = [row.status for row in obj.status.conditions if row.type == "Dangling"]
        return [
            obj.metadata.name,
            spec.priority_level_configuration.name,
            spec.matching_precedence,
            spec.distinguisher_method.type if spec.distinguisher_method is not None else "<none>",
            age(obj.metadata.creation_timestamp, now),
            dangling[0] if dangling else "?",
        ]


def condition_errors(rows: Sequence[Any]) -> list[FieldError]:
    """Each type once, and not empty."""
    path = "status.conditions"
    found = unique((f"{path}[{index}].type", row.type) for index, row in enumerate(rows))
    missing = [index for index, row in enumerate(rows) if not row.type]
    return found + [FieldError.required(f"{path}[{index}].type", "must not be empty") for index in missing]


def _spec_errors(name: str, spec: FlowSchemaSpec) -> list[FieldError]:
    path, rank = "spec.matchingPrecedence", spec.matching_precedence
    complaints = ["must be a positive value"] if rank <= 0 else []
    complaints += [f"must not be greater than {_LAST_PRECEDENCE}"] if rank > _LAST_PRECEDENCE else []
    if rank == 1 and name != "exempt":
        complaints.append("only the schema named 'exempt' may have matchingPrecedence 1")
    found = [FieldError.invalid(path, rank, why) for why in complaints]
    if spec.distinguisher_method is not None:
        methods = ("ByNamespace", "ByUser")
        found += one_of("spec.distinguisherMethod.type", spec.distinguisher_method.type, methods)
    level, path = spec.priority_level_configuration.name, "spec.priorityLevelConfiguration.name"
    if level:
        found += checked(path, level, names.dns_subdomain)
    else:
        found.append(FieldError.required(path, "must reference a priority level"))
    for index, rule in enumerate(spec.rules):
        found += _rule_errors(rule, f"spec.rules[{index}]")
    return found


def _rule_errors(rule: PolicyRulesWithSubjects, path: str) -> list[FieldError]:
    found = _some(rule.subjects, f"{path}.subjects", "subjects must contain at least one value")
    for index, subject in enumerate(rule.subjects):
        found += _subject_errors(subject, f"{path}.subjects[{index}]")
    if not rule.resource_rules and not rule.non_resource_rules:
        why = "at least one of resourceRules and nonResourceRules has to be non-empty"
        found.append(FieldError.required(path, why))
    for index, row in enumerate(rule.resource_rules):
        found += _resource_rule_errors(row, f"{path}.resourceRules[{index}]")
    for index, row in enumerate(rule.non_resource_rules):
        found += _url_rule_errors(row, f"{path}.nonResourceRules[{index}]")
    return found


def _some(values: Sequence[Any], path: str, why: str) -> list[FieldError]:
    return [] if values else [FieldError.required(path, why)]


def _subject_errors(subject: Subject, path: str) -> list[FieldError]:
    """Exactly the part that the kind names is there."""
    if subject.kind not in _KINDS:
        return one_of(f"{path}.kind", subject.kind, _KINDS)
    parts = {"User": subject.user, "Group": subject.group, "ServiceAccount": subject.service_account}
    found = []
    for kind, part in parts.items():
        field, where = _FIELDS[kind], f"{path}.{_FIELDS[kind]}"
        if kind != subject.kind and part is not None:
            found.append(FieldError.forbidden(where, f"{field} is forbidden when subject kind is not '{kind}'"))
        elif kind == subject.kind and part is None:
            found.append(FieldError.required(where, f"{field} is required when subject kind is '{kind}'"))
        elif part is not None:
            found += needed(f"{where}.name", part.name)
    return found + (_account_errors(subject.service_account, path) if subject.kind == "ServiceAccount" else [])


def _account_errors(account: Any, path: str) -> list[FieldError]:
    if account is None:
        return []
    path = f"{path}.serviceAccount"
    found = checked(f"{path}.name", account.name, names.dns_subdomain) if account.name not in ("", "*") else []
    if account.namespace:
        return found + checked(f"{path}.namespace", account.namespace, names.dns_label)
    return [*found, FieldError.required(f"{path}.namespace", "must specify namespace for service account")]


def _alone(values: Sequence[str], path: str, what: str) -> list[FieldError]:
    """A star stands for all, and so alone."""
    if "*" in values and len(values) > 1:
        return [FieldError.invalid(path, list(values), f"if '*' is present, must not specify other {what}")]
    return []


def _verb_errors(verbs: Sequence[str], path: str) -> list[FieldError]:
    found = _some(verbs, path, "verbs must contain at least one value") + _alone(verbs, path, "verbs")
    if "*" not in verbs and not set(verbs) <= set(_VERBS):
        found.append(FieldError.not_supported(path, list(verbs), _VERBS))
    return found


def _resource_rule_errors(rule: ResourcePolicyRule, path: str) -> list[FieldError]:
    groups, resources, namespaces = f"{path}.apiGroups", f"{path}.resources", f"{path}.namespaces"
    found = [
        *_verb_errors(rule.verbs, f"{path}.verbs"),
        *_some(rule.api_groups, groups, "resource rules must supply at least one api group"),
        *_alone(rule.api_groups, groups, "api groups"),
        *_some(rule.resources, resources, "resource rules must supply at least one resource"),
        *_alone(rule.resources, resources, "resources"),
        *_alone(rule.namespaces, namespaces, "namespaces"),
    ]
    if not rule.namespaces and not rule.cluster_scope:
        why = "resource rules that are not cluster scoped must supply at least one namespace"
        found.append(FieldError.required(namespaces, why))
    for index, name in enumerate(rule.namespaces if "*" not in rule.namespaces else ()):
        why = "each member of this list must be '*' or a DNS-1123 label; "
        found += [FieldError.invalid(f"{namespaces}[{index}]", name, why + bad) for bad in names.dns_label(name)]
    return found


def _url_rule_errors(rule: NonResourcePolicyRule, path: str) -> list[FieldError]:
    urls, where = rule.non_resource_urls, f"{path}.nonResourceURLs"
    found = _verb_errors(rule.verbs, f"{path}.verbs")
    found += _some(urls, where, "nonResourceURLs must contain at least one value")
    found += _alone(urls, where, "non-resource URLs")
    for index, url in enumerate(urls if "*" not in urls else ()):
        why = _url_complaint(url)
        found += [FieldError.invalid(f"{where}[{index}]", url, why)] if why else []
    return found


def _url_complaint(url: str) -> str:
    if not url:
        return "must not be empty"
    if not url.startswith("/"):
        return "must start with slash"
    if " " in url:
        return "must not contain white-space"
    if "//" in url:
        return "must not contain double slash"
    stars = url.count("*")
    return "wildcard can only do suffix matching" if stars > 1 or (stars and not url.endswith("/*")) else ""

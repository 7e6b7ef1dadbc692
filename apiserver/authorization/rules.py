"""PolicyRules as RBAC reads them: what a rule allows, what it covers of another, and how it is told to people.

Pure. Real Kubernetes: pkg/apis/rbac/v1/evaluation_helpers.go, pkg/registry/rbac/validation/{policy_comparator,
policy_compact}.go and k8s.io/component-helpers/auth/rbac/validation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

from apiserver.request_info import RequestInfo
from machinery.api.field_errors import quote

ALL = "*"


class Rule(NamedTuple):
    """Verbs on resources, or verbs on paths; `names` narrows resources to objects of these names."""

    verbs: tuple[str, ...]
    groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()

    @property
    def document(self) -> dict[str, list[str]]:
        """As a PolicyRule in JSON."""
        return {field: list(values) for field, values in zip(_FIELDS, self, strict=True) if values}


_FIELDS = ("verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs")
EVERYTHING = (Rule((ALL,), (ALL,), (ALL,)), Rule((ALL,), urls=(ALL,)))


def rule_from(document: Mapping[str, Any]) -> Rule:
    """From a PolicyRule in JSON."""
    return Rule(*(_shared(tuple(document.get(field) or ())) for field in _FIELDS))


@lru_cache(maxsize=4096)
def _shared(values: tuple[str, ...]) -> tuple[str, ...]:
    """Thousands of rules say the same few things: one copy of each will do."""
    return values


def rules_from(role: Mapping[str, Any]) -> tuple[Rule, ...]:
    return tuple(rule_from(document) for document in role.get("rules") or ())


# --- what a rule allows


def allows(rule: Rule, info: RequestInfo) -> bool:
    """Whether this rule is enough for the request."""
    if info.verb not in rule.verbs and ALL not in rule.verbs:
        return False
    if not info.is_resource:
        return any(_path_matches(url, info.path) for url in rule.urls)
    return (
        (info.group in rule.groups or ALL in rule.groups)
        and _resource_matches(rule.resources, info.resource, info.subresource)
        and (not rule.names or info.object_name in rule.names)
    )


def _path_matches(url: str, path: str) -> bool:
    return url == path or (url.endswith(ALL) and path.startswith(url.rstrip(ALL)))


def _resource_matches(resources: tuple[str, ...], resource: str, subresource: str) -> bool:
    if ALL in resources:
        return True
    if not subresource:
        return resource in resources
    return f"{resource}/{subresource}" in resources or f"{ALL}/{subresource}" in resources


# --- what rules cover of others


def uncovered(owned: Sequence[Rule], wanted: Iterable[Rule]) -> list[Rule]:
    """What of `wanted` nobody holds who holds `owned`: the smallest pieces, put together by their verbs."""
    return compact(piece for rule in wanted for piece in pieces(rule) if not any(covers(own, piece) for own in owned))


def pieces(rule: Rule) -> Iterator[Rule]:
    """One rule for each verb on each resource or path."""
    names = [(name,) for name in rule.names] or [()]
    for group, resource, verb, name in product(rule.groups, rule.resources, rule.verbs, names):
        yield Rule((verb,), (group,), (resource,), name)
    for url, verb in product(rule.urls, rule.verbs):
        yield Rule((verb,), urls=(url,))


def covers(own: Rule, piece: Rule) -> bool:
    return (
        _all_in(piece.verbs, own.verbs)
        and _all_in(piece.groups, own.groups)
        and all(_covers_resource(own.resources, resource) for resource in piece.resources)
        and all(any(_path_matches(held, url) for held in own.urls) for url in piece.urls)
        and (not own.names or (bool(piece.names) and _all_in(piece.names, own.names)))
    )


def _all_in(wanted: Iterable[str], held: Sequence[str]) -> bool:
    return ALL in held or all(each in held for each in wanted)


def _covers_resource(held: tuple[str, ...], resource: str) -> bool:
    _, _, subresource = resource.partition("/")
    return ALL in held or resource in held or (bool(subresource) and f"{ALL}/{subresource}" in held)


def compact(rules: Iterable[Rule]) -> list[Rule]:
    """Rules that differ in their verbs alone become one, sorted by what is said of them."""
    verbs: dict[Rule, list[str]] = {}
    for rule in rules:
        known = verbs.setdefault(rule._replace(verbs=()), [])
        known += [verb for verb in rule.verbs if verb not in known]
    return sorted((rule._replace(verbs=tuple(held)) for rule, held in verbs.items()), key=told)


def told(rule: Rule) -> str:
    """`{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`."""
    parts = (
        ("APIGroups", rule.groups), ("Resources", rule.resources), ("NonResourceURLs", rule.urls),
        ("ResourceNames", rule.names), ("Verbs", rule.verbs),
    )  # fmt: skip
    return "{" + ", ".join(f"{name}:{quoted(values)}" for name, values in parts if values) + "}"


def quoted(values: Iterable[str]) -> str:
    return "[" + " ".join(quote(value) for value in values) + "]"

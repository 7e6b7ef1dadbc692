"""Which flow schema a request belongs to, and to which flow of it. Pure.

Of the schemas that fit the one with the lowest matchingPrecedence wins, and of equals the first by name. A schema
whose priority level is missing is passed over.
Real Kubernetes: k8s.io/apiserver/pkg/util/flowcontrol/rule.go and the digest in apf_controller.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apiserver.request_info import RequestInfo
from apiserver.user import User, service_account_of

Doc = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Schema:
    """A FlowSchema, as far as requests are concerned."""

    name: str
    uid: str
    level: str
    precedence: int
    distinguisher: str
    rules: Sequence[Doc]

    def fits(self, user: User, info: RequestInfo) -> bool:
        return any(_is_subject(rule, user) and _covers(rule, info) for rule in self.rules)

    def flow_of(self, user: User, info: RequestInfo) -> str:
        """What tells this request's flow from others of the same schema."""
        if self.distinguisher == "ByUser":
            return user.name
        return info.namespace if self.distinguisher == "ByNamespace" else ""


def schema_from(document: Doc) -> Schema:
    spec, meta = document["spec"], document["metadata"]
    return Schema(
        meta["name"],
        meta.get("uid", ""),
        spec["priorityLevelConfiguration"]["name"],
        spec["matchingPrecedence"],
        (spec.get("distinguisherMethod") or {}).get("type", ""),
        spec.get("rules") or (),
    )


def in_order(schemas: Iterable[Schema]) -> list[Schema]:
    return sorted(schemas, key=lambda each: (each.precedence, each.name))


def chosen(ordered: Iterable[Schema], user: User, info: RequestInfo) -> Schema | None:
    """The first that fits."""
    return next((each for each in ordered if each.fits(user, info)), None)


def _is_subject(rule: Doc, user: User) -> bool:
    return any(_means(subject, user) for subject in rule["subjects"])


def _means(subject: Doc, user: User) -> bool:
    match subject["kind"]:
        case "User":
            return subject["user"]["name"] in ("*", user.name)
        case "Group":
            name = subject["group"]["name"]
            return name == "*" or name in user.groups
        case "ServiceAccount":
            account, found = subject["serviceAccount"], service_account_of(user.name)
            return found is not None and found[0] == account["namespace"] and account["name"] in ("*", found[1])
    return False


def _covers(rule: Doc, info: RequestInfo) -> bool:
    if info.is_resource:
        return any(_is_resource_of(each, info) for each in rule.get("resourceRules") or ())
    return any(_is_path_of(each, info) for each in rule.get("nonResourceRules") or ())


def _is_resource_of(rule: Doc, info: RequestInfo) -> bool:
    resource = f"{info.resource}/{info.subresource}" if info.subresource else info.resource
    if not (_has(rule["verbs"], info.verb) and _has(rule["apiGroups"], info.group)):
        return False
    if not _has(rule["resources"], resource):
        return False
    return _has(rule.get("namespaces") or (), info.namespace) if info.namespace else bool(rule.get("clusterScope"))


def _is_path_of(rule: Doc, info: RequestInfo) -> bool:
    if not _has(rule["verbs"], info.verb):
        return False
    return any(
        url in ("*", info.path) or (url.endswith("/*") and info.path.startswith(url[:-1]))
        for url in rule["nonResourceURLs"]
    )


def _has(values: Sequence[str], value: str) -> bool:
    return value in values or "*" in values

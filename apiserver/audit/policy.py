"""audit.k8s.io/v1 Policy: how much is written of which request. The first rule that fits decides; none means nothing.

A file with a mistake is refused with the path of the field. Without a file every request is written once, when it has
ended, at Metadata, so that no body, and no secret in one, ever is.
Real Kubernetes: k8s.io/apiserver/pkg/audit/policy and pkg/apis/audit/validation.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from apiserver.request_info import RequestInfo
from apiserver.user import User
from machinery.api.field_errors import FieldError
from machinery.api.yaml import load

Doc = dict[str, Any]
API_VERSION, KIND = "audit.k8s.io/v1", "Policy"
STAGES = RECEIVED, STARTED, COMPLETE, PANIC = "RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"
_LISTS = ("users", "userGroups", "verbs", "resources", "namespaces", "nonResourceURLs", "omitStages")


class Level(IntEnum):
    """How much, each with what the one before has. The names are the wire's."""

    NONE = 0
    METADATA = 1
    REQUEST = 2
    REQUEST_RESPONSE = 3


LEVELS = {"None": Level.NONE, "Metadata": Level.METADATA, "Request": Level.REQUEST,
          "RequestResponse": Level.REQUEST_RESPONSE}  # fmt: skip
NAMES = {level: name for name, level in LEVELS.items()}


class Verdict(NamedTuple):
    """What to write of a request."""

    level: Level
    omitted: frozenset[str] = frozenset()
    without_owners: bool = False
    """managedFields are left out of the objects."""


class Mistaken(Exception):
    """Why a policy file cannot be used."""


class Policy:
    """The rules of a file, which has been found to be right."""

    def __init__(self, document: Doc) -> None:
        self._rules = document["rules"]
        self._omitted = frozenset(document.get("omitStages") or ())
        self._without_owners = bool(document.get("omitManagedFields"))

    def may_tell(self, stage: str) -> bool:
        """Whether any rule has this stage written."""
        return stage not in self._omitted and any(
            rule["level"] != "None" and stage not in (rule.get("omitStages") or ()) for rule in self._rules
        )

    def verdict(self, user: User, info: RequestInfo) -> Verdict:
        for rule in self._rules:
            if _fits(rule, user, info):
                own = rule.get("omitManagedFields")
                without = self._without_owners if own is None else bool(own)
                return Verdict(LEVELS[rule["level"]], self._omitted | frozenset(rule.get("omitStages") or ()), without)
        return Verdict(Level.NONE)


EVERYTHING = Policy({"rules": [{"level": "Metadata"}], "omitStages": [RECEIVED, STARTED]})


def read(path: str) -> Policy:
    """By the file. Raises Mistaken."""
    try:
        document = load(Path(path).read_bytes())
    except (OSError, yaml.YAMLError) as error:
        raise Mistaken(f"{path}: {error}") from None
    if not isinstance(document, dict) or (document.get("apiVersion"), document.get("kind")) != (API_VERSION, KIND):
        raise Mistaken(f"{path}: no {KIND} of {API_VERSION}")
    if found := list(errors(document)):
        raise Mistaken(f"{path}: " + "; ".join(map(str, found)))
    return Policy(document)


# --- whether a rule fits


def _fits(rule: Doc, user: User, info: RequestInfo) -> bool:
    if (users := rule.get("users")) and user.name not in users:
        return False
    if (groups := rule.get("userGroups")) and not set(groups) & set(user.groups):
        return False
    if (verbs := rule.get("verbs")) and info.verb not in verbs:
        return False
    if rule.get("namespaces") or rule.get("resources"):
        return info.is_resource and _fits_resource(rule, info)
    if urls := rule.get("nonResourceURLs"):
        return not info.is_resource and any(_fits_path(url, info.path) for url in urls)
    return True


def _fits_resource(rule: Doc, info: RequestInfo) -> bool:
    if (namespaces := rule.get("namespaces")) and info.namespace not in namespaces:
        return False
    wanted = rule.get("resources")
    return not wanted or any(_is_among(each, info) for each in wanted)


def _is_among(wanted: Doc, info: RequestInfo) -> bool:
    if (wanted.get("group") or "") != info.group:
        return False
    if not (resources := wanted.get("resources")):
        return True
    if (names := wanted.get("resourceNames")) and info.name not in names:
        return False
    own = f"{info.resource}/{info.subresource}" if info.subresource else info.resource
    fitting = {"*", own, f"{info.resource}/*"} | ({f"*/{info.subresource}"} if info.subresource else set())
    return bool(fitting & set(resources))


def _fits_path(wanted: str, path: str) -> bool:
    return wanted in ("*", path) or (wanted.endswith("*") and path.startswith(wanted.rstrip("*")))


# --- what can be wrong


def errors(document: Doc) -> Iterator[FieldError]:
    """What is wrong, field by field."""
    rules = document.get("rules")
    if not rules or not isinstance(rules, list):
        yield FieldError.required("rules", "a policy without rules would write nothing")
        return
    yield from _stage_errors(document.get("omitStages"), "omitStages")
    for number, rule in enumerate(rules):
        path = f"rules[{number}]"
        if not isinstance(rule, dict):
            yield FieldError.invalid(path, rule, "must be an object")
        elif wrong := [name for name in _LISTS if not isinstance(rule.get(name) or [], list)]:
            yield from (FieldError.invalid(f"{path}.{name}", rule[name], "must be a list") for name in wrong)
        else:
            yield from _rule_errors(rule, path)


def _rule_errors(rule: Doc, path: str) -> Iterator[FieldError]:
    if not (level := rule.get("level")):
        yield FieldError.required(f"{path}.level")
    elif level not in LEVELS:
        yield FieldError.not_supported(f"{path}.level", level, LEVELS)
    for number, url in enumerate(urls := rule.get("nonResourceURLs") or []):
        here = f"{path}.nonResourceURLs[{number}]"
        if url != "*" and not str(url).startswith("/"):
            yield FieldError.invalid(here, url, "non-resource URL rules must begin with a '/' character")
        if "*" in str(url)[:-1]:
            why = "non-resource URL wildcards '*' must be the final character of the rule"
            yield FieldError.invalid(here, url, why)
    for number, each in enumerate(rule.get("resources") or []):
        here = f"{path}.resources[{number}]"
        if not isinstance(each, dict):
            yield FieldError.invalid(here, each, "must be an object")
        elif each.get("resourceNames") and not each.get("resources"):
            why = "using resourceNames requires at least one resource"
            yield FieldError.invalid(f"{here}.resourceNames", each["resourceNames"], why)
    if urls and (rule.get("resources") or rule.get("namespaces")):
        why = "rules cannot apply to both regular resources and non-resource URLs"
        yield FieldError.invalid(f"{path}.nonResourceURLs", urls, why)
    yield from _stage_errors(rule.get("omitStages"), f"{path}.omitStages")


def _stage_errors(stages: Any, path: str) -> Iterator[FieldError]:
    for number, stage in enumerate(stages or []):
        if stage not in STAGES:
            yield FieldError.invalid(f"{path}[{number}]", stage, f"allowed stages are {','.join(STAGES)}")

"""Which requests a webhook or a policy is asked about: rules, matchPolicy and selectors. Pure.

Rules and selectors come as they are stored, defaults filled in.
Real Kubernetes: admission/plugin/webhook/predicates and plugin/policy/matching.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apiserver.admission.attributes import Attributes
from machinery.api import labels
from machinery.api.meta.v1 import LabelSelector
from machinery.api.scheme import Resource

Doc = dict[str, Any]
_EXEMPT_GROUP = "admissionregistration.k8s.io"


def _same(doc: Doc) -> Doc:
    return doc


@dataclass(frozen=True, slots=True)
class View:
    """One of the versions in which the request's object can be shown."""

    resource: Resource
    convert: Callable[[Doc], Doc] = _same
    back: Callable[[Doc], Doc] = _same
    of: tuple[str, str] = ("", "")
    """apiVersion and kind of the object where they are not the resource's: of an Eviction of pods."""

    @property
    def kind(self) -> tuple[str, str]:
        return self.of if self.of[1] else (self.resource.api_version, self.resource.kind)

    def show(self, doc: Doc | None) -> Doc | None:
        """The object in this version; what is shown must not be changed."""
        if doc is None:
            return None
        version, kind = self.kind
        return {**self.convert(doc), "apiVersion": version, "kind": kind}


def exempt(resource: Resource) -> bool:
    """What configures admission itself is nobody's to refuse: a broken webhook could never be removed."""
    return resource.group == _EXEMPT_GROUP


def matching_view(
    rules: Iterable[Doc], attributes: Attributes, views: Sequence[View], *, exact: bool = False
) -> View | None:
    """The version that the rules ask for: the request's own (the first) if they can have that."""
    rules = list(rules)
    for view in views[:1] if exact else views:
        if any(covers(rule, attributes, view.resource) for rule in rules):
            return view
    return None


def covers(rule: Doc, attributes: Attributes, resource: Resource) -> bool:
    """Whether one rule names this request, its resource taken for `resource`."""
    return (
        _listed(rule, "operations", attributes.operation)
        and _listed(rule, "apiGroups", resource.group)
        and _listed(rule, "apiVersions", resource.version)
        and any(_names(text, resource.plural, attributes.subresource) for text in rule.get("resources", ()))
        and _in_scope(rule.get("scope", "*"), attributes)
        and (attributes.name in rule["resourceNames"] if rule.get("resourceNames") else True)
    )


def _listed(rule: Doc, field: str, value: str) -> bool:
    given = rule.get(field, ())
    return "*" in given or value in given


def _names(text: str, plural: str, subresource: str) -> bool:
    resource, _, part = text.partition("/")
    return resource in ("*", plural) and part in ("*", subresource)


def _in_scope(scope: str, attributes: Attributes) -> bool:
    return scope == "*" or (scope == "Namespaced") == bool(attributes.resource.namespaced and attributes.namespace)


def selector(doc: Mapping[str, Any] | None) -> labels.Selector:
    """A LabelSelector as it is stored; none at all selects everything here."""
    return labels.from_label_selector(LabelSelector.from_dict(doc or {}))


def objects_match(wanted: labels.Selector, *objects: Doc | None) -> bool:
    """Whether the new or the old object has these labels; an empty selector asks nothing."""
    return wanted.empty or any(wanted.matches(_labels(obj)) for obj in objects if obj is not None)


def namespace_of(attributes: Attributes) -> str:
    """The namespace that a request is about: of a Namespace, itself."""
    is_namespace = attributes.resource.plural == "namespaces" and not attributes.resource.group
    return attributes.name if is_namespace else attributes.namespace


def own_labels(attributes: Attributes, obj: Doc | None) -> dict[str, str] | None:
    """Who writes a Namespace is judged by the labels that it will have; None: look its namespace up."""
    is_namespace = attributes.resource.plural == "namespaces" and not attributes.resource.group
    return _labels(obj) if is_namespace and obj is not None and not attributes.subresource else None


def _labels(obj: Doc | None) -> dict[str, str]:
    return ((obj or {}).get("metadata") or {}).get("labels") or {}


def plain(texts: Iterable[str]) -> Iterator[str]:
    """Texts of others, fit for a header: no control characters, and not endless."""
    for text in texts:
        yield "".join(letter if letter.isprintable() else " " for letter in str(text))[:_LONGEST_WARNING]


_LONGEST_WARNING = 256

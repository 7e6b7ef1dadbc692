"""Everything that can be wrong with a pod's wishes about where it runs: affinity and topology spread.

Real Kubernetes: validateAffinity and validateTopologySpreadConstraints in pkg/apis/core/validation.
"""

from __future__ import annotations

from collections.abc import Iterable

from apiserver.registry.selectors import label_selector_errors
from machinery.api import names
from machinery.api.core.v1 import (
    Affinity,
    NodeSelector,
    NodeSelectorRequirement,
    NodeSelectorTerm,
    PodAffinity,
    PodAffinityTerm,
    PodAntiAffinity,
    PodSpec,
    TopologySpreadConstraint,
)
from machinery.api.errors import FieldError

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_OPERATORS = ("DoesNotExist", "Exists", "Gt", "In", "Lt", "NotIn")
_ACTIONS = ("DoNotSchedule", "ScheduleAnyway")
_NOT_EMPTY, _NOT_ZERO = "can not be empty", "must be greater than zero"


def placement_wish_errors(spec: PodSpec, path: str) -> list[FieldError]:
    """All errors of spec.affinity and spec.topologySpreadConstraints."""
    found = [] if spec.affinity is None else _affinity_errors(spec.affinity, f"{path}.affinity")
    for index, constraint in enumerate(spec.topology_spread_constraints):
        found += _spread_errors(constraint, f"{path}.topologySpreadConstraints[{index}]")
    return found


def _affinity_errors(affinity: Affinity, path: str) -> list[FieldError]:
    found = []
    if affinity.node_affinity is not None:
        where = f"{path}.nodeAffinity"
        required = affinity.node_affinity.required_during_scheduling_ignored_during_execution
        if required is not None:
            found += _terms_errors(required.node_selector_terms, f"{where}.{_REQUIRED}.nodeSelectorTerms")
        preferred = affinity.node_affinity.preferred_during_scheduling_ignored_during_execution
        for index, term in enumerate(preferred):
            inside = f"{where}.{_PREFERRED}[{index}]"
            found += _weight_errors(term.weight, inside) + _term_errors(term.preference, f"{inside}.preference")
    for name, part in (("podAffinity", affinity.pod_affinity), ("podAntiAffinity", affinity.pod_anti_affinity)):
        if part is not None:
            found += _pod_affinity_errors(part, f"{path}.{name}")
    return found


def node_selector_errors(selector: NodeSelector, path: str) -> list[FieldError]:
    """All errors of a choice of nodes, such as a volume's."""
    return _terms_errors(selector.node_selector_terms, f"{path}.nodeSelectorTerms")


def _terms_errors(terms: tuple[NodeSelectorTerm, ...], path: str) -> list[FieldError]:
    if not terms:
        return [FieldError.required(path, "must have at least one node selector term")]
    return [error for index, term in enumerate(terms) for error in _term_errors(term, f"{path}[{index}]")]


def _term_errors(term: NodeSelectorTerm, path: str) -> list[FieldError]:
    found = []
    for index, row in enumerate(term.match_expressions):
        found += _requirement_errors(row, f"{path}.matchExpressions[{index}]")
    for index, row in enumerate(term.match_fields):
        if row.key != "metadata.name":
            why = "not a valid field selector key"
            found.append(FieldError.invalid(f"{path}.matchFields[{index}].key", row.key, why))
    return found


def _requirement_errors(row: NodeSelectorRequirement, path: str) -> list[FieldError]:
    found = []
    if row.operator in ("In", "NotIn") and not row.values:
        why = "must be specified when `operator` is 'In' or 'NotIn'"
        found.append(FieldError.required(f"{path}.values", why))
    elif row.operator in ("Exists", "DoesNotExist") and row.values:
        why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
        found.append(FieldError.forbidden(f"{path}.values", why))
    elif row.operator in ("Gt", "Lt") and len(row.values) != 1:
        why = "must be specified single value when `operator` is 'Lt' or 'Gt'"
        found.append(FieldError.required(f"{path}.values", why))
    elif row.operator not in _OPERATORS:
        found.append(FieldError.invalid(f"{path}.operator", row.operator, "not a valid selector operator"))
    return found + [FieldError.invalid(f"{path}.key", row.key, why) for why in names.qualified_name(row.key)]


def _pod_affinity_errors(part: PodAffinity | PodAntiAffinity, path: str) -> list[FieldError]:
    found = []
    for index, term in enumerate(part.required_during_scheduling_ignored_during_execution):
        found += _pod_term_errors(term, f"{path}.{_REQUIRED}[{index}]")
    for index, weighted in enumerate(part.preferred_during_scheduling_ignored_during_execution):
        inside = f"{path}.{_PREFERRED}[{index}]"
        found += _weight_errors(weighted.weight, inside)
        found += _pod_term_errors(weighted.pod_affinity_term, f"{inside}.podAffinityTerm")
    return found


def _pod_term_errors(term: PodAffinityTerm, path: str) -> list[FieldError]:
    found = label_selector_errors(term.label_selector, f"{path}.labelSelector")
    found += label_selector_errors(term.namespace_selector, f"{path}.namespaceSelector")
    for namespace in term.namespaces:
        bad = names.dns_label(namespace)
        found += [FieldError.invalid(f"{path}.namespace", namespace, why) for why in bad]
    return found + _topology_key_errors(term.topology_key, path)


def _topology_key_errors(key: str, path: str) -> list[FieldError]:
    if not key:
        return [FieldError.required(f"{path}.topologyKey", _NOT_EMPTY)]
    return [FieldError.invalid(f"{path}.topologyKey", key, why) for why in names.qualified_name(key)]


def _weight_errors(weight: int, path: str) -> Iterable[FieldError]:
    return [] if 1 <= weight <= 100 else [FieldError.invalid(f"{path}.weight", weight, "must be in the range 1-100")]


def _spread_errors(constraint: TopologySpreadConstraint, path: str) -> list[FieldError]:
    found = []
    if constraint.max_skew <= 0:
        found.append(FieldError.invalid(f"{path}.maxSkew", constraint.max_skew, _NOT_ZERO))
    found += _topology_key_errors(constraint.topology_key, path)
    if constraint.when_unsatisfiable not in _ACTIONS:
        field = f"{path}.whenUnsatisfiable"
        found.append(FieldError.not_supported(field, constraint.when_unsatisfiable, _ACTIONS))
    if constraint.min_domains is not None and constraint.min_domains <= 0:
        found.append(FieldError.invalid(f"{path}.minDomains", constraint.min_domains, _NOT_ZERO))
    return found + label_selector_errors(constraint.label_selector, f"{path}.labelSelector")

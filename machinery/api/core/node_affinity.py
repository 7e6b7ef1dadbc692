"""Does a node match what a pod wants of nodes: nodeSelector, and the terms of nodeAffinity.

Pure; used by a filter of the scheduler (required terms), a score (preferred terms), and nodes that admit pods.
In Kubernetes: k8s.io/component-helpers/scheduling/corev1/nodeaffinity.
"""

from __future__ import annotations

from machinery.api.core.v1 import Node, NodeSelectorRequirement, NodeSelectorTerm, Pod


def matches_required(pod: Pod, node: Node) -> bool:
    """Every pair of nodeSelector, and at least one required term."""
    labels = node.metadata.labels
    if any(labels.get(name) != value for name, value in pod.spec.node_selector.items()):
        return False
    affinity = pod.spec.affinity and pod.spec.affinity.node_affinity
    required = affinity and affinity.required_during_scheduling_ignored_during_execution
    return not required or any(matches_term(term, node) for term in required.node_selector_terms)


def preferred_weight(pod: Pod, node: Node) -> int:
    """The weights of the preferred terms that this node meets, added up."""
    affinity = pod.spec.affinity and pod.spec.affinity.node_affinity
    if not affinity:
        return 0
    terms = affinity.preferred_during_scheduling_ignored_during_execution
    return sum(term.weight for term in terms if matches_term(term.preference, node))


def matches_term(term: NodeSelectorTerm, node: Node) -> bool:
    """All expressions together; a term that asks nothing matches nothing."""
    if not term.match_expressions and not term.match_fields:
        return False
    fields = {"metadata.name": node.metadata.name}
    return all(matches(r, node.metadata.labels) for r in term.match_expressions) and all(
        matches(r, fields) for r in term.match_fields
    )


def matches(requirement: NodeSelectorRequirement, labels: dict[str, str]) -> bool:
    """One expression. NotIn also matches where the label is absent; Gt and Lt compare integers."""
    present = requirement.key in labels
    value = labels.get(requirement.key, "")
    match requirement.operator:
        case "In":
            return present and value in requirement.values
        case "NotIn":
            return not present or value not in requirement.values
        case "Exists":
            return present
        case "DoesNotExist":
            return not present
        case "Gt":
            return present and _compare(value, requirement.values) > 0
        case "Lt":
            return present and _compare(value, requirement.values) < 0
    return False


def _compare(value: str, bounds: tuple[str, ...]) -> int:
    """-1, 0 or 1; 0 (which matches neither Gt nor Lt) where either side is not an integer."""
    try:
        mine, bound = int(value), int(bounds[0])
    except (ValueError, IndexError):
        return 0
    return (mine > bound) - (mine < bound)

"""NodeRestriction: a kubelet writes its own Node and lease and the pods that run there. Off by default.

Real Kubernetes: plugin/pkg/admission/noderestriction, whose sentences these are. Left out: evictions, CSINodes, tokens,
claims of devices.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from apiserver.admission.attributes import Attributes
from apiserver.admission.plugin import Doc, Plugin
from machinery.api.errors import Forbidden

_USER, _GROUP, _LEASES = "system:node:", "system:nodes", "kube-node-lease"
_MIRROR = "kubernetes.io/config.mirror"
_RESTRICTED = "node-restriction.kubernetes.io"
_KUBELETS = {
    "kubernetes.io/hostname", "kubernetes.io/os", "kubernetes.io/arch", "beta.kubernetes.io/os",
    "beta.kubernetes.io/arch", "beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type",
    "topology.kubernetes.io/zone", "topology.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region",
}  # fmt: skip
"""Labels of Kubernetes' own that a kubelet may set, beside those of its two prefixes."""


class NodeRestriction(Plugin):
    """See the module."""

    def handles(self, attributes: Attributes) -> bool:
        if attributes.resource.plural not in ("pods", "nodes", "leases"):
            return False
        return _GROUP in attributes.user.groups and attributes.user.name.startswith(_USER)

    async def validate(self, attributes: Attributes, obj: Any, old: Any) -> None:
        node = attributes.user.name.removeprefix(_USER)
        judge = {"pods": pod_errors, "nodes": node_errors, "leases": lease_errors}[attributes.resource.plural]
        if why := next(judge(node, attributes, obj, old), ""):
            raise Forbidden(attributes.resource.plural, attributes.name, why, group=attributes.resource.group)


def pod_errors(node: str, attributes: Attributes, obj: Doc | None, old: Doc | None) -> Iterator[str]:
    """Mirror pods are made, pods of the node reported on and removed."""
    match attributes.operation, attributes.subresource:
        case "CREATE", "":
            yield from mirror_errors(node, obj or {})
        case "DELETE", "":
            if _node_of(old) != node:
                yield f'node "{node}" can only delete pods with spec.nodeName set to itself'
        case "UPDATE", "status":
            if _node_of(old) != node:
                yield f'node "{node}" can only update pod status for pods with spec.nodeName set to itself'
            elif _labels(obj) != _labels(old):
                yield f'node "{node}" cannot update labels through pod status'
        case operation, _:
            yield f'unexpected operation "{operation}", node "{node}" can only create and delete mirror pods'


def mirror_errors(node: str, pod: Doc) -> Iterator[str]:
    """A mirror pod shows what the node runs anyway: it must not lead to what others own."""
    if _MIRROR not in pod["metadata"].get("annotations", {}):
        yield f'pod does not have "{_MIRROR}" annotation, node "{node}" can only create mirror pods'
    if _node_of(pod) != node:
        yield f'node "{node}" can only create pods with spec.nodeName set to itself'
    owners = pod["metadata"].get("ownerReferences", [])
    if any((owner.get("kind"), owner.get("name")) != ("Node", node) for owner in owners):
        yield f'node "{node}" can only create pods with an owner reference set to itself'
    if pod["spec"].get("serviceAccountName"):
        yield f'node "{node}" can not create pods that reference a service account'
    for field, what in (("secret", "secrets"), ("configMap", "configmaps"), ("persistentVolumeClaim", "claims")):
        if any(field in volume for volume in pod["spec"].get("volumes", ())):
            yield f'node "{node}" can not create pods that reference {what}'


def node_errors(node: str, attributes: Attributes, obj: Doc | None, old: Doc | None) -> Iterator[str]:
    """Itself alone, and neither its taints nor the labels that others rely on."""
    if attributes.name != node:
        yield f'node "{node}" is not allowed to modify node "{attributes.name}"'
    elif obj is not None:
        labels, before = _labels(obj), _labels(old)
        changed = [key for key in labels.keys() | before.keys() if labels.get(key) != before.get(key)]
        if refused := sorted(forbidden_labels(changed)):
            verb = "set the following labels" if old is None else "modify labels"
            yield f"is not allowed to {verb}: {', '.join(refused)}"
        if old is not None and obj.get("spec", {}).get("taints", []) != old.get("spec", {}).get("taints", []):
            yield f'node "{node}" is not allowed to modify taints'


def lease_errors(node: str, attributes: Attributes, obj: Doc | None, old: Doc | None) -> Iterator[str]:
    if attributes.namespace != _LEASES:
        yield f'can only access leases in the "{_LEASES}" system namespace'
    elif attributes.name != node:
        yield "can only access node lease with the same name as the requesting node"


def forbidden_labels(keys: Iterable[str]) -> Iterator[str]:
    """Those that only the cluster's administrators give."""
    for key in keys:
        domain = key.partition("/")[0] if "/" in key else ""
        own = _within(domain, "kubelet.kubernetes.io") or _within(domain, "node.kubernetes.io") or key in _KUBELETS
        kubernetes = _within(domain, "kubernetes.io") or _within(domain, "k8s.io")
        if _within(domain, _RESTRICTED) or (kubernetes and not own):
            yield key


def _within(domain: str, parent: str) -> bool:
    return domain == parent or domain.endswith(f".{parent}")


def _labels(obj: Doc | None) -> dict[str, str]:
    return (obj or {}).get("metadata", {}).get("labels", {})


def _node_of(pod: Doc | None) -> str:
    return (pod or {}).get("spec", {}).get("nodeName", "")

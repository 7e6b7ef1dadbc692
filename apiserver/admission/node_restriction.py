"""NodeRestriction: a kubelet writes its own Node, lease and CSINode, and of pods those that run there.

Off by default; clusters switch it on. Tokens it gets for its own pods alone.
Real Kubernetes: plugin/pkg/admission/noderestriction, whose sentences these are. Left out: claims of devices,
clusterTrustBundles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from apiserver.admission.attributes import Attributes
from apiserver.admission.plugin import Doc, Plugin
from apiserver.authorization.node_graph import MIRROR, needs
from machinery.api.errors import Forbidden

_USER, _GROUP, _LEASES = "system:node:", "system:nodes", "kube-node-lease"
_RESTRICTED = "node-restriction.kubernetes.io"
_KUBELETS = {
    "kubernetes.io/hostname", "kubernetes.io/os", "kubernetes.io/arch", "beta.kubernetes.io/os",
    "beta.kubernetes.io/arch", "beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type",
    "topology.kubernetes.io/zone", "topology.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region",
}  # fmt: skip
"""Labels of Kubernetes' own that a kubelet may set, beside those of its two prefixes."""
_OF_CLAIMS = ("capacity", "conditions", "allocatedResources", "allocatedResourceStatuses")
"""What a kubelet reports of a claim."""


class Objects(Protocol):
    """How the plugin looks pods and nodes up."""

    async def named(self, name: str, namespace: str = "") -> Doc | None:
        """The one of this name."""


class NodeRestriction(Plugin):
    """See the module."""

    def __init__(self, pods: Objects, nodes: Objects) -> None:
        self._pods, self._nodes = pods, nodes

    def handles(self, attributes: Attributes) -> bool:
        if (attributes.resource.group, attributes.resource.plural) not in _JUDGES:
            return False
        return _GROUP in attributes.user.groups and attributes.user.name.startswith(_USER)

    async def validate(self, attributes: Attributes, obj: Any, old: Any) -> None:
        node, resource = attributes.user.name.removeprefix(_USER), attributes.resource
        other = await self._other(node, attributes, obj)
        judge = _JUDGES[resource.group, resource.plural]
        if why := next(judge(node, attributes, obj, old if other is None else other), ""):
            raise Forbidden(resource.plural, attributes.name, why, group=resource.group)

    async def _other(self, node: str, attributes: Attributes, obj: Any) -> Doc | None:
        """The object that a creation is about beside itself: the pod to evict, or of a token; a mirror's node."""
        if attributes.operation != "CREATE":
            return None
        plural, subresource, namespace = attributes.resource.plural, attributes.subresource, attributes.namespace
        if (plural, subresource) == ("pods", "eviction"):
            return await self._pods.named(attributes.name, namespace)
        if (plural, subresource) == ("serviceaccounts", "token"):
            return await self._pods.named(_bound(obj).get("name", ""), namespace)
        return await self._nodes.named(node) if (plural, subresource) == ("pods", "") else None


def pod_errors(node: str, attributes: Attributes, obj: Any, other: Doc | None) -> Iterator[str]:
    """Mirror pods are made, pods of the node reported on, evicted and removed."""
    match attributes.operation, attributes.subresource:
        case "CREATE", "":
            yield from mirror_errors(node, obj, other)
        case "CREATE", "eviction":
            if other is not None and _node_of(other) != node:
                yield f"node {node} can only evict pods with spec.nodeName set to itself"
        case "DELETE", "":
            if _node_of(other) != node:
                yield f'node "{node}" can only delete pods with spec.nodeName set to itself'
        case "UPDATE", "status":
            yield from _status_errors(node, obj, other or {})
        case operation, "":
            yield f'unexpected operation "{operation}", node "{node}" can only create and delete mirror pods'
        case _, subresource:
            yield f"unexpected pod subresource \"{subresource}\", only 'status' and 'eviction' are allowed"


def _status_errors(node: str, pod: Doc, old: Doc) -> Iterator[str]:
    if _node_of(old) != node:
        yield f'node "{node}" can only update pod status for pods with spec.nodeName set to itself'
    elif _labels(pod) != _labels(old):
        yield f'node "{node}" cannot update labels through pod status'
    elif _claims(pod) != _claims(old):
        yield f'node "{node}" cannot update resource claim statues'


def mirror_errors(node: str, pod: Doc, own: Doc | None) -> Iterator[str]:
    """A mirror pod shows what the node runs anyway: it must not lead to what others own. `own` is the Node."""
    if MIRROR not in pod["metadata"].get("annotations", {}):
        yield f'pod does not have "{MIRROR}" annotation, node "{node}" can only create mirror pods'
    if _node_of(pod) != node:
        yield f'node "{node}" can only create pods with spec.nodeName set to itself'
    yield from _owner_errors(node, pod["metadata"].get("ownerReferences", []), own)
    if pod["spec"].get("serviceAccountName"):
        yield f'node "{node}" can not create pods that reference a service account'
    for plural, _ in needs(pod["spec"], ""):
        yield f'node "{node}" can not create pods that reference {plural}'


def _owner_errors(node: str, owners: list[Doc], own: Doc | None) -> Iterator[str]:
    if len(owners) != 1:
        one = "a single owner reference" if owners else "an owner reference"
        yield f'node "{node}" can only create pods with {one} set to itself'
        return
    (owner,) = owners
    if (owner.get("apiVersion"), owner.get("kind"), owner.get("name")) != ("v1", "Node", node):
        yield f'node "{node}" can only create pods with an owner reference set to itself'
    if not owner.get("controller"):
        yield f'node "{node}" can only create pods with a controller owner reference set to itself'
    if owner.get("blockOwnerDeletion"):
        yield f'node "{node}" must not set blockOwnerDeletion on an owner reference'
    uid = own["metadata"]["uid"] if own is not None else ""
    if owner.get("uid") != uid:
        yield f"node {node} UID mismatch: expected {owner.get('uid')} got {uid}"


def node_errors(node: str, attributes: Attributes, obj: Any, old: Doc | None) -> Iterator[str]:
    """Itself alone, and neither its taints nor the labels that others rely on."""
    if attributes.name != node:
        yield f'node "{node}" is not allowed to modify node "{attributes.name}"'
    elif attributes.operation in ("CREATE", "UPDATE"):
        labels, before = _labels(obj), _labels(old)
        changed = [key for key in labels.keys() | before.keys() if labels.get(key) != before.get(key)]
        if refused := sorted(forbidden_labels(changed)):
            told = f'node "{node}" is not allowed to set the following labels' if old is None else _MODIFY
            yield f"{told}: {', '.join(refused)}"
        if old is not None and _taints(obj) != _taints(old):
            yield f'node "{node}" is not allowed to modify taints'


_MODIFY = "is not allowed to modify labels"


def claim_errors(node: str, attributes: Attributes, obj: Any, old: Doc | None) -> Iterator[str]:
    """How large a volume has become."""
    if attributes.subresource != "status":
        yield "may only update PVC status"
    elif _but_for_growth(obj) != _but_for_growth(old or {}):
        yield f'node "{node}" is not allowed to update fields other than status.capacity and status.conditions'


def _but_for_growth(claim: Doc) -> Doc:
    meta = {key: value for key, value in claim["metadata"].items() if key not in ("managedFields", "resourceVersion")}
    status = {key: value for key, value in claim.get("status", {}).items() if key not in _OF_CLAIMS}
    return {**claim, "metadata": meta, "status": status}


def account_errors(node: str, attributes: Attributes, obj: Any, pod: Doc | None) -> Iterator[str]:
    """A token is for a pod that runs on the node; to other nodes' pods it leads nowhere."""
    if (attributes.operation, attributes.subresource) != ("CREATE", "token"):
        return
    bound = _bound(obj)
    if (bound.get("apiVersion"), bound.get("kind")) != ("v1", "Pod") or not bound.get("name"):
        yield "node requested token not bound to a pod"
    elif not bound.get("uid"):
        yield "node requested token with a pod binding without a uid"
    elif pod is not None and pod["metadata"]["uid"] != bound["uid"]:
        yield (
            f"the UID in the bound object reference ({bound['uid']}) does not match the UID in record. "
            "The object might have been deleted and then recreated"
        )
    elif pod is not None and _node_of(pod) != node:
        yield "node requested token bound to a pod scheduled on a different node"


def lease_errors(node: str, attributes: Attributes, obj: Any, old: Doc | None) -> Iterator[str]:
    if attributes.namespace != _LEASES:
        yield f'can only access leases in the "{_LEASES}" system namespace'
    elif attributes.name != node:
        yield "can only access node lease with the same name as the requesting node"


def csi_node_errors(node: str, attributes: Attributes, obj: Any, old: Doc | None) -> Iterator[str]:
    if attributes.name != node:
        yield "can only access CSINode with the same name as the requesting node"


_JUDGES: dict[tuple[str, str], Callable[[str, Attributes, Any, Doc | None], Iterator[str]]] = {
    ("", "pods"): pod_errors,
    ("", "nodes"): node_errors,
    ("", "persistentvolumeclaims"): claim_errors,
    ("", "serviceaccounts"): account_errors,
    ("coordination.k8s.io", "leases"): lease_errors,
    ("storage.k8s.io", "csinodes"): csi_node_errors,
}


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


def _taints(node: Doc) -> list[Doc]:
    return node.get("spec", {}).get("taints", [])


def _claims(pod: Doc) -> list[Doc]:
    return pod.get("status", {}).get("resourceClaimStatuses", [])


def _node_of(pod: Doc | None) -> str:
    return (pod or {}).get("spec", {}).get("nodeName", "")


def _bound(request: Doc) -> Doc:
    return request.get("spec", {}).get("boundObjectRef") or {}

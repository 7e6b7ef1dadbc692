"""The node authorizer: a kubelet reads what its pods need, and writes its own node and its own pods.

A kubelet is whoever is in the group system:nodes with a name that begins with system:node:. `_ASKED` says what is
asked about which resource; everything else follows the fixed rules of the role system:node.
Real Kubernetes: plugin/pkg/auth/authorizer/node. Stricter here, where the name is known: another node's objects are
refused at once, not only by the admission plugin NodeRestriction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import orjson

from apiserver.authorization.authorizer import NO_OPINION, Decision, Opinion
from apiserver.authorization.node_graph import Item, NodeGraph
from apiserver.authorization.rules import Rule, allows
from apiserver.request_info import RequestInfo
from apiserver.storage.interface import Cacher
from apiserver.storage.keys import key_of
from apiserver.user import User

NODES = "system:nodes"
PREFIX = "system:node:"
NEEDED = ("pods", "persistentvolumes", "volumeattachments")
_LEASES = "kube-node-lease"
_OWN_VERBS = ("get", "create", "update", "patch", "delete")
_ALLOW = Opinion(Decision.ALLOW)


def node_of(user: User) -> str:
    """The node for which a kubelet speaks; empty for anybody else."""
    return user.name.removeprefix(PREFIX) if user.name.startswith(PREFIX) and NODES in user.groups else ""


class NodeAuthorizer:
    """Wants the Cachers of `NEEDED`, by plural, and the rules of the role system:node."""

    def __init__(self, cachers: Mapping[str, Cacher], rules: Sequence[Rule]) -> None:
        self._cachers, self._rules = cachers, tuple(rules)
        self._graph = NodeGraph(cachers["pods"])

    def __call__(self, user: User, info: RequestInfo) -> Opinion:
        node = node_of(user)
        if not node:
            return NO_OPINION
        asked = _ASKED.get((info.group, info.resource)) if info.is_resource else None
        if asked is not None:
            why = asked(self, node, info)
            return Opinion(Decision.NO_OPINION, why) if why else _ALLOW
        return _ALLOW if any(allows(rule, info) for rule in self._rules) else NO_OPINION

    def rules(self, user: User, namespace: str) -> tuple[list[object], list[object], str]:
        """What a node may do depends on its pods."""
        return [], [], "node authorizer does not support user rule resolution" if node_of(user) else ""

    # --- one method per resource: why not, or nothing

    def _referred(self, node: str, info: RequestInfo) -> str:
        """Secrets and ConfigMaps."""
        if info.verb not in ("get", "list", "watch"):
            return "can only read resources of this type"
        if info.subresource:
            return "cannot read subresource"
        if not info.namespace:
            return "can only read namespaced object of this type"
        return self._related(node, info)

    def _claim(self, node: str, info: RequestInfo) -> str:
        if info.subresource == "status" and info.verb not in ("update", "patch"):
            return "can only get/update/patch this type"
        return self._related(node, info) if info.subresource == "status" else self._got(node, info)

    def _got(self, node: str, info: RequestInfo) -> str:
        if info.verb != "get":
            return "can only get individual resources of this type"
        return "cannot get subresource" if info.subresource else self._related(node, info)

    def _account(self, node: str, info: RequestInfo) -> str:
        if info.verb != "create" or not info.name:
            return "can only create tokens for individual service accounts"
        if info.subresource != "token":
            return "can only create token subresource of serviceaccount"
        return self._related(node, info)

    def _related(self, node: str, info: RequestInfo) -> str:
        if not info.object_name:
            return "No Object name found"
        related = _RELATED.get(info.resource, NodeAuthorizer._needed)(self, node, info)
        return "" if related else f"no relationship found between node '{node}' and this object"

    def _needed(self, node: str, info: RequestInfo) -> bool:
        return self._graph.needs(node, Item(info.resource, info.namespace, info.object_name))

    def _bound(self, node: str, info: RequestInfo) -> bool:
        """A volume that a claim of one of the node's pods has got."""
        entry = self._cachers["persistentvolumes"].peek(key_of("persistentvolumes", info.object_name))
        claim = (orjson.loads(entry.body).get("spec", {}).get("claimRef") or {}) if entry is not None else {}
        wanted = Item("persistentvolumeclaims", claim.get("namespace", ""), claim.get("name", ""))
        return self._graph.needs(node, wanted)

    def _attached(self, node: str, info: RequestInfo) -> bool:
        entry = self._cachers["volumeattachments"].peek(key_of("volumeattachments", info.object_name))
        return entry is not None and orjson.loads(entry.body).get("spec", {}).get("nodeName") == node

    def _lease(self, node: str, info: RequestInfo) -> str:
        if info.verb not in _OWN_VERBS:
            return "can only get, create, update, patch, or delete a node lease"
        if info.namespace != _LEASES:
            return f'can only access leases in the "{_LEASES}" system namespace'
        own = info.verb == "create" or info.name == node
        return "" if own else "can only access node lease with the same name as the requesting node"

    def _csi_node(self, node: str, info: RequestInfo) -> str:
        if info.verb not in _OWN_VERBS:
            return "can only get, create, update, patch, or delete a CSINode"
        if info.subresource:
            return "cannot authorize CSINode subresources"
        own = info.verb == "create" or info.name == node
        return "" if own else "can only access CSINode with the same name as the requesting node"

    def _node(self, node: str, info: RequestInfo) -> str:
        name = info.object_name
        if info.verb in ("get", "list", "watch") and not info.subresource:
            if name == node:
                return ""
            whose = f"read '{name}'" if name else "read all nodes"
            return f"node '{node}' cannot {whose}, only its own Node object"
        writes = ("update", "patch") if info.subresource == "status" else ("create", "update", "patch")
        if info.subresource not in ("", "status") or info.verb not in writes:
            return "can only read and write its own Node object"
        own = info.verb == "create" or name == node
        return "" if own else f"node '{node}' cannot write '{name}', only its own Node object"

    def _pod(self, node: str, info: RequestInfo) -> str:
        if info.verb in ("list", "watch") and not info.subresource:
            if ("spec.nodeName", node) in info.selected:
                return ""
            if not info.object_name:
                return "can only list/watch pods with spec.nodeName field selector"
            return self._own_pod(node, info)
        if (info.verb, info.subresource) not in _POD_VERBS:
            return "can only read, report and remove its own pods"
        return self._own_pod(node, info) if info.name else ""

    def _own_pod(self, node: str, info: RequestInfo) -> str:
        """A pod that is not there is nobody's: that is for the request itself to find out."""
        entry = self._cachers["pods"].peek(key_of("pods", info.object_name, info.namespace))
        own = entry is None or entry.fields.get("spec.nodeName") == node
        return "" if own else f"no relationship found between node '{node}' and this object"


Related = Callable[[NodeAuthorizer, str, RequestInfo], bool]
Asked = Callable[[NodeAuthorizer, str, RequestInfo], str]
_POD_VERBS = {
    ("get", ""), ("create", ""), ("delete", ""), ("update", "status"), ("patch", "status"), ("create", "eviction"),
}  # fmt: skip
_RELATED: dict[str, Related] = {
    "persistentvolumes": NodeAuthorizer._bound,
    "volumeattachments": NodeAuthorizer._attached,
}
_ASKED: dict[tuple[str, str], Asked] = {
    ("", "secrets"): NodeAuthorizer._referred,
    ("", "configmaps"): NodeAuthorizer._referred,
    ("", "persistentvolumeclaims"): NodeAuthorizer._claim,
    ("", "persistentvolumes"): NodeAuthorizer._got,
    ("storage.k8s.io", "volumeattachments"): NodeAuthorizer._got,
    ("", "serviceaccounts"): NodeAuthorizer._account,
    ("coordination.k8s.io", "leases"): NodeAuthorizer._lease,
    ("storage.k8s.io", "csinodes"): NodeAuthorizer._csi_node,
    ("", "nodes"): NodeAuthorizer._node,
    ("", "pods"): NodeAuthorizer._pod,
}

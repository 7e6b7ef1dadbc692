"""The roles that every cluster has from its first moment, as Kubernetes v1.32 has them: data.

A rule is one line: `VERBS GROUP: RESOURCES [NAMES]`, or `VERBS PATHS`; `core` is the group without a name. Roles by
name, bindings by name with their role and subjects. `reconcile` writes them; the controllers' are in a module of
their own.
Real Kubernetes: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go. Left out: what is behind feature gates.
"""

from __future__ import annotations

from typing import Any

from apiserver.authorization.rules import Rule

Doc = dict[str, Any]
Lines = tuple[str, ...]

READ = "get,list,watch"
WRITE = "create,update,patch,delete,deletecollection"
BOTH = f"{READ},{WRITE}"
EVENTS = "create,update,patch core,events.k8s.io: events"
RBAC_GROUP = "rbac.authorization.k8s.io"
AGGREGATE = f"{RBAC_GROUP}/aggregate-to-"
_HEALTH = "/livez /readyz /healthz"
_SCALED = "deployments deployments/scale replicasets replicasets/scale"
_CSR = "certificates.k8s.io"
_CSRS = f"{_CSR}: certificatesigningrequests"
_ASKING = ("create authentication.k8s.io: tokenreviews", "create authorization.k8s.io: subjectaccessreviews")


def _leading(name: str) -> Lines:
    """What a leader election needs."""
    return (
        "create coordination.k8s.io: leases", f"get,update coordination.k8s.io: leases [{name}]",
    )  # fmt: skip


_NODE: Lines = (
    "create authentication.k8s.io: tokenreviews",
    "create authorization.k8s.io: localsubjectaccessreviews subjectaccessreviews",
    f"{READ} core: services",
    f"create,{READ} core: nodes",
    "patch,update core: nodes/status",
    "patch,update core: nodes",
    "create,patch,update core,events.k8s.io: events",
    f"{READ} core: pods",
    "create,delete core: pods",
    "patch,update core: pods/status",
    "create core: pods/eviction",
    f"{READ} core: configmaps secrets",
    "get core: persistentvolumeclaims persistentvolumes",
    "get core: endpoints",
    f"create,{READ} {_CSRS}",
    "create,delete,get,patch,update coordination.k8s.io: leases",
    "get storage.k8s.io: volumeattachments",
    "create core: serviceaccounts/token",
    "get,patch,update core: persistentvolumeclaims/status",
    f"{READ} storage.k8s.io: csidrivers",
    "create,delete,get,patch,update storage.k8s.io: csinodes",
    f"{READ} node.k8s.io: runtimeclasses",
)

CLUSTER_ROLES: dict[str, Lines] = {
    "cluster-admin": ("* *: *", "* *"),
    "system:discovery": (f"get {_HEALTH} /version /version/ /openapi /openapi/* /api /api/* /apis /apis/*",),
    "system:monitoring": (f"get /metrics /metrics/slis {_HEALTH} /livez/* /readyz/* /healthz/*",),
    "system:basic-user": (
        "create authorization.k8s.io: selfsubjectaccessreviews selfsubjectrulesreviews",
        "create authentication.k8s.io: selfsubjectreviews",
    ),
    "system:public-info-viewer": (f"get {_HEALTH} /version /version/",),
    "system:service-account-issuer-discovery": ("get /.well-known/openid-configuration /openid/v1/jwks",),
    "admin": (),
    "edit": (),
    "view": (),
    "system:aggregate-to-admin": (
        "create authorization.k8s.io: localsubjectaccessreviews",
        f"{BOTH} {RBAC_GROUP}: rolebindings roles",
    ),
    "system:aggregate-to-edit": (
        f"{READ} core: pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy",
        "impersonate core: serviceaccounts",
        f"{WRITE} core: pods pods/attach pods/exec pods/portforward pods/proxy",
        "create core: pods/eviction",
        f"{WRITE} core: configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale"
        " secrets serviceaccounts services services/proxy",
        "create core: serviceaccounts/token",
        f"{WRITE} apps: daemonsets {_SCALED} deployments/rollback statefulsets statefulsets/scale",
        f"{WRITE} autoscaling: horizontalpodautoscalers",
        f"{WRITE} batch: cronjobs jobs",
        f"{WRITE} extensions: daemonsets {_SCALED} deployments/rollback ingresses networkpolicies"
        " replicationcontrollers/scale",
        f"{WRITE} policy: poddisruptionbudgets",
        f"{WRITE} networking.k8s.io: ingresses networkpolicies",
        f"{BOTH} coordination.k8s.io: leases",
    ),
    "system:aggregate-to-view": (
        f"{READ} core: configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods"
        " replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status",
        f"{READ} core: bindings events limitranges namespaces/status pods/log pods/status"
        " replicationcontrollers/status resourcequotas resourcequotas/status",
        f"{READ} core: namespaces",
        f"{READ} discovery.k8s.io: endpointslices",
        f"{READ} apps: controllerrevisions daemonsets daemonsets/status {_SCALED} deployments/status"
        " replicasets/status statefulsets statefulsets/scale statefulsets/status",
        f"{READ} autoscaling: horizontalpodautoscalers horizontalpodautoscalers/status",
        f"{READ} batch: cronjobs cronjobs/status jobs jobs/status",
        f"{READ} extensions: daemonsets daemonsets/status {_SCALED} deployments/status ingresses ingresses/status"
        " networkpolicies replicasets/status replicationcontrollers/scale",
        f"{READ} policy: poddisruptionbudgets poddisruptionbudgets/status",
        f"{READ} networking.k8s.io: ingresses ingresses/status networkpolicies",
    ),
    "system:heapster": (f"{READ} core: events namespaces nodes pods", f"{READ} extensions: deployments"),
    "system:node": _NODE,
    "system:node-problem-detector": ("get core: nodes", "patch core: nodes/status", EVENTS),
    "system:kubelet-api-admin": (
        f"{READ} core: nodes",
        "proxy core: nodes",
        "* core: nodes/log nodes/metrics nodes/proxy nodes/stats",
    ),
    "system:node-bootstrapper": (f"create,{READ} {_CSRS}",),
    "system:auth-delegator": _ASKING,
    "system:kube-aggregator": (f"{READ} core: endpoints services",),
    "system:kube-controller-manager": (
        EVENTS,
        *_leading("kube-controller-manager"),
        "create core: secrets serviceaccounts",
        "delete core: secrets",
        "get core: configmaps namespaces secrets serviceaccounts",
        "update core: secrets serviceaccounts",
        *_ASKING,
        "list,watch *: *",
        "create core: serviceaccounts/token",
    ),
    "system:kube-dns": ("list,watch core: endpoints services",),
    "system:persistent-volume-provisioner": (
        f"create,delete,{READ} core: persistentvolumes",
        f"{READ},update core: persistentvolumeclaims",
        f"{READ} storage.k8s.io: storageclasses",
        "watch core: events",
        EVENTS,
    ),
    f"system:{_CSR}:certificatesigningrequests:nodeclient": (f"create {_CSRS}/nodeclient",),
    f"system:{_CSR}:certificatesigningrequests:selfnodeclient": (f"create {_CSRS}/selfnodeclient",),
    f"system:{_CSR}:legacy-unknown-approver": (f"approve {_CSR}: signers [kubernetes.io/legacy-unknown]",),
    f"system:{_CSR}:kubelet-serving-approver": (f"approve {_CSR}: signers [kubernetes.io/kubelet-serving]",),
    f"system:{_CSR}:kube-apiserver-client-approver": (
        f"approve {_CSR}: signers [kubernetes.io/kube-apiserver-client]",
    ),
    f"system:{_CSR}:kube-apiserver-client-kubelet-approver": (
        f"approve {_CSR}: signers [kubernetes.io/kube-apiserver-client-kubelet]",
    ),
    "system:volume-scheduler": (
        f"{READ},patch,update core: persistentvolumes",
        f"{READ} storage.k8s.io: storageclasses",
        f"{READ},patch,update core: persistentvolumeclaims",
    ),
    "system:node-proxier": (
        "list,watch core: endpoints services",
        f"{READ} core: nodes",
        EVENTS,
        "list,watch discovery.k8s.io: endpointslices",
    ),
    "system:kube-scheduler": (
        EVENTS,
        *_leading("kube-scheduler"),
        f"{READ} core: nodes",
        f"delete,{READ} core: pods",
        "create core: bindings pods/binding",
        "patch,update core: pods/status",
        f"{READ} core: replicationcontrollers services",
        f"{READ} apps,extensions: replicasets",
        f"{READ} apps: statefulsets",
        f"{READ} policy: poddisruptionbudgets",
        f"{READ} core: persistentvolumeclaims persistentvolumes",
        *_ASKING,
        f"{READ} storage.k8s.io: csinodes",
        f"{READ} core: namespaces",
        f"{READ} storage.k8s.io: csidrivers",
        f"{READ} storage.k8s.io: csistoragecapacities",
    ),
}
LABELS: dict[str, str] = {
    "edit": f"{AGGREGATE}admin",
    "view": f"{AGGREGATE}edit",
    "system:aggregate-to-admin": f"{AGGREGATE}admin",
    "system:aggregate-to-edit": f"{AGGREGATE}edit",
    "system:aggregate-to-view": f"{AGGREGATE}view",
}
AGGREGATED = ("admin", "edit", "view")
"""Roles that gather the rules of those with the label of their name."""

CLUSTER_ROLE_BINDINGS: dict[str, Lines] = {
    "cluster-admin": ("Group system:masters",),
    "system:monitoring": ("Group system:monitoring",),
    "system:discovery": ("Group system:authenticated",),
    "system:basic-user": ("Group system:authenticated",),
    "system:public-info-viewer": ("Group system:authenticated", "Group system:unauthenticated"),
    "system:node-proxier": ("User system:kube-proxy",),
    "system:kube-controller-manager": ("User system:kube-controller-manager",),
    "system:kube-dns": ("ServiceAccount kube-system/kube-dns",),
    "system:kube-scheduler": ("User system:kube-scheduler",),
    "system:volume-scheduler": ("User system:kube-scheduler",),
    "system:service-account-issuer-discovery": ("Group system:serviceaccounts",),
    "system:node": (),
}
"""By the name of the role. Nodes are no subject of system:node: that is the node authorizer's business."""

_AUTHENTICATION = "extension-apiserver-authentication"
_LOCKING = "system::leader-locking-"
ROLES: dict[tuple[str, str], Lines] = {
    ("kube-system", f"{_AUTHENTICATION}-reader"): (f"{READ} core: configmaps [{_AUTHENTICATION}]",),
    ("kube-system", "system:controller:bootstrap-signer"): (f"{READ} core: secrets",),
    ("kube-system", "system:controller:cloud-provider"): (f"create,{READ} core: configmaps",),
    ("kube-system", "system:controller:token-cleaner"): (f"delete,{READ} core: secrets", EVENTS),
    ("kube-system", f"{_LOCKING}kube-controller-manager"): (
        "watch core: configmaps", "get,update core: configmaps [kube-controller-manager]",
    ),
    ("kube-system", f"{_LOCKING}kube-scheduler"): (
        "watch core: configmaps", "get,update core: configmaps [kube-scheduler]",
    ),
    ("kube-public", "system:controller:bootstrap-signer"): (
        f"{READ} core: configmaps", "update core: configmaps [cluster-info]", EVENTS,
    ),
}  # fmt: skip
_MANAGER, _SCHEDULER = "User system:kube-controller-manager", "User system:kube-scheduler"
ROLE_BINDINGS: dict[tuple[str, str], tuple[str, Lines]] = {
    ("kube-system", f"system::{_AUTHENTICATION}-reader"): (f"{_AUTHENTICATION}-reader", (_MANAGER, _SCHEDULER)),
    ("kube-system", f"{_LOCKING}kube-controller-manager"): (
        f"{_LOCKING}kube-controller-manager", (_MANAGER, "ServiceAccount kube-system/kube-controller-manager"),
    ),
    ("kube-system", f"{_LOCKING}kube-scheduler"): (
        f"{_LOCKING}kube-scheduler", (_SCHEDULER, "ServiceAccount kube-system/kube-scheduler"),
    ),
    **{
        (namespace, f"system:controller:{name}"): (
            f"system:controller:{name}", (f"ServiceAccount kube-system/{name}",),
        )
        for namespace, name in (
            ("kube-system", "bootstrap-signer"), ("kube-system", "cloud-provider"), ("kube-system", "token-cleaner"),
            ("kube-public", "bootstrap-signer"),
        )
    },
}  # fmt: skip
"""By namespace and name: the Role, and whom it is given to."""


def rule(line: str) -> Rule:
    """Read one line of these tables."""
    verbs, _, rest = line.partition(" ")
    groups, separator, resources = rest.partition(": ")
    if not separator:
        return Rule(tuple(verbs.split(",")), urls=tuple(rest.split()))
    words, _, names = resources.partition(" [")
    named = tuple("" if group == "core" else group for group in groups.split(","))
    return Rule(tuple(verbs.split(",")), named, tuple(words.split()), tuple(names.rstrip("]").split()))


def node_rules() -> tuple[Rule, ...]:
    """What every kubelet may, where nothing more particular is asked."""
    return tuple(map(rule, _NODE))

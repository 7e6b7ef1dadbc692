"""The roles of the controllers, each for a service account of kube-system by its name: data, see bootstrap_policy.

They are here for every controller that v1.32 has, whether or not ours runs it. Where it updates deployments and the
status of sets, ours patches, and so may do either.
Real Kubernetes: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/controller_policy.go.
"""

from __future__ import annotations

from apiserver.authorization.bootstrap_policy import EVENTS, READ, Lines

_SIGNERS = (
    "kubernetes.io/kube-apiserver-client kubernetes.io/kube-apiserver-client-kubelet"
    " kubernetes.io/kubelet-serving kubernetes.io/legacy-unknown"
)
_PODS = "create,delete,list,patch,watch core: pods"

CONTROLLER_ROLES: dict[str, Lines] = {
    "attachdetach-controller": (
        "list,watch core: persistentvolumeclaims persistentvolumes",
        f"{READ} core: nodes",
        "patch,update core: nodes/status",
        "list,watch core: pods",
        EVENTS,
        f"create,delete,{READ} storage.k8s.io: volumeattachments",
        f"{READ} storage.k8s.io: csidrivers",
        f"{READ} storage.k8s.io: csinodes",
    ),
    "clusterrole-aggregation-controller": (
        f"escalate,{READ},patch,update rbac.authorization.k8s.io: clusterroles",
    ),
    "cronjob-controller": (
        f"{READ},update batch: cronjobs",
        f"create,delete,{READ},patch,update batch: jobs",
        "update batch: cronjobs/status",
        "update batch: cronjobs/finalizers",
        "delete,list,watch core: pods",
        EVENTS,
    ),
    "daemon-set-controller": (
        f"{READ} apps,extensions: daemonsets",
        "update apps,extensions: daemonsets/status",
        "update apps,extensions: daemonsets/finalizers",
        "list,watch core: nodes",
        _PODS,
        "create core: pods/binding",
        f"create,delete,{READ},patch,update apps: controllerrevisions",
        EVENTS,
    ),
    "deployment-controller": (
        f"{READ},patch,update apps,extensions: deployments",
        "patch,update apps,extensions: deployments/status",
        "update apps,extensions: deployments/finalizers",
        f"create,delete,{READ},patch,update apps,extensions: replicasets",
        f"{READ},update core: pods",
        EVENTS,
    ),
    "disruption-controller": (
        f"{READ} apps,extensions: deployments",
        f"{READ} apps,extensions: replicasets",
        f"{READ} core: replicationcontrollers",
        f"{READ} policy: poddisruptionbudgets",
        f"{READ} apps: statefulsets",
        "update policy: poddisruptionbudgets/status",
        "patch,update core: pods/status",
        "get *: */scale",
        EVENTS,
    ),
    "endpoint-controller": (
        f"{READ} core: pods services",
        f"create,delete,{READ},update core: endpoints",
        "create core: endpoints/restricted",
        EVENTS,
    ),
    "endpointslice-controller": (
        f"{READ} core: nodes pods services",
        "update core: services/finalizers",
        f"create,delete,{READ},update discovery.k8s.io: endpointslices",
        EVENTS,
    ),
    "endpointslicemirroring-controller": (
        f"{READ} core: endpoints services",
        "update core: services/finalizers",
        "update core: endpoints/finalizers",
        f"create,delete,{READ},update discovery.k8s.io: endpointslices",
        EVENTS,
    ),
    "expand-controller": (
        f"{READ},patch,update core: persistentvolumes",
        "patch,update core: persistentvolumeclaims/status",
        f"{READ} core: persistentvolumeclaims",
        EVENTS,
    ),
    "ephemeral-volume-controller": (
        f"{READ} core: pods",
        "update core: pods/finalizers",
        f"create,{READ} core: persistentvolumeclaims",
        EVENTS,
    ),
    "generic-garbage-collector": (f"delete,{READ},patch,update *: *", EVENTS),
    "horizontal-pod-autoscaler": (
        f"{READ} autoscaling: horizontalpodautoscalers",
        "update autoscaling: horizontalpodautoscalers/status",
        "get,update *: */scale",
        "list core: pods",
        "list metrics.k8s.io: pods",
        "get,list custom.metrics.k8s.io: *",
        "get,list external.metrics.k8s.io: *",
        EVENTS,
    ),
    "job-controller": (
        f"{READ},patch,update batch: jobs",
        "update batch: jobs/status",
        "update batch: jobs/finalizers",
        _PODS,
        EVENTS,
    ),
    "namespace-controller": (
        f"delete,{READ} core: namespaces",
        "update core: namespaces/finalize namespaces/status",
        f"delete,deletecollection,{READ} *: *",
    ),
    "node-controller": (
        f"delete,{READ},patch,update core: nodes",
        "patch,update core: nodes/status",
        "patch,update core: pods/status",
        f"delete,{READ} core: pods",
        EVENTS,
    ),
    "persistent-volume-binder": (
        f"create,delete,{READ},update core: persistentvolumes",
        "update core: persistentvolumes/status",
        f"{READ},update core: persistentvolumeclaims",
        "update core: persistentvolumeclaims/status",
        f"create,delete,{READ} core: pods",
        f"{READ} storage.k8s.io: storageclasses",
        "list,watch core: nodes",
        "watch core: events",
        EVENTS,
    ),
    "pod-garbage-collector": (
        "delete,list,watch core: pods",
        f"{READ} core: nodes",
        "patch core: pods/status",
    ),
    "replicaset-controller": (
        f"{READ},update apps,extensions: replicasets",
        "patch,update apps,extensions: replicasets/status",
        "update apps,extensions: replicasets/finalizers",
        _PODS,
        EVENTS,
    ),
    "replication-controller": (
        f"{READ},update core: replicationcontrollers",
        "patch,update core: replicationcontrollers/status",
        "update core: replicationcontrollers/finalizers",
        _PODS,
        EVENTS,
    ),
    "resourcequota-controller": ("list,watch *: *", "update core: resourcequotas/status", EVENTS),
    "route-controller": ("list,watch core: nodes", "patch core: nodes/status", EVENTS),
    "service-account-controller": ("create core: serviceaccounts", EVENTS),
    "service-controller": (
        f"{READ} core: services",
        "patch,update core: services/status",
        "list,watch core: nodes",
        EVENTS,
    ),
    "statefulset-controller": (
        "list,watch core: pods",
        f"{READ} apps: statefulsets",
        "update apps: statefulsets/status",
        "update apps: statefulsets/finalizers",
        "create,delete,get,patch,update core: pods",
        f"create,delete,{READ},patch,update apps: controllerrevisions",
        f"create,{READ} core: persistentvolumeclaims",
        "delete,update core: persistentvolumeclaims",
        EVENTS,
    ),
    "ttl-controller": ("list,patch,update,watch core: nodes", EVENTS),
    "certificate-controller": (
        f"delete,{READ} certificates.k8s.io: certificatesigningrequests",
        "update certificates.k8s.io: certificatesigningrequests/approval certificatesigningrequests/status",
        "approve certificates.k8s.io: signers [kubernetes.io/kube-apiserver-client-kubelet]",
        f"sign certificates.k8s.io: signers [{_SIGNERS}]",
        "create authorization.k8s.io: subjectaccessreviews",
        EVENTS,
    ),
    "pvc-protection-controller": (f"{READ},update core: persistentvolumeclaims", f"{READ} core: pods", EVENTS),
    "pv-protection-controller": (f"{READ},update core: persistentvolumes", EVENTS),
    "ttl-after-finished-controller": (f"delete,{READ} batch: jobs", EVENTS),
    "root-ca-cert-publisher": ("create,update core: configmaps", EVENTS),
    "validatingadmissionpolicy-status-controller": (
        f"{READ} admissionregistration.k8s.io: validatingadmissionpolicies",
        "get,patch,update admissionregistration.k8s.io: validatingadmissionpolicies/status",
        EVENTS,
    ),
    "legacy-service-account-token-cleaner": (
        "get core: configmaps [kube-apiserver-legacy-service-account-token-tracking]",
        "delete,patch core: secrets",
    ),
}

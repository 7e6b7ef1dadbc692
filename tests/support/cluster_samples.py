"""A good object of each kind that configures a cluster: the group's path, the body, a change, and a status."""

from __future__ import annotations

import base64
import copy
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from machinery.api import scheme
from machinery.api.scheme import Resource

Doc = dict[str, Any]


def signing_request(name: str = "jane") -> str:
    """A certificate request as the API carries it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return base64.b64encode(request.public_bytes(serialization.Encoding.PEM)).decode()


@dataclass(frozen=True)
class Sample:
    """`change` is a merge patch that an update may make, `status` one of /status."""

    api_version: str
    kind: str
    body: Doc
    change: Doc = field(default_factory=dict)
    status: Doc = field(default_factory=dict)
    name: str = "sample"

    @property
    def resource(self) -> Resource:
        return scheme.for_kind(self.api_version, self.kind)

    def document(self, namespace: str = "", **changes: Any) -> Doc:
        """The whole object, its own copy."""
        meta = {"name": self.name} | ({"namespace": namespace} if namespace and self.resource.namespaced else {})
        whole = {"apiVersion": self.api_version, "kind": self.kind, "metadata": meta, **self.body}
        return copy.deepcopy(whole | changes)


_RULE = {"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}
_HOOK = {
    "name": "check.example.com",
    "clientConfig": {"service": {"namespace": "default", "name": "hook", "path": "/check"}},
    "rules": [_RULE],
    "sideEffects": "None",
    "admissionReviewVersions": ["v1"],
}
_ALLOWED = {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}
_JANE = {"kind": "User", "name": "jane"}
_DANGLING = {"status": {"conditions": [{"type": "Dangling", "status": "False"}]}}
_WIDGET = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}}}
_BACKEND = {"service": {"name": "web", "port": {"number": 80}}}

NETWORKING, RBAC, STORAGE = "networking.k8s.io/v1", "rbac.authorization.k8s.io/v1", "storage.k8s.io/v1"
ADMISSION, FLOW = "admissionregistration.k8s.io/v1", "flowcontrol.apiserver.k8s.io/v1"

SAMPLES = (
    Sample(
        NETWORKING,
        "Ingress",
        {"spec": {"rules": [{"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": _BACKEND}]}}]}},
        {"spec": {"ingressClassName": "nginx"}},
        {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}},
    ),
    Sample(NETWORKING, "IngressClass", {"spec": {"controller": "example.com/c"}}),
    Sample(
        NETWORKING,
        "NetworkPolicy",
        {"spec": {"podSelector": {}, "ingress": [{"ports": [{"port": 80}]}]}},
        {"spec": {"policyTypes": ["Ingress", "Egress"]}},
    ),
    Sample(RBAC, "Role", {"rules": [_ALLOWED]}, {"rules": [{**_ALLOWED, "verbs": ["list"]}]}),
    Sample(RBAC, "ClusterRole", {"rules": [{"verbs": ["get"], "nonResourceURLs": ["/healthz"]}]}, {"rules": []}),
    Sample(
        RBAC,
        "RoleBinding",
        {"roleRef": {"kind": "Role", "name": "r"}, "subjects": [_JANE]},
        {"subjects": [{"kind": "ServiceAccount", "name": "default"}]},
    ),
    Sample(
        RBAC,
        "ClusterRoleBinding",
        {"roleRef": {"kind": "ClusterRole", "name": "r"}, "subjects": [_JANE]},
        {"subjects": [{"kind": "ServiceAccount", "namespace": "default", "name": "default"}]},
    ),
    Sample(STORAGE, "StorageClass", {"provisioner": "example.com/disk"}, {"allowVolumeExpansion": True}),
    Sample(STORAGE, "CSIDriver", {"spec": {"attachRequired": False}}, {"spec": {"requiresRepublish": True}}),
    Sample(
        STORAGE,
        "CSINode",
        {"spec": {"drivers": [{"name": "d.example.com", "nodeID": "n", "topologyKeys": ["zone"]}]}},
        {"spec": {"drivers": []}},
    ),
    Sample(STORAGE, "CSIStorageCapacity", {"storageClassName": "fast", "capacity": "1Gi"}, {"capacity": "2Gi"}),
    Sample(
        STORAGE,
        "VolumeAttachment",
        {"spec": {"attacher": "d.example.com", "nodeName": "n1", "source": {"persistentVolumeName": "pv"}}},
        {"metadata": {"labels": {"a": "b"}}},
        {"status": {"attached": True}},
    ),
    Sample("scheduling.k8s.io/v1", "PriorityClass", {"value": 7}, {"globalDefault": True}),
    Sample("node.k8s.io/v1", "RuntimeClass", {"handler": "runc"}, {"overhead": {"podFixed": {"cpu": "10m"}}}),
    Sample(
        "certificates.k8s.io/v1",
        "CertificateSigningRequest",
        {"spec": {"request": signing_request(), "signerName": "example.com/s", "usages": ["client auth"]}},
        {"metadata": {"labels": {"a": "b"}}},
        {"status": {"conditions": [{"type": "Failed", "status": "True", "reason": "x"}]}},
    ),
    Sample(ADMISSION, "ValidatingWebhookConfiguration", {"webhooks": [_HOOK]}, {"webhooks": []}),
    Sample(ADMISSION, "MutatingWebhookConfiguration", {"webhooks": [_HOOK]}, {"webhooks": []}),
    Sample(
        ADMISSION,
        "ValidatingAdmissionPolicy",
        {"spec": {"matchConstraints": {"resourceRules": [_RULE]}, "validations": [{"expression": "true"}]}},
        {"spec": {"failurePolicy": "Ignore"}},
        {"status": {"observedGeneration": 7}},
    ),
    Sample(
        ADMISSION,
        "ValidatingAdmissionPolicyBinding",
        {"spec": {"policyName": "p", "validationActions": ["Deny"]}},
        {"spec": {"validationActions": ["Warn"]}},
    ),
    Sample(
        FLOW,
        "FlowSchema",
        {"spec": {"priorityLevelConfiguration": {"name": "low"}}},
        {"spec": {"matchingPrecedence": 8}},
        _DANGLING,
    ),
    Sample(
        FLOW,
        "PriorityLevelConfiguration",
        {"spec": {"type": "Limited", "limited": {"limitResponse": {"type": "Queue", "queuing": {}}}}},
        {"spec": {"limited": {"lendablePercent": 50}}},
        _DANGLING,
    ),
    Sample(
        "apiregistration.k8s.io/v1",
        "APIService",
        {
            "spec": {
                "group": "m.example.com", "version": "v1", "groupPriorityMinimum": 100, "versionPriority": 10,
                "service": {"namespace": "default", "name": "m"},
            }
        },
        {"spec": {"versionPriority": 20}},
        {"status": {"conditions": [{"type": "Available", "status": "False", "reason": "Gone"}]}},
        name="v1.m.example.com",
    ),
    Sample(
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        {
            "spec": {
                "group": "example.com", "scope": "Namespaced", "names": {"plural": "widgets", "kind": "Widget"},
                "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": _WIDGET}}],
            }
        },
        {"spec": {"names": {"shortNames": ["w"]}}},
        {"status": {"conditions": [{"type": "Terminating", "status": "False"}]}},
        name="widgets.example.com",
    ),
    Sample(
        "events.k8s.io/v1",
        "Event",
        {
            "eventTime": "2026-01-01T00:00:00.000000Z", "type": "Normal", "reason": "Tested", "action": "Test",
            "reportingController": "example.com/tester", "reportingInstance": "me", "note": "all well",
            "regarding": {"kind": "Pod", "name": "web", "namespace": "default"},
        },
        {"series": {"count": 2, "lastObservedTime": "2026-01-01T00:01:00.000000Z"}},
    ),
)  # fmt: skip


def sample(kind: str) -> Sample:
    return next(each for each in SAMPLES if each.kind == kind)

"""Plugins that only refuse: kubelets, claims that grow, certificates of administrators."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from apiserver.admission.attributes import Attributes
from apiserver.admission.certificate_subject import CertificateSubjectRestriction
from apiserver.admission.claim_resize import PersistentVolumeClaimResize
from apiserver.admission.node_restriction import NodeRestriction, forbidden_labels
from apiserver.admission.plugin import Plugin
from apiserver.user import ITSELF, User
from machinery.api import scheme
from machinery.api.errors import Forbidden
from tests.support.lookups import Known

Doc = dict[str, Any]
PODS, NODES, CLAIMS = (scheme.for_kind("v1", kind) for kind in ("Pod", "Node", "PersistentVolumeClaim"))
LEASES = scheme.for_kind("coordination.k8s.io/v1", "Lease")
REQUESTS = scheme.for_kind("certificates.k8s.io/v1", "CertificateSigningRequest")
KUBELET = User("system:node:one", ("system:nodes",))


async def why(plugin: Plugin, attributes: Attributes, obj: Doc | None, old: Doc | None = None) -> str:
    """Of the refusal; nothing where it enters."""
    if not plugin.handles(attributes):
        return ""
    try:
        await plugin.validate(attributes, obj, old)
    except Forbidden as error:
        return error.message.partition(" is forbidden: ")[2]
    return ""


def node(labels: Doc | None = None, **spec: Any) -> Doc:
    return {"metadata": {"name": "one", "labels": labels or {}}, "spec": spec}


OWNER = {"apiVersion": "v1", "kind": "Node", "name": "one", "uid": "u-one", "controller": True}
RESTRICTION = NodeRestriction(
    Known({"metadata": {"name": "mine", "namespace": "n", "uid": "u-mine"}, "spec": {"nodeName": "one"}},
          {"metadata": {"name": "theirs", "namespace": "n", "uid": "u-theirs"}, "spec": {"nodeName": "two"}}),
    Known({"metadata": {"name": "one", "uid": "u-one"}}),
)  # fmt: skip


def pod(on: str = "one", mirror: bool = True, owner: Doc | None = None, **spec: Any) -> Doc:
    meta = {"name": "x", "ownerReferences": [{**OWNER, **owner} if owner else OWNER]}
    meta["annotations"] = {"kubernetes.io/config.mirror": "x"} if mirror else {}
    return {"metadata": meta, "spec": {"nodeName": on, **spec}}


@pytest.mark.parametrize(
    ("operation", "resource", "name", "obj", "old", "refusal"),
    [
        ("UPDATE", NODES, "one", node(), node(), ""),
        ("UPDATE", NODES, "two", node(), node(), 'node "one" is not allowed to modify node "two"'),
        ("CREATE", NODES, "one", node({"kubernetes.io/os": "linux", "mine": "x"}), None, ""),
        ("CREATE", NODES, "one", node({"node-role.kubernetes.io/control-plane": ""}), None,
         'node "one" is not allowed to set the following labels: node-role.kubernetes.io/control-plane'),
        ("UPDATE", NODES, "one", node({"node-role.kubernetes.io/control-plane": ""}), node(),
         "is not allowed to modify labels: node-role.kubernetes.io/control-plane"),
        ("DELETE", NODES, "one", None, node(), ""),
        ("UPDATE", NODES, "one", node(taints=[]), node(taints=[{"key": "a"}]),
         'node "one" is not allowed to modify taints'),
        ("CREATE", PODS, "x", pod(), None, ""),
        ("CREATE", PODS, "x", pod(mirror=False), None, 'pod does not have "kubernetes.io/config.mirror" annotation, '
         'node "one" can only create mirror pods'),
        ("CREATE", PODS, "x", pod("two"), None, 'node "one" can only create pods with spec.nodeName set to itself'),
        ("CREATE", PODS, "x", pod(volumes=[{"secret": {"secretName": "s"}}]), None,
         'node "one" can not create pods that reference secrets'),
        ("CREATE", PODS, "x", pod(containers=[{"envFrom": [{"configMapRef": {"name": "c"}}]}]), None,
         'node "one" can not create pods that reference configmaps'),
        ("CREATE", PODS, "x", pod(imagePullSecrets=[{"name": "s"}]), None,
         'node "one" can not create pods that reference secrets'),
        ("CREATE", PODS, "x", pod(volumes=[{"persistentVolumeClaim": {"claimName": "c"}}]), None,
         'node "one" can not create pods that reference persistentvolumeclaims'),
        ("CREATE", PODS, "x", pod(serviceAccountName="robot"), None,
         'node "one" can not create pods that reference a service account'),
        ("CREATE", PODS, "x", pod(owner={"name": "two"}), None,
         'node "one" can only create pods with an owner reference set to itself'),
        ("CREATE", PODS, "x", pod(owner={"uid": "old"}), None, "node one UID mismatch: expected old got u-one"),
        ("CREATE", PODS, "x", pod(owner={"blockOwnerDeletion": True}), None,
         'node "one" must not set blockOwnerDeletion on an owner reference'),
        ("CREATE", PODS, "x", pod(owner={"controller": False}), None,
         'node "one" can only create pods with a controller owner reference set to itself'),
        ("UPDATE", PODS, "x", pod(), pod(),
         'unexpected operation "UPDATE", node "one" can only create and delete mirror pods'),
        ("DELETE", PODS, "x", None, pod("two"), 'node "one" can only delete pods with spec.nodeName set to itself'),
        ("DELETE", PODS, "x", None, pod(), ""),
    ],
)  # fmt: skip
async def test_a_kubelet_minds_its_own(
    operation: str, resource: Any, name: str, obj: Doc | None, old: Doc | None, refusal: str
):
    attributes = Attributes(operation, resource, "n", name, KUBELET)
    assert await why(RESTRICTION, attributes, obj, old) == refusal
    assert await why(RESTRICTION, Attributes(operation, resource, "n", name, ITSELF), obj, old) == ""


async def test_a_kubelets_lease_and_its_reports():
    other = Attributes("UPDATE", LEASES, "kube-node-lease", "two", KUBELET)
    assert "with the same name as the requesting node" in await why(RESTRICTION, other, {}, {})
    elsewhere = Attributes("UPDATE", LEASES, "default", "one", KUBELET)
    assert 'leases in the "kube-node-lease" system namespace' in await why(RESTRICTION, elsewhere, {}, {})
    report = Attributes("UPDATE", PODS, "n", "x", KUBELET, "status")
    assert await why(RESTRICTION, report, pod(), pod()) == ""
    assert "can only update pod status" in await why(RESTRICTION, report, pod("two"), pod("two"))
    attached = Attributes("CONNECT", PODS, "n", "x", KUBELET, "exec")
    assert "unexpected pod subresource \"exec\", only 'status'" in await why(RESTRICTION, attached, {}, None)
    csi = Attributes("CREATE", scheme.for_kind("storage.k8s.io/v1", "CSINode"), "", "two", KUBELET)
    assert "can only access CSINode with the same name" in await why(RESTRICTION, csi, {}, None)


@pytest.mark.parametrize(("name", "refusal"), [
    ("mine", ""), ("gone", ""), ("theirs", "node one can only evict pods with spec.nodeName set to itself"),
])  # fmt: skip
async def test_a_kubelet_evicts_its_own_pods(name: str, refusal: str):
    assert await why(RESTRICTION, Attributes("CREATE", PODS, "n", name, KUBELET, "eviction"), {}) == refusal


@pytest.mark.parametrize(("bound", "refusal"), [
    ({}, "node requested token not bound to a pod"),
    ({"kind": "Secret", "apiVersion": "v1", "name": "mine", "uid": "u-mine"},
     "node requested token not bound to a pod"),
    ({"name": "mine"}, "node requested token with a pod binding without a uid"),
    ({"name": "mine", "uid": "u-mine"}, ""),
    ({"name": "mine", "uid": "old"}, "the UID in the bound object reference (old) does not match the UID in record."),
    ({"name": "theirs", "uid": "u-theirs"}, "node requested token bound to a pod scheduled on a different node"),
])  # fmt: skip
async def test_a_kubelet_gets_tokens_for_its_own_pods(bound: Doc, refusal: str):
    accounts = scheme.for_kind("v1", "ServiceAccount")
    reference = {"kind": "Pod", "apiVersion": "v1", **bound} if bound else None
    attributes = Attributes("CREATE", accounts, "n", "robot", KUBELET, "token")
    told = await why(RESTRICTION, attributes, {"spec": {"boundObjectRef": reference}})
    assert told.startswith(refusal) and bool(told) is bool(refusal)


async def test_a_kubelet_says_of_a_claim_only_how_large_it_is():
    report = Attributes("UPDATE", CLAIMS, "n", "x", KUBELET, "status")
    claim = {"metadata": {"name": "x", "resourceVersion": "1"}, "spec": {}, "status": {"phase": "Bound"}}
    grown = {**claim, "metadata": {"name": "x"}, "status": {"phase": "Bound", "capacity": {"storage": "2Gi"}}}
    assert await why(RESTRICTION, report, grown, claim) == ""
    labelled = {**grown, "metadata": {"name": "x", "labels": {"a": "b"}}}
    assert "is not allowed to update fields other than" in await why(RESTRICTION, report, labelled, claim)
    whole = Attributes("UPDATE", CLAIMS, "n", "x", KUBELET)
    assert await why(RESTRICTION, whole, claim, claim) == "may only update PVC status"


def test_labels_of_others():
    keys = ["node-restriction.kubernetes.io/a", "kubelet.kubernetes.io/b", "x.k8s.io/c", "example.com/d", "e"]
    assert list(forbidden_labels(keys)) == ["node-restriction.kubernetes.io/a", "x.k8s.io/c"]


@pytest.mark.parametrize(
    ("grows", "phase", "refusal"),
    [(True, "Bound", ""), (True, "Pending", "Only bound persistent volume"), (False, "Bound", "only dynamically")],
)
async def test_a_claim_grows_where_its_class_can(grows: bool, phase: str, refusal: str):
    def claim(size: str) -> Doc:
        spec = {"storageClassName": "fast", "resources": {"requests": {"storage": size}}}
        return {"metadata": {"name": "x"}, "spec": spec, "status": {"phase": phase}}

    plugin = PersistentVolumeClaimResize(Known({"metadata": {"name": "fast"}, "allowVolumeExpansion": grows}))
    attributes = Attributes("UPDATE", CLAIMS, "n", "x", ITSELF)
    assert (await why(plugin, attributes, claim("2Gi"), claim("1Gi"))).startswith(refusal)
    assert await why(plugin, attributes, claim("1Gi"), claim("1Gi")) == ""


@pytest.mark.parametrize(("group", "refused"), [("system:masters", True), ("devs", False)])
async def test_nobody_is_signed_into_the_administrators(group: str, refused: bool):
    subject = x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, group)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(
        ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    text = base64.b64encode(request.public_bytes(serialization.Encoding.PEM)).decode()
    attributes = Attributes("CREATE", REQUESTS, "", "x", ITSELF)
    spec = {"signerName": "kubernetes.io/kube-apiserver-client", "request": text}
    told = await why(CertificateSubjectRestriction(), attributes, {"metadata": {"name": "x"}, "spec": spec})
    assert bool(told) is refused

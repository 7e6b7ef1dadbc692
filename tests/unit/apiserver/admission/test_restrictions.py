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


def pod(on: str = "one", mirror: bool = True, **spec: Any) -> Doc:
    notes = {"kubernetes.io/config.mirror": "x"} if mirror else {}
    return {"metadata": {"name": "x", "annotations": notes}, "spec": {"nodeName": on, **spec}}


@pytest.mark.parametrize(
    ("operation", "resource", "name", "obj", "old", "refusal"),
    [
        ("UPDATE", NODES, "one", node(), node(), ""),
        ("UPDATE", NODES, "two", node(), node(), 'node "one" is not allowed to modify node "two"'),
        ("CREATE", NODES, "one", node({"kubernetes.io/os": "linux", "mine": "x"}), None, ""),
        ("CREATE", NODES, "one", node({"node-role.kubernetes.io/control-plane": ""}), None,
         "is not allowed to set the following labels: node-role.kubernetes.io/control-plane"),
        ("UPDATE", NODES, "one", node(taints=[]), node(taints=[{"key": "a"}]),
         'node "one" is not allowed to modify taints'),
        ("CREATE", PODS, "x", pod(), None, ""),
        ("CREATE", PODS, "x", pod(mirror=False), None, 'pod does not have "kubernetes.io/config.mirror" annotation, '
         'node "one" can only create mirror pods'),
        ("CREATE", PODS, "x", pod("two"), None, 'node "one" can only create pods with spec.nodeName set to itself'),
        ("CREATE", PODS, "x", pod(volumes=[{"secret": {}}]), None,
         'node "one" can not create pods that reference secrets'),
        ("DELETE", PODS, "x", None, pod("two"), 'node "one" can only delete pods with spec.nodeName set to itself'),
        ("DELETE", PODS, "x", None, pod(), ""),
    ],
)  # fmt: skip
async def test_a_kubelet_minds_its_own(
    operation: str, resource: Any, name: str, obj: Doc | None, old: Doc | None, refusal: str
):
    attributes = Attributes(operation, resource, "n", name, KUBELET)
    assert await why(NodeRestriction(), attributes, obj, old) == refusal
    assert await why(NodeRestriction(), Attributes(operation, resource, "n", name, ITSELF), obj, old) == ""


async def test_a_kubelets_lease_and_its_reports():
    other = Attributes("UPDATE", LEASES, "kube-node-lease", "two", KUBELET)
    assert "with the same name as the requesting node" in await why(NodeRestriction(), other, {}, {})
    elsewhere = Attributes("UPDATE", LEASES, "default", "one", KUBELET)
    assert 'leases in the "kube-node-lease" system namespace' in await why(NodeRestriction(), elsewhere, {}, {})
    report = Attributes("UPDATE", PODS, "n", "x", KUBELET, "status")
    assert await why(NodeRestriction(), report, pod(), pod()) == ""
    assert "can only update pod status" in await why(NodeRestriction(), report, pod("two"), pod("two"))


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

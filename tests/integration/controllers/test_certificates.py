"""Certificates on request: by kubectl, as Kubernetes' own pages tell it; by a kubelet; and what nobody gets."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509

from machinery.api.certificates.v1 import CertificateSigningRequest
from machinery.api.errors import Forbidden
from machinery.api.rbac.v1 import ClusterRole, ClusterRoleBinding
from machinery.client.config import load_kubeconfig
from machinery.client.rest import Client
from tests.support.apiserver import ApiServer
from tests.support.controlplane import ControlPlane, one_server
from tests.support.kubectl import kubectl
from tests.support.pki import request

CLIENT, KUBELET = "kubernetes.io/kube-apiserver-client", "kubernetes.io/kube-apiserver-client-kubelet"
SERVING = "kubernetes.io/kubelet-serving"
GROUP = "certificates.k8s.io"
KUBELETS_USAGES = ["digital signature", "client auth"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with one_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
async def plane(server: ApiServer) -> AsyncIterator[ControlPlane]:
    ca = server.authority.ca
    async with ControlPlane(
        server, scheduler=False, kubelets=False, controllers=("csrapproving", "csrsigning", "csrcleaner"),
        cluster_signing_cert_file=str(ca.cert), cluster_signing_key_file=str(ca.key),
    ) as running:  # fmt: skip
        yield running


def wanted(name: str, text: str, signer: str = CLIENT, **spec: Any) -> dict[str, Any]:
    spec = {"request": text, "signerName": signer, "usages": ["client auth"], **spec}
    head = {"apiVersion": f"{GROUP}/v1", "kind": "CertificateSigningRequest"}
    return {**head, "metadata": {"name": name}, "spec": spec}


async def settled(plane: ControlPlane, name: str) -> CertificateSigningRequest:
    """With a certificate, or without hope of one."""

    async def done() -> CertificateSigningRequest | None:
        found = await plane.client.get(CertificateSigningRequest, name)
        failed = any(each.type in ("Failed", "Denied") for each in found.status.conditions)
        return found if found.status.certificate or failed else None

    return await plane.eventually(done)


async def test_a_user_by_kubectl(server: ApiServer, plane: ControlPlane, tmp_path: Path) -> None:
    async def k(*words: str, config: str = server.kubeconfig, **options: Any) -> str:
        return await asyncio.to_thread(kubectl, *words, kubeconfig=config, **options)

    asked = request("jane", "devs")
    manifest = yaml.safe_dump(wanted("jane", asked.text, expirationSeconds=1200))
    await k("apply", "-f-", stdin=manifest)
    assert "kubernetes-admin   20m                 Pending" in await k("get", "csr", "jane")
    assert "approved" in await k("certificate", "approve", "jane")
    certificate = (await settled(plane, "jane")).status.certificate
    assert "Approved,Issued" in await k("get", "csr", "jane")
    made = x509.load_pem_x509_certificate(base64.b64decode(certificate))
    lasts = made.not_valid_after_utc - made.not_valid_before_utc
    assert lasts.total_seconds() == 1200 + 300, "as asked, and valid for clocks that are five minutes late"
    assert made.issuer.rfc4514_string() == "CN=test-ca"

    (tmp_path / "jane.key").write_text(asked.key)
    (tmp_path / "jane.crt").write_bytes(base64.b64decode(certificate))
    config = tmp_path / "config"
    config.write_text(Path(server.kubeconfig).read_text())
    files = (f"--client-key={tmp_path / 'jane.key'}", f"--client-certificate={tmp_path / 'jane.crt'}")
    await k("config", "set-credentials", "jane", *files, "--embed-certs=true", config=str(config))
    await k("config", "set-context", "--current", "--user=jane", config=str(config))
    who = await k("auth", "whoami", config=str(config))
    assert "jane" in who and "[devs system:authenticated]" in who
    assert 'User "jane" cannot list resource "pods"' in await k("get", "pods", config=str(config), check=False)
    await k("create", "rolebinding", "devs", "--clusterrole=system:aggregate-to-view", "--group=devs",
            "-n", plane.namespace)  # fmt: skip
    assert "No resources found" in await k("get", "pods", "-n", plane.namespace, config=str(config), check=False)


async def test_denied_is_denied(server: ApiServer, plane: ControlPlane) -> None:
    await plane.client.create(CertificateSigningRequest.from_dict(wanted("joe", request("joe").text)))
    words = ("certificate", "deny", "joe")
    assert "denied" in await asyncio.to_thread(kubectl, *words, kubeconfig=server.kubeconfig)
    assert "Denied" in await asyncio.to_thread(kubectl, "get", "csr", "joe", kubeconfig=server.kubeconfig)
    approve = ("certificate", "approve", "joe")
    told = await asyncio.to_thread(kubectl, *approve, kubeconfig=server.kubeconfig, check=False)
    assert 'certificate signing request "joe" is already Denied' in told


@pytest.mark.parametrize("who", ["system:node:n1", "system:node:other"])
async def test_a_kubelet_renews_its_own_certificate(server: ApiServer, plane: ControlPlane, who: str) -> None:
    """And no other's, though it may ask."""
    role = f"system:{GROUP}:certificatesigningrequests:selfnodeclient"
    binding = {
        "metadata": {"name": who.replace(":", "-")},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:nodes"}],
    }
    await plane.client.create(ClusterRoleBinding.from_dict(binding))
    config = load_kubeconfig(server.kubeconfig_of("system:node:n1", organization="system:nodes"))
    name = f"renewal-{who.rpartition(':')[2]}"
    body = wanted(name, request(who, "system:nodes").text, KUBELET, usages=KUBELETS_USAGES)
    async with Client(config) as kubelet:
        await kubelet.create(CertificateSigningRequest.from_dict(body))
    if who == "system:node:n1":
        found = await settled(plane, name)
        assert [(each.type, each.reason) for each in found.status.conditions] == [("Approved", "AutoApproved")]
    else:
        undecided = await plane.client.get(CertificateSigningRequest, name)
        assert undecided.status.conditions == () and undecided.spec.username == "system:node:n1"


async def test_a_signer_has_its_rules(plane: ControlPlane) -> None:
    text = request("system:node:n1", dns=("n1",)).text
    usages = ["digital signature", "server auth"]
    body = wanted("serving", text, SERVING, usages=usages)
    made = await plane.client.create(CertificateSigningRequest.from_dict(body))
    yes = {"type": "Approved", "status": "True", "reason": "Trusting"}
    approved = CertificateSigningRequest.from_dict({**made.to_dict(), "status": {"conditions": [yes]}})
    await plane.client.update_subresource(approved, "approval")
    failure = (await settled(plane, "serving")).status.conditions[-1]
    assert (failure.type, failure.reason) == ("Failed", "SignerValidationFailure")
    assert failure.message == "subject organization is not system:nodes"


async def test_who_may_decide(server: ApiServer, plane: ControlPlane) -> None:
    """To write the decision is not enough: one must be let by the signer, too; and so for the certificate."""
    parts = ["certificatesigningrequests/approval", "certificatesigningrequests/status"]
    rules = [{"apiGroups": [GROUP], "resources": parts, "verbs": ["update"]}]
    await plane.client.create(ClusterRole.from_dict({"metadata": {"name": "clerk"}, "rules": rules}))
    await asyncio.to_thread(
        kubectl, "create", "clusterrolebinding", "clerk", "--clusterrole=clerk", "--user=clerk",
        kubeconfig=server.kubeconfig)  # fmt: skip
    made = await plane.client.create(CertificateSigningRequest.from_dict(wanted("ann", request("ann").text)))
    conditions = [{"type": "Approved", "status": "True", "reason": "Me"}]
    approved = CertificateSigningRequest.from_dict({**made.to_dict(), "status": {"conditions": conditions}})
    spoilt = CertificateSigningRequest.from_dict(
        {**made.to_dict(), "status": {"conditions": [{"type": "Failed", "status": "True"}]}})
    async with Client(load_kubeconfig(server.kubeconfig_of("clerk"))) as clerk:
        for changed, part, verb in ((approved, "approval", "approve"), (spoilt, "status", "sign")):
            with pytest.raises(Forbidden) as refused:
                await clerk.update_subresource(changed, part)
            assert f'user not permitted to {verb} requests with signerName "{CLIENT}"' in refused.value.message
        rules += [{"apiGroups": [GROUP], "resources": ["signers"], "resourceNames": ["kubernetes.io/*"],
                   "verbs": ["approve"]}]  # fmt: skip
        await plane.client.patch(ClusterRole, "clerk", "", {"rules": rules})
        await clerk.update_subresource(approved, "approval")
    assert (await settled(plane, "ann")).status.certificate

"""Real attempts at what is not theirs: each ends in the right refusal, and the audit log says who tried what."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.integration.apiserver.conftest import Api, pod
from tests.integration.apiserver.test_authorization import asking
from tests.support.apiserver import ApiServer
from tests.support.pki import Authority, Pair
from tests.support.waiting import until
from tests.support.webhook import Doc, WebhookServer, patch

WHOAMI = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
TIGHT = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": True,
         "seccompProfile": {"type": "RuntimeDefault"}}  # fmt: skip


class Book:
    """The audit log of a server."""

    def __init__(self, server: ApiServer) -> None:
        self._file = server.audit_log

    async def lines(self, uri: str, *, code: int, count: int = 1) -> list[Doc]:
        """The lines of requests to this place that ended so; waits until there are so many."""
        found: list[Doc] = []

        def written() -> bool:
            lines = (json.loads(line) for line in self._file.read_text().splitlines() if line.endswith("}"))
            found[:] = [
                each for each in lines
                if each["requestURI"].startswith(uri) and each.get("responseStatus", {}).get("code") == code
            ]
            return len(found) >= count

        await until(written, 60)
        return found

    async def line(self, uri: str, code: int) -> Doc:
        return (await self.lines(uri, code=code))[-1]


@pytest.fixture
def book(server: ApiServer) -> Book:
    return Book(server)


@asynccontextmanager
async def caller(server: ApiServer, pair: Pair | None = None, token: str = "") -> AsyncIterator[Api]:
    """Somebody with a certificate, or a token."""
    context = server.context(pair) if pair else ssl.create_default_context(cafile=str(server.authority.ca.cert))
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    connector = aiohttp.TCPConnector(ssl=context)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        yield Api(session, server.url)


async def token_for(api: Api, namespace: str, **reference: str) -> str:
    path = f"/api/v1/namespaces/{namespace}/serviceaccounts/robot"
    await api.post(path.removesuffix("/robot"), {"metadata": {"name": "robot"}})
    bound = {"boundObjectRef": {"apiVersion": "v1", **reference}} if reference else {}
    answer = await api.post(f"{path}/token", {"spec": bound})
    assert answer.status == 201, answer.body
    return answer.body["status"]["token"]


async def test_a_kubelet_reads_a_secret_of_another_node(api: Api, namespace: str, book: Book) -> None:
    secret = f"/api/v1/namespaces/{namespace}/secrets/key"
    await api.post(secret.removesuffix("/key"), {"metadata": {"name": "key"}})
    volumes = [{"name": "v", "secret": {"secretName": "key"}}]
    await api.post(f"/api/v1/namespaces/{namespace}/pods", pod(nodeName="n1", volumes=volumes))
    own, other = (asking(api, f"system:node:{node}", "system:nodes") for node in ("n1", "n2"))
    for _ in range(100):
        if (await own("GET", secret)).status == 200:
            break
        await asyncio.sleep(0.05)
    refused = await other("GET", secret)
    assert (refused.status, refused.body["reason"]) == (403, "Forbidden")
    line = await book.line(secret, 403)
    assert line["impersonatedUser"]["username"] == "system:node:n2" and line["verb"] == "get"
    assert line["annotations"]["authorization.k8s.io/decision"] == "forbid"
    assert "no relationship found between node 'n2'" in line["responseStatus"]["message"]


@pytest.mark.parametrize("ends", ["pod", "account"])
async def test_a_token_whose_owner_is_gone(
    api: Api, namespace: str, server: ApiServer, book: Book, ends: str
) -> None:
    pods = f"/api/v1/namespaces/{namespace}/pods"
    await api.post(f"/api/v1/namespaces/{namespace}/serviceaccounts", {"metadata": {"name": "robot"}})
    made = await api.post(pods, pod(serviceAccountName="robot"))
    uid = made.body["metadata"]["uid"]
    token = await token_for(api, namespace, kind="Pod", name="web", uid=uid)
    mine = f"{WHOAMI}?of={namespace}"
    async with caller(server, token=token) as robot:
        assert (await robot.post(mine, {})).status == 201
        gone = f"{pods}/web" if ends == "pod" else f"/api/v1/namespaces/{namespace}/serviceaccounts/robot"
        await api.delete(gone, {"gracePeriodSeconds": 0})
        refused = await robot.post(mine, {})
        assert (refused.status, refused.body["reason"]) == (401, "Unauthorized")
    line = await book.line(mine, 401)
    assert line["responseStatus"]["reason"] == "Unauthorized" and token not in json.dumps(line)


async def test_a_user_gives_more_than_they_have(api: Api, namespace: str, book: Book) -> None:
    roles = f"{RBAC}/namespaces/{namespace}/roles"
    bindings = f"{RBAC}/namespaces/{namespace}/rolebindings"
    rules = [{"verbs": ["create"], "apiGroups": [RBAC.split("/")[2]], "resources": ["roles", "rolebindings"]}]
    await api.post(roles, {"metadata": {"name": "clerk"}, "rules": rules})
    reference = {"kind": "Role", "name": "clerk", "apiGroup": RBAC.split("/")[2]}
    subjects = [{"kind": "User", "name": "eve", "apiGroup": RBAC.split("/")[2]}]
    await api.post(bindings, {"metadata": {"name": "eve"}, "roleRef": reference, "subjects": subjects})
    eve = asking(api, "eve")
    everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
    for _ in range(100):
        refused = await eve("POST", roles, {"metadata": {"name": "more"}, "rules": [everything]})
        if "cannot create resource" not in refused.message:
            break
        await asyncio.sleep(0.05)
    assert refused.status == 403 and "attempting to grant RBAC permissions not currently held" in refused.message
    admin = {"kind": "ClusterRole", "name": "cluster-admin", "apiGroup": RBAC.split("/")[2]}
    taken = await eve("POST", bindings, {"metadata": {"name": "me"}, "roleRef": admin, "subjects": subjects})
    assert taken.status == 403 and "not currently held" in taken.message
    for uri in (roles, bindings):
        line = await book.line(uri, 403)
        assert line["impersonatedUser"]["username"] == "eve"
        assert "not currently held" in line["responseStatus"]["message"]


def container(**security: Any) -> Doc:
    return {"containers": [{"name": "c", "image": "i", "securityContext": {**TIGHT, **security}}]}


def in_pod(**security: Any) -> Doc:
    return {**container(), "securityContext": security}


def volume(kind: str, **source: Any) -> Doc:
    return {**container(), "volumes": [{"name": "v", kind: source}]}


def beside(field: str, **security: Any) -> Doc:
    guest = {"name": "g", "image": "i", "securityContext": {**TIGHT, **security}}
    return {**container(), field: [guest]}


PRIVILEGED: list[tuple[Doc, str]] = [
    (container(privileged=True, allowPrivilegeEscalation=True), "privileged"),
    (beside("initContainers", privileged=True, allowPrivilegeEscalation=True), "privileged"),
    ({**container(), "hostNetwork": True}, "host namespaces"),
    ({**container(), "hostPID": True}, "host namespaces"),
    ({**container(), "hostIPC": True}, "host namespaces"),
    ({"containers": [{**container()["containers"][0], "ports": [{"containerPort": 80, "hostPort": 80}]}]}, "hostPort"),
    (volume("hostPath", path="/"), "hostPath"),
    (volume("nfs", server="a", path="/"), "restricted volume types"),
    (volume("iscsi", targetPortal="1.2.3.4", iqn="iqn.2001-04.com.a:b", lun=0), "restricted volume types"),
    (volume("cephfs", monitors=["a"]), "restricted volume types"),
    (volume("glusterfs", endpoints="a", path="b"), "restricted volume types"),
    (volume("flexVolume", driver="a/b"), "restricted volume types"),
    (volume("fc", wwids=["a"]), "restricted volume types"),
    (volume("gcePersistentDisk", pdName="a"), "restricted volume types"),
    (volume("awsElasticBlockStore", volumeID="a"), "restricted volume types"),
    (container(capabilities={"drop": ["ALL"], "add": ["SYS_ADMIN"]}), "capabilities"),
    (container(capabilities={"drop": ["NET_RAW"]}), "capabilities"),
    (container(capabilities={}), "capabilities"),
    (beside("initContainers", capabilities={"drop": ["ALL"], "add": ["NET_RAW"]}), "capabilities"),
    (container(allowPrivilegeEscalation=True), "allowPrivilegeEscalation"),
    (beside("initContainers", allowPrivilegeEscalation=True), "allowPrivilegeEscalation"),
    (container(runAsNonRoot=False), "runAsNonRoot"),
    (container(runAsUser=0), "runAsUser=0"),
    (in_pod(runAsUser=0), "runAsUser=0"),
    (container(seccompProfile={"type": "Unconfined"}), "seccompProfile"),
    (in_pod(seccompProfile={"type": "Unconfined"}), "seccompProfile"),
    (container(procMount="Unmasked"), "procMount"),
    (container(seLinuxOptions={"type": "spc_t"}), "seLinuxOptions"),
    (container(seLinuxOptions={"user": "u"}), "seLinuxOptions"),
    (in_pod(seLinuxOptions={"role": "r"}), "seLinuxOptions"),
    (container(appArmorProfile={"type": "Unconfined"}), "AppArmor"),
    (in_pod(appArmorProfile={"type": "Unconfined"}), "AppArmor"),
    (in_pod(sysctls=[{"name": "kernel.msgmax", "value": "1"}]), "sysctls"),
    (container(windowsOptions={"hostProcess": True}), "hostProcess"),
    (in_pod(windowsOptions={"hostProcess": True}), "hostProcess"),
]


async def test_privileged_pods_by_every_field(api: Api, namespace: str, book: Book) -> None:
    labels = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
    await api.patch(f"/api/v1/namespaces/{namespace}", labels)
    path = f"/api/v1/namespaces/{namespace}/pods"
    for spec, why in PRIVILEGED:
        refused = await api.post(path, {"metadata": {"name": "x"}, "spec": spec})
        if refused.status == 422:
            continue  # what is no pod at all does not enter either
        assert refused.status == 403 and 'violates PodSecurity "restricted:latest"' in refused.message, (spec, refused)
        assert why in refused.message, (why, refused.message)
    annotated = {"container.apparmor.security.beta.kubernetes.io/c": "unconfined"}
    old = await api.post(path, {"metadata": {"name": "x", "annotations": annotated}, "spec": container()})
    assert old.status == 403 and "AppArmor" in old.message
    assert (await api.post(path, {"metadata": {"name": "x"}, "spec": container()})).status == 201
    guest = {"spec": {"ephemeralContainers": [{"name": "g", "image": "i", "securityContext": {"privileged": True}}]}}
    later = await api.patch(f"{path}/x/ephemeralcontainers", guest, "strategic-merge-patch")
    assert later.status == 403 and "privileged" in later.message
    line = await book.line(f"{path}/x/ephemeralcontainers", 403)
    assert line["annotations"]["pod-security.kubernetes.io/enforce-policy"] == "restricted:latest"
    refusals = await book.lines(path, code=403, count=30)
    assert {each["responseStatus"]["reason"] for each in refusals} == {"Forbidden"}


async def test_fifty_clients_race_for_a_quota(api: Api, namespace: str, server: ApiServer, book: Book) -> None:
    quotas, hard = f"/api/v1/namespaces/{namespace}/resourcequotas", {"count/configmaps": "5"}
    await api.post(quotas, {"metadata": {"name": "few"}, "spec": {"hard": hard}})
    counted = {"status": {"hard": hard, "used": {"count/configmaps": "0"}}}
    assert (await api.patch(f"{quotas}/few/status", counted)).status == 200
    path = f"/api/v1/namespaces/{namespace}/configmaps"

    async def client(number: int) -> int:
        async with caller(server, server.admin) as one:
            return (await one.post(path, {"metadata": {"name": f"c{number}"}})).status

    statuses = await asyncio.gather(*(client(number) for number in range(50)))
    assert sorted(statuses) == [201] * 5 + [403] * 45
    assert len((await api.get(path)).body["items"]) == 5
    refusals = await book.lines(path, code=403, count=45)
    assert all("exceeded quota: few" in each["responseStatus"]["message"] for each in refusals)


async def test_a_patch_that_breaks_the_schema(api: Api, namespace: str, server: ApiServer, book: Book) -> None:
    """And a webhook for everything that fails: its administrator takes it away, and all goes on."""
    configurations = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"
    path = f"/api/v1/namespaces/{namespace}/pods"
    async with WebhookServer(server.authority) as hooks:
        hooks.ways["/break"] = lambda request: patch({"op": "add", "path": "/spec/containers", "value": "none"})
        everything = {"apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"], "operations": ["*"]}
        here = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
        hook = hooks.webhook("/break", rules=[everything], namespaceSelector=here)
        name = f"break-{namespace}"
        assert (await api.post(configurations, {"metadata": {"name": name}, "webhooks": [hook]})).status == 201
        await api.get(f"{configurations}/{name}")
        refused = await api.post(path, pod())
        assert (refused.status, refused.body["reason"]) == (500, "InternalError")
        assert 'admission webhook "break.example.com"' in refused.message
        line = await book.line(path, 500)
        assert "break.example.com" in line["responseStatus"]["message"]
        assert (await api.get(path)).status == 200, "who only reads is not asked about"
        assert (await api.patch(f"{configurations}/{name}", {"metadata": {"labels": {"a": "b"}}})).status == 200
        assert (await api.delete(f"{configurations}/{name}")).status == 200
        await api.get(f"{configurations}/{name}")
        assert (await api.post(path, pod())).status == 201


async def test_certificates_of_strangers_and_of_other_times(
    server: ApiServer, book: Book, tmp_path: Path
) -> None:
    authority = server.authority
    strangers = {
        "stranger": Authority(tmp_path).issue("root", organization="system:masters"),
        "expired": authority.issue("late", organization="system:masters", hours=-1),
        "early": authority.issue("early", organization="system:masters", hours=3, starts=2),
    }
    for who, pair in strangers.items():
        async with caller(server, pair) as api:
            refused = await api.get(f"/api/v1/secrets?by={who}")
            assert (refused.status, refused.body["reason"]) == (401, "Unauthorized"), who
        line = await book.line(f"/api/v1/secrets?by={who}", 401)
        assert "system:masters" not in json.dumps(line["user"])


@pytest.mark.parametrize(("flag", "content", "said"), [
    ("token-auth-file", "onlytoken,name\n", "want at least 3 columns"),
    ("audit-policy-file", "kind: Policy\napiVersion: audit.k8s.io/v1\nrules: [{level: Loud}]\n", "rules[0].level"),
    ("encryption-provider-config", "kind: EncryptionConfiguration\napiVersion: apiserver.config.k8s.io/v1\n"
     "resources: [{resources: [secrets], providers: [{kms: {name: x}}]}]\n", "resources[0].providers[0]"),
    ("service-account-signing-key-file", "no key\n", "key"),
])  # fmt: skip
async def test_a_file_with_a_mistake_refuses_the_start(
    server: ApiServer, tmp_path: Path, flag: str, content: str, said: str
) -> None:
    """At once, with the name of what is wrong, and nothing secret."""
    file = tmp_path / "wrong"
    file.write_text(content)
    one = ApiServer(tmp_path, f"--{flag}={file}", etcd=server.etcd, authority=server.authority)
    one.spawn()
    try:
        await until(lambda: one.process.poll() is not None, 60)
    finally:
        one.kill()
    text = one.log.read_text()
    assert said in text and "Traceback" not in text and "onlytoken" not in text

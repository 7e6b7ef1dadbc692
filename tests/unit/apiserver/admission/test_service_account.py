"""The ServiceAccount plugin: what a pod gets of its account, and what is refused."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from apiserver.admission.attributes import Attributes
from apiserver.admission.service_account import MOUNT_PATH, ServiceAccount
from apiserver.user import ITSELF
from machinery.api import scheme
from machinery.api.errors import Forbidden

PODS = scheme.for_kind("v1", "Pod")
Doc = dict[str, Any]


class Accounts:
    """Accounts of the namespace `n`."""

    def __init__(self, **known: Doc) -> None:
        self.known = {name: {"metadata": {"name": name}, **more} for name, more in known.items()}

    async def named(self, namespace: str, name: str) -> Doc | None:
        return self.known.get(name) if namespace == "n" else None


async def admitted(accounts: Accounts, spec: Doc, annotations: Doc | None = None) -> Doc:
    attributes = Attributes("CREATE", PODS, "n", "web", ITSELF)
    pod = {"metadata": {"name": "web", "annotations": annotations or {}}, "spec": copy.deepcopy(spec)}
    plugin = ServiceAccount(accounts)
    await plugin.admit(attributes, pod, None)
    await plugin.validate(attributes, pod, None)
    return pod["spec"]


async def refusal(accounts: Accounts, spec: Doc, annotations: Doc | None = None) -> str:
    with pytest.raises(Forbidden) as error:
        await admitted(accounts, spec, annotations)
    return error.value.message


PLAIN = {"containers": [{"name": "c"}], "initContainers": [{"name": "i"}]}


async def test_every_container_finds_token_authority_and_namespace() -> None:
    spec = await admitted(Accounts(default={}), PLAIN)
    assert spec["serviceAccountName"] == spec["serviceAccount"] == "default"
    (volume,) = spec["volumes"]
    name = volume["name"]
    assert name.startswith("kube-api-access-") and len(name) == len("kube-api-access-") + 5
    for container in (*spec["containers"], *spec["initContainers"]):
        assert container["volumeMounts"] == [{"name": name, "readOnly": True, "mountPath": MOUNT_PATH}]
    assert volume["projected"] == {"defaultMode": 420, "sources": [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [
            {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}},
    ]}  # fmt: skip


@pytest.mark.parametrize(
    ("account", "pod", "mounted"),
    [({}, {}, True), (False, {}, False), (False, True, True), (True, False, False), ({}, False, False)],
)
async def test_the_pods_word_goes_before_the_accounts(account: Any, pod: Any, mounted: bool) -> None:
    key = "automountServiceAccountToken"
    accounts = Accounts(default={} if account == {} else {key: account})
    spec = await admitted(accounts, PLAIN | ({} if pod == {} else {key: pod}))
    assert bool(spec.get("volumes")) is mounted


async def test_what_is_there_already_stays() -> None:
    mine = {"name": "mine", "mountPath": MOUNT_PATH}
    spec = await admitted(Accounts(default={}), {"containers": [{"name": "c", "volumeMounts": [mine]}]})
    assert "volumes" not in spec and spec["containers"][0]["volumeMounts"] == [mine]
    volume = {"name": "kube-api-access-12345", "projected": {"sources": []}}
    spec = await admitted(Accounts(default={}), {**PLAIN, "volumes": [volume]})
    assert spec["volumes"] == [volume]
    assert spec["containers"][0]["volumeMounts"][0]["name"] == "kube-api-access-12345"


async def test_pull_secrets_are_the_accounts_unless_the_pod_has_its_own() -> None:
    accounts = Accounts(robot={"imagePullSecrets": [{"name": "registry"}]})
    assert (await admitted(accounts, {**PLAIN, "serviceAccountName": "robot"}))["imagePullSecrets"] == [
        {"name": "registry"}]
    own = {**PLAIN, "serviceAccountName": "robot", "imagePullSecrets": [{"name": "mine"}]}
    assert (await admitted(accounts, own))["imagePullSecrets"] == [{"name": "mine"}]


async def test_an_account_that_does_not_exist() -> None:
    assert await refusal(Accounts(), {**PLAIN, "serviceAccountName": "x"}) == (
        'pods "web" is forbidden: error looking up service account n/x: serviceaccount "x" not found')


MIRROR = {"kubernetes.io/config.mirror": "hash"}


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"serviceAccountName": "default"}, "a mirror pod may not reference service accounts"),
        ({"volumes": [{"name": "v", "secret": {"secretName": "s"}}]}, "a mirror pod may not reference secrets"),
        ({"containers": [{"name": "c", "envFrom": [{"secretRef": {"name": "s"}}]}]}, "may not reference secrets"),
        ({"volumes": [{"name": "v", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}}]},
         "a mirror pod may not use ServiceAccountToken volume projections"),
    ],
)  # fmt: skip
async def test_mirror_pods_stay_as_they_are_and_have_none_of_it(more: Doc, why: str) -> None:
    assert await admitted(Accounts(default={}), PLAIN, MIRROR) == PLAIN
    assert why in await refusal(Accounts(default={}), PLAIN | more, MIRROR)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"volumes": [{"name": "v", "secret": {"secretName": "s"}}]}, 'volume with secret.secretName="s" is not allo'),
        ({"containers": [{"name": "c", "env": [{"name": "E", "valueFrom": {"secretKeyRef": {"name": "s"}}}]}]},
         'container c with envVar E referencing secret.secretName="s" is not allowed because service account default'),
        ({"initContainers": [{"name": "i", "envFrom": [{"secretRef": {"name": "s"}}]}]},
         'init container i with envFrom referencing secret.secretName="s"'),
        ({"imagePullSecrets": [{"name": "s"}]}, 'imagePullSecrets[0].name="s" is not allowed'),
    ],
)  # fmt: skip
async def test_an_account_that_lists_what_may_be_mounted(more: Doc, why: str) -> None:
    annotated = {"metadata": {"name": "default", "annotations": {"kubernetes.io/enforce-mountable-secrets": "true"}}}
    assert why in await refusal(Accounts(default=annotated), PLAIN | more)
    listed = annotated | {"secrets": [{"name": "s"}], "imagePullSecrets": [{"name": "s"}]}
    assert await admitted(Accounts(default=listed), PLAIN | more)
    assert await admitted(Accounts(default={}), PLAIN | more)

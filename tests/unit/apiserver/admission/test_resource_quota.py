"""The ResourceQuota plugin: what a quota refuses, in which words, and what it counts."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.admission.attributes import Attributes
from apiserver.admission.resource_quota import ResourceQuota
from apiserver.user import ITSELF
from machinery.api import scheme
from machinery.api.errors import Forbidden
from tests.support.lookups import Known

Doc = dict[str, Any]
PODS, MAPS, CLAIMS = (scheme.for_kind("v1", kind) for kind in ("Pod", "ConfigMap", "PersistentVolumeClaim"))
DEPLOYMENTS = scheme.for_kind("apps/v1", "Deployment")


def quota(name: str = "q", used: Doc | None = None, *, spec: Doc | None = None, **hard: str) -> Doc:
    limits = {key.replace("__", "/").replace("_", "."): value for key, value in hard.items()}
    status = {"hard": limits, "used": dict.fromkeys(limits, "0") | (used or {})}
    return {"metadata": {"name": name, "namespace": "n"}, "spec": {"hard": limits, **(spec or {})}, "status": status}


def pod(requests: Doc | None = None, limits: Doc | None = None, **spec: Any) -> Doc:
    container = {"name": "c", "resources": {"requests": requests or {}, "limits": limits or {}}}
    return {"metadata": {"name": "x"}, "spec": {"containers": [container], **spec}}


async def asked(quotas: Known, obj: Doc, *, old: Doc | None = None, resource: Any = PODS, dry_run: bool = False) -> Any:
    attributes = Attributes("UPDATE" if old else "CREATE", resource, "n", "x", ITSELF, dry_run=dry_run)
    plugin = ResourceQuota(quotas)
    if plugin.handles(attributes):
        await plugin.validate(attributes, obj, old)
    return attributes


async def refused(quotas: Known, obj: Doc, **more: Any) -> str:
    with pytest.raises(Forbidden) as error:
        await asked(quotas, obj, **more)
    return error.value.message


async def test_what_is_left_is_given_and_no_more():
    quotas = Known(quota(pods="2"))
    await asked(quotas, pod())
    await asked(quotas, pod())
    assert await refused(quotas, pod()) == (
        'pods "x" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2')
    assert quotas.objects[0]["status"]["used"] == {"pods": "2"}


async def test_a_dry_run_is_checked_and_takes_nothing():
    quotas = Known(quota(pods="1"))
    await asked(quotas, pod(), dry_run=True)
    await asked(quotas, pod())
    assert "exceeded quota" in await refused(quotas, pod(), dry_run=True)


async def test_what_is_not_stored_after_all_is_given_back():
    quotas = Known(quota(pods="1"))
    attributes = await asked(quotas, pod())
    await attributes.give_back()
    assert quotas.objects[0]["status"]["used"] == {"pods": "0"}


async def test_a_pod_says_what_the_quota_limits():
    quotas = Known(quota(limits_cpu="2", requests_memory="1Gi"))
    assert await refused(quotas, pod()) == (
        'pods "x" is forbidden: failed quota: q: must specify limits.cpu for: c; requests.memory for: c')
    await asked(quotas, pod({"memory": "512Mi"}, {"cpu": "1500m"}))
    assert quotas.objects[0]["status"]["used"] == {"limits.cpu": "1500m", "requests.memory": "512Mi"}
    assert await refused(quotas, pod({"memory": "1Gi"}, {"cpu": "1"})) == (
        'pods "x" is forbidden: exceeded quota: q, requested: limits.cpu=1,requests.memory=1Gi, '
        "used: limits.cpu=1500m,requests.memory=512Mi, limited: limits.cpu=2,requests.memory=1Gi")


async def test_when_the_second_quota_refuses_the_first_gets_its_own_back():
    quotas = Known(quota("a", pods="5"), quota("b", used={"pods": "1"}, pods="1"))
    assert "exceeded quota: b" in await refused(quotas, pod())
    assert quotas.objects[0]["status"]["used"] == {"pods": "0"}


async def test_objects_of_every_kind_can_be_counted():
    quotas = Known(quota(configmaps="1", count__deployments_apps="0"))
    await asked(quotas, {"metadata": {"name": "x"}}, resource=MAPS)
    assert "requested: configmaps=1" in await refused(quotas, {"metadata": {"name": "x"}}, resource=MAPS)
    assert await refused(quotas, {"metadata": {"name": "x"}}, resource=DEPLOYMENTS) == (
        'deployments.apps "x" is forbidden: exceeded quota: q, requested: count/deployments.apps=1, '
        "used: count/deployments.apps=0, limited: count/deployments.apps=0")


async def test_a_claim_may_grow_as_far_as_the_quota_goes():
    def claim(size: str) -> Doc:
        return {"metadata": {"name": "x"}, "spec": {"storageClassName": "fast", "resources": {
            "requests": {"storage": size}}}}  # fmt: skip

    limit = quota(requests_storage="5Gi")
    limit["status"]["hard"]["fast.storageclass.storage.k8s.io/requests.storage"] = "3Gi"
    limit["status"]["used"]["fast.storageclass.storage.k8s.io/requests.storage"] = "0"
    quotas = Known(limit)
    await asked(quotas, claim("2Gi"), resource=CLAIMS)
    await asked(quotas, claim("3Gi"), old=claim("2Gi"), resource=CLAIMS)
    assert set(limit["status"]["used"].values()) == {"3Gi"}
    assert "fast.storageclass" in await refused(quotas, claim("4Gi"), old=claim("3Gi"), resource=CLAIMS)
    await asked(quotas, claim("1Gi"), old=claim("3Gi"), resource=CLAIMS)


@pytest.mark.parametrize(
    ("scope", "obj", "counts"),
    [
        ({"scopes": ["BestEffort"]}, pod(), True),
        ({"scopes": ["BestEffort"]}, pod({"cpu": "1"}), False),
        ({"scopes": ["NotBestEffort"]}, pod({"cpu": "1"}), True),
        ({"scopes": ["Terminating"]}, pod(activeDeadlineSeconds=5), True),
        ({"scopes": ["NotTerminating"]}, pod(activeDeadlineSeconds=5), False),
        ({"scopeSelector": {"matchExpressions": [
            {"scopeName": "PriorityClass", "operator": "In", "values": ["high"]}]}},
         pod(priorityClassName="high"), True),
        ({"scopeSelector": {"matchExpressions": [
            {"scopeName": "PriorityClass", "operator": "In", "values": ["high"]}]}}, pod(), False),
        ({"scopeSelector": {"matchExpressions": [{"scopeName": "PriorityClass", "operator": "Exists"}]}}, pod(), False),
    ],
)  # fmt: skip
async def test_scopes(scope: Doc, obj: Doc, counts: bool):
    quotas = Known(quota(spec=scope, pods="5"))
    await asked(quotas, obj)
    assert quotas.objects[0]["status"]["used"] == {"pods": "1" if counts else "0"}


async def test_before_the_controller_has_counted():
    fresh = quota(pods="1")
    fresh["status"] = {}
    await asked(Known(fresh), pod())
    half = quota(pods="1")
    half["status"]["used"] = {}
    assert "status unknown for quota: q, resources: pods" in await refused(Known(half), pod())

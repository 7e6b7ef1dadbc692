"""What may only be used where a quota covers it."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.admission.attributes import Attributes
from apiserver.admission.configuration import Mistaken
from apiserver.admission.limited_resources import rows_of
from apiserver.admission.resource_quota import ResourceQuota
from apiserver.user import ITSELF
from machinery.api import scheme
from machinery.api.errors import Forbidden
from tests.support.lookups import Known

KIND = {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "ResourceQuotaConfiguration"}
PODS, CLAIMS = scheme.for_kind("v1", "Pod"), scheme.for_kind("v1", "PersistentVolumeClaim")
HIGH = {"scopeName": "PriorityClass", "operator": "In", "values": ["high"]}
CONFIGURATION = {**KIND, "limitedResources": [
    {"resource": "persistentvolumeclaims", "matchContains": ["gold.storageclass.storage.k8s.io/requests.storage"]},
    {"resource": "pods", "matchScopes": [HIGH]},
]}  # fmt: skip


def quota(hard: dict[str, str], **spec: Any) -> dict[str, Any]:
    status = {"hard": hard, "used": dict.fromkeys(hard, "0")}
    return {"metadata": {"name": "q", "namespace": "n"}, "spec": {"hard": hard, **spec}, "status": status}


def claim(name: str) -> dict[str, Any]:
    spec = {"storageClassName": name, "resources": {"requests": {"storage": "1Gi"}}}
    return {"metadata": {"name": "c"}, "spec": spec}


def pod(priority: str = "") -> dict[str, Any]:
    return {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c"}], "priorityClassName": priority}}


async def asked(resource: Any, obj: dict[str, Any], *quotas: dict[str, Any]) -> None:
    attributes = Attributes("CREATE", resource, "n", "x", ITSELF, dry_run=True)
    plugin = ResourceQuota(Known(*quotas), CONFIGURATION)
    assert plugin.handles(attributes)
    await plugin.validate(attributes, obj, None)


async def test_a_class_of_storage_needs_a_quota() -> None:
    name = "gold.storageclass.storage.k8s.io/requests.storage"
    with pytest.raises(Forbidden, match=f"insufficient quota to consume: {name}$"):
        await asked(CLAIMS, claim("gold"))
    with pytest.raises(Forbidden, match="insufficient quota to consume"):
        await asked(CLAIMS, claim("gold"), quota({"requests.storage": "5Gi"}))
    await asked(CLAIMS, claim("gold"), quota({name: "5Gi"}))
    await asked(CLAIMS, claim("plain"))


async def test_a_scope_needs_a_quota() -> None:
    with pytest.raises(Forbidden, match=r"insufficient quota to match these scopes: \[\{PriorityClass In \[high\]\}\]"):
        await asked(PODS, pod("high"))
    await asked(PODS, pod("high"), quota({"pods": "5"}, scopeSelector={"matchExpressions": [HIGH]}))
    await asked(PODS, pod("low"))


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({"kind": "Pod"}, "no ResourceQuotaConfiguration"),
        ({**KIND, "limitedResources": [{}]}, r"limitedResources\[0\]\.resource: Required value"),
        ({**KIND, "limitedResources": [{"resource": "pods", "match": 1}]}, r"limitedResources\[0\]\.match: .*unknown"),
    ],
)
def test_mistakes(document: dict[str, Any], why: str) -> None:
    with pytest.raises(Mistaken, match=why):
        rows_of(document)

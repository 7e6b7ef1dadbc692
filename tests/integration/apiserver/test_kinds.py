"""Each kind through the whole server: create, read, list as a table, patch, status, delete."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from machinery.api import scheme
from tests.integration.apiserver.conftest import Api

Doc = dict[str, Any]
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i:1"}]}}
ENDING = {"spec": {**TEMPLATE["spec"], "restartPolicy": "Never"}}
AUTOSCALER = {"scaleTargetRef": {"kind": "Deployment", "name": "web", "apiVersion": "apps/v1"}, "maxReplicas": 5}
WORKLOAD = {"selector": {"matchLabels": {"a": "b"}}, "template": TEMPLATE}


@dataclass(frozen=True)
class Case:
    """What is sent for a kind, and what is expected of it."""

    api_version: str
    kind: str
    body: Doc
    patch: Doc = field(default_factory=lambda: {"metadata": {"labels": {"p": "q"}}})
    status: Doc = field(default_factory=dict)
    bad: Doc = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.api_version}/{self.kind}"


CASES = (
    Case("apps/v1", "ControllerRevision", {"revision": 1, "data": {"x": [1]}}, {"revision": 2}, bad={"revision": -1}),
    Case(
        "apps/v1", "DaemonSet", {"spec": WORKLOAD}, {"spec": {"minReadySeconds": 3}},
        status={"numberReady": 1, "desiredNumberScheduled": 2}, bad={"spec": {"minReadySeconds": -1}},
    ),
    Case(
        "apps/v1", "StatefulSet", {"spec": {**WORKLOAD, "serviceName": "s"}}, {"spec": {"replicas": 3}},
        status={"replicas": 2, "readyReplicas": 1}, bad={"spec": {"serviceName": "other"}},
    ),
    Case(
        "batch/v1", "CronJob", {"spec": {"schedule": "@daily", "jobTemplate": {"spec": {"template": ENDING}}}},
        {"spec": {"suspend": True}}, status={"lastScheduleTime": "2026-01-01T00:00:00Z"},
        bad={"spec": {"schedule": "often"}},
    ),
    Case(
        "batch/v1", "Job", {"spec": {"template": ENDING}}, {"spec": {"parallelism": 2}},
        status={"active": 1, "startTime": "2026-01-01T00:00:00Z"}, bad={"spec": {"completions": 7}},
    ),
    Case(
        "policy/v1", "PodDisruptionBudget", {"spec": {"minAvailable": 1}}, {"spec": {"minAvailable": "50%"}},
        status={"disruptionsAllowed": 1}, bad={"spec": {"minAvailable": -1}},
    ),
    Case(
        "autoscaling/v2", "HorizontalPodAutoscaler", {"spec": AUTOSCALER},
        {"spec": {"behavior": {"scaleUp": {"selectPolicy": "Min"}}}},
        status={"currentReplicas": 1, "desiredReplicas": 2}, bad={"spec": {"maxReplicas": 0}},
    ),
    Case(
        "autoscaling/v1", "HorizontalPodAutoscaler", {"spec": {**AUTOSCALER, "targetCPUUtilizationPercentage": 60}},
        {"spec": {"targetCPUUtilizationPercentage": 70}},
        status={"currentReplicas": 1, "currentCPUUtilizationPercentage": 30}, bad={"spec": {"minReplicas": 0}},
    ),
    Case(
        "v1", "LimitRange", {"spec": {"limits": [{"type": "Container", "max": {"cpu": "2"}}]}},
        bad={"spec": {"limits": [{"type": "Odd"}]}},
    ),
    Case(
        "v1", "PersistentVolume",
        {"spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/x"}}},
        {"spec": {"persistentVolumeReclaimPolicy": "Delete"}},
        status={"phase": "Available"}, bad={"spec": {"hostPath": {"path": "/y"}}},
    ),
    Case(
        "v1", "PersistentVolumeClaim",
        {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}},
        {"spec": {"volumeName": "pv"}}, status={"phase": "Bound"}, bad={"spec": {"accessModes": ["ReadOnlyMany"]}},
    ),
    Case("v1", "PodTemplate", {"template": TEMPLATE}, {"template": {"metadata": {"labels": {"x": "y"}}}}),
    Case(
        "v1", "ReplicationController", {"spec": {"template": TEMPLATE}}, {"spec": {"replicas": 2}},
        status={"replicas": 1}, bad={"spec": {"replicas": -1}},
    ),
    Case(
        "v1", "ResourceQuota", {"spec": {"hard": {"pods": "3"}}}, {"spec": {"hard": {"pods": "4"}}},
        status={"hard": {"pods": "4"}, "used": {"pods": "1"}}, bad={"spec": {"hard": {"odd": "1"}}},
    ),
)  # fmt: skip


def place(case: Case, namespace: str) -> tuple[str, str, Doc]:
    """The collection's path, the name, and the object to create."""
    row = scheme.for_kind(case.api_version, case.kind)
    name = f"x-{namespace}"
    document = {"apiVersion": case.api_version, "kind": case.kind, "metadata": {"name": name}, **case.body}
    return row.path(namespace), name, document


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_life(api: Api, namespace: str, case: Case) -> None:
    path, name, document = place(case, namespace)
    dry = await api.post(f"{path}?dryRun=All", document)
    assert dry.status == 201, dry.body
    made = await api.post(path, document)
    assert made.status == 201, made.body
    assert (made.body["kind"], made.body["apiVersion"]) == (case.kind, case.api_version)
    assert (await api.get(f"{path}/{name}")).body == made.body
    listed = (await api.get(f"{path}?fieldSelector=metadata.name%3D{name}")).body
    assert listed["kind"] == f"{case.kind}List" and listed["items"] == [made.body]
    await check_table(api, path, name)
    patched = await api.patch(f"{path}/{name}", case.patch)
    assert patched.status == 200, patched.body
    assert contains(patched.body, case.patch) and patched.revision != made.revision
    if case.bad:
        refused = await api.patch(f"{path}/{name}", case.bad)
        assert (refused.status, refused.body["reason"]) == (422, "Invalid"), refused.body
    await check_status(api, f"{path}/{name}/status", case, patched.body)
    gone = await api.delete(f"{path}/{name}?propagationPolicy=Background")
    assert gone.status == 200, gone.body
    assert (await api.get(f"{path}/{name}")).status == 404


async def check_table(api: Api, path: str, name: str) -> None:
    table = (await api.get(f"{path}?fieldSelector=metadata.name%3D{name}", Accept=TABLE)).body
    assert table["kind"] == "Table"
    (row,) = table["rows"]
    assert len(row["cells"]) == len(table["columnDefinitions"]) and row["cells"][0] == name


async def check_status(api: Api, path: str, case: Case, before: Doc) -> None:
    if not case.status:
        return
    assert contains((await api.get(path)).body, before)
    more = {"spec": {"odd": 1}, "metadata": {"labels": {"own": "label"}}}
    changed = await api.patch(path, {"status": case.status, **more})
    assert changed.status == 200, changed.body
    assert contains(changed.body["status"], case.status) and changed.body["spec"] == before["spec"]
    assert changed.body["metadata"].get("generation") == before["metadata"].get("generation")
    assert changed.body["metadata"]["labels"]["own"] == "label", "most kinds let the status bring metadata along"
    replaced = await api.put(path.removesuffix("/status"), {**changed.body, "status": {}})
    assert contains(replaced.body["status"], case.status)


def contains(whole: Any, part: Any) -> bool:
    if not isinstance(part, dict):
        return whole == part
    return all(key in whole and contains(whole[key], value) for key, value in part.items())


@pytest.mark.parametrize("kind", ["StatefulSet", "ReplicationController"])
async def test_scale(api: Api, namespace: str, kind: str) -> None:
    case = next(each for each in CASES if each.kind == kind)
    path, name, document = place(case, namespace)
    await api.post(path, document)
    scaled = await api.patch(f"{path}/{name}/scale", {"spec": {"replicas": 5}})
    assert scaled.body["spec"] == {"replicas": 5} and scaled.body["status"]["selector"] == "a=b"
    assert (await api.get(f"{path}/{name}")).body["spec"]["replicas"] == 5


async def test_two_versions_of_one_autoscaler(api: Api, namespace: str) -> None:
    first = f"/apis/autoscaling/v1/namespaces/{namespace}/horizontalpodautoscalers"
    second = first.replace("/v1/", "/v2/")
    made = await api.post(first, {"metadata": {"name": "web"}, "spec": {**AUTOSCALER, "minReplicas": 2}})
    assert made.status == 201 and made.body["apiVersion"] == "autoscaling/v1"
    assert made.body["spec"]["targetCPUUtilizationPercentage"] == 80
    seen = (await api.get(f"{second}/web")).body
    assert seen["apiVersion"] == "autoscaling/v2" and seen["spec"]["metrics"][0]["resource"]["name"] == "cpu"
    memory = {"name": "memory", "target": {"type": "AverageValue", "averageValue": "1Gi"}}
    metrics = [{"type": "Resource", "resource": memory}]
    changed = await api.patch(f"{second}/web", {"spec": {"metrics": metrics}})
    assert changed.status == 200, changed.body
    back = (await api.get(f"{first}/web")).body
    assert "targetCPUUtilizationPercentage" not in back["spec"]
    assert "memory" in back["metadata"]["annotations"]["autoscaling.alpha.kubernetes.io/metrics"]
    assert (await api.patch(f"{first}/web", {"spec": {"maxReplicas": 9}})).status == 200
    kept = (await api.get(f"{second}/web")).body["spec"]
    assert kept["metrics"] == metrics and kept["maxReplicas"] == 9
    listed = (await api.get(first)).body
    assert [each["apiVersion"] for each in listed["items"]] == ["autoscaling/v1"]
    (event,) = await api.watch(f"{first}?watch=true", count=1)
    assert event["object"]["apiVersion"] == "autoscaling/v1" and event["object"]["spec"]["maxReplicas"] == 9
    assert (await api.delete(f"{first}/web")).status == 200
    assert (await api.get(f"{second}/web")).status == 404


async def test_component_statuses(api: Api) -> None:
    listed = (await api.get("/api/v1/componentstatuses")).body
    assert listed["kind"] == "ComponentStatusList"
    assert {each["metadata"]["name"] for each in listed["items"]} == {"etcd-0", "scheduler", "controller-manager"}
    etcd = (await api.get("/api/v1/componentstatuses/etcd-0")).body
    assert etcd["conditions"] == [{"type": "Healthy", "status": "True", "message": "ok"}]
    assert (await api.get("/api/v1/componentstatuses/nobody")).status == 404
    assert (await api.post("/api/v1/componentstatuses", {})).status == 405


async def test_a_disruption_budget_is_honoured(api: Api, namespace: str) -> None:
    pods = f"/api/v1/namespaces/{namespace}/pods"
    budgets = f"/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets"
    for name in ("a", "b"):
        made = await api.post(pods, {"metadata": {"name": name, "labels": {"a": "b"}}, "spec": TEMPLATE["spec"]})
        assert made.status == 201, made.body
        await api.patch(f"{pods}/{name}/status", {"status": {"phase": "Running", "conditions": READY}})
    budget = {"metadata": {"name": "guard"}, "spec": {"minAvailable": 1, "selector": {"matchLabels": {"a": "b"}}}}
    assert (await api.post(budgets, budget)).status == 201
    early = await evict(api, pods, "a")
    assert early.status == 429 and early.headers["Retry-After"] == "10"
    status = {"observedGeneration": 1, "disruptionsAllowed": 1, "desiredHealthy": 1, "currentHealthy": 2}
    await api.patch(f"{budgets}/guard/status", {"status": status})
    assert (await evict(api, pods, "a", "?dryRun=All")).status == 201
    assert (await api.get(f"{pods}/a")).status == 200
    assert (await evict(api, pods, "a")).status == 201
    paid = (await api.get(f"{budgets}/guard")).body["status"]
    assert paid["disruptionsAllowed"] == 0 and list(paid["disruptedPods"]) == ["a"]
    refused = await evict(api, pods, "b")
    assert (refused.status, refused.body["reason"]) == (429, "TooManyRequests")
    assert refused.message == "Cannot evict pod as it would violate the pod's disruption budget."
    assert refused.body["details"]["causes"][0]["reason"] == "DisruptionBudget"
    assert (await api.get(f"{pods}/b")).status == 200
    assert (await evict(api, pods, "nobody")).status == 404


READY = [{"type": "Ready", "status": "True"}]


async def evict(api: Api, pods: str, name: str, query: str = "") -> Any:
    return await api.post(f"{pods}/{name}/eviction{query}", {"metadata": {"name": name}})

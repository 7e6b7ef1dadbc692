"""Lists, pages, selectors, watches, tables and metadata-only forms."""

from __future__ import annotations

import asyncio
from typing import Any

import yaml

from tests.integration.apiserver.conftest import Api, deployment, pod

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
PARTIAL_LIST = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"


def maps(namespace: str) -> str:
    return f"/api/v1/namespaces/{namespace}/configmaps"


async def fill(api: Api, namespace: str, count: int) -> None:
    bodies = ({"metadata": {"name": f"c{i:02}", "labels": {"n": str(i % 3)}}} for i in range(count))
    answers = await asyncio.gather(*(api.post(maps(namespace), body) for body in bodies))
    assert {answer.status for answer in answers} == {201}


def names(answer: Any) -> list[str]:
    return [item["metadata"]["name"] for item in answer.body["items"]]


async def test_list_is_complete_and_in_order(api: Api, namespace: str) -> None:
    await fill(api, namespace, 7)
    answer = await api.get(maps(namespace))
    assert answer.body["kind"] == "ConfigMapList" and answer.body["apiVersion"] == "v1"
    assert names(answer) == [f"c{i:02}" for i in range(7)]
    everywhere = await api.get("/api/v1/configmaps")
    assert len(everywhere.body["items"]) >= 7


async def test_pages_are_of_one_revision(api: Api, namespace: str) -> None:
    await fill(api, namespace, 5)
    first = await api.get(f"{maps(namespace)}?limit=2")
    assert names(first) == ["c00", "c01"] and first.body["metadata"]["remainingItemCount"] == 3
    await api.delete(f"{maps(namespace)}/c02")
    token = first.body["metadata"]["continue"]
    second = await api.get(f"{maps(namespace)}?limit=2&continue={token}")
    assert names(second) == ["c02", "c03"], "a page shows what was there when the list began"
    assert second.revision == first.revision
    third = await api.get(f"{maps(namespace)}?limit=2&continue={second.body['metadata']['continue']}")
    assert names(third) == ["c04"] and "continue" not in third.body["metadata"]
    broken = await api.get(f"{maps(namespace)}?limit=2&continue=nonsense")
    assert broken.status == 400


async def test_pages_with_a_selector(api: Api, namespace: str) -> None:
    await fill(api, namespace, 9)
    seen, token = [], ""
    while True:
        answer = await api.get(f"{maps(namespace)}?limit=2&labelSelector=n%3D1&continue={token}")
        seen += names(answer)
        assert "remainingItemCount" not in answer.body["metadata"]
        token = answer.body["metadata"].get("continue", "")
        if not token:
            break
    assert seen == ["c01", "c04", "c07"]


async def test_label_selectors(api: Api, namespace: str) -> None:
    await fill(api, namespace, 6)
    for selector, expected in (
        ("n%3D0", ["c00", "c03"]),
        ("n!%3D0", ["c01", "c02", "c04", "c05"]),
        ("n%20in%20(1,2)", ["c01", "c02", "c04", "c05"]),
        ("!n", []),
    ):
        assert names(await api.get(f"{maps(namespace)}?labelSelector={selector}")) == expected
    assert (await api.get(f"{maps(namespace)}?labelSelector=a%20b%20c")).status == 400


async def test_field_selectors(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/pods"
    await api.post(path, pod("a", nodeName="n1"))
    await api.post(path, pod("b"))
    assert names(await api.get(f"{path}?fieldSelector=spec.nodeName%3Dn1")) == ["a"]
    assert names(await api.get(f"{path}?fieldSelector=spec.nodeName%3D")) == ["b"]
    assert names(await api.get(f"{path}?fieldSelector=metadata.name!%3Da,status.phase%3DPending")) == ["b"]
    wrong = await api.get(f"{path}?fieldSelector=spec.colour%3Dred")
    assert (wrong.status, wrong.message) == (400, "field label not supported: spec.colour")


async def test_resource_version_rules(api: Api, namespace: str) -> None:
    await fill(api, namespace, 1)
    now = (await api.get(maps(namespace))).revision
    assert (await api.get(f"{maps(namespace)}?resourceVersion=0")).status == 200
    assert (await api.get(f"{maps(namespace)}?resourceVersion={now}&resourceVersionMatch=NotOlderThan")).status == 200
    await api.delete(f"{maps(namespace)}/c00")
    exact = await api.get(f"{maps(namespace)}?resourceVersion={now}&resourceVersionMatch=Exact")
    assert names(exact) == ["c00"] and exact.revision == now
    for query in ("resourceVersionMatch=Exact", "resourceVersion=0&resourceVersionMatch=Exact",
                  "resourceVersion=1&resourceVersionMatch=Sometimes", "resourceVersion=x"):  # fmt: skip
        assert (await api.get(f"{maps(namespace)}?{query}")).status == 422, query


async def test_watch_sends_each_change_once(api: Api, namespace: str) -> None:
    start = (await api.get(maps(namespace))).revision
    watching = asyncio.create_task(api.watch(f"{maps(namespace)}?watch=true&resourceVersion={start}", count=3))
    await api.post(maps(namespace), {"metadata": {"name": "a"}})
    await api.patch(f"{maps(namespace)}/a", {"data": {"k": "v"}})
    await api.delete(f"{maps(namespace)}/a")
    events = await watching
    assert [event["type"] for event in events] == ["ADDED", "MODIFIED", "DELETED"]
    revisions = [int(event["object"]["metadata"]["resourceVersion"]) for event in events]
    assert revisions == sorted(set(revisions)) and events[2]["object"]["data"] == {"k": "v"}


async def test_watch_without_revision_begins_with_what_exists(api: Api, namespace: str) -> None:
    await fill(api, namespace, 2)
    events = await api.watch(f"{maps(namespace)}?watch=1", count=2)
    assert [(e["type"], e["object"]["metadata"]["name"]) for e in events] == [("ADDED", "c00"), ("ADDED", "c01")]


async def test_watch_by_label_turns_changes_into_comings_and_goings(api: Api, namespace: str) -> None:
    await api.post(maps(namespace), {"metadata": {"name": "a"}})
    start = (await api.get(maps(namespace))).revision
    query = f"watch=true&resourceVersion={start}&labelSelector=mine"
    watching = asyncio.create_task(api.watch(f"{maps(namespace)}?{query}", count=2))
    await api.patch(f"{maps(namespace)}/a", {"metadata": {"labels": {"mine": "yes"}}})
    await api.patch(f"{maps(namespace)}/a", {"metadata": {"labels": None}})
    assert [event["type"] for event in await watching] == ["ADDED", "DELETED"]


async def test_streaming_list_ends_with_a_marked_bookmark(api: Api, namespace: str) -> None:
    await fill(api, namespace, 2)
    query = "watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan"
    events = await api.watch(f"{maps(namespace)}?{query}", count=3)
    assert [event["type"] for event in events] == ["ADDED", "ADDED", "BOOKMARK"]
    assert events[2]["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


async def test_watch_ends_after_its_timeout(api: Api, namespace: str) -> None:
    async with asyncio.timeout(60):
        answer = await api.get(f"{maps(namespace)}?watch=true&timeoutSeconds=1")
    assert answer.status == 200 and answer.body == ""


async def test_watch_of_one_object(api: Api, namespace: str) -> None:
    await fill(api, namespace, 2)
    path = maps(namespace)
    events = await api.watch(path.replace("/v1/", "/v1/watch/") + "/c01", count=1)
    assert events[0]["object"]["metadata"]["name"] == "c01"
    assert (await api.get(f"{path}/c01?watch=true")).body["kind"] == "ConfigMap", "only a list becomes a watch"


async def test_table_of_pods(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/pods"
    await api.post(path, pod("a", nodeName="n1"))
    answer = await api.get(path, Accept=TABLE)
    table = answer.body
    assert table["kind"] == "Table" and table["apiVersion"] == "meta.k8s.io/v1"
    assert [(c["name"], c["priority"]) for c in table["columnDefinitions"]] == [
        ("Name", 0), ("Ready", 0), ("Status", 0), ("Restarts", 0), ("Age", 0),
        ("IP", 1), ("Node", 1), ("Nominated Node", 1), ("Readiness Gates", 1),
    ]  # fmt: skip
    cells = table["rows"][0]["cells"]
    assert cells[:4] == ["a", "0/1", "Pending", "0"] and cells[5:] == ["<none>", "n1", "<none>", "<none>"]
    assert table["rows"][0]["object"]["kind"] == "PartialObjectMetadata"
    whole = (await api.get(f"{path}?includeObject=Object", Accept=TABLE)).body
    assert whole["rows"][0]["object"]["kind"] == "Pod"
    bare = (await api.get(f"{path}?includeObject=None", Accept=TABLE)).body
    assert bare["rows"][0]["object"] is None
    single = (await api.get(f"{path}/a", Accept=TABLE)).body
    assert single["kind"] == "Table" and len(single["rows"]) == 1


async def test_watch_in_tables_names_the_columns_once(api: Api, namespace: str) -> None:
    await fill(api, namespace, 2)
    events = await api.watch(f"{maps(namespace)}?watch=true", count=2, Accept=TABLE)
    assert [event["object"]["kind"] for event in events] == ["Table", "Table"]
    assert events[0]["object"]["columnDefinitions"][0]["name"] == "Name"
    assert events[1]["object"]["columnDefinitions"] is None
    assert events[1]["object"]["rows"][0]["cells"][:2] == ["c01", 0]


async def test_metadata_alone(api: Api, namespace: str) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
    await api.post(path, deployment())
    one = (await api.get(f"{path}/web", Accept=PARTIAL)).body
    assert one["kind"] == "PartialObjectMetadata" and one["metadata"]["name"] == "web" and "spec" not in one
    many = (await api.get(path, Accept=PARTIAL_LIST)).body
    assert many["kind"] == "PartialObjectMetadataList" and "spec" not in many["items"][0]
    events = await api.watch(f"{path}?watch=true", count=1, Accept=PARTIAL)
    assert events[0]["object"]["kind"] == "PartialObjectMetadata"


async def test_yaml_in_and_out(api: Api, namespace: str) -> None:
    text = b"metadata:\n  name: a\ndata:\n  k: 'on'\n"
    made = await api("POST", maps(namespace), text, content_type="application/yaml", Accept="application/yaml")
    assert made.status == 201 and made.headers["Content-Type"].startswith("application/yaml")
    assert yaml.safe_load(made.body)["data"] == {"k": "on"}


async def test_an_idle_watch_ends_when_its_client_leaves(api: Api, namespace: str) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/replicasets"

    async def running() -> str:
        rows = [row for row in (await api.get("/metrics")).body.splitlines() if 'resource="replicasets"' in row]
        return next((row.split()[-1] for row in rows if row.startswith("apiserver_longrunning_requests{")), "0")

    answer = await api.session.get(f"{api.url}{path}?watch=true")
    assert answer.status == 200 and await running() == "1"
    answer.close()
    async with asyncio.timeout(60):
        while await running() != "0":
            await asyncio.sleep(0.02)


async def test_selectors_read_what_was_stored_not_what_was_said(api: Api, namespace: str) -> None:
    """null says nothing, and an empty map is none: a selector must see what a reader sees."""
    said = pod("odd")
    said["metadata"] |= {"labels": {"a": "b"}, "annotations": None}
    said["spec"] |= {"nodeName": None, "restartPolicy": None, "serviceAccountName": None}
    pods = f"/api/v1/namespaces/{namespace}/pods"
    assert (await api.post(pods, said)).status == 201
    plain = pod("plain")
    plain["metadata"]["labels"] = None
    assert (await api.post(pods, plain)).status == 201
    for selector in ("spec.nodeName=", "status.phase=Pending", "spec.restartPolicy=Always"):
        assert names(await api.get(f"{pods}?fieldSelector={selector}")) == ["odd", "plain"], selector
    assert names(await api.get(f"{pods}?labelSelector=a=b")) == ["odd"]
    assert names(await api.get(f"{pods}?labelSelector=!a")) == ["plain"]

"""Each kind that configures a cluster lives a whole life: made, read, changed, its status written, shown, deleted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.apiserver.conftest import Answer, Api, pod
from tests.support.cluster_samples import SAMPLES, Sample, sample

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


def said(answer: Answer) -> Any:
    assert answer.status in (200, 201), answer.body
    return answer.body


def contains(whole: Any, part: Any) -> bool:
    """Whether everything in `part` is in `whole`; lists item by item."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(contains(whole.get(key), value) for key, value in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) == len(whole) and all(map(contains, whole, part))
    return whole == part


LASTING = [
    sample for sample in SAMPLES if sample.kind not in ("CustomResourceDefinition", "APIService", "FlowSchema")
]
"""The server itself writes the status of the others; they have tests of their own."""


@pytest.mark.parametrize("given", LASTING, ids=lambda given: given.kind)
async def test_life(api: Api, namespace: str, given: Sample) -> None:
    place, one = given.resource.path(namespace), given.resource.path(namespace, given.name)
    made = said(await api.post(place, given.document(namespace)))
    assert (made["apiVersion"], made["kind"]) == (given.api_version, given.kind) and contains(made, given.body)
    assert said(await api.get(one)) == made
    again = await api.post(place, given.document(namespace))
    assert (again.status, again.message) == (409, f'{given.resource.qualified} "{given.name}" already exists')
    if given.change:
        changed = said(await api.patch(one, given.change))
        assert contains(changed, {k: v for k, v in given.change.items() if v != []})
        if "generation" in made["metadata"] and "spec" in given.change:
            assert changed["metadata"]["generation"] == made["metadata"]["generation"] + 1
    if given.status:
        shown = said(await api.patch(f"{one}/status", given.status))
        assert contains(shown, given.status)
        kept = said(await api.put(one, {**shown, "status": {}}))
        assert kept["status"] == shown["status"], "an ordinary update leaves the status alone"
    listed = said(await api.get(place))
    names = [item["metadata"]["name"] for item in listed["items"]]
    assert listed["kind"] == f"{given.kind}List" and given.name in names
    table = said(await api.get(place, Accept=TABLE))
    cells = table["rows"][names.index(given.name)]["cells"]
    assert len(cells) == len(table["columnDefinitions"]) and given.name in cells
    assert (await api.delete(one)).status == 200
    assert (await api.get(one)).status == 404


async def test_one_event_seen_from_both_groups(api: Api, namespace: str) -> None:
    given = sample("Event")
    views = f"/apis/events.k8s.io/v1/namespaces/{namespace}/events", f"/api/v1/namespaces/{namespace}/events"
    made = said(await api.post(views[0], given.document(namespace)))
    core = said(await api.get(f"{views[1]}/sample"))
    assert (core["message"], core["involvedObject"]["name"], core["reportingComponent"]) == (
        "all well", "web", "example.com/tester",
    )  # fmt: skip
    assert core["metadata"] == made["metadata"] and (core["apiVersion"], core["kind"]) == ("v1", "Event")
    old_style = {"metadata": {"name": "old"}, "involvedObject": {"kind": "Pod", "namespace": namespace, "name": "db"}}
    said(await api.post(views[1], {**old_style, "message": "hello", "type": "Warning", "reason": "R"}))
    listed = said(await api.get(f"{views[0]}?fieldSelector=regarding.name=db"))
    assert [(item["note"], item["regarding"]["name"]) for item in listed["items"]] == [("hello", "db")]
    wrong = await api.get(f"{views[0]}?fieldSelector=involvedObject.name=db")
    assert (wrong.status, wrong.message) == (400, "field label not supported: involvedObject.name")
    page = said(await api.get(f"{views[0]}?limit=1"))
    rest = said(await api.get(f"{views[0]}?limit=1&continue={page['metadata']['continue']}"))
    assert [item["apiVersion"] for item in (*page["items"], *rest["items"])] == ["events.k8s.io/v1"] * 2


async def test_watching_a_view(api: Api, namespace: str) -> None:
    place = f"/apis/events.k8s.io/v1/namespaces/{namespace}/events"
    said(await api.post(place, sample("Event").document(namespace)))
    wanted = f"{place}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    first, mark = await api.watch(f"{wanted}&fieldSelector=regarding.name=web", count=2)
    assert (first["type"], first["object"]["note"]) == ("ADDED", "all well")
    assert (mark["type"], mark["object"]["apiVersion"]) == ("BOOKMARK", "events.k8s.io/v1")
    shown = (await api.watch(wanted, count=1, Accept=TABLE))[0]["object"]
    assert shown["rows"][0]["cells"][2:4] == ["Tested", "pod/web"]


async def test_approval_and_identity_of_a_signing_request(api: Api) -> None:
    given = sample("CertificateSigningRequest")
    one = given.resource.path("", given.name)
    forged = given.document()
    forged["spec"] |= {"username": "somebody-else", "groups": ["system:masters"], "uid": "1"}
    made = said(await api.post(given.resource.path(), forged))
    assert made["spec"]["username"] == "kubernetes-admin"
    assert made["spec"]["groups"] == ["system:masters", "system:authenticated"]
    approved = {"conditions": [{"type": "Approved", "status": "True", "reason": "Because"}]}
    refused = await api.put(f"{one}/status", {**made, "status": approved})
    assert refused.status == 422 and 'updates may not add a condition of type "Approved"' in refused.message
    done = said(await api.put(f"{one}/approval", {**made, "status": approved}))
    condition = done["status"]["conditions"][0]
    assert condition["lastUpdateTime"] == condition["lastTransitionTime"] != ""
    both = {"conditions": [*done["status"]["conditions"], {"type": "Denied", "status": "True"}]}
    denied = await api.put(f"{one}/approval", {**done, "status": both})
    assert denied.status == 422 and "mutually exclusive" in denied.message
    selected = said(await api.get(f"{given.resource.path()}?fieldSelector=spec.signerName=example.com/s"))
    assert len(selected["items"]) == 1
    await api.delete(one)


async def test_who_am_i_and_may_i(api: Api, namespace: str) -> None:
    who = said(await api.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", {}))
    user = who["status"]["userInfo"]
    assert (user["username"], user["groups"]) == ("kubernetes-admin", ["system:masters", "system:authenticated"])
    root = "/apis/authorization.k8s.io/v1"
    wanted = {"verb": "delete", "resource": "pods", "namespace": namespace}
    mine = said(await api.post(f"{root}/selfsubjectaccessreviews", {"spec": {"resourceAttributes": wanted}}))
    assert mine["status"] == {"allowed": True}
    stranger = {"spec": {"user": "jane", "groups": ["system:unauthenticated"], "resourceAttributes": wanted}}
    assert said(await api.post(f"{root}/subjectaccessreviews", stranger))["status"] == {"allowed": False}
    local = f"{root}/namespaces/{namespace}/localsubjectaccessreviews"
    assert said(await api.post(local, stranger))["status"] == {"allowed": False}
    rules = said(await api.post(f"{root}/selfsubjectrulesreviews", {"spec": {"namespace": namespace}}))["status"]
    assert rules["resourceRules"][0]["resources"] == ["*"] and not rules["incomplete"]
    assert (await api.get(f"{root}/selfsubjectaccessreviews")).status == 405
    both = {"spec": {"resourceAttributes": wanted, "nonResourceAttributes": {"path": "/", "verb": "get"}}}
    bad = await api.post(f"{root}/selfsubjectaccessreviews", both)
    assert bad.status == 422 and "cannot be specified in combination with resourceAttributes" in bad.message


async def test_a_pod_takes_the_number_of_its_class(api: Api, namespace: str) -> None:
    classes, pods = "/apis/scheduling.k8s.io/v1/priorityclasses", f"/api/v1/namespaces/{namespace}/pods"
    high = {"metadata": {"name": f"high-{namespace}"}, "value": 1000, "preemptionPolicy": "Never"}
    said(await api.post(classes, high))
    spec = said(await api.post(pods, pod("a", priorityClassName=high["metadata"]["name"])))["spec"]
    assert (spec["priority"], spec["preemptionPolicy"]) == (1000, "Never")
    unknown = await api.post(pods, pod("b", priorityClassName="nope"))
    assert unknown.status == 403
    assert unknown.message == 'pods "b" is forbidden: no PriorityClass with name nope was found'
    system = await api.delete(f"{classes}/system-node-critical")
    assert (system.status, system.message) == (
        403,
        'priorityclasses.scheduling.k8s.io "system-node-critical" is forbidden: this is a system priority class and '
        "cannot be deleted",
    )
    assert (await api.delete(f"{classes}/high-{namespace}")).status == 200

"""Patches that do not fit: which code, in which words, for each of the four forms."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.apiserver.conftest import Api, deployment
from tests.integration.apiserver.test_reading import maps

FAILED = "the server rejected our request due to an error in our request"
APPLY = "application/apply-patch+yaml"


@pytest.fixture
async def web(api: Api, namespace: str) -> str:
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
    assert (await api.post(path, deployment(replicas=2))).status == 201
    return f"{path}/web"


@pytest.mark.parametrize(
    ("operations", "code", "message"),
    [
        ([{"op": "test", "path": "/spec/replicas", "value": 3}], 422, FAILED),
        ([{"op": "remove", "path": "/spec/nope"}], 422, FAILED),
        ([{"op": "replace", "path": "/spec/template/spec/containers/7/image", "value": "x"}], 422, FAILED),
        ([{"op": "odd", "path": "/spec"}], 422, FAILED),
        ([{"op": "test", "path": "/spec/replicas", "value": 2}] * 10_001, 413, "The allowed maximum operations in a"),
        ({"op": "add"}, 400, "error decoding patch: json: cannot unmarshal object into Go value of type []handlers."),
        ([{"op": "replace", "path": "/spec/replicas", "value": "x"}], 422, "cannot unmarshal string into Go struct"),
        ([{"op": "replace", "path": "", "value": 5}], 422, ' "" is invalid: patch: Invalid value: "5": couldn\'t get'),
        ([{"op": "replace", "path": "/kind", "value": "Pod"}], 422, "unable to decode apps/v1, Kind=Pod|no kind"),
    ],
)
async def test_json_patch(api: Api, web: str, operations: Any, code: int, message: str) -> None:
    before = (await api.get(web)).body
    answer = await api.patch(web, operations, "json-patch")
    assert answer.status == code and any(part in answer.message for part in message.split("|")), answer.message
    assert (await api.get(web)).body == before, "all or nothing"


@pytest.mark.parametrize("form", ["merge-patch", "strategic-merge-patch", "json-patch"])
async def test_bodies_that_are_no_json(api: Api, web: str, form: str) -> None:
    answer = await api("PATCH", web, b"{", content_type=f"application/{form}+json")
    assert answer.status == 400
    assert answer.message == ("" if form.startswith("strategic") else "error decoding patch: ") + (
        "unexpected end of JSON input"
    )


async def test_lists_at_the_ends(api: Api, web: str) -> None:
    place = "/spec/template/spec/containers"
    operations = [
        {"op": "add", "path": f"{place}/-", "value": {"name": "last", "image": "i"}},
        {"op": "add", "path": f"{place}/0", "value": {"name": "first", "image": "i"}},
        {"op": "copy", "from": f"{place}/0", "path": f"{place}/1"},
        {"op": "replace", "path": f"{place}/1/name", "value": "copied"},
        {"op": "move", "from": f"{place}/2", "path": f"{place}/3"},
    ]
    changed = await api.patch(web, operations, "json-patch")
    names = [each["name"] for each in changed.body["spec"]["template"]["spec"]["containers"]]
    assert names == ["first", "copied", "last", "c"]


async def test_merge_patch_takes_nulls_and_whole_lists(api: Api, web: str) -> None:
    patch = {"metadata": {"labels": {"a": "1", "b": None}}, "spec": {"replicas": None, "template": {"spec": {
        "containers": [{"name": "other", "image": "i"}]}}}}  # fmt: skip
    changed = (await api.patch(web, patch)).body
    assert changed["metadata"]["labels"] == {"a": "1"} and changed["spec"]["replicas"] == 1, "null means the default"
    assert [each["name"] for each in changed["spec"]["template"]["spec"]["containers"]] == ["other"]
    wrong = await api.patch(web, {"spec": {"replicas": "many"}})
    assert wrong.status == 422 and wrong.message.startswith(' "" is invalid: patch: Invalid value: "{')
    assert (await api.patch(web, [1])).message.startswith("error decoding patch: json: cannot unmarshal array")


async def test_strategic_directives(api: Api, web: str) -> None:
    def template(**spec: Any) -> dict[str, Any]:
        return {"spec": {"template": {"spec": spec}}}

    async def names(patch: dict[str, Any]) -> list[str]:
        changed = await api.patch(web, patch, "strategic-merge-patch")
        assert changed.status == 200, changed.body
        return [each["name"] for each in changed.body["spec"]["template"]["spec"]["containers"]]

    side = {"name": "side", "image": "i", "args": ["a", "b", "c"]}
    order = {"$setElementOrder/containers": [{"name": "c"}, {"name": "side"}]}
    assert await names(template(containers=[side], **order)) == ["c", "side"]
    assert await names(template(containers=[{"name": "c", "$patch": "delete"}])) == ["side"]
    assert await names(template(containers=[{"name": "new", "image": "i"}, {"$patch": "replace"}])) == ["new"]
    odd = await api.patch(web, template(containers=[{"image": "i"}]), "strategic-merge-patch")
    assert odd.status == 400 and "does not contain declared merge key: name" in odd.message
    wrong = await api.patch(web, {"spec": {"replicas": "many"}}, "strategic-merge-patch")
    assert wrong.status == 422
    assert wrong.message.startswith(' "" is invalid: patch: Invalid value: "map[spec:map[replicas:many]]": ')


async def test_apply_says_what_is_wrong(api: Api, namespace: str) -> None:
    path = f"{maps(namespace)}/a?fieldManager=me"
    head = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}

    async def told(config: Any) -> tuple[int, str]:
        answer = await api("PATCH", path, config, content_type=APPLY)
        return answer.status, answer.body.get("message", "")

    assert (await told({**head, "metadata": {"name": "a", "resourceVersion": "1"}}))[0] in (404, 409)
    assert (await told({**head, "metadata": {"name": "a", "uid": "x"}}))[0] == 409
    assert await told({**head, "metadata": {"name": "a", "managedFields": []}}) == (
        400, "metadata.managedFields must be nil",
    )  # fmt: skip
    assert (await told(head))[0] == 201
    assert (await told({**head, "metadata": {"name": "a", "namespace": "default"}}))[0] == 400
    ports = f"/api/v1/namespaces/{namespace}/services/s?fieldManager=me"
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}}
    twice = {**service, "spec": {"ports": [{"port": 80}, {"port": 80, "protocol": "TCP"}]}}
    answer = await api("PATCH", ports, twice, content_type=APPLY)
    assert answer.status in (400, 422) and "duplicate" in answer.message.lower()
    both = {**service, "spec": {"ports": [{"name": "t", "port": 80}, {"name": "u", "port": 80, "protocol": "UDP"}]}}
    assert (await api("PATCH", ports, both, content_type=APPLY)).status == 201

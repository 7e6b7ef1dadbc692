"""Custom resources over the wire and by kubectl: defined, described, written, watched, scaled, deleted."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.apiserver.conftest import Api
from tests.support import kubectl
from tests.support.apiserver import ApiServer

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
SPEC = {
    "type": "object",
    "description": "What the widget shall be.",
    "required": ["size"],
    "properties": {
        "size": {"type": "integer", "minimum": 1, "maximum": 10, "description": "How large it is."},
        "color": {"type": "string", "enum": ["red", "blue"], "default": "red"},
        "replicas": {"type": "integer"},
        "parts": {
            "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
            "items": {"type": "object", "required": ["name"],
                      "properties": {"name": {"type": "string"}, "count": {"type": "integer"}}},
        },
        "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    },
}  # fmt: skip
STATUS = {"type": "object", "properties": {"replicas": {"type": "integer"}, "selector": {"type": "string"}}}


def definition(group: str, **spec: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"spec": SPEC, "status": STATUS}}
    version = {
        "name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema},
        "subresources": {"status": {}, "scale": {
            "specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas",
            "labelSelectorPath": ".status.selector"}},
        "additionalPrinterColumns": [
            {"name": "Size", "type": "integer", "jsonPath": ".spec.size"},
            {"name": "Color", "type": "string", "jsonPath": ".spec.color", "priority": 1},
            {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
        ],
        "selectableFields": [{"jsonPath": ".spec.color"}],
    }  # fmt: skip
    names = {"plural": "widgets", "singular": "widget", "kind": "Widget", "shortNames": ["wd"], "categories": ["all"]}
    whole = {"group": group, "scope": "Namespaced", "names": names, "versions": [version], **spec}
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": f"widgets.{group}"}, "spec": whole}  # fmt: skip


def widget(group: str, name: str = "one", version: str = "v1", **spec: Any) -> dict[str, Any]:
    about = {"apiVersion": f"{group}/{version}", "kind": "Widget", "metadata": {"name": name}}
    return {**about, "spec": {"size": 3, **spec}}


async def eventually(look: Callable[[], Awaitable[Any]], seconds: float = 60) -> Any:
    """What `look` finds, as soon as that is something."""
    async with asyncio.timeout(seconds):
        while not (found := await look()):
            await asyncio.sleep(0.02)
    return found


def conditions(crd: dict[str, Any]) -> dict[str, str]:
    return {each["type"]: each["status"] for each in crd["status"].get("conditions", ())}


async def established(api: Api, name: str) -> dict[str, Any]:
    async def ready() -> Any:
        crd = (await api.get(f"{CRDS}/{name}")).body
        return crd if conditions(crd).get("Established") == "True" else None

    return await eventually(ready)


@pytest.fixture
async def group(api: Api) -> str:
    """A group of its own, with widgets in it."""
    group = f"g{uuid.uuid4().hex[:8]}.example.com"
    made = await api.post(CRDS, definition(group))
    assert made.status == 201, made.body
    await established(api, f"widgets.{group}")
    return group


@pytest.fixture
def widgets(group: str, namespace: str) -> str:
    return f"/apis/{group}/v1/namespaces/{namespace}/widgets"


async def test_defined_and_described(api: Api, group: str) -> None:
    crd = (await api.get(f"{CRDS}/widgets.{group}")).body
    assert crd["status"]["acceptedNames"]["listKind"] == "WidgetList" and crd["status"]["storedVersions"] == ["v1"]
    assert conditions(crd) == {"NamesAccepted": "True", "Established": "True"}
    resources = {row["name"]: row for row in (await api.get(f"/apis/{group}/v1")).body["resources"]}
    assert set(resources) == {"widgets", "widgets/status", "widgets/scale"}
    assert resources["widgets"]["shortNames"] == ["wd"] and resources["widgets"]["categories"] == ["all"]
    document = (await api.get(f"/openapi/v3/apis/{group}/v1")).body
    name = ".".join((*reversed(group.split(".")), "v1", "Widget"))
    assert document["components"]["schemas"][name]["properties"]["spec"]["properties"]["size"]["maximum"] == 10
    assert name in (await api.get("/openapi/v2")).body["definitions"]
    index = (await api.get("/openapi/v3")).body["paths"]
    assert f"apis/{group}/v1" in index


async def test_created_pruned_defaulted_validated(api: Api, group: str, widgets: str) -> None:
    made = await api.post(widgets, widget(group, odd=1, free={"anything": [1]}))
    assert made.status == 201, made.body
    assert made.body["spec"] == {"size": 3, "color": "red", "free": {"anything": [1]}}
    assert made.body["metadata"]["generation"] == 1
    assert made.headers["Warning"] == '299 - "unknown field \\"spec.odd\\""'
    strict = await api.post(f"{widgets}?fieldValidation=Strict", widget(group, "two", odd=1))
    assert strict.status == 400 and 'strict decoding error: unknown field "spec.odd"' in strict.message
    wrong = await api.post(widgets, widget(group, "Two", size="x", color="green"))
    assert wrong.status == 422
    assert {cause["field"] for cause in wrong.body["details"]["causes"]} == {"metadata.name", "spec.size", "spec.color"}
    assert 'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"' in wrong.message
    assert (await api.post(widgets, widget(group, "one"))).status == 409


async def test_status_and_generation(api: Api, group: str, widgets: str) -> None:
    await api.post(widgets, {**widget(group), "status": {"replicas": 9}})
    one = (await api.get(f"{widgets}/one")).body
    assert "status" not in one
    after = (await api.patch(f"{widgets}/one/status", {"status": {"replicas": 2}, "spec": {"size": 9}})).body
    assert (after["status"], after["spec"]["size"], after["metadata"]["generation"]) == ({"replicas": 2}, 3, 1)
    after = (await api.patch(f"{widgets}/one", {"status": {"replicas": 5}, "spec": {"size": 4}})).body
    assert (after["status"], after["spec"]["size"], after["metadata"]["generation"]) == ({"replicas": 2}, 4, 2)


async def test_patches_and_encodings(api: Api, group: str, widgets: str) -> None:
    await api.post(widgets, widget(group))
    refused = await api.patch(f"{widgets}/one", {"spec": {"size": 4}}, kind="strategic-merge-patch")
    assert refused.status == 415
    assert refused.message.endswith(
        "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml")
    change = [{"op": "replace", "path": "/spec/size", "value": 5}]
    patched = await api.patch(f"{widgets}/one", change, kind="json-patch")
    assert patched.body["spec"]["size"] == 5
    async with api.session.get(api.url + widgets, headers={"Accept": "application/vnd.kubernetes.protobuf"}) as answer:
        assert answer.status == 406
    listed = await api.get(widgets, Accept="application/vnd.kubernetes.protobuf,application/json")
    assert listed.body["kind"] == "WidgetList"
    partial = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
    assert (await api.get(widgets, Accept=partial)).body["items"][0]["metadata"]["name"] == "one"


async def test_selected_by_fields(api: Api, group: str, widgets: str) -> None:
    for name, color in (("one", "red"), ("two", "blue")):
        await api.post(widgets, widget(group, name, color=color))
    found = (await api.get(f"{widgets}?fieldSelector=spec.color%3Dblue")).body["items"]
    assert [each["metadata"]["name"] for each in found] == ["two"]
    assert (await api.get(f"{widgets}?fieldSelector=spec.size%3D3")).status == 400


async def test_scale(api: Api, group: str, widgets: str) -> None:
    await api.post(widgets, widget(group, replicas=1))
    await api.patch(f"{widgets}/one/status", {"status": {"replicas": 1, "selector": "a=b"}})
    scale = (await api.get(f"{widgets}/one/scale")).body
    assert (scale["spec"], scale["status"]) == ({"replicas": 1}, {"replicas": 1, "selector": "a=b"})
    assert (await api.patch(f"{widgets}/one/scale", {"spec": {"replicas": 4}})).body["spec"] == {"replicas": 4}
    assert (await api.get(f"{widgets}/one")).body["spec"]["replicas"] == 4
    assert (await api.patch(f"{widgets}/one/scale", {"spec": {"replicas": -1}})).status == 422


async def test_watched_as_objects_and_as_tables(api: Api, group: str, widgets: str) -> None:
    first = await api.post(widgets, widget(group))
    await api.patch(f"{widgets}/one", {"spec": {"size": 4}})
    events = await api.watch(f"{widgets}?watch=true&resourceVersion=0", count=1)
    assert events[0]["type"] == "ADDED"
    since = await api.watch(f"{widgets}?watch=true&resourceVersion={first.revision}", count=1)
    assert (since[0]["type"], since[0]["object"]["spec"]["size"]) == ("MODIFIED", 4)
    table = await api.watch(
        f"{widgets}?watch=true", count=1, Accept="application/json;as=Table;g=meta.k8s.io;v=v1")
    assert [each["name"] for each in table[0]["object"]["columnDefinitions"]] == ["Name", "Size", "Color", "Age"]
    assert table[0]["object"]["rows"][0]["cells"][:3] == ["one", 4, "red"]


async def test_applied_by_the_schemas_list_types(api: Api, group: str, widgets: str) -> None:
    def apply(manager: str, *parts: dict[str, Any], force: bool = False) -> Any:
        body = {**widget(group), "spec": {"size": 3, "parts": list(parts)}}
        path = f"{widgets}/one?fieldManager={manager}{'&force=true' if force else ''}"
        return api("PATCH", path, body, content_type="application/apply-patch+yaml")

    assert (await apply("a", {"name": "x", "count": 1})).status == 201
    both = await apply("b", {"name": "y", "count": 2})
    assert both.status == 200, both.body
    assert [part["name"] for part in both.body["spec"]["parts"]] == ["x", "y"]
    conflict = await apply("b", {"name": "x", "count": 5})
    assert conflict.status == 409 and conflict.body["details"]["causes"][0]["field"] == '.spec.parts[name="x"].count'
    forced = await apply("b", {"name": "x", "count": 5}, force=True)
    assert forced.body["spec"]["parts"] == [{"name": "x", "count": 5}]


async def test_rules_in_cel(api: Api, group: str, widgets: str) -> None:
    path = f"{CRDS}/widgets.{group}"
    crd = (await api.get(path)).body
    spec = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    spec["x-kubernetes-validations"] = [{"rule": "self.size <"}]
    refused = await api.put(path, crd)
    assert refused.status == 422 and "x-kubernetes-validations[0].rule" in refused.message
    spec["x-kubernetes-validations"] = [
        {"rule": "!has(self.replicas) || self.replicas <= self.size", "message": "too many replicas"},
        {"rule": "self.color == oldSelf.color", "message": "the color stays", "fieldPath": ".color"},
    ]
    assert (await api.put(path, crd)).status == 200

    async def ruled() -> bool:
        answer = await api.post(f"{widgets}?dryRun=All", widget(group, replicas=4))
        return answer.status == 422 and 'spec: Invalid value: "object": too many replicas' in answer.message

    await eventually(ruled)
    assert (await api.post(widgets, widget(group))).status == 201
    changed = await api.patch(f"{widgets}/one", {"spec": {"color": "blue"}})
    assert changed.status == 422 and changed.body["details"]["causes"][0]["field"] == "spec.color"
    unsound = await api.post(widgets, widget(group, "two", size="x"))
    assert "<nil>: Invalid value: \"null\": some validation rules were not checked" in unsound.message


async def test_a_definitions_change_is_served_at_once(api: Api, group: str, widgets: str) -> None:
    await api.post(widgets, widget(group))
    path = f"{CRDS}/widgets.{group}"
    crd = (await api.get(path)).body
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    schema["properties"]["spec"]["properties"]["label"] = {"type": "string", "default": "new"}
    assert (await api.put(path, crd)).status == 200

    async def defaulted() -> bool:
        return (await api.get(f"{widgets}/one")).body["spec"].get("label") == "new"

    await eventually(defaulted)


async def test_several_versions_of_one_object(api: Api, group: str, namespace: str) -> None:
    path = f"{CRDS}/widgets.{group}"
    crd = (await api.get(path)).body
    second = json.loads(json.dumps(crd["spec"]["versions"][0]))
    crd["spec"]["versions"].append({**second, "name": "v2", "storage": False})
    assert (await api.put(path, crd)).status == 200
    old, new = (f"/apis/{group}/{version}/namespaces/{namespace}/widgets" for version in ("v1", "v2"))

    async def served() -> bool:
        return (await api.get(new)).status == 200

    await eventually(served)
    assert (await api.post(new, widget(group, version="v2"))).body["apiVersion"] == f"{group}/v2"
    assert (await api.get(f"{old}/one")).body["apiVersion"] == f"{group}/v1"
    assert (await api.get(new)).body["items"][0]["apiVersion"] == f"{group}/v2"
    seen = await api.watch(f"{new}?watch=true", count=1)
    assert seen[0]["object"]["apiVersion"] == f"{group}/v2"
    changed = await api.patch(f"{new}/one", {"spec": {"size": 7}})
    assert changed.body["spec"]["size"] == 7 and (await api.get(f"{old}/one")).body["spec"]["size"] == 7


async def test_names_that_are_taken(api: Api, group: str) -> None:
    late = definition(group, names={"plural": "gadgets", "singular": "gadget", "kind": "Widget", "listKind": "Gadgets"})
    late["metadata"]["name"] = f"gadgets.{group}"
    assert (await api.post(CRDS, late)).status == 201
    path = f"{CRDS}/gadgets.{group}"

    async def told() -> Any:
        return conditions((await api.get(path)).body) == {"NamesAccepted": "False", "Established": "False"}

    await eventually(told)
    assert (await api.get(f"/apis/{group}/v1/gadgets")).status == 404
    await api.delete(f"{CRDS}/widgets.{group}")
    await established(api, f"gadgets.{group}")


async def test_deleted_with_its_objects(api: Api, group: str, widgets: str) -> None:
    await api.post(widgets, {**widget(group), "metadata": {"name": "one", "finalizers": ["example.com/wait"]}})
    await api.post(widgets, widget(group, "two"))
    path = f"{CRDS}/widgets.{group}"
    gone = await api.delete(path)
    assert gone.status == 200

    async def emptied() -> bool:
        return (await api.get(f"{widgets}/two")).status == 404

    await eventually(emptied)
    assert conditions((await api.get(path)).body)["Terminating"] == "True"
    assert (await api.post(widgets, widget(group, "three"))).status == 405
    await api.patch(f"{widgets}/one", {"metadata": {"finalizers": None}})

    async def away() -> bool:
        return (await api.get(path)).status == 404 and (await api.get(widgets)).status == 404

    await eventually(away)
    assert (await api.get(f"/apis/{group}")).status == 404


class Kubectl:
    """One kubectl in one namespace."""

    def __init__(self, binary: str, server: ApiServer, *, folder: Path, namespace: str) -> None:
        self._binary, self._kubeconfig = binary, server.kubeconfig
        self._always = (f"--cache-dir={folder}", f"--namespace={namespace}")

    async def __call__(self, *args: str, stdin: str | None = None, check: bool = True) -> str:
        return await asyncio.to_thread(
            kubectl.kubectl, *args, *self._always, binary=self._binary, kubeconfig=self._kubeconfig, stdin=stdin,
            check=check,
        )  # fmt: skip


def oldest_and_newest() -> list[str]:
    known = list(kubectl.binaries())
    return list(dict.fromkeys((known[0], known[-1])))


@pytest.fixture(params=oldest_and_newest())
def k(request: pytest.FixtureRequest, server: ApiServer, tmp_path: Path, namespace: str) -> Kubectl:
    return Kubectl(kubectl.binaries()[request.param], server, folder=tmp_path, namespace=namespace)


async def test_a_walk_with_kubectl(k: Kubectl) -> None:
    group = f"g{uuid.uuid4().hex[:8]}.example.com"
    crd = json.dumps(definition(group))
    assert f"/widgets.{group} created\n" in await k("apply", "-f-", stdin=crd)
    await k("wait", "--for=condition=Established", f"crd/widgets.{group}", "--timeout=60s")
    assert "unchanged" in await k("apply", "-f-", stdin=crd)
    assert f"widgets   wd           {group}/v1" in await k("api-resources", f"--api-group={group}")
    assert "How large it is." in await k("explain", "widgets.spec.size", f"--api-version={group}/v1")
    one = json.dumps(widget(group, replicas=2))
    assert await k("apply", "-f-", stdin=one) == f"widget.{group}/one created\n"
    assert await k("apply", "-f-", stdin=one) == f"widget.{group}/one unchanged\n"
    larger = json.dumps(widget(group, size=5, replicas=2))
    assert await k("apply", "-f-", stdin=larger) == f"widget.{group}/one configured\n"
    resource = f"widgets.{group}"
    assert (await k("get", resource)).split()[:5] == ["NAME", "SIZE", "AGE", "one", "5"]
    assert "COLOR" in await k("get", resource, "-owide")
    told = await k("apply", "--server-side", "--field-manager=other", "-f-", stdin=one, check=False)
    assert ".spec.size" in told and "conflict" in told
    await k("scale", resource, "one", "--replicas=6")
    assert await k("get", resource, "one", "-ojsonpath={.spec.replicas}") == "6"
    wrong = await k("apply", "-f-", stdin=json.dumps(widget(group, size=50)), check=False)
    assert "spec.size in body should be less than or equal to 10" in wrong
    await k("delete", f"crd/widgets.{group}", "--timeout=60s")
    assert "the server doesn't have a resource type" in await k("get", resource, check=False)

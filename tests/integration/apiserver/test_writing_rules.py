"""What a write may say: names, versions, fieldValidation, dry runs, deletion, all in a v1.32 server's words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.apiserver.conftest import Api, deployment, pod
from tests.integration.apiserver.test_reading import maps

ORPHANS = {"apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": "u"}


def a_map(name: str = "a", **more: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, **more}


async def test_the_name_of_an_update(api: Api, namespace: str) -> None:
    path = f"{maps(namespace)}/a"
    made = (await api.post(maps(namespace), a_map())).body
    nameless = await api.put(path, {"data": {}})
    assert (nameless.status, nameless.message) == (
        400, "the name of the object (a based on URL) was undeterminable: name must be provided",
    )  # fmt: skip
    other = await api.put(path, a_map("b"))
    assert (other.status, other.message) == (
        400, "the name of the object (b) does not match the name on the URL (a)",
    )  # fmt: skip
    elsewhere = await api.put(path, {**made, "metadata": {"name": "a", "namespace": "default"}})
    assert (elsewhere.status, elsewhere.message) == (
        400, "the namespace of the provided object does not match the namespace sent on the request",
    )  # fmt: skip
    renamed = await api.patch(path, {"metadata": {"name": "b"}})
    assert renamed.status == 400 and "does not match the name on the URL" in renamed.message
    assert (await api.put(f"{maps(namespace)}/nope", a_map("nope"))).status == 404


async def test_another_object_of_the_same_name(api: Api, namespace: str) -> None:
    made = (await api.post(maps(namespace), a_map())).body["metadata"]
    answer = await api.put(f"{maps(namespace)}/a", {"metadata": {"name": "a", "uid": "other"}})
    assert (answer.status, answer.body["reason"]) == (409, "Conflict")
    assert answer.message == (
        'Operation cannot be fulfilled on configmaps "a": StorageError: invalid object, Code: 4, Key: '
        f"/registry/configmaps/{namespace}/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: "
        f"UID in precondition: other, UID in object meta: {made['uid']}"
    )


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/apis/coordination.k8s.io/v1/namespaces/{}/leases", {"spec": {"holderIdentity": "me"}}),
        ("/apis/policy/v1/namespaces/{}/poddisruptionbudgets", {"spec": {"minAvailable": 1}}),
        ("/apis/node.k8s.io/v1/runtimeclasses", {"handler": "x"}),
        ("/apis/storage.k8s.io/v1/csidrivers", {"spec": {}}),
    ],
)
async def test_kinds_whose_updates_name_a_version(api: Api, namespace: str, path: str, body: dict[str, Any]) -> None:
    path, name = path.format(namespace), f"x-{namespace}"
    made = await api.post(path, {"metadata": {"name": name}, **body})
    assert made.status == 201, made.body
    blind = await api.put(f"{path}/{name}", {"metadata": {"name": name}, **body})
    assert blind.status == 422
    assert blind.message.endswith("metadata.resourceVersion: Invalid value: 0x0: must be specified for an update")
    assert blind.message.startswith(path.rpartition("/")[2])
    assert (await api.put(f"{path}/{name}", made.body)).status == 200
    assert (await api.delete(f"{path}/{name}")).status == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/namespaces/{}/endpoints", {}),
        ("/api/v1/namespaces/{}/services", {"spec": {"ports": [{"port": 80}]}}),
        ("/api/v1/namespaces/{}/limitranges", {"spec": {"limits": []}}),
        ("/apis/coordination.k8s.io/v1/namespaces/{}/leases", {"spec": {}}),
        ("/apis/rbac.authorization.k8s.io/v1/namespaces/{}/roles", {"rules": []}),
    ],
)
async def test_kinds_that_an_update_creates(api: Api, namespace: str, path: str, body: dict[str, Any]) -> None:
    path = path.format(namespace) + "/x"
    gone = await api.put(path, {"metadata": {"name": "x", "uid": "u"}, **body})
    assert gone.status == 409 and "UID in precondition: u, UID in object meta: " in gone.message
    assert (await api.put(f"{path}?dryRun=All", {"metadata": {"name": "x"}, **body})).status == 201
    assert (await api.get(path)).status == 404
    assert (await api.put(path, {"metadata": {"name": "x"}, **body})).status == 201


async def test_metadata_that_the_server_keeps(api: Api, namespace: str) -> None:
    path = f"{maps(namespace)}/a"
    meta = {
        "name": "a", "uid": "u", "creationTimestamp": "2001-01-01T00:00:00Z", "selfLink": "/x", "generation": 7,
        "deletionTimestamp": "2001-01-01T00:00:00Z", "deletionGracePeriodSeconds": 5, "resourceVersion": "0",
    }  # fmt: skip
    made = await api.post(maps(namespace), {"metadata": meta})
    assert made.status == 201 and not made.body["metadata"].keys() & {"selfLink", "generation", "deletionTimestamp"}
    assert made.body["metadata"]["uid"] != "u" and made.body["metadata"]["creationTimestamp"] > "2020"
    changed = await api.patch(path, {"metadata": {"creationTimestamp": None, "uid": None, "generation": 9}})
    assert changed.status == 200 and changed.body == made.body
    dying = await api.patch(path, {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}})
    assert (dying.status, dying.message) == (
        422,
        'ConfigMap "a" is invalid: metadata.deletionTimestamp: Invalid value: "2026-01-01T00:00:00Z": field is '
        "immutable",
    )
    born = await api.post(maps(namespace), {"metadata": {"name": "b", "resourceVersion": "5"}})
    assert (born.status, born.message) == (400, "resourceVersion should not be set on objects to be created")


async def test_repeated_owners(api: Api, namespace: str) -> None:
    body = {"metadata": {"name": "a", "ownerReferences": [ORPHANS, ORPHANS, {**ORPHANS, "uid": "v"}]}}
    made = await api.post(maps(namespace), body)
    assert [each["uid"] for each in made.body["metadata"]["ownerReferences"]] == ["u", "v"]
    assert made.headers["Warning"] == (
        '299 - ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, '
        'and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: u"'
    )
    patch = [{"op": "add", "path": "/metadata/ownerReferences/-", "value": ORPHANS}]
    again = await api.patch(f"{maps(namespace)}/a", patch, "json-patch")
    assert again.body == made.body and "after mutating admission happens" in again.headers["Warning"]


async def test_a_name_that_is_taken_again_and_again(api: Api, namespace: str) -> None:
    taken = await api.post(maps(namespace), {"metadata": {"generateName": "x" * 200}})
    assert len(taken.body["metadata"]["name"]) == 63
    job = {"spec": {"template": {"spec": {**pod()["spec"], "restartPolicy": "Never"}}}}
    for path, body in ((maps(namespace), {}), (f"/apis/batch/v1/namespaces/{namespace}/jobs", job)):
        nameless = await api.post(path, body)
        assert nameless.status == 422, nameless.body
        assert "metadata.name: Required value: name or generateName is required" in nameless.message


# --- fieldValidation ---


@pytest.mark.parametrize("mode", ["Strict", "Warn", "", "Ignore"])
@pytest.mark.parametrize("form", ["json", "yaml", "merge-patch", "strategic-merge-patch", "json-patch", "apply"])
async def test_field_validation(api: Api, namespace: str, form: str, mode: str) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
    query = f"?fieldManager=me&dryRun=All{'&fieldValidation=' + mode if mode else ''}"
    unknown, twice = 'unknown field "spec.foo"', 'duplicate field "spec.paused"'
    head = b'{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},'
    spec = b'"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":%b}'
    spec %= b'{"containers":[{"name":"c","image":"i"}]}'
    if form in ("json", "yaml"):
        tail = b'"spec":{"foo":1,"paused":true,\n"paused":false,%b}}' % spec
        answer = await api("POST", path + query, head + tail, content_type=f"application/{form}")
        refusal = 'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: '
        if form == "yaml":
            twice = 'line 2: key "paused" already set in map'
        code, strict = 400, f"{refusal}{unknown}, {twice}"
        strict = f"{refusal}yaml: unmarshal errors:\n  {twice}, {unknown}" if form == "yaml" else strict
    else:
        await api.post(path, deployment())
        body = b'{"spec":{"foo":1,"paused":true,\n"paused":false}}'
        if form == "json-patch":
            body = b'[{"op":"add","path":"/spec/foo","value":1,"odd":1,"op":"add"}]'
            twice = 'json patch duplicate field "[0].op"'
        if form == "apply":
            body = head + b'"spec":{"paused":true,\n"paused":false}}'
            kind, strict = "application/apply-patch+yaml", "error strict decoding YAML: error converting YAML to JSON: "
            twice = 'line 2: key "paused" already set in map'
            code, strict = 400, f"{strict}yaml: unmarshal errors:\n  {twice}"
        else:
            kind, code, strict = f"application/{form}+json", 422, ""
        answer = await api("PATCH", f"{path}/web{query}", body, content_type=kind)
    if mode == "Strict":
        assert answer.status == code, answer.body
        assert answer.message == strict if strict else (
            answer.message.startswith(' "" is invalid: patch: Invalid value: "')
            and "strict decoding error: " in answer.message and unknown in answer.message and twice in answer.message
        )  # fmt: skip
        return
    assert answer.status in (200, 201), answer.body
    told = [each.removeprefix('299 - "').removesuffix('"').replace("\\", "") for each in
            answer.headers.getall("Warning", [])]  # fmt: skip
    if mode == "Ignore":
        assert told == []
    else:
        assert twice in told and (unknown in told) == (form != "apply"), told


# --- deletion ---


async def test_options_of_a_delete(api: Api, namespace: str) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/replicasets"
    body = {"spec": deployment()["spec"]}
    for name, query, options, code, finalizers in (
        ("a", "", {"orphanDependents": True}, 200, ["orphan"]),
        ("b", "", {"propagationPolicy": "Foreground"}, 200, ["foregroundDeletion"]),
        ("c", "?propagationPolicy=Orphan", None, 200, ["orphan"]),
        ("d", "?propagationPolicy=Orphan", {"propagationPolicy": "Background"}, 200, None),
        ("e", "?orphanDependents=false", None, 200, None),
        ("f", "", {}, 200, None),
        ("g", "?dryRun=All", {"kind": "DeleteOptions", "apiVersion": "v1"}, 200, None),
    ):
        assert (await api.post(path, {"metadata": {"name": name}, **body})).status == 201
        answer = await api.delete(f"{path}/{name}{query}", options)
        assert answer.status == code, answer.body
        assert answer.body.get("metadata", {}).get("finalizers") == finalizers, name
        assert (await api.get(f"{path}/{name}")).status == (200 if finalizers else 404), name
    held = {"metadata": {"name": "h", "finalizers": ["example.com/x"]}, **body}
    await api.post(path, held)
    assert (await api.delete(f"{path}/h", {"orphanDependents": False})).status == 202
    wrong = await api.delete(f"{path}/h", {"propagationPolicy": "Orphan", "orphanDependents": True})
    assert wrong.status == 422
    assert wrong.message.startswith('DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value')


async def test_a_collection_goes_by_page_selector_and_dry_run(api: Api, namespace: str) -> None:
    path = maps(namespace)
    for name in "abcd":
        await api.post(path, {"metadata": {"name": name, "labels": {"n": name}}})
    dry = await api.delete(f"{path}?labelSelector=n+in+(a,b)", {"dryRun": ["All"]})
    assert [each["metadata"]["name"] for each in dry.body["items"]] == ["a", "b"]
    assert len((await api.get(path)).body["items"]) == 4
    await api.delete(f"{path}?limit=1")
    await api.delete(f"{path}?fieldSelector=metadata.name%3Dc")
    assert [each["metadata"]["name"] for each in (await api.get(path)).body["items"]] == ["b", "d"]
    assert (await api.delete(f"{path}?labelSelector=a+b")).status == 400
    assert (await api.delete(f"{path}?fieldSelector=odd%3Dx")).status == 400


async def test_dry_runs_look_like_the_real_thing(api: Api, namespace: str) -> None:
    services = f"/api/v1/namespaces/{namespace}/services"
    body = {"metadata": {"name": "s"}, "spec": {"type": "NodePort", "ports": [{"port": 80}]}}
    tried = [(await api.post(f"{services}?dryRun=All", body)).body["spec"] for _ in range(3)]
    assert all(spec["clusterIP"].startswith("10.96.") for spec in tried)
    wanted = {**body, "spec": {**body["spec"], "clusterIP": tried[0]["clusterIP"]}}
    assert (await api.post(services, wanted)).status == 201, "a dry run keeps no address"
    path = f"{maps(namespace)}/a"
    made = await api.post(maps(namespace), a_map(data={"k": "1"}))
    for kind, change in (
        ("merge-patch", {"data": {"k": "2"}}), ("strategic-merge-patch", {"data": {"k": "2"}}),
        ("json-patch", [{"op": "replace", "path": "/data/k", "value": "2"}]),
    ):  # fmt: skip
        answer = await api.patch(f"{path}?dryRun=All", change, kind)
        assert answer.body["data"] == {"k": "2"} and answer.body["metadata"]["uid"] == made.body["metadata"]["uid"]
        assert answer.revision == made.revision, "the version of what is stored"
    put = await api.put(f"{path}?dryRun=All", a_map(data={"k": "3"}))
    assert put.body["data"] == {"k": "3"} and put.revision == made.revision
    gone = await api.delete(f"{path}?dryRun=All")
    assert gone.body["status"] == "Success" and (await api.get(path)).body == made.body
    many = await api.patch(f"{path}?dryRun=All&dryRun=Some", {})
    assert many.status == 422 and 'dryRun: Unsupported value: ["All","Some"]: supported values: "All"' in many.message


@pytest.mark.parametrize(
    ("method", "kind"), [("POST", "CreateOptions"), ("PUT", "UpdateOptions"), ("PATCH", "PatchOptions")]
)
async def test_options_are_named_after_the_verb(api: Api, namespace: str, method: str, kind: str) -> None:
    path = maps(namespace) + ("" if method == "POST" else "/a")
    query = f"?dryRun=x&fieldValidation=y&fieldManager={'m' * 129}"
    content_type = "application/merge-patch+json" if method == "PATCH" else "application/json"
    answer = await api(method, path + query, {}, content_type=content_type)
    assert answer.status == 422 and answer.message == (
        f'{kind}.meta.k8s.io "" is invalid: [fieldManager: Too long: may not be more than 128 bytes, '
        'dryRun: Unsupported value: ["x"]: supported values: "All", '
        'fieldValidation: Unsupported value: "y": supported values: "", "Ignore", "Strict", "Warn"]'
    )
    odd = await api(method, path + "?fieldManager=a%07b", {}, content_type=content_type)
    assert "invalid character U+0007 (at position 1)" in odd.message


async def test_what_a_status_may_bring_along(api: Api, namespace: str) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}"
    await api.post(f"{path}/deployments", deployment())
    await api.post(f"{path}/replicasets", {"metadata": {"name": "web"}, "spec": deployment()["spec"]})
    change = {"metadata": {"labels": {"l": "1"}, "annotations": {"a": "1"}}, "status": {"replicas": 1}}
    one = (await api.patch(f"{path}/deployments/web/status", change)).body["metadata"]
    assert "labels" not in one and one["annotations"] == {"a": "1"}
    other = (await api.patch(f"{path}/replicasets/web/status", change)).body["metadata"]
    assert (other["labels"], other["annotations"]) == ({"l": "1"}, {"a": "1"})
    pods = f"/api/v1/namespaces/{namespace}/pods"
    await api.post(pods, pod())
    owned = {"metadata": {"ownerReferences": [ORPHANS], "labels": {"l": "1"}}, "status": {"phase": "Running"}}
    third = (await api.patch(f"{pods}/web/status", owned)).body["metadata"]
    assert "ownerReferences" not in third and third["labels"]["l"] == "1"
    schemas, name = "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas", f"x-{namespace}"
    schema = {"metadata": {"name": name}, "spec": {"priorityLevelConfiguration": {"name": "catch-all"}}}
    assert (await api.post(schemas, schema)).status == 201
    kept = await api.patch(f"{schemas}/{name}/status", {"metadata": {"labels": {"l": "1"}}})
    assert kept.status == 200 and "labels" not in kept.body["metadata"]

"""Create, read, change and delete over plain HTTP: status codes, texts, revisions, finalizers, grace."""

from __future__ import annotations

import asyncio

import pytest

from tests.integration.apiserver.conftest import Api, deployment, pod


def pods(namespace: str, name: str = "") -> str:
    return f"/api/v1/namespaces/{namespace}/pods" + (f"/{name}" if name else "")


async def test_created_object_carries_what_the_server_fills_in(api: Api, namespace: str) -> None:
    made = await api.post(pods(namespace), pod())
    assert made.status == 201
    meta, spec, status = made.body["metadata"], made.body["spec"], made.body["status"]
    assert meta["namespace"] == namespace and len(meta["uid"]) == 36 and meta["creationTimestamp"].endswith("Z")
    assert spec["restartPolicy"] == "Always" and spec["dnsPolicy"] == "ClusterFirst"
    assert spec["terminationGracePeriodSeconds"] == 30 and spec["schedulerName"] == "default-scheduler"
    assert spec["priority"] == 0 and spec["enableServiceLinks"] is True
    assert [t["key"] for t in spec["tolerations"]] == [
        "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable",
    ]  # fmt: skip
    assert all(t["tolerationSeconds"] == 300 and t["effect"] == "NoExecute" for t in spec["tolerations"])
    assert spec["containers"][0]["imagePullPolicy"] == "IfNotPresent"
    assert status == {"phase": "Pending", "qosClass": "BestEffort"}
    assert (await api.get(pods(namespace, "web"))).body == made.body


async def test_generate_name(api: Api, namespace: str) -> None:
    body = pod()
    body["metadata"] = {"generateName": "web-"}
    names = {(await api.post(pods(namespace), body)).body["metadata"]["name"] for _ in range(5)}
    assert len(names) == 5 and all(name.startswith("web-") and len(name) == 9 for name in names)


async def test_second_create_says_already_exists(api: Api, namespace: str) -> None:
    await api.post(pods(namespace), pod())
    again = await api.post(pods(namespace), pod())
    assert (again.status, again.body["reason"]) == (409, "AlreadyExists")
    assert again.message == 'pods "web" already exists'
    assert again.body["details"] == {"name": "web", "kind": "pods"}


async def test_missing_object_and_namespace(api: Api, namespace: str) -> None:
    missing = await api.get(pods(namespace, "nope"))
    assert (missing.status, missing.message) == (404, 'pods "nope" not found')
    nowhere = await api.post(pods("no-such-namespace"), pod())
    assert (nowhere.status, nowhere.message) == (404, 'namespaces "no-such-namespace" not found')


async def test_all_field_errors_at_once(api: Api, namespace: str) -> None:
    body = pod("Bad_Name", restartPolicy="Sometimes")
    body["spec"]["containers"] = [{"name": "c", "ports": [{"containerPort": 70000}]}]
    answer = await api.post(pods(namespace), body)
    assert (answer.status, answer.body["reason"]) == (422, "Invalid")
    causes = {cause["field"]: cause["reason"] for cause in answer.body["details"]["causes"]}
    assert causes == {
        "metadata.name": "FieldValueInvalid",
        "spec.restartPolicy": "FieldValueNotSupported",
        "spec.containers[0].image": "FieldValueRequired",
        "spec.containers[0].ports[0].containerPort": "FieldValueInvalid",
    }
    assert (await api.get(pods(namespace))).body["items"] == []


async def test_stale_update_conflicts_with_the_exact_text(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    first = (await api.post(path, {"metadata": {"name": "a"}, "data": {"k": "1"}})).body
    second = await api.put(f"{path}/a", {**first, "data": {"k": "2"}})
    assert second.status == 200 and int(second.revision) > int(first["metadata"]["resourceVersion"])
    stale = await api.put(f"{path}/a", {**first, "data": {"k": "3"}})
    assert (stale.status, stale.body["reason"]) == (409, "Conflict")
    assert stale.message == (
        'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes '
        "to the latest version and try again"
    )
    blind = await api.put(f"{path}/a", {"metadata": {"name": "a"}, "data": {"k": "4"}})
    assert blind.status == 200 and blind.body["data"] == {"k": "4"}
    same = await api.put(f"{path}/a", blind.body)
    assert same.revision == blind.revision, "an update that changes nothing writes nothing"


async def test_lease_wants_a_resource_version_and_can_be_created_by_put(api: Api, namespace: str) -> None:
    path = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/l"
    made = await api.put(path, {"metadata": {"name": "l"}, "spec": {"holderIdentity": "me"}})
    assert made.status == 201
    blind = await api.put(path, {"metadata": {"name": "l"}, "spec": {"holderIdentity": "you"}})
    assert blind.status == 422 and "metadata.resourceVersion" in blind.message


async def test_parallel_updates_lose_nothing(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    await api.post(path, {"metadata": {"name": "a"}})
    answers = await asyncio.gather(*(api.patch(f"{path}/a", {"data": {f"k{i}": "v"}}) for i in range(30)))
    assert {answer.status for answer in answers} == {200}
    assert len((await api.get(f"{path}/a")).body["data"]) == 30


async def test_patches_of_three_kinds(api: Api, namespace: str) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
    await api.post(path, deployment())
    strategic = {"spec": {"template": {"spec": {"containers": [{"name": "side", "image": "busybox"}]}}}}
    answer = await api.patch(f"{path}/web", strategic, "strategic-merge-patch")
    assert [c["name"] for c in answer.body["spec"]["template"]["spec"]["containers"]] == ["side", "c"]
    assert answer.body["metadata"]["generation"] == 2
    answer = await api.patch(f"{path}/web", {"metadata": {"labels": {"x": "y"}}})
    assert answer.body["metadata"]["labels"] == {"x": "y"} and answer.body["metadata"]["generation"] == 2
    operations = [{"op": "replace", "path": "/spec/replicas", "value": 7}]
    answer = await api.patch(f"{path}/web", operations, "json-patch")
    assert answer.body["spec"]["replicas"] == 7
    wrong = await api.patch(f"{path}/web", {"spec": {"replicas": -1}})
    assert wrong.status == 422 and "spec.replicas: Invalid value: -1" in wrong.message
    apply = await api("PATCH", f"{path}/web", b"a: b", content_type="application/apply-patch+yaml")
    assert apply.status == 422 and "fieldManager: Required value: is required for apply patch" in apply.message
    assert (await api.patch(f"{path}/web", [1], "strategic-merge-patch")).status == 400


async def test_status_and_spec_are_written_apart(api: Api, namespace: str) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
    made = (await api.post(path, deployment(replicas=2))).body
    changed = {**made, "status": {"replicas": 9}, "spec": {**made["spec"], "replicas": 5}}
    plain = await api.put(f"{path}/web", changed)
    assert plain.body["spec"]["replicas"] == 5 and plain.body["status"] == {}
    status = await api.put(f"{path}/web/status", {**plain.body, "status": {"replicas": 9}, "spec": made["spec"]})
    assert status.body["spec"]["replicas"] == 5 and status.body["status"] == {"replicas": 9}
    assert status.body["metadata"]["generation"] == plain.body["metadata"]["generation"] == 2


async def test_selector_of_a_deployment_is_immutable(api: Api, namespace: str) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
    made = (await api.post(path, deployment())).body
    made["spec"]["selector"] = {"matchLabels": {"app": "other"}}
    answer = await api.put(f"{path}/web", made)
    assert answer.status == 422
    assert "field is immutable" in answer.message and "`selector` does not match template `labels`" in answer.message


async def test_scale(api: Api, namespace: str) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
    await api.post(path, deployment(replicas=2))
    scale = (await api.get(f"{path}/web/scale")).body
    assert scale["kind"] == "Scale" and scale["spec"] == {"replicas": 2} and scale["status"]["selector"] == "app=web"
    answer = await api.patch(f"{path}/web/scale", {"spec": {"replicas": 6}})
    assert answer.status == 200 and answer.body["spec"] == {"replicas": 6}
    assert (await api.get(f"{path}/web")).body["spec"]["replicas"] == 6
    scale["spec"]["replicas"] = 1
    assert (await api.put(f"{path}/web/scale", scale)).status == 409


async def test_binding_once_and_only_once(api: Api, namespace: str) -> None:
    await api.post(pods(namespace), pod())
    binding = {
        "apiVersion": "v1",
        "kind": "Binding",
        "metadata": {"name": "web"},
        "target": {"kind": "Node", "name": "n1"},
    }
    answer = await api.post(pods(namespace, "web/binding"), binding)
    assert (answer.status, answer.body["status"]) == (201, "Success")
    bound = (await api.get(pods(namespace, "web"))).body
    assert bound["spec"]["nodeName"] == "n1"
    assert [(c["type"], c["status"]) for c in bound["status"]["conditions"]] == [("PodScheduled", "True")]
    again = await api.post(pods(namespace, "web/binding"), {**binding, "target": {"kind": "Node", "name": "n2"}})
    assert again.status == 409 and 'pod web is already assigned to node "n1"' in again.message


async def test_binding_as_clients_of_old_ask_for_it(api: Api, namespace: str) -> None:
    await api.post(pods(namespace), pod())
    path = f"/api/v1/namespaces/{namespace}/bindings"
    binding = {"apiVersion": "v1", "kind": "Binding", "target": {"kind": "Node", "name": "n1"}}
    assert (await api.post(path, binding)).status == 400
    tried = await api.post(f"{path}?dryRun=All", {**binding, "metadata": {"name": "web"}})
    assert tried.status == 201 and "nodeName" not in (await api.get(pods(namespace, "web"))).body["spec"]
    answer = await api.post(path, {**binding, "metadata": {"name": "web"}})
    assert (answer.status, answer.body["kind"], answer.body["status"]) == (201, "Status", "Success")
    assert (await api.get(pods(namespace, "web"))).body["spec"]["nodeName"] == "n1"
    assert (await api.post(path, {**binding, "metadata": {"name": "nobody"}})).status == 404
    assert (await api.get(path)).status == 405
    listed = (await api.get("/api/v1")).body["resources"]
    assert [row["verbs"] for row in listed if row["name"] == "bindings"] == [["create"]]


async def test_pod_without_node_goes_at_once_with_node_gracefully(api: Api, namespace: str) -> None:
    await api.post(pods(namespace), pod("free"))
    gone = await api.delete(pods(namespace, "free"))
    assert gone.status == 200 and gone.body["kind"] == "Pod"
    assert (await api.get(pods(namespace, "free"))).status == 404
    await api.post(pods(namespace), pod("bound", nodeName="n1"))
    marked = (await api.delete(pods(namespace, "bound"))).body["metadata"]
    assert marked["deletionGracePeriodSeconds"] == 30 and "deletionTimestamp" in marked
    longer = (await api.delete(pods(namespace, "bound"), {"gracePeriodSeconds": 90})).body["metadata"]
    assert longer["deletionTimestamp"] == marked["deletionTimestamp"]
    shorter = (await api.delete(pods(namespace, "bound"), {"gracePeriodSeconds": 5})).body["metadata"]
    assert shorter["deletionGracePeriodSeconds"] == 5 and shorter["deletionTimestamp"] < marked["deletionTimestamp"]
    await api.delete(pods(namespace, "bound"), {"gracePeriodSeconds": 0})
    assert (await api.get(pods(namespace, "bound"))).status == 404


async def test_finalizers_hold_an_object_until_the_last_is_gone(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    await api.post(path, {"metadata": {"name": "a", "finalizers": ["example.com/hold"]}})
    marked = await api.delete(f"{path}/a")
    assert marked.status == 200 and "deletionTimestamp" in marked.body["metadata"]
    new = await api.patch(f"{path}/a", {"metadata": {"finalizers": ["example.com/hold", "example.com/more"]}})
    assert new.status == 422 and "no new finalizers can be added if the object is being deleted" in new.message
    last = await api.patch(f"{path}/a", {"metadata": {"finalizers": None}})
    assert last.status == 200
    assert (await api.get(f"{path}/a")).status == 404


async def test_propagation_policies_become_finalizers(api: Api, namespace: str) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
    for policy, finalizer in (("Foreground", "foregroundDeletion"), ("Orphan", "orphan")):
        await api.post(path, deployment(policy.lower()))
        marked = await api.delete(f"{path}/{policy.lower()}", {"propagationPolicy": policy})
        assert marked.body["metadata"]["finalizers"] == [finalizer]
    await api.post(path, deployment("back"))
    gone = await api.delete(f"{path}/back", {"propagationPolicy": "Background"})
    assert gone.body["status"] == "Success" and gone.body["details"]["kind"] == "deployments"
    assert gone.body["details"]["group"] == "apps" and len(gone.body["details"]["uid"]) == 36


async def test_preconditions_of_a_delete(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    made = (await api.post(path, {"metadata": {"name": "a"}})).body["metadata"]
    other = await api.delete(f"{path}/a", {"preconditions": {"uid": "0"}})
    assert other.status == 409
    assert other.message == (
        f'Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (0) does not match the UID in '
        f"record ({made['uid']}). The object might have been deleted and then recreated"
    )
    stale = await api.delete(f"{path}/a", {"preconditions": {"resourceVersion": "1"}})
    assert stale.status == 409
    right = {"preconditions": {"uid": made["uid"], "resourceVersion": made["resourceVersion"]}}
    assert (await api.delete(f"{path}/a", right)).status == 200


async def test_namespace_terminates_in_two_steps(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}"
    deleted = (await api.delete(path)).body
    assert deleted["status"]["phase"] == "Terminating" and deleted["spec"]["finalizers"] == ["kubernetes"]
    refused = await api.post(pods(namespace), pod())
    assert refused.status == 403
    assert refused.message == (
        f'pods "web" is forbidden: unable to create new content in namespace {namespace} because it is being terminated'
    )
    assert refused.body["details"]["causes"][0]["reason"] == "NamespaceTerminating"
    done = await api.put(f"{path}/finalize", {**deleted, "spec": {}})
    assert done.status == 200
    assert (await api.get(path)).status == 404
    kept = await api.delete("/api/v1/namespaces/default")
    assert (kept.status, kept.message) == (403, 'namespaces "default" is forbidden: this namespace may not be deleted')


async def test_delete_collection_by_label(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    for index in range(4):
        await api.post(path, {"metadata": {"name": f"c{index}", "labels": {"even": str(index % 2 == 0).lower()}}})
    answer = await api.delete(f"{path}?labelSelector=even%3Dtrue")
    assert [item["metadata"]["name"] for item in answer.body["items"]] == ["c0", "c2"]
    left = (await api.get(path)).body["items"]
    assert [item["metadata"]["name"] for item in left] == ["c1", "c3"]


async def test_dry_run_stores_nothing(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    assert (await api.post(f"{path}?dryRun=All", {"metadata": {"name": "a"}})).status == 201
    assert (await api.get(f"{path}/a")).status == 404
    made = await api.post(path, {"metadata": {"name": "a"}, "data": {"k": "1"}})
    tried = await api(
        "PATCH", f"{path}/a?dryRun=All", {"data": {"k": "2"}}, content_type="application/merge-patch+json"
    )
    assert tried.body["data"] == {"k": "2"} and tried.revision == made.revision
    assert (await api("DELETE", f"{path}/a?dryRun=All")).status == 200
    assert (await api.get(f"{path}/a")).body == made.body
    assert (await api.post(f"{path}?dryRun=maybe", {"metadata": {"name": "b"}})).status == 422


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
async def test_eviction_deletes(api: Api, namespace: str, version: str) -> None:
    await api.post(pods(namespace), pod())
    body = {"apiVersion": f"policy/{version}", "kind": "Eviction", "metadata": {"name": "web"}}
    assert (await api.post(pods(namespace, "web/eviction"), body)).status == 201
    assert (await api.get(pods(namespace, "web"))).status == 404


async def test_immutable_config_map(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    await api.post(path, {"metadata": {"name": "a"}, "data": {"k": "1"}, "immutable": True})
    answer = await api.patch(f"{path}/a", {"data": {"k": "2"}})
    assert answer.status == 422
    assert "data: Forbidden: field is immutable when `immutable` is set" in answer.message


async def test_secret_takes_plain_text(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/secrets"
    made = await api.post(path, {"metadata": {"name": "a"}, "stringData": {"password": "geheim"}})
    assert made.body["data"] == {"password": "Z2VoZWlt"} and made.body["type"] == "Opaque"
    assert "stringData" not in made.body
    wrong = await api.post(path, {"metadata": {"name": "b"}, "type": "kubernetes.io/tls"})
    assert wrong.status == 422 and "data[tls.crt]: Required value" in wrong.message

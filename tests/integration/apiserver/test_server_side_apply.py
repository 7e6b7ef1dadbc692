"""Server-side apply as every kubectl of this machine does it, and managedFields after any other write."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.apiserver.conftest import Api, deployment, pod
from tests.support import kubectl
from tests.support.apiserver import ApiServer

CONFIG = """
apiVersion: v1
kind: ConfigMap
metadata: {{name: settings}}
data: {{{data}}}
"""
WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: c, image: "nginx:1.25", ports: [{containerPort: 80}]}]
"""
WITHOUT_REPLICAS = WEB.replace("  replicas: 3\n", "")
APPLY = "application/apply-patch+yaml"


class Kubectl:
    """One kubectl in one namespace; what it says, both ways."""

    def __init__(self, binary: str, server: ApiServer, *, folder: Path, namespace: str) -> None:
        self._binary, self._kubeconfig = binary, server.kubeconfig
        self.program = Path(binary).name  # kubectl scale tells no fieldManager: its user agent names it
        self._always = (f"--cache-dir={folder}", f"--namespace={namespace}")

    async def __call__(self, *args: str, stdin: str | None = None, check: bool = True) -> str:
        return await asyncio.to_thread(
            kubectl.kubectl, *args, *self._always, binary=self._binary, kubeconfig=self._kubeconfig, stdin=stdin,
            check=check,
        )  # fmt: skip

    async def apply(self, manifest: str, *args: str, check: bool = True) -> str:
        return await self("apply", "--server-side", "-f-", *args, stdin=manifest, check=check)

    async def owners(self, what: str) -> dict[tuple[str, ...], Any]:
        """Manager, operation and subresource of every entry, and its fields."""
        shown = json.loads(await self("get", what, "-ojson", "--show-managed-fields"))
        return by_owner(shown)


def by_owner(shown: Any) -> dict[tuple[str, ...], Any]:
    entries = shown["metadata"].get("managedFields", [])
    return {(e["manager"], e["operation"], *([e["subresource"]] if "subresource" in e else [])): e["fieldsV1"]
            for e in entries}  # fmt: skip


@pytest.fixture(params=list(kubectl.binaries()))
def k(request: pytest.FixtureRequest, server: ApiServer, tmp_path: Path, namespace: str) -> Kubectl:
    return Kubectl(kubectl.binaries()[request.param], server, folder=tmp_path, namespace=namespace)


async def test_created_unchanged_changed(k: Kubectl) -> None:
    one = CONFIG.format(data="a: one, b: two")
    assert await k.apply(one) == "configmap/settings serverside-applied\n"
    first = json.loads(await k("get", "cm/settings", "-ojson", "--show-managed-fields"))
    assert by_owner(first) == {("kubectl", "Apply"): {"f:data": {"f:a": {}, "f:b": {}}}}
    await k.apply(one)
    again = json.loads(await k("get", "cm/settings", "-ojson", "--show-managed-fields"))
    assert again == first, "the same configuration again is no write"
    await k.apply(CONFIG.format(data="a: three"))
    changed = json.loads(await k("get", "cm/settings", "-ojson"))
    assert changed["data"] == {"a": "three"}, "what is applied no more goes, and kubectl owned it alone"
    assert "managedFields" not in changed["metadata"]


async def test_conflicts_and_force(k: Kubectl) -> None:
    await k.apply(WEB, "--field-manager=first")
    wanted = WEB.replace("replicas: 3", "replicas: 5")
    told = await k.apply(wanted, "--field-manager=second", check=False)
    assert 'Apply failed with 1 conflict: conflict with "first": .spec.replicas' in told
    assert "--force-conflicts" in told
    with pytest.raises(AssertionError, match="conflict"):
        await k.apply(wanted, "--field-manager=second")
    await k.apply(wanted, "--field-manager=second", "--force-conflicts")
    assert await k("get", "deploy/web", "-ojsonpath={.spec.replicas}") == "5"
    owners = await k.owners("deploy/web")
    assert "f:replicas" in owners["second", "Apply"]["f:spec"]
    assert "f:replicas" not in owners["first", "Apply"]["f:spec"]


async def test_a_field_shared_and_given_up(k: Kubectl) -> None:
    await k.apply(WEB, "--field-manager=first")
    await k.apply(WEB, "--field-manager=second")
    await k.apply(WITHOUT_REPLICAS, "--field-manager=first")
    assert await k("get", "deploy/web", "-ojsonpath={.spec.replicas}") == "3", "the other still wants it"
    await k.apply(WITHOUT_REPLICAS, "--field-manager=second")
    assert await k("get", "deploy/web", "-ojsonpath={.spec.replicas}") == "1", "nobody's: the default"


async def test_from_client_side_apply(k: Kubectl) -> None:
    await k("apply", "-f-", stdin=WEB)
    assert [owner[:2] for owner in await k.owners("deploy/web")] == [("kubectl-client-side-apply", "Update")]
    await k.apply(WITHOUT_REPLICAS.replace("1.25", "1.26"))
    assert await k("get", "deploy/web", "-ojsonpath={.spec.template.spec.containers[0].image}") == "nginx:1.26"
    assert ("kubectl-client-side-apply", "Update") not in await k.owners("deploy/web")
    assert await k("get", "deploy/web", "-ojsonpath={.spec.replicas}") == "1"


async def test_dry_run(k: Kubectl) -> None:
    assert "serverside-applied (server dry run)" in await k.apply(WEB, "--dry-run=server")
    assert "not found" in await k("get", "deploy/web", check=False)
    await k.apply(WEB)
    await k.apply(WEB.replace("replicas: 3", "replicas: 4"), "--dry-run=server")
    assert await k("get", "deploy/web", "-ojsonpath={.spec.replicas}") == "3"


async def test_unknown_fields(k: Kubectl) -> None:
    wrong = WEB.replace("replicas: 3", "replicas: 3\n  colour: red")
    for how in ("--validate=strict", "--validate=ignore"):
        assert ".spec.colour: field not declared in schema" in await k.apply(wrong, how, check=False)


async def test_owners_after_kubectls_other_commands(k: Kubectl) -> None:
    await k("create", "deployment", "web", "--image=nginx")
    await k("label", "deploy/web", "tier=front")
    owners = await k.owners("deploy/web")
    assert owners["kubectl-label", "Update"] == {"f:metadata": {"f:labels": {"f:tier": {}}}}
    assert 'k:{"name":"nginx"}' in str(owners["kubectl-create", "Update"])
    await k("scale", "deploy/web", "--replicas=4")
    owners = await k.owners("deploy/web")
    assert owners[k.program, "Update", "scale"] == {"f:spec": {"f:replicas": {}}}
    assert "f:replicas" not in owners["kubectl-create", "Update"]["f:spec"]
    await k("set", "image", "deploy/web", "nginx=nginx:2")
    await k("annotate", "deploy/web", "why=so")
    owners = await k.owners("deploy/web")
    assert owners["kubectl-annotate", "Update"] == {"f:metadata": {"f:annotations": {".": {}, "f:why": {}}}}
    assert "managedFields" not in await k("get", "deploy/web", "-oyaml")


async def test_what_kubectl_edit_changes(k: Kubectl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await k("create", "configmap", "settings", "--from-literal=a=1")
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nsed -i 's/  a: \"1\"/  a: \"2\"/' \"$1\"\n")
    editor.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(editor))
    assert "edited" in await k("edit", "configmap", "settings")
    assert (await k.owners("cm/settings"))["kubectl-edit", "Update"] == {"f:data": {"f:a": {}}}


async def test_a_scale_stands_against_an_applier(k: Kubectl) -> None:
    await k.apply(WEB)
    await k("scale", "deploy/web", "--replicas=7")
    told = await k.apply(WEB, check=False)
    assert f'conflict with "{k.program}" with subresource "scale" using apps/v1: .spec.replicas' in told
    await k.apply(WITHOUT_REPLICAS)
    assert await k("get", "deploy/web", "-ojsonpath={.spec.replicas}") == "7"


# --- over plain HTTP ---


async def applied(api: Api, path: str, config: Any, *, manager: str = "me", more: str = "") -> Any:
    return await api("PATCH", f"{path}?fieldManager={manager}{more}", config, content_type=APPLY)


async def test_created_then_changed(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/c"
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "1"}}
    made = await applied(api, path, config)
    assert made.status == 201 and made.body["metadata"]["name"] == "c"
    again = await applied(api, path, config)
    assert again.status == 200 and again.body == made.body
    yaml = b"apiVersion: v1\nkind: ConfigMap\ndata: {a: '2'}\n"
    assert (await applied(api, path, yaml)).body["data"] == {"a": "2"}


async def test_what_an_apply_must_say(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/c"
    config: dict[str, Any] = {"apiVersion": "v1", "kind": "ConfigMap"}
    nobody = await api("PATCH", path, config, content_type=APPLY)
    assert nobody.status == 422 and nobody.message == (
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch'
    )
    forced = await api("PATCH", f"{path}?force=true", {}, content_type="application/merge-patch+json")
    assert forced.status == 422 and "force: Forbidden: may not be specified for non-apply patch" in forced.message
    assert (await applied(api, path, b"a: [")).status == 400
    assert (await applied(api, path, b"[]")).status == 400
    assert (await applied(api, path, {**config, "kind": "Secret"})).status == 400
    assert (await applied(api, path, {**config, "metadata": {"name": "other"}})).status == 400
    assert (await applied(api, path, {**config, "metadata": {"uid": "nosuch"}})).status == 409
    nameless = await applied(api, path, config)
    assert (nameless.status, nameless.message) == (
        400, "the name of the object (c based on URL) was undeterminable: name must be provided")  # fmt: skip
    config["metadata"] = {"name": "c"}
    assert (await applied(api, path, config, manager="x" * 129)).status == 422
    assert (await applied(api, path + "/nosuch", config)).status == 404


async def test_preconditions(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/c"
    config: dict[str, Any] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "1"}}
    made = await applied(api, path, config)
    await api.patch(path, {"data": {"b": "1"}})
    late = await applied(api, path, {**config, "metadata": {"resourceVersion": made.revision}})
    assert late.status == 409 and "the object has been modified" in late.message
    other = await applied(api, path, {**config, "metadata": {"uid": "other"}})
    assert other.status == 409 and "UID in precondition: other" in other.message


async def test_status_has_its_own_door(api: Api, namespace: str) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/web"
    missing = await applied(api, f"{path}/status", {"apiVersion": "apps/v1", "kind": "Deployment"})
    assert missing.status == 404
    made = await applied(api, path, {**deployment(), "status": {"replicas": 9}})
    assert "replicas" not in made.body["status"] and "f:status" not in by_owner(made.body)["me", "Apply"]
    status = {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"replicas": 8}, "status": {"replicas": 2}}
    told = await applied(api, f"{path}/status", status, manager="watcher")
    assert told.status == 200 and told.body["status"]["replicas"] == 2 and told.body["spec"]["replicas"] == 1
    owners = by_owner(told.body)
    assert owners["watcher", "Apply", "status"] == {"f:status": {"f:replicas": {}}}
    merged = await api.patch(f"{path}/status", {"status": {"readyReplicas": 1}, "metadata": {"labels": {"a": "b"}}})
    mine = [fields for owner, fields in by_owner(merged.body).items() if owner[1:] == ("Update", "status")]
    assert mine == [{"f:status": {"f:readyReplicas": {}}}]


async def test_an_applied_scale(api: Api, namespace: str) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/web"
    scale = {"apiVersion": "autoscaling/v1", "kind": "Scale", "spec": {"replicas": 4}}
    assert (await applied(api, f"{path}/scale", scale)).status == 404
    await applied(api, path, deployment(replicas=2), manager="author")
    refused = await applied(api, f"{path}/scale", scale, manager="scaler")
    assert refused.status == 409 and 'conflict with "author": .spec.replicas' in refused.message
    taken = await applied(api, f"{path}/scale", scale, manager="scaler", more="&force=true")
    assert taken.status == 200 and taken.body["spec"]["replicas"] == 4
    owners = by_owner((await api.get(path)).body)
    assert owners["scaler", "Apply", "scale"] == {"f:spec": {"f:replicas": {}}}
    assert "f:replicas" not in owners["author", "Apply"]["f:spec"]


async def test_clients_may_forget_owners(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    made = (await api.post(path, {"metadata": {"name": "c"}, "data": {"a": "1"}}, User_Agent="tool/1.0 (x)")).body
    assert by_owner(made) == {("tool", "Update"): {"f:data": {".": {}, "f:a": {}}}}
    absent = {**made, "metadata": {**made["metadata"], "managedFields": None}}
    assert (await api.put(f"{path}/c", absent)).body == made, "absent means: as they were"
    for reset in ([], [{}]):
        await api.patch(f"{path}/c", {"data": {"a": str(reset)}})
        bare = await api.patch(f"{path}/c", {"metadata": {"managedFields": reset}})
        assert "managedFields" not in bare.body["metadata"]
        config = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"b": "2"}}
        again = await applied(api, f"{path}/c", config)
        assert ("before-first-apply", "Update") in by_owner(again.body)


async def test_the_servers_own_writes_change_no_owner(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/pods"
    made = await api.post(path, pod(), User_Agent="maker")
    assert list(by_owner(made.body)) == [("maker", "Update")]
    await api.post(f"{path}/web/binding", {"target": {"kind": "Node", "name": "n"}}, User_Agent="binder")
    bound = (await api.get(f"{path}/web")).body
    assert bound["spec"]["nodeName"] == "n"
    assert bound["metadata"]["managedFields"] == made.body["metadata"]["managedFields"]
    status = {"status": {"phase": "Running"}}
    told = await api("PATCH", f"{path}/web/status", status, content_type="application/merge-patch+json",
                     User_Agent="kubelet")  # fmt: skip
    assert by_owner(told.body)["kubelet", "Update", "status"] == {"f:status": {"f:phase": {}}}
    again = await api("PATCH", f"{path}/web/status", status, content_type="application/merge-patch+json",
                      User_Agent="kubelet")  # fmt: skip
    assert again.body == told.body
    marked = await api.delete(f"{path}/web")
    assert marked.body["metadata"]["managedFields"] == told.body["metadata"]["managedFields"]


async def test_two_appliers_at_once_create_one_object(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/c"
    head = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}
    configs = [{**head, "data": {str(n): "x"}} for n in range(6)]
    answers = await asyncio.gather(*(applied(api, path, config, manager=f"m{n}") for n, config in enumerate(configs)))
    assert sorted(answer.status for answer in answers) == [200] * 5 + [201]
    assert len((await api.get(path)).body["data"]) == 6

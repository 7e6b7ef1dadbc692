"""Admission webhooks by a real HTTPS server: they refuse, change, fail, lie and loop, and the cluster stays usable."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.integration.apiserver.conftest import Api, pod
from tests.support.apiserver import ApiServer
from tests.support.etcd import free_ports
from tests.support.kubectl import kubectl
from tests.support.webhook import PODS, Doc, WebhookServer, labelled, patch

GROUP = "/apis/admissionregistration.k8s.io/v1"


class Setting:
    """The API, a webhook server, a namespace; configurations that hold for that namespace alone."""

    def __init__(self, api: Api, hooks: WebhookServer, namespace: str) -> None:
        self.api, self.hooks, self.namespace = api, hooks, namespace
        self.pods = f"/api/v1/namespaces/{namespace}/pods"
        self.made: list[str] = []

    async def configure(self, kind: str, *webhooks: Doc, name: str = "") -> str:
        """Store a configuration, and wait until the server's cache has it."""
        path = f"{GROUP}/{kind.lower()}webhookconfigurations"
        name = name or f"c-{uuid.uuid4().hex[:8]}"
        here = {"matchLabels": {"kubernetes.io/metadata.name": self.namespace}}
        given = [{"namespaceSelector": here, **webhook} for webhook in webhooks]
        answer = await self.api.post(path, {"metadata": {"name": name}, "webhooks": given})
        assert answer.status == 201, answer.body
        self.made.append(f"{path}/{name}")
        await self.api.get(self.made[-1])
        return self.made[-1]

    async def create(self, name: str = "web", query: str = "", **spec: Any) -> Any:
        return await self.api.post(self.pods + query, pod(name, **spec))


@pytest.fixture
async def setting(api: Api, server: ApiServer, namespace: str) -> AsyncIterator[Setting]:
    async with WebhookServer(server.authority) as hooks:
        made = Setting(api, hooks, namespace)
        yield made
        for path in made.made:
            await api.delete(path)


def said(**response: Any) -> Any:
    return lambda request: response


async def test_what_a_webhook_is_told_and_its_refusal(setting: Setting) -> None:
    hooks = setting.hooks
    hooks.ways["/deny"] = said(allowed=False, status={"message": "not today", "code": 418, "reason": "Teapot"})
    await setting.configure("Validating", hooks.webhook("/deny"))
    answer = await setting.create(query="?fieldManager=me")
    assert answer.status == 418 and answer.body["reason"] == "Teapot"
    assert answer.message == 'admission webhook "deny.example.com" denied the request: not today'
    (_, request), = hooks.asked
    assert request["kind"] == request["requestKind"] == {"group": "", "version": "v1", "kind": "Pod"}
    assert request["resource"] == request["requestResource"] == {"group": "", "version": "v1", "resource": "pods"}
    assert (request["name"], request["namespace"], request["operation"]) == ("web", setting.namespace, "CREATE")
    assert request["userInfo"]["username"] == "kubernetes-admin" and request["dryRun"] is False
    assert request["oldObject"] is None and request["object"]["spec"]["containers"][0]["image"] == "nginx:1.25"
    assert request["object"]["spec"]["restartPolicy"] == "Always" and request["object"]["kind"] == "Pod"
    assert request["options"] == {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1", "fieldManager": "me"}


async def test_a_refusal_by_kubectl_and_its_end(setting: Setting, server: ApiServer) -> None:
    hooks = setting.hooks
    hooks.ways["/deny"] = said(allowed=False)
    path = await setting.configure("Validating", hooks.webhook("/deny"))
    run = ("-n", setting.namespace, "run", "web", "--image=nginx")
    text = await asyncio.to_thread(kubectl, *run, kubeconfig=server.kubeconfig, check=False)
    assert text == (
        'Error from server (BadRequest): admission webhook "deny.example.com" denied the request without explanation\n'
    ) or text == 'Error from server: admission webhook "deny.example.com" denied the request without explanation\n'
    await setting.api.delete(path)
    assert (await setting.api.get(path)).status == 404
    assert (await setting.create()).status == 201


async def test_every_operation(setting: Setting) -> None:
    hooks = setting.hooks
    hooks.ways["/see"] = said(allowed=True, warnings=["mind\nthe gap"], auditAnnotations={"key": "value"})
    await setting.configure("Validating", hooks.webhook("/see"))
    made = await setting.create()
    assert made.headers["Warning"] == '299 - "mind the gap"'
    await setting.api.patch(f"{setting.pods}/web", {"metadata": {"labels": {"a": "b"}}})
    await setting.api.patch(f"{setting.pods}/web/status", {"status": {"message": "x"}})
    await setting.api.delete(f"{setting.pods}/web")
    seen = [(request["operation"], bool(request["object"]), bool(request["oldObject"])) for _, request in hooks.asked]
    assert seen == [("CREATE", True, False), ("UPDATE", True, True), ("DELETE", False, True)]


async def test_mutation_in_order_and_default_and_schema(setting: Setting) -> None:
    hooks = setting.hooks
    hooks.ways["/one"], hooks.ways["/two"] = labelled("one", "1"), labelled("two", "2")
    sidecar = {"op": "add", "path": "/spec/containers/-", "value": {"name": "sidecar", "image": "proxy:1", "odd": 1}}
    hooks.ways["/three"] = lambda request: patch(sidecar)
    await setting.configure("Mutating", hooks.webhook("/two"), hooks.webhook("/three"), name=f"b-{setting.namespace}")
    await setting.configure("Mutating", hooks.webhook("/one"), name=f"a-{setting.namespace}")
    made = (await setting.create()).body
    assert hooks.paths() == ["/one", "/two", "/three"]
    assert hooks.asked[1][1]["object"]["metadata"]["labels"] == {"app": "web", "one": "1"}
    assert made["metadata"]["labels"] == {"app": "web", "one": "1", "two": "2"}
    added = made["spec"]["containers"][1]
    assert added["name"] == "sidecar" and "odd" not in added and added["terminationMessagePolicy"] == "File"


@pytest.mark.parametrize(
    ("operation", "code", "why"),
    [
        ({"op": "replace", "path": "/spec/containers/0/image", "value": ""}, 422, "spec.containers[0].image: Required"),
        ({"op": "replace", "path": "/spec/containers", "value": "x"}, 500, "made an object of the wrong form: json: "),
        ({"op": "remove", "path": "/spec/nothing"}, 500, "sent a patch that does not apply"),
        ({"op": "replace", "path": "/metadata/namespace", "value": "x"}, 500, "namespace of the provided object"),
        ({"op": "replace", "path": "/kind", "value": "Node"}, 500, "is not the kind that it was"),
    ],
)
async def test_patches_that_break_the_object(setting: Setting, operation: Doc, code: int, why: str) -> None:
    setting.hooks.ways["/bad"] = lambda request: patch(operation)
    await setting.configure("Mutating", setting.hooks.webhook("/bad"))
    answer = await setting.create()
    assert answer.status == code and why in answer.body.get("message", ""), answer.body
    if code == 500:
        assert answer.message.startswith('Internal error occurred: admission webhook "bad.example.com" ')


async def test_names_and_identity_survive_a_patch(setting: Setting) -> None:
    moves = [{"op": "remove", "path": "/metadata/uid"}, {"op": "replace", "path": "/metadata/name", "value": "other"}]
    setting.hooks.ways["/name"] = lambda request: patch(*moves)
    await setting.configure("Mutating", setting.hooks.webhook("/name"))
    made = await setting.create()
    assert made.status == 201 and made.body["metadata"]["name"] == "other" and made.body["metadata"]["uid"]
    assert (await setting.api.get(f"{setting.pods}/other")).status == 200
    assert (await setting.api.get(f"{setting.pods}/web")).status == 404


async def test_who_is_asked_again(setting: Setting) -> None:
    hooks = setting.hooks
    hooks.ways["/early"], hooks.ways["/late"] = labelled("early", "1"), labelled("late", "1")
    hooks.ways["/loop"] = lambda request: labelled("loop", uuid.uuid4().hex)(request)
    hooks.ways["/never"] = said(allowed=True)
    again = {"reinvocationPolicy": "IfNeeded"}
    await setting.configure(
        "Mutating", hooks.webhook("/never"), hooks.webhook("/early", **again), hooks.webhook("/loop", **again),
        hooks.webhook("/late"),
    )  # fmt: skip
    assert (await setting.create()).status == 201
    assert hooks.paths() == ["/never", "/early", "/loop", "/late", "/early", "/loop"]


async def test_down(setting: Setting) -> None:
    hooks = setting.hooks
    (port,) = free_ports(1)
    down = {"clientConfig": {"url": f"https://127.0.0.1:{port}/x", "caBundle": hooks.bundle}}
    path = await setting.configure("Mutating", hooks.webhook("/x", **down))
    answer = await setting.create()
    assert (answer.status, answer.body["reason"]) == (500, "InternalError")
    assert answer.message == (
        'Internal error occurred: failed calling webhook "x.example.com": failed to call webhook: '
        f'Post "https://127.0.0.1:{port}/x?timeout=10s": dial tcp 127.0.0.1:{port}: connect: connection refused'
    )
    assert (await setting.api.delete(path)).status == 200
    await setting.configure("Mutating", hooks.webhook("/x", failurePolicy="Ignore", **down))
    await setting.configure("Validating", hooks.webhook("/x", failurePolicy="Ignore", **down))
    assert (await setting.create()).status == 201


async def test_slow(setting: Setting) -> None:
    async def slow(request: Doc) -> Doc:
        await asyncio.sleep(20)
        return {"allowed": True}

    setting.hooks.ways["/slow"] = slow
    await setting.configure("Validating", setting.hooks.webhook("/slow", timeoutSeconds=1))
    refused = asyncio.create_task(setting.create())
    async with asyncio.timeout(0.9):
        assert (await setting.api.get(setting.pods)).status == 200
    assert (await refused).message.endswith('/slow?timeout=1s": context deadline exceeded')


_FORM = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"}
LIES = {
    "another uid": ({**_FORM, "response": {"uid": "x", "allowed": True}}, "expected response.uid="),
    "nothing": ({**_FORM}, "webhook response was absent"),
    "no JSON": (b"<html>", "couldn't get version/kind; json parse error"),
    "a list": (b"[]", "couldn't get version/kind"),
    "too much": (b" " * (5 << 20), "the webhook's answer is larger than 4194304 bytes"),
}


@pytest.mark.parametrize("lie", LIES)
async def test_lies(setting: Setting, lie: str) -> None:
    body, why = LIES[lie]
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    setting.hooks.ways["/lie"] = lambda request: web.Response(body=data, content_type="application/json")
    await setting.configure("Validating", setting.hooks.webhook("/lie"))
    answer = await setting.create()
    assert answer.status == 500 and why in answer.message
    assert answer.message.startswith('Internal error occurred: failed calling webhook "lie.example.com": ')


@pytest.mark.parametrize(
    ("response", "why"),
    [
        ({"allowed": "yes"}, "response.allowed is not of its type"),
        ({"allowed": True, "patch": "W10="}, "validating webhook may not return response.patch"),
        ({"allowed": True, "warnings": "x"}, "response.warnings is not of its type"),
    ],
)
async def test_answers_of_the_wrong_form(setting: Setting, response: Doc, why: str) -> None:
    setting.hooks.ways["/odd"] = lambda request: response
    await setting.configure("Validating", setting.hooks.webhook("/odd"))
    answer = await setting.create()
    assert answer.status == 500 and answer.message.endswith(f"received invalid webhook response: {why}")


async def test_redirects_and_errors_are_failures(setting: Setting) -> None:
    setting.hooks.ways["/away"] = lambda request: web.Response(status=302, headers={"Location": "/see"})
    setting.hooks.ways["/gone"] = lambda request: web.Response(status=404)
    path = await setting.configure("Validating", setting.hooks.webhook("/away"))
    assert "status code 302" in (await setting.create()).message
    await setting.api.delete(path)
    await setting.configure("Validating", setting.hooks.webhook("/gone"))
    assert "the server could not find the requested resource" in (await setting.create()).message


async def test_dry_run(setting: Setting) -> None:
    hooks = setting.hooks
    hooks.ways["/safe"] = hooks.ways["/sends"] = said(allowed=True)
    await setting.configure("Validating", hooks.webhook("/safe", sideEffects="NoneOnDryRun"))
    assert (await setting.create(query="?dryRun=All")).status == 201
    assert hooks.asked[0][1]["dryRun"] is True and hooks.asked[0][1]["options"]["dryRun"] == ["All"]


async def test_services(setting: Setting) -> None:
    hooks, service = setting.hooks, {"name": "hook", "namespace": setting.namespace, "path": "/x"}
    config = {"clientConfig": {"service": service, "caBundle": hooks.bundle}, "timeoutSeconds": 5}
    await setting.configure("Validating", hooks.webhook("/x", **config))
    asked = f'failed to call webhook: Post "https://hook.{setting.namespace}.svc:443/x?timeout=5s": '
    assert (await setting.create()).message.endswith(f'{asked}service "hook" not found')
    services = f"/api/v1/namespaces/{setting.namespace}/services"
    await setting.api.post(services, {"metadata": {"name": "hook"}, "spec": {"ports": [{"port": 443}]}})
    await setting.api.get(f"{services}/hook")  # so that the cache has it
    assert (await setting.create()).message.endswith(f'{asked}no endpoints available for service "hook"')


async def test_another_authority(setting: Setting, tmp_path: Path) -> None:
    from tests.support.pki import Authority

    hooks, other = setting.hooks, Authority(tmp_path)
    async with WebhookServer(other) as foreign:
        config = {"url": f"{foreign.url}/x", "caBundle": hooks.bundle}
        await setting.configure("Validating", hooks.webhook("/x", clientConfig=config))
        answer = await setting.create()
    assert answer.message.endswith("tls: failed to verify certificate: x509: certificate signed by unknown authority")


async def test_selectors_and_rules(setting: Setting) -> None:
    hooks = setting.hooks
    for path in ("/labelled", "/status", "/elsewhere"):
        hooks.ways[path] = said(allowed=True)
    chosen = {"matchLabels": {"app": "chosen"}}
    await setting.configure(
        "Validating",
        hooks.webhook("/labelled", objectSelector=chosen),
        hooks.webhook("/status", rules=[{**PODS, "resources": ["pods/status"]}]),
        hooks.webhook("/elsewhere", namespaceSelector={"matchLabels": {"no": "such"}}),
    )
    await setting.create("other")
    await setting.create("chosen")
    await setting.api.patch(f"{setting.pods}/other/status", {"status": {"message": "x"}})
    assert hooks.paths() == ["/labelled", "/status"]


@pytest.mark.parametrize(("policy", "asked"), [("Equivalent", 1), ("Exact", 0)])
async def test_other_versions_of_the_same_kind(setting: Setting, policy: str, asked: int) -> None:
    hooks = setting.hooks
    hooks.ways["/v1"] = lambda request: patch({"op": "replace", "path": "/spec/maxReplicas", "value": 7})
    rule = {"apiGroups": ["autoscaling"], "apiVersions": ["v1"], "resources": ["*"], "operations": ["*"]}
    await setting.configure("Mutating", hooks.webhook("/v1", rules=[rule], matchPolicy=policy))
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    made = await setting.api.post(
        f"/apis/autoscaling/v2/namespaces/{setting.namespace}/horizontalpodautoscalers",
        {"metadata": {"name": "web"}, "spec": {"maxReplicas": 3, "scaleTargetRef": target}},
    )
    assert made.status == 201 and made.body["apiVersion"] == "autoscaling/v2", made.body
    assert made.body["spec"]["maxReplicas"] == (7 if asked else 3) and len(hooks.asked) == asked
    if asked:
        request = hooks.asked[0][1]
        assert (request["kind"]["version"], request["requestKind"]["version"]) == ("v1", "v2")
        assert request["object"]["apiVersion"] == "autoscaling/v1"


async def test_nobody_refuses_the_end_of_a_webhook(setting: Setting) -> None:
    (port,) = free_ports(1)
    everything = {"apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"], "operations": ["*"]}
    down = {"clientConfig": {"url": f"https://127.0.0.1:{port}"}, "rules": [everything], "namespaceSelector": {}}
    path = await setting.configure("Validating", setting.hooks.webhook("/all", **down))
    assert (await setting.create()).status == 500
    assert (await setting.api.delete(path)).status == 200

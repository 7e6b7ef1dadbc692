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

from tests.integration.apiserver.conftest import Api, deployment, pod
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
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(request: Doc) -> Doc:
        asked.set()
        await go_on.wait()
        return {"allowed": True}

    setting.hooks.ways["/slow"] = slow
    path = await setting.configure("Validating", setting.hooks.webhook("/slow", timeoutSeconds=30))
    patient = asyncio.create_task(setting.create())
    await asked.wait()
    assert (await setting.api.get(setting.pods)).status == 200, "others are served meanwhile"
    assert not patient.done()
    go_on.set()
    assert (await patient).status == 201
    assert (await setting.api.delete(path)).status == 200
    go_on.clear()
    await setting.configure("Validating", setting.hooks.webhook("/slow", timeoutSeconds=1))
    assert (await setting.create()).message.endswith('/slow?timeout=1s": context deadline exceeded')


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


def about(operation: str, resource: str, group: str = "", scope: str = "*") -> list[Doc]:
    """Rules of a webhook."""
    return [{"apiGroups": [group], "apiVersions": ["*"], "resources": [resource], "operations": [operation],
             "scope": scope}]  # fmt: skip


@pytest.mark.parametrize(("part", "body", "kind", "told"), [
    ("pods/web/eviction", {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "web"}},
     {"group": "policy", "version": "v1", "kind": "Eviction"}, {"metadata": {"name": "web"}}),
    ("pods/web/binding", {"metadata": {"name": "web"}, "target": {"kind": "Node", "name": "n"}},
     {"group": "", "version": "v1", "kind": "Binding"}, {"target": {"kind": "Node", "name": "n"}}),
    ("serviceaccounts/robot/token", {"spec": {"audiences": ["a"]}},
     {"group": "authentication.k8s.io", "version": "v1", "kind": "TokenRequest"},
     {"spec": {"audiences": ["a"], "expirationSeconds": 3600}}),
])  # fmt: skip
async def test_what_is_created_at_a_subresource(setting: Setting, part: str, body: Doc, kind: Doc, told: Doc) -> None:
    """The webhook sees what was sent; what follows from it, the delete of a pod that is evicted, is nobody's again."""
    hooks, namespace = setting.hooks, setting.namespace
    await setting.api.post(f"/api/v1/namespaces/{namespace}/serviceaccounts", {"metadata": {"name": "robot"}})
    await setting.create()
    resource, name, subresource = part.split("/")
    hooks.ways["/deny"], hooks.ways["/see"] = said(allowed=False), said(allowed=True)
    refusing = await setting.configure("Validating", hooks.webhook(
        "/deny", rules=about("CREATE", f"{resource}/{subresource}")))
    path = f"/api/v1/namespaces/{namespace}/{part}"
    refused = await setting.api.post(path, body)
    assert refused.status == 400 and refused.message.startswith('admission webhook "deny.example.com" denied')
    assert (await setting.api.get(f"{setting.pods}/web")).body["spec"].get("nodeName") is None
    ((_, request),) = hooks.asked
    assert (request["kind"], request["name"], request["subResource"]) == (kind, name, subresource)
    assert request["resource"] == {"group": "", "version": "v1", "resource": resource}
    assert told.items() <= request["object"].items() and request["oldObject"] is None
    assert (request["object"]["kind"], request["options"]["kind"]) == (kind["kind"], "CreateOptions")
    await setting.api.delete(refusing)
    await setting.configure("Mutating", hooks.webhook("/see", rules=[*about("*", "*/*"), *about("*", "*")]))
    assert (await setting.api.post(path, body)).status == 201
    assert [request["operation"] for _, request in hooks.asked[1:]] == ["CREATE"]


async def test_a_patch_of_a_token_request(setting: Setting) -> None:
    hooks, path = setting.hooks, f"/api/v1/namespaces/{setting.namespace}/serviceaccounts"
    await setting.api.post(path, {"metadata": {"name": "robot"}})
    hooks.ways["/short"] = lambda request: patch({"op": "replace", "path": "/spec/expirationSeconds", "value": 700})
    await setting.configure("Mutating", hooks.webhook("/short", rules=about("CREATE", "serviceaccounts/token")))
    made = await setting.api.post(f"{path}/robot/token", {"spec": {"expirationSeconds": 9999}})
    assert made.status == 201 and made.body["spec"]["expirationSeconds"] == 700


async def test_a_scale_is_seen_as_a_scale(setting: Setting) -> None:
    hooks, path = setting.hooks, f"/apis/apps/v1/namespaces/{setting.namespace}/deployments"
    await setting.api.post(path, deployment(replicas=2))
    hooks.ways["/scale"] = said(allowed=True)
    hooks.ways["/less"] = lambda request: patch({"op": "replace", "path": "/spec/replicas", "value": 3})
    rules = [*about("UPDATE", "deployments/scale", "apps"), *about("UPDATE", "deployments", "apps")]
    await setting.configure("Validating", hooks.webhook("/scale", rules=rules))
    await setting.configure("Mutating", hooks.webhook("/less", rules=rules))
    scaled = await setting.api.patch(f"{path}/web/scale", {"spec": {"replicas": 9}})
    assert scaled.status == 200 and scaled.body["spec"]["replicas"] == 3
    assert hooks.paths() == ["/less", "/scale"]
    request = hooks.asked[1][1]
    assert request["kind"] == {"group": "autoscaling", "version": "v1", "kind": "Scale"}
    assert request["resource"] == {"group": "apps", "version": "v1", "resource": "deployments"}
    assert (request["oldObject"]["spec"], request["object"]["spec"]) == ({"replicas": 2}, {"replicas": 3})


@pytest.mark.parametrize(("part", "kind", "options"), [
    ("exec?command=ls&command=-l&stdout=true&container=c", "PodExecOptions",
     {"command": ["ls", "-l"], "stdout": True, "container": "c"}),
    ("attach?stdin=1&tty=1", "PodAttachOptions", {"stdin": True, "tty": True}),
    ("portforward?ports=80,443", "PodPortForwardOptions", {"ports": [80, 443]}),
    ("proxy/a/b", "PodProxyOptions", {"path": "/a/b"}),
])  # fmt: skip
async def test_who_connects_can_be_refused(setting: Setting, part: str, kind: str, options: Doc) -> None:
    hooks = setting.hooks
    await setting.create()
    hooks.ways["/deny"] = said(allowed=False, status={"message": "no shells here"})
    rules = about("CONNECT", f"pods/{part.partition('?')[0].partition('/')[0]}")
    await setting.configure("Validating", hooks.webhook("/deny", rules=rules))
    refused = await setting.api.get(f"{setting.pods}/web/{part}")
    assert refused.message == 'admission webhook "deny.example.com" denied the request: no shells here'
    ((_, request),) = hooks.asked
    assert (request["operation"], request["name"]) == ("CONNECT", "web")
    assert request["object"] == {"kind": kind, "apiVersion": "v1", **options} and request["options"] is None


async def test_who_is_attached_to_a_pod_later(setting: Setting) -> None:
    hooks = setting.hooks
    await setting.create()
    hooks.ways["/deny"] = said(allowed=False)
    await setting.configure("Validating", hooks.webhook("/deny", rules=about("UPDATE", "pods/ephemeralcontainers")))
    debug = {"spec": {"ephemeralContainers": [{"name": "debug", "image": "busybox"}]}}
    path = f"{setting.pods}/web/ephemeralcontainers"
    assert (await setting.api.patch(path, debug, "strategic-merge-patch")).status == 400
    request = hooks.asked[0][1]
    assert request["kind"]["kind"] == "Pod" and request["subResource"] == "ephemeralcontainers"
    assert "ephemeralContainers" not in request["oldObject"]["spec"]


async def test_each_object_of_a_collection_that_is_deleted(setting: Setting) -> None:
    hooks = setting.hooks
    for name in ("a", "b"):
        await setting.create(name)
    hooks.ways["/keep"] = lambda request: {"allowed": request["name"] != "b"}
    await setting.configure("Validating", hooks.webhook("/keep", rules=about("DELETE", "pods")))
    body = {"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0, "propagationPolicy": "Background"}
    assert (await setting.api.delete(setting.pods, body)).status == 400
    seen = [(each["name"], each["object"], each["oldObject"]["metadata"]["name"]) for _, each in hooks.asked]
    assert seen == [("a", None, "a"), ("b", None, "b")]
    assert hooks.asked[0][1]["options"] == {
        "kind": "DeleteOptions", "apiVersion": "meta.k8s.io/v1", "gracePeriodSeconds": 0,
        "propagationPolicy": "Background",
    }  # fmt: skip
    left = (await setting.api.get(setting.pods)).body["items"]
    assert [each["metadata"]["name"] for each in left] == ["b"]


@pytest.mark.parametrize(("policy", "asked"), [("Equivalent", ["example.com/v1"]), ("Exact", [])])
async def test_versions_of_a_custom_kind(setting: Setting, policy: str, asked: list[str]) -> None:
    """A webhook that knows v1 alone is told of what is written as v2, too; its patch comes back as v2."""
    hooks, group = setting.hooks, f"g{setting.namespace}.example.com"
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    versions = [{"name": name, "served": True, "storage": name == "v2", "schema": schema} for name in ("v1", "v2")]
    spec = {"group": group, "scope": "Namespaced", "names": {"plural": "crews", "kind": "Crew"}, "versions": versions}
    definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    made = await setting.api.post(definitions, {"metadata": {"name": f"crews.{group}"}, "spec": spec})
    assert made.status == 201, made.body
    hooks.ways["/label"] = labelled("seen", "yes")
    rules = [{"apiGroups": [group], "apiVersions": ["v1"], "resources": ["crews"], "operations": ["CREATE"]}]
    await setting.configure("Mutating", hooks.webhook("/label", rules=rules, matchPolicy=policy))
    crews = f"/apis/{group}/v2/namespaces/{setting.namespace}/crews"
    for _ in range(200):
        if (await setting.api.get(crews)).status == 200:
            break
        await asyncio.sleep(0.05)
    body = {"apiVersion": f"{group}/v2", "kind": "Crew", "metadata": {"name": "one"}, "size": 3}
    answer = await setting.api.post(crews, body)
    assert answer.status == 201 and answer.body["apiVersion"] == f"{group}/v2" and answer.body["size"] == 3
    assert answer.body["metadata"].get("labels") == ({"seen": "yes"} if asked else None)
    shown = [(request["object"]["apiVersion"], request["kind"]["version"], request["requestKind"]["version"])
             for _, request in hooks.asked]  # fmt: skip
    assert shown == [(f"{group}/v1", "v1", "v2") for _ in asked]
    await setting.api.delete(f"{definitions}/crews.{group}")

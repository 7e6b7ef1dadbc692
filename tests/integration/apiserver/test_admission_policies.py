"""ValidatingAdmissionPolicy: what does not satisfy a bound policy is refused, warned of or noted."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.integration.apiserver.conftest import Api, deployment, pod
from tests.support.apiserver import ApiServer
from tests.support.kubectl import kubectl
from tests.support.waiting import until
from tests.support.webhook import WebhookServer

Doc = dict[str, Any]
GROUP = "/apis/admissionregistration.k8s.io/v1"
RULE = {"apiGroups": ["apps", ""], "apiVersions": ["*"], "resources": ["deployments", "deployments/scale", "pods"],
        "operations": ["*"]}  # fmt: skip
FEW = {"expression": "object == null || object.kind == 'Pod' || object.spec.replicas <= 5"}


class Setting:
    """The API and a namespace, for which alone policies are bound."""

    def __init__(self, api: Api, namespace: str) -> None:
        self.api, self.namespace, self.made = api, namespace, []
        self.name = f"p-{uuid.uuid4().hex[:8]}"

    async def policy(self, *validations: Doc, actions: tuple[str, ...] = ("Deny",), params: Doc | None = None,
                     **spec: Any) -> Any:  # fmt: skip
        """A policy and its binding; what the server said to the policy."""
        made = {"matchConstraints": {"resourceRules": [RULE]}, "validations": list(validations), **spec}
        answer = await self._store("validatingadmissionpolicies", made)
        here = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": self.namespace}}}
        bound = {"policyName": self.name, "validationActions": list(actions), "matchResources": here}
        if answer.status == 201:
            bound |= {"paramRef": params} if params else {}
            given = await self._store("validatingadmissionpolicybindings", bound)
            assert given.status == 201, given.body
        return answer

    async def _store(self, plural: str, spec: Doc) -> Any:
        answer = await self.api.post(f"{GROUP}/{plural}", {"metadata": {"name": self.name}, "spec": spec})
        if answer.status == 201:
            self.made.append(f"{GROUP}/{plural}/{self.name}")
            await self.api.get(self.made[-1])  # so that the cache has it
        return answer

    async def deploy(self, name: str = "web", **spec: Any) -> Any:
        return await self.api.post(f"/apis/apps/v1/namespaces/{self.namespace}/deployments", deployment(name, **spec))


@pytest.fixture
async def setting(api: Api, namespace: str) -> AsyncIterator[Setting]:
    made = Setting(api, namespace)
    yield made
    for path in made.made:
        await api.delete(path)


async def test_denied(setting: Setting, server: ApiServer) -> None:
    await setting.policy(FEW)
    assert (await setting.deploy(replicas=5)).status == 201
    refused = await setting.deploy("big", replicas=6)
    assert (refused.status, refused.body["reason"]) == (422, "Invalid")
    denied = f"ValidatingAdmissionPolicy '{setting.name}' with binding '{setting.name}' denied request: "
    message = f"{denied}failed expression: {FEW['expression']}"
    assert refused.message == f'deployments.apps "big" is forbidden: {message}'
    assert refused.body["details"]["causes"] == [{"message": message}]
    scale = ("-n", setting.namespace, "scale", "deployment/web", "--replicas=9")
    assert denied in await asyncio.to_thread(kubectl, *scale, kubeconfig=server.kubeconfig, check=False)
    for path in reversed(setting.made):
        await setting.api.delete(path)
        await setting.api.get(path)
    assert (await setting.deploy("big", replicas=6)).status == 201


@pytest.mark.parametrize(
    ("validation", "code", "message"),
    [
        ({"message": "too many"}, 422, "too many"),
        ({"message": "x", "messageExpression": "'%d is much'.format([object.spec.replicas])"}, 422, "9 is much"),
        ({"message": "fallback", "messageExpression": "object.no.such"}, 422, "fallback"),
        ({"message": "no", "reason": "Forbidden"}, 403, "no"),
        ({"message": "no", "reason": "RequestEntityTooLarge"}, 413, "no"),
    ],
)
async def test_what_is_said(setting: Setting, validation: Doc, code: int, message: str) -> None:
    await setting.policy({**FEW, **validation})
    refused = await setting.deploy(replicas=9)
    assert refused.status == code and refused.message.endswith(f"denied request: {message}"), refused.body


async def test_variables_and_what_can_be_named(setting: Setting) -> None:
    variables = [
        {"name": "limit", "expression": "namespaceObject.metadata.name.size() > 0 ? 2 : 1"},
        {"name": "fits", "expression": "object.spec.replicas <= variables.limit"},
        {"name": "broken", "expression": "object.no.such"},
    ]
    asked = "variables.fits && request.operation == 'CREATE' && request.userInfo.username == 'kubernetes-admin'"
    await setting.policy({"expression": f"{asked} && oldObject == null && params == null"}, variables=variables)
    assert (await setting.deploy(replicas=2)).status == 201
    assert (await setting.deploy("big", replicas=3)).status == 422


@pytest.mark.parametrize(("policy", "code"), [("Fail", 422), ("Ignore", 201)])
async def test_an_expression_without_value(setting: Setting, policy: str, code: int) -> None:
    await setting.policy({"expression": "object.spec.nothing > 1"}, failurePolicy=policy)
    answer = await setting.deploy()
    assert answer.status == code
    if code == 422:
        assert "expression 'object.spec.nothing > 1' resulted in error: no such key: nothing" in answer.message


async def test_warn_and_audit(setting: Setting, server: ApiServer) -> None:
    note = {"key": "replicas", "valueExpression": "string(object.spec.replicas)"}
    await setting.policy({**FEW, "message": "big"}, actions=("Warn", "Audit"), auditAnnotations=[note])
    made = await setting.deploy(replicas=6)
    name = setting.name
    assert made.status == 201
    assert made.headers["Warning"] == (
        f"299 - \"Validation failed for ValidatingAdmissionPolicy '{name}' with binding '{name}': big\""
    )
    await until(lambda: _audited(server, setting.namespace))
    line = _audited(server, setting.namespace)
    assert line["annotations"][f"{name}/replicas"] == "6"
    (failure,) = json.loads(line["annotations"]["validation.policy.admission.k8s.io/validation_failure"])
    assert (failure["message"], failure["policy"], failure["validationActions"]) == ("big", name, ["Warn", "Audit"])


def _audited(server: ApiServer, namespace: str) -> Doc | None:
    lines = map(json.loads, server.audit_log.read_text().splitlines())
    created = (line for line in lines if line["verb"] == "create")
    return next((line for line in created if line["requestURI"].endswith(f"/{namespace}/deployments")), None)


async def test_params(setting: Setting) -> None:
    kind, by_name = {"apiVersion": "v1", "kind": "ConfigMap"}, {"name": "limits", "parameterNotFoundAction": "Deny"}
    few = {"expression": "object.spec.replicas <= int(params.data.most)"}
    await setting.policy(few, paramKind=kind, params=by_name)
    refused = await setting.deploy()
    assert refused.message.endswith("no params found for policy binding with `Deny` parameterNotFoundAction")
    maps = f"/api/v1/namespaces/{setting.namespace}/configmaps"
    await setting.api.post(maps, {"metadata": {"name": "limits"}, "data": {"most": "2"}})
    await setting.api.get(f"{maps}/limits")
    assert (await setting.deploy(replicas=3)).status == 422
    assert (await setting.deploy(replicas=2)).status == 201


async def test_match_conditions(setting: Setting) -> None:
    only = [{"name": "marked", "expression": "'judge' in object.metadata.labels"}]
    rule = {"matchConstraints": {"resourceRules": [{**RULE, "operations": ["CREATE"]}]}}
    await setting.policy({"expression": "false"}, matchConditions=only, **rule)
    pods = f"/api/v1/namespaces/{setting.namespace}/pods"
    assert (await setting.api.post(pods, pod("free"))).status == 201
    marked = pod("marked")
    marked["metadata"]["labels"]["judge"] = "me"
    assert (await setting.api.post(pods, marked)).status == 422


async def test_match_conditions_of_a_webhook(setting: Setting, server: ApiServer) -> None:
    async with WebhookServer(server.authority) as hooks:
        hooks.ways["/deny"] = lambda request: {"allowed": False}
        conditions = [{"name": "marked", "expression": "object.metadata.name == 'marked'"}]
        here = {"matchLabels": {"kubernetes.io/metadata.name": setting.namespace}}
        hook = hooks.webhook("/deny", matchConditions=conditions, namespaceSelector=here)
        path = f"{GROUP}/validatingwebhookconfigurations"
        await setting.api.post(path, {"metadata": {"name": setting.name}, "webhooks": [hook]})
        setting.made.append(f"{path}/{setting.name}")
        await setting.api.get(setting.made[-1])
        pods = f"/api/v1/namespaces/{setting.namespace}/pods"
        assert (await setting.api.post(pods, pod("free"))).status == 201
        assert (await setting.api.post(pods, pod("marked"))).status == 400


@pytest.mark.parametrize(
    ("validation", "field", "why"),
    [
        ({"expression": "object."}, "expression", "compilation failed: ERROR: <input>:1:8: Syntax error"),
        ({"expression": "nobody == 1"}, "expression", "undeclared reference to 'nobody'"),
        ({"expression": "'text'"}, "expression", "must evaluate to bool"),
        ({"expression": "true", "messageExpression": "1"}, "messageExpression", "must evaluate to string"),
    ],
)
async def test_what_is_no_expression_is_refused(setting: Setting, validation: Doc, field: str, why: str) -> None:
    answer = await setting.policy(validation)
    assert answer.status == 422
    (cause,) = answer.body["details"]["causes"]
    assert cause["field"] == f"spec.validations[0].{field}" and why in cause["message"]


async def test_an_expression_asks_the_servers_own_authorizers(setting: Setting, server: ApiServer) -> None:
    """Who may create deployments here may do so only if they may also delete them."""
    asked = "authorizer.requestResource.check('delete')"
    await setting.policy({"expression": f"{asked}.allowed()", "message": "you could not delete it"})
    assert (await setting.deploy()).status == 201
    role = {"metadata": {"name": "maker"}, "rules": [{"apiGroups": ["apps"], "resources": ["*"], "verbs": ["create"]}]}
    access = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{setting.namespace}"
    assert (await setting.api.post(f"{access}/roles", role)).status == 201
    subject = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "jane"}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "maker"}
    bound = {"metadata": {"name": "maker"}, "roleRef": reference, "subjects": [subject]}
    assert (await setting.api.post(f"{access}/rolebindings", bound)).status == 201
    path = f"/apis/apps/v1/namespaces/{setting.namespace}/deployments"
    refused = await setting.api.post(path, deployment("hers"), Impersonate_User="jane")
    assert refused.status == 422 and refused.message.endswith("denied request: you could not delete it")


async def test_what_was_misspelt_is_told_in_the_status(setting: Setting) -> None:
    rules = {"apiGroups": ["apps"], "apiVersions": ["v1"], "resources": ["deployments"], "operations": ["CREATE"]}
    made = await setting.policy({"expression": "object.spec.replica <= 5"}, matchConstraints={"resourceRules": [rules]})
    (warning,) = made.body["status"]["typeChecking"]["expressionWarnings"]
    assert "apps/v1, Kind=Deployment: ERROR: <input>:1:12: undefined field 'replica'" in warning["warning"]
    path = f"{GROUP}/validatingadmissionpolicies/{setting.name}"
    mended = await setting.api.patch(path, {"spec": {"validations": [FEW]}})
    assert mended.body["status"] == {"observedGeneration": 2, "typeChecking": {}}

"""Policies as people write them: about replicas, images, names, labels, parameters, rights. What each of them says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from apiserver.admission.expressions import NAMES
from apiserver.admission.policy.evaluation import evaluate
from apiserver.cel import authorizer
from apiserver.user import User

Doc = dict[str, Any]
ANN = User("ann", ("dev",))


@pytest.fixture(autouse=True)
def asked() -> Iterator[None]:
    authorizer.answered_by(lambda user, info: (info.verb == "get", "because"))
    yield
    authorizer.answered_by(authorizer.nobody)


def deployment(replicas: int = 3, *images: str, **meta: Any) -> Doc:
    containers = [{"name": f"c{index}", "image": image} for index, image in enumerate(images or ("registry/a:1",))]
    return {"metadata": {"name": "web", "namespace": "shop", **meta},
            "spec": {"replicas": replicas, "template": {"spec": {"containers": containers}}}}  # fmt: skip


def said(spec: Doc, obj: Doc | None, **values: Any) -> list[str]:
    """The messages of all that does not hold."""
    request = {"operation": "UPDATE" if values.get("oldObject") else "CREATE", "userInfo": {"username": "ann"}}
    known = {**dict.fromkeys(NAMES), "object": obj, "request": request, "variables": {}, **values}
    known["authorizer"] = authorizer.value(ANN, {"group": "apps", "resource": "deployments", "namespace": "shop"})
    return [failure.message for failure in evaluate(spec, known).failures]


def rule(expression: str, **more: Any) -> Doc:
    return {"validations": [{"expression": expression, **more}]}


REPLICAS = rule("object.spec.replicas <= 5", message="at most five")
LIMITED = rule(
    "object.spec.replicas <= params.maxReplicas",
    messageExpression="'%d replicas are more than %d'.format([object.spec.replicas, params.maxReplicas])",
)
FROM_A_MAP = rule("object.spec.replicas <= int(params.data.most)", message="too many")
IMAGES = {
    "variables": [{"name": "images", "expression": "object.spec.template.spec.containers.map(c, c.image)"},
                  {"name": "foreign", "expression": "variables.images.filter(i, !i.startsWith('registry/'))"}],
    "validations": [{"expression": "variables.foreign.size() == 0",
                     "messageExpression": "'not from our registry: ' + variables.foreign.join(', ')"}],
}  # fmt: skip
TAGGED = rule(
    "object.spec.template.spec.containers.all(c, c.image.matches(':[^:/]+$') && !c.image.endsWith(':latest'))",
    message="images need a tag other than latest",
)
ENVIRONMENT = {
    "variables": [{"name": "env", "expression": "namespaceObject.metadata.?labels['env'].orValue('dev')"}],
    **rule("variables.env != 'prod' || object.spec.replicas >= 3", message="prod: 3 or more"),
}
LABELS = rule("has(object.metadata.labels) && ['team', 'app'].all(k, k in object.metadata.labels)", message="labels")
NO_SHRINKING = rule("oldObject == null || object.spec.replicas >= oldObject.spec.replicas", message="only more")
NAMED = rule("!format.dns1123Label().validate(object.metadata.name).hasValue()", message="a label, please")
MAY_DELETE = rule("authorizer.requestResource.check('delete').allowed()", message="who may not delete may not create")
MAY_GET = rule("authorizer.group('').resource('secrets').namespace('shop').check('get').allowed()", message="no")
NOT_ANN = {"matchConditions": [{"name": "others", "expression": "request.userInfo.username != 'ann'"}], **rule("false")}
MANY = "object.metadata.labels.map(k, object.metadata.labels.map(l, k + l)).size() > 0"


@pytest.mark.parametrize(("spec", "obj", "values", "messages"), [
    (REPLICAS, deployment(5), {}, []), (REPLICAS, deployment(6), {}, ["at most five"]),
    (LIMITED, deployment(3), {"params": {"maxReplicas": 3}}, []),
    (LIMITED, deployment(4), {"params": {"maxReplicas": 3}}, ["4 replicas are more than 3"]),
    (FROM_A_MAP, deployment(4), {"params": {"data": {"most": "3"}}}, ["too many"]),
    (IMAGES, deployment(1, "registry/a:1", "evil/b", "c"), {}, ["not from our registry: evil/b, c"]),
    (IMAGES, deployment(1, "registry/a:1"), {}, []),
    (TAGGED, deployment(1, "a:1", "host:5000/b:v2"), {}, []), (TAGGED, deployment(1, "host:5000/b"), {}, [
        "images need a tag other than latest"]),
    (ENVIRONMENT, deployment(1), {"namespaceObject": {"metadata": {"labels": {"env": "prod"}}}}, ["prod: 3 or more"]),
    (ENVIRONMENT, deployment(1), {"namespaceObject": {"metadata": {"name": "shop"}}}, []),
    (LABELS, deployment(), {}, ["labels"]), (LABELS, deployment(labels={"team": "a", "app": "b"}), {}, []),
    (NO_SHRINKING, deployment(2), {}, []), (NO_SHRINKING, deployment(2), {"oldObject": deployment(3)}, ["only more"]),
    (NAMED, deployment(name="web-1"), {}, []), (NAMED, deployment(name="web.1"), {}, ["a label, please"]),
    (MAY_DELETE, deployment(), {}, ["who may not delete may not create"]), (MAY_GET, deployment(), {}, []),
    (NOT_ANN, deployment(), {}, []), (rule("object == null"), None, {"oldObject": deployment()}, []),
    (rule("false"), deployment(), {}, ["failed expression: false"]),
])  # fmt: skip
def test_what_a_policy_says(spec: Doc, obj: Doc | None, values: Doc, messages: list[str]) -> None:
    assert said(spec, obj, **values) == messages


def test_a_policy_that_runs_away_is_stopped() -> None:
    labels = {f"k{n}": "v" for n in range(3000)}
    (message,) = said(rule(MANY), deployment(labels=labels))
    assert message.endswith("resulted in error: operation cancelled: actual cost limit exceeded")


def test_messages_cannot_ask_who_may() -> None:
    asks = rule("false", message="fallback", messageExpression="authorizer.path('/').check('get').reason()")
    assert said(asks, deployment()) == ["fallback"]

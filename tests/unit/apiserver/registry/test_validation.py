"""What is wrong with an object, by field: one row per mistake that a learner makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apiserver.registry.apps.deployment import DeploymentStrategy
from apiserver.registry.core.node import NodeStrategy
from apiserver.registry.core.pod import PodStrategy, qos_class
from apiserver.registry.strategy import Strategy

Doc = dict[str, Any]


def errors_of(strategy: Strategy, obj: Doc) -> list[str]:
    """The errors of an object after defaulting."""
    doc = strategy.model.from_dict(obj).to_dict()
    strategy.default(doc)
    return [str(error) for error in strategy.validate(strategy.model.from_dict(doc))]


def pod(change: Callable[[Doc], Any] | None = None, **spec: Any) -> Doc:
    obj: Doc = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}], **spec}}
    if change is not None:
        change(obj["spec"]["containers"][0])
    return obj


def test_a_good_pod_has_no_errors() -> None:
    spec = {
        "volumes": [{"name": "v"}, {"name": "s", "secret": {"secretName": "x", "items": [{"key": "a", "path": "b"}]}}],
        "securityContext": {"runAsUser": 0, "fsGroup": 5, "seccompProfile": {"type": "RuntimeDefault"}},
        "affinity": {
            "podAntiAffinity": {
                "preferredDuringSchedulingIgnoredDuringExecution": [
                    {"weight": 1, "podAffinityTerm": {"topologyKey": "kubernetes.io/hostname"}}
                ]
            }
        },
        "tolerations": [{"operator": "Exists"}],
    }
    containers = [
        {
            "name": "c", "image": "i", "ports": [{"containerPort": 80, "name": "http"}],
            "env": [
                {"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
                {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['app']"}}},
                {"name": "C", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
                {"name": "D", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
            ],
            "volumeMounts": [{"name": "v", "mountPath": "/v"}],
            "livenessProbe": {"httpGet": {"port": "http"}},
            "resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "500m"}},
        }
    ]  # fmt: skip
    assert errors_of(PodStrategy(), {"metadata": {"name": "p"}, "spec": {**spec, "containers": containers}}) == []


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        (pod(containers=[]), "spec.containers: Required value"),
        (pod(lambda c: c.update(name="")), "spec.containers[0].name: Required value"),
        (pod(lambda c: c.update(image="")), "spec.containers[0].image: Required value"),
        (pod(lambda c: c.update(image=" i")), 'spec.containers[0].image: Invalid value: " i": must not have leading'),
        (pod(restartPolicy="Maybe"), 'spec.restartPolicy: Unsupported value: "Maybe": supported values: "Always"'),
        (pod(dnsPolicy="Maybe"), 'spec.dnsPolicy: Unsupported value: "Maybe"'),
        (pod(initContainers=[{"name": "c", "image": "i"}]), 'spec.initContainers[0].name: Duplicate value: "c"'),
        (pod(volumes=[{"name": "v"}, {"name": "v"}]), 'spec.volumes[1].name: Duplicate value: "v"'),
        (
            pod(volumes=[{"name": "v", "emptyDir": {}, "hostPath": {"path": "/x"}}]),
            "may not specify more than 1 volume type",
        ),
        (
            pod(lambda c: c.update(volumeMounts=[{"name": "v", "mountPath": "/v"}])),
            'spec.containers[0].volumeMounts[0].name: Not found: "v"',
        ),
        (
            pod(lambda c: c.update(ports=[{"containerPort": 0}])),
            "spec.containers[0].ports[0].containerPort: Required value",
        ),
        (
            pod(lambda c: c.update(ports=[{"containerPort": 1, "name": "a"}, {"containerPort": 2, "name": "a"}])),
            'spec.containers[0].ports[1].name: Duplicate value: "a"',
        ),
        (
            pod(lambda c: c.update(ports=[{"containerPort": 1, "hostPort": 9}, {"containerPort": 2, "hostPort": 9}])),
            'spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//9"',
        ),
        (
            pod(lambda c: c.update(resources={"limits": {"cpu": "1"}, "requests": {"cpu": "2"}})),
            'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
        ),
        (
            pod(lambda c: c.update(env=[{"name": "1A=", "value": "x"}])),
            "spec.containers[0].env[0].name: Invalid value",
        ),
        (
            pod(lambda c: c.update(env=[{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "spec.colour"}}}])),
            "error converting fieldPath: field label not supported: spec.colour",
        ),
        (
            pod(lambda c: c.update(env=[{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s"}}}])),
            "spec.containers[0].env[0].valueFrom.secretKeyRef.key: Required value",
        ),
        (
            pod(lambda c: c.update(livenessProbe={})),
            "spec.containers[0].livenessProbe: Required value: must specify a handler type",
        ),
        (
            pod(lambda c: c.update(livenessProbe={"tcpSocket": {"port": 1}, "successThreshold": 2})),
            "spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1",
        ),
        (
            pod(lambda c: c.update(securityContext={"runAsUser": -1})),
            "securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive",
        ),
        (
            pod(lambda c: c.update(securityContext={"privileged": True, "allowPrivilegeEscalation": False})),
            "cannot set `allowPrivilegeEscalation` to false and `privileged` to true",
        ),
        (pod(tolerations=[{"key": "a", "operator": "Near"}]), "spec.tolerations[0].operator: Unsupported value"),
        (
            pod(tolerations=[{"key": "a", "operator": "Exists", "effect": "NoSchedule", "tolerationSeconds": 1}]),
            "effect must be 'NoExecute' when `tolerationSeconds` is set",
        ),
        (
            pod(affinity={"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{}]}}),
            "requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: can not be empty",
        ),
        (
            pod(topologySpreadConstraints=[{"maxSkew": 0, "topologyKey": "z", "whenUnsatisfiable": "DoNotSchedule"}]),
            "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
        ),
        (pod(terminationGracePeriodSeconds=-1), "spec.terminationGracePeriodSeconds: Invalid value: -1"),
    ],
)
def test_mistakes_in_a_pod(obj: Doc, expected: str) -> None:
    found = errors_of(PodStrategy(), obj)
    assert any(expected in error for error in found), found
    assert len(found) == 1, found


def deployment(**spec: Any) -> Doc:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    return {
        "metadata": {"name": "d"},
        "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template, **spec},
    }


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"replicas": -1}, "spec.replicas: Invalid value: -1: must be greater than or equal to 0"),
        ({"selector": {}}, "spec.selector: Invalid value: {}: empty selector is invalid for deployment"),
        ({"selector": {"matchLabels": {"x": "y"}}}, "`selector` does not match template `labels`"),
        ({"strategy": {"type": "Slowly"}}, 'spec.strategy.type: Unsupported value: "Slowly"'),
        (
            {"strategy": {"type": "Recreate", "rollingUpdate": {}}},
            "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
        ),
        (
            {"strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}},
            "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0",
        ),
        ({"progressDeadlineSeconds": 5, "minReadySeconds": 5}, "must be greater than minReadySeconds"),
    ],
)
def test_mistakes_in_a_deployment(spec: Doc, expected: str) -> None:
    found = errors_of(DeploymentStrategy(), deployment(**spec))
    assert len(found) == 1 and expected in found[0], found


def test_a_template_must_run_for_ever() -> None:
    obj = deployment()
    obj["spec"]["template"]["spec"]["restartPolicy"] = "Never"
    assert errors_of(DeploymentStrategy(), obj) == [
        'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'
    ]


def test_taints_of_a_node() -> None:
    taints = [{"key": "a", "effect": "NoSchedule"}, {"key": "a", "effect": "NoSchedule"}, {"key": "", "effect": "x"}]
    fields = [
        e.split(":")[0] for e in errors_of(NodeStrategy(), {"metadata": {"name": "n"}, "spec": {"taints": taints}})
    ]
    assert fields[0] == "spec.taints[1]" and set(fields[1:]) == {"spec.taints[2].key", "spec.taints[2].effect"}


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ([{}], "BestEffort"),
        ([{"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "1", "memory": "1Gi"}}], "Guaranteed"),
        ([{"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "500m", "memory": "1Gi"}}], "Burstable"),
        ([{"requests": {"cpu": "1"}}, {}], "Burstable"),
        ([{"requests": {"nvidia.com/gpu": "1"}}], "BestEffort"),
    ],
)
def test_quality_of_service(resources: list[Doc], expected: str) -> None:
    assert qos_class({"containers": [{"resources": each} for each in resources]}) == expected

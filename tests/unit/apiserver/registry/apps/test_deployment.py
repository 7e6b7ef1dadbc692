"""Deployments and ReplicaSets: what their status may say, and how they roll."""

from __future__ import annotations

import pytest

from apiserver.registry.apps.deployment import DeploymentStrategy
from apiserver.registry.apps.replica_set import ReplicaSetStrategy
from machinery.api.apps.v1 import Deployment, ReplicaSet
from machinery.api.errors import FieldError


def said(errors: list[FieldError]) -> list[str]:
    return [f"{error.field}: {error.detail}" for error in errors]


@pytest.mark.parametrize(("status", "errors"), [
    ({"replicas": 3, "readyReplicas": 3, "availableReplicas": 2, "updatedReplicas": 1}, []),
    ({"replicas": 1, "unavailableReplicas": -1},
     ["status.unavailableReplicas: must be greater than or equal to 0"]),
    ({"replicas": 1, "readyReplicas": 2},
     ["status.readyReplicas: cannot be greater than status.replicas"]),
    ({"replicas": 2, "availableReplicas": 2, "readyReplicas": 1},
     ["status.availableReplicas: cannot be greater than status.readyReplicas"]),
    ({"collisionCount": 1}, ["status.collisionCount: cannot be decremented"]),
    ({"collisionCount": -1},
     ["status.collisionCount: must be greater than or equal to 0", "status.collisionCount: cannot be decremented"]),
])
def test_the_counts_of_a_deployment_agree_with_each_other(status, errors):
    old = Deployment.from_dict({"status": {"collisionCount": 2}})
    new = Deployment.from_dict({"status": {"collisionCount": 2} | status})
    assert said(DeploymentStrategy().validate_status_update(new, old)) == errors


def test_the_counts_of_a_replica_set_agree_with_each_other():
    status = {"replicas": 1, "fullyLabeledReplicas": 2, "readyReplicas": 1, "availableReplicas": -1}
    found = ReplicaSetStrategy().validate_status_update(ReplicaSet.from_dict({"status": status}), ReplicaSet())
    assert said(found) == [
        "status.availableReplicas: must be greater than or equal to 0",
        "status.fullyLabeledReplicas: cannot be greater than status.replicas",
    ]


@pytest.mark.parametrize(("rolling", "error"), [
    ({"maxSurge": 0, "maxUnavailable": "0%"},
     "spec.strategy.rollingUpdate.maxUnavailable: may not be 0 when `maxSurge` is 0"),
    ({"maxSurge": 0, "maxUnavailable": "101%"},
     "spec.strategy.rollingUpdate.maxUnavailable: must not be greater than 100%"),
    ({"maxSurge": -1, "maxUnavailable": 0},
     "spec.strategy.rollingUpdate.maxSurge: must be greater than or equal to 0"),
    ({"maxSurge": "200%", "maxUnavailable": 0}, ""),
])
def test_a_rolling_update_goes_forward(rolling, error):
    obj = Deployment.from_dict({"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": rolling}}})
    found = [text for text in said(DeploymentStrategy().validate(obj)) if "strategy" in text]
    assert found == ([error] if error else [])

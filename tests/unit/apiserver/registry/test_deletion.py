"""What a DELETE means, as a pure plan."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from apiserver.registry.apps.replica_set import ReplicaSetStrategy
from apiserver.registry.batch.job import JobStrategy
from apiserver.registry.core.config_map import ConfigMapStrategy
from apiserver.registry.core.namespace import NamespaceStrategy
from apiserver.registry.core.pod import PodStrategy
from apiserver.registry.deletion import DeleteOptions, Keep, Mark, Remove, check_preconditions, delete_options, plan
from machinery.api.errors import Conflict, Invalid

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def pod(node: str = "n1", **meta: Any) -> dict[str, Any]:
    return {"metadata": {"name": "p", **meta}, "spec": {"nodeName": node, "terminationGracePeriodSeconds": 30}}


def marked(result: Any) -> dict[str, Any]:
    assert isinstance(result, Mark)
    return result.obj["metadata"]


def test_plain_objects_go_at_once() -> None:
    obj = {"metadata": {"name": "c"}}
    assert plan(ConfigMapStrategy(), obj, DeleteOptions(), NOW) == Remove()
    assert plan(ConfigMapStrategy(), obj, DeleteOptions(grace_period_seconds=30), NOW) == Remove()


def test_graceful_pods() -> None:
    strategy = PodStrategy()
    assert plan(strategy, pod(node=""), DeleteOptions(), NOW) == Remove()
    assert plan(strategy, pod(), DeleteOptions(grace_period_seconds=0), NOW) == Remove()
    meta = marked(plan(strategy, pod(), DeleteOptions(), NOW))
    assert (meta["deletionTimestamp"], meta["deletionGracePeriodSeconds"]) == ("2026-01-01T00:00:30Z", 30)
    ended = {**pod(), "status": {"phase": "Succeeded"}}
    assert plan(strategy, ended, DeleteOptions(), NOW) == Remove()


def test_second_delete_only_shortens() -> None:
    strategy = PodStrategy()
    dying = pod(deletionTimestamp="2026-01-01T00:00:30Z", deletionGracePeriodSeconds=30)
    assert plan(strategy, dying, DeleteOptions(), NOW) == Keep()
    assert plan(strategy, dying, DeleteOptions(grace_period_seconds=60), NOW) == Keep()
    meta = marked(plan(strategy, dying, DeleteOptions(grace_period_seconds=10), NOW))
    assert (meta["deletionTimestamp"], meta["deletionGracePeriodSeconds"]) == ("2026-01-01T00:00:10Z", 10)
    assert plan(strategy, dying, DeleteOptions(grace_period_seconds=0), NOW) == Remove()


def test_finalizers_and_policies() -> None:
    strategy = ReplicaSetStrategy()
    obj = {"metadata": {"name": "r", "generation": 3}}
    meta = marked(plan(strategy, obj, DeleteOptions(propagation_policy="Foreground"), NOW))
    assert meta["finalizers"] == ["foregroundDeletion"] and meta["generation"] == 4
    assert meta["deletionTimestamp"] == "2026-01-01T00:00:00Z" and meta["deletionGracePeriodSeconds"] == 0
    orphaned = {"metadata": {**meta}}
    meta = marked(plan(strategy, orphaned, DeleteOptions(propagation_policy="Orphan"), NOW))
    assert meta["finalizers"] == ["orphan"]
    held = {"metadata": {"name": "r", "finalizers": ["example.com/x"]}}
    assert marked(plan(strategy, held, DeleteOptions(), NOW))["finalizers"] == ["example.com/x"]
    assert plan(strategy, orphaned, DeleteOptions(propagation_policy="Background"), NOW) == Remove()


def test_the_oldest_kinds_orphan_unasked() -> None:
    strategy, obj = JobStrategy(), {"metadata": {"name": "j"}}
    assert marked(plan(strategy, obj, DeleteOptions(), NOW))["finalizers"] == ["orphan"]
    assert plan(strategy, obj, DeleteOptions(propagation_policy="Background"), NOW) == Remove()
    foreground = {"metadata": {"name": "j", "finalizers": ["foregroundDeletion"]}}
    assert marked(plan(strategy, foreground, DeleteOptions(), NOW))["finalizers"] == ["foregroundDeletion"]
    dying = {"metadata": {**foreground["metadata"], "deletionTimestamp": "2026-01-01T00:00:00Z"}}
    assert plan(strategy, dying, DeleteOptions(), NOW) == Keep()


def test_namespace_waits_for_its_own_finalizers() -> None:
    obj = {"metadata": {"name": "n"}, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}
    result = plan(NamespaceStrategy(), obj, DeleteOptions(), NOW)
    assert isinstance(result, Mark) and result.obj["status"]["phase"] == "Terminating"
    assert plan(NamespaceStrategy(), result.obj, DeleteOptions(), NOW) == Keep()
    assert plan(NamespaceStrategy(), {**result.obj, "spec": {}}, DeleteOptions(), NOW) == Remove()


def test_options_from_body_and_query() -> None:
    assert delete_options({}, {"gracePeriodSeconds": "5", "propagationPolicy": "Orphan"}) == DeleteOptions(5, "Orphan")
    assert delete_options({"gracePeriodSeconds": 0}, {"gracePeriodSeconds": "5"}).grace_period_seconds == 0
    assert delete_options({"orphanDependents": True}, {}).propagation_policy == "Orphan"
    assert delete_options({"dryRun": ["All"]}, {}).dry_run
    with pytest.raises(Invalid, match="propagationPolicy"):
        delete_options({"propagationPolicy": "Sideways"}, {})


def test_preconditions() -> None:
    obj = {"metadata": {"name": "c", "uid": "u", "resourceVersion": "7"}}
    check_preconditions(ConfigMapStrategy(), obj, DeleteOptions(uid="u", resource_version="7"))
    with pytest.raises(Conflict, match="ResourceVersion in precondition: 6, ResourceVersion in object meta: 7"):
        check_preconditions(ConfigMapStrategy(), obj, DeleteOptions(resource_version="6"))

"""What a DELETE means, as a pure plan."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from apiserver.registry.apps.replica_set import ReplicaSetStrategy
from apiserver.registry.batch.job import JobStrategy
from apiserver.registry.core.config_map import ConfigMapStrategy
from apiserver.registry.core.event import EventStrategy
from apiserver.registry.core.namespace import NamespaceStrategy
from apiserver.registry.core.pod import PodStrategy
from apiserver.registry.deletion import (
    DeleteOptions,
    Keep,
    Mark,
    Remove,
    check_preconditions,
    from_body,
    from_query,
    plan,
)
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


def test_a_running_grace_period_settles_what_becomes_of_dependents() -> None:
    strategy = PodStrategy()
    dying = pod(deletionTimestamp="2026-01-01T00:00:30Z", deletionGracePeriodSeconds=30)
    assert plan(strategy, dying, DeleteOptions(propagation_policy="Foreground"), NOW) == Keep()
    sooner = DeleteOptions(5, "Foreground")
    assert marked(plan(strategy, dying, sooner, NOW))["deletionGracePeriodSeconds"] == 5


def test_events_have_no_dependents() -> None:
    obj = {"metadata": {"name": "e"}}
    assert plan(EventStrategy(60), obj, DeleteOptions(propagation_policy="Foreground"), NOW) == Remove()


def test_options_from_body_or_query() -> None:
    asked = from_query({"gracePeriodSeconds": "5", "propagationPolicy": "Orphan"})
    assert (asked.grace_period_seconds, asked.propagation_policy) == (5, "Orphan")
    assert from_query({"dryRun": "All"}).dry_run and from_body({"dryRun": ["All"]}).dry_run
    assert from_body({"gracePeriodSeconds": -7}).grace_period_seconds == 1
    assert from_body({"orphanDependents": True}).propagation_policy == "Orphan"
    assert from_query({"orphanDependents": "false"}).propagation_policy == "Background"
    assert from_body({"preconditions": {"uid": "u", "resourceVersion": "7"}}).uid == "u"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (
            {"propagationPolicy": "Sideways"},
            'propagationPolicy: Unsupported value: "Sideways": supported values: "Foreground", "Background", "Orphan", '
            '"nil"',
        ),
        (
            {"propagationPolicy": "Orphan", "orphanDependents": True},
            'propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set',
        ),
        ({"dryRun": ["None"]}, 'dryRun: Unsupported value: ["None"]: supported values: "All"'),
    ],
)
def test_contradictions(body: dict[str, Any], why: str) -> None:
    with pytest.raises(Invalid) as refused:
        from_body(body)
    assert refused.value.message == f'DeleteOptions.meta.k8s.io "" is invalid: {why}'


def test_preconditions() -> None:
    obj = {"metadata": {"name": "c", "uid": "u", "resourceVersion": "7"}}
    check_preconditions(ConfigMapStrategy(), obj, DeleteOptions(uid="u", resource_version="7"))
    with pytest.raises(Conflict) as refused:
        check_preconditions(ConfigMapStrategy(), obj, DeleteOptions(resource_version="6"))
    assert refused.value.message == (
        'Operation cannot be fulfilled on ConfigMap "c": the ResourceVersion in the precondition (6) does not match '
        "the ResourceVersion in record (7). The object might have been modified"
    )

"""What may pass through ephemeralcontainers and resize, and what is quietly left or loudly refused."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.registry.core.pod import PodStrategy
from tests.support.registry import update_errors_of, updated

STRATEGY = PodStrategy()
AMOUNTS = {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"cpu": "200m", "memory": "64Mi"}}
GUEST = {"name": "debug", "image": "busybox"}


def pod(*guests: dict[str, Any], amounts: dict[str, Any] = AMOUNTS, **container: Any) -> dict[str, Any]:
    """A stored pod, with every default."""
    containers = [{"name": "a", "image": "i", "resources": amounts, **container}, {"name": "b", "image": "i"}]
    spec = {"nodeName": "n", "containers": containers, "ephemeralContainers": list(guests)}
    document: dict[str, Any] = {
        "metadata": {"name": "p", "namespace": "d", "uid": "u", "resourceVersion": "1"},
        "spec": {key: value for key, value in spec.items() if value},
        "status": {"phase": "Running"},
    }
    STRATEGY.default(document)
    return document


def guest_errors(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return update_errors_of(STRATEGY, old, new, "ephemeralcontainers")


def test_a_guest_comes_and_nothing_else_changes() -> None:
    wanted = pod({**GUEST, "targetContainerName": "a", "stdin": True}, image="other")
    wanted["metadata"]["labels"] = {"new": "label"}
    found = updated(STRATEGY, pod(), wanted, "ephemeralcontainers")
    assert [guest["name"] for guest in found["spec"]["ephemeralContainers"]] == ["debug"]
    assert found["spec"]["containers"][0]["image"] == "i" and "labels" not in found["metadata"]
    assert guest_errors(pod(), wanted) == []
    assert guest_errors(pod(GUEST), pod(GUEST, {**GUEST, "name": "second"})) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"name": "a"}, 'spec.ephemeralContainers[0].name: Duplicate value: "a"'),
        ({"targetContainerName": "z"}, 'spec.ephemeralContainers[0].targetContainerName: Not found: "z"'),
        ({"ports": [{"containerPort": 80}]}, "spec.ephemeralContainers[0].ports: Forbidden"),
        ({"resources": {"limits": {"cpu": "1"}}}, "spec.ephemeralContainers[0].resources: Forbidden"),
        ({"lifecycle": {"preStop": {"sleep": {"seconds": 1}}}}, "spec.ephemeralContainers[0].lifecycle: Forbidden"),
        ({"image": ""}, "spec.ephemeralContainers[0].image: Required value"),
    ],
)
def test_guests_that_are_refused(change: dict[str, Any], expected: str) -> None:
    (error,) = guest_errors(pod(), pod({**GUEST, **change}))
    assert error.startswith(expected)
    if "Forbidden" in expected:
        assert error.endswith("cannot be set for an Ephemeral Container")


def test_guests_stay_as_they_are() -> None:
    gone, changed = guest_errors(pod(GUEST), pod()), guest_errors(pod(GUEST), pod({**GUEST, "image": "other"}))
    assert gone == ['spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be removed']
    assert changed == ['spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be changed']
    through_the_front = update_errors_of(STRATEGY, pod(), pod(GUEST))
    assert through_the_front and "pod updates may not change fields other than" in through_the_front[0]


def amounts(**changes: dict[str, str]) -> dict[str, Any]:
    return {kind: {**AMOUNTS[kind], **changes.get(kind, {})} for kind in AMOUNTS}


def resize_errors(new: dict[str, Any], old: dict[str, Any] | None = None) -> list[str]:
    return update_errors_of(STRATEGY, old or pod(), new, "resize")


def test_a_resize() -> None:
    wanted = pod(amounts=amounts(requests={"cpu": "150m"}, limits={"memory": "128Mi"}), image="other")
    found = updated(STRATEGY, pod(), wanted, "resize")
    assert found["spec"]["containers"][0]["resources"]["requests"]["cpu"] == "150m"
    assert found["spec"]["containers"][0]["image"] == "i"
    assert found["status"] == {"phase": "Running", "resize": "Proposed"}
    assert resize_errors(wanted) == []
    assert "resize" not in updated(STRATEGY, pod(), pod(), "resize")["status"]


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (pod(amounts={}), [
            "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed",
            "spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed",
        ]),
        (pod(amounts=amounts(requests={"memory": "1Mi"}, limits={"memory": "32Mi"})), [
            "spec.containers[0].resources.limits: Forbidden: memory limits cannot be decreased",
        ]),
        (pod(amounts=amounts(limits={"ephemeral-storage": "1Gi"})), [
            "spec: Forbidden: only cpu and memory resources are mutable",
        ]),
        (pod(amounts=amounts(requests={"cpu": "300m"})), [
            'spec.containers[0].resources.requests: Invalid value: "300m": must be less than or equal to cpu limit of '
            "200m",
        ]),
        (pod(name="z"), [
            "spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize",
        ]),
    ],
)  # fmt: skip
def test_resizes_that_are_refused(new: dict[str, Any], expected: list[str]) -> None:
    assert [error for error in resize_errors(new) if "QOS" not in error] == expected


def test_quality_of_service_stays() -> None:
    old = pod(amounts={})
    why = 'spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing'
    assert resize_errors(pod(), old) == [why]


def test_memory_may_shrink_where_the_container_restarts_for_it() -> None:
    policy = [{"resourceName": "memory", "restartPolicy": "RestartContainer"}]
    less = amounts(requests={"memory": "1Mi"}, limits={"memory": "32Mi"})
    assert resize_errors(pod(amounts=less, resizePolicy=policy), pod(resizePolicy=policy)) == []

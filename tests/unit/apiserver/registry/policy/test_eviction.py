"""Who may be evicted, and what it costs which budget."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from apiserver.registry.policy.eviction import Charge, Delete, Refuse, decide, still_processed
from machinery.api.core.v1 import Pod
from machinery.api.policy.v1 import PodDisruptionBudget

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def pod(phase: str = "Running", *, ready: bool = True, **meta: Any) -> Pod:
    conditions = [{"type": "Ready", "status": "True" if ready else "False"}]
    metadata = {"name": "p", "namespace": "d", "labels": {"a": "b"}, "resourceVersion": "7", **meta}
    return Pod.from_dict({"metadata": metadata, "status": {"phase": phase, "conditions": conditions}})


def budget(
    allowed: int = 0, *, name: str = "guard", labels: Any = None, seen: int = 1, spec: Any = None, **status: Any
) -> PodDisruptionBudget:
    selector = {"matchLabels": {"a": "b"} if labels is None else labels}
    return PodDisruptionBudget.from_dict(
        {
            "metadata": {"name": name, "namespace": "d", "generation": 1},
            "spec": {"selector": selector, **(spec or {})},
            "status": {"disruptionsAllowed": allowed, "observedGeneration": seen, **status},
        }
    )


def refusal(decision: Any) -> dict[str, Any]:
    assert isinstance(decision, Refuse)
    return decision.error.to_dict()


def test_nobody_guards() -> None:
    assert decide(pod(), [], NOW) == Delete()
    assert decide(pod(), [budget(labels={"x": "y"})], NOW) == Delete()
    assert decide(pod(namespace="other"), [budget()], NOW) == Delete()
    assert decide(pod(), [budget(labels={"a b": "c"})], NOW) == Delete()


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_who_has_ended_goes_at_once(phase: str) -> None:
    assert decide(pod(phase), [budget()], NOW) == Delete()


def test_who_leaves_or_has_not_begun_goes() -> None:
    assert decide(pod(deletionTimestamp="2026-01-01T00:00:00Z"), [budget()], NOW) == Delete()
    assert decide(pod("Pending"), [budget()], NOW) == Delete("7")


def test_a_disruption_is_charged() -> None:
    guard = budget(2)
    decision = decide(pod(), [guard], NOW)
    assert isinstance(decision, Charge) and decision.budget is guard
    assert decision.status.disruptions_allowed == 1 and decision.status.disrupted_pods == {"p": NOW}
    assert decision.status.conditions == ()


def test_the_last_one_turns_the_condition() -> None:
    decision = decide(pod(), [budget(1, conditions=[{"type": "DisruptionAllowed", "status": "True"}])], NOW)
    assert isinstance(decision, Charge)
    (condition,) = decision.status.conditions
    assert (condition.status, condition.reason) == ("False", "InsufficientPods")
    assert condition.last_transition_time == NOW


def test_no_disruption_left() -> None:
    status = refusal(decide(pod(), [budget(0, desiredHealthy=2, currentHealthy=2)], NOW))
    assert (status["code"], status["reason"]) == (429, "TooManyRequests")
    assert status["message"] == "Cannot evict pod as it would violate the pod's disruption budget."
    assert status["details"] == {
        "causes": [{
            "reason": "DisruptionBudget",
            "message": "The disruption budget guard needs 2 healthy pods and has 2 currently",
        }]
    }  # fmt: skip


def test_a_budget_that_is_behind() -> None:
    status = refusal(decide(pod(), [budget(5, seen=0)], NOW))
    assert status["details"]["retryAfterSeconds"] == 10
    assert status["details"]["causes"][0]["message"].endswith("guard is still being processed by the server.")
    assert still_processed(budget(), 3).retry_after == 3


def test_budgets_that_make_no_sense() -> None:
    status = refusal(decide(pod(), [budget(-1)], NOW))
    assert (status["code"], status["message"]) == (
        403, 'poddisruptionbudget.policy "guard" is forbidden: pdb disruptions allowed is negative',
    )  # fmt: skip
    many = {f"p{i}": "2026-01-01T00:00:00Z" for i in range(2001)}
    assert "DisruptedPods map too big" in refusal(decide(pod(), [budget(1, disruptedPods=many)], NOW))["message"]
    status = refusal(decide(pod(), [budget(1), budget(1, name="other")], NOW))
    assert status["code"] == 500 and status["message"].startswith("This pod has more than one PodDisruptionBudget")


def test_the_unready() -> None:
    ill = pod(ready=False)
    assert decide(ill, [budget(spec={"unhealthyPodEvictionPolicy": "AlwaysAllow"})], NOW) == Delete("7")
    assert decide(ill, [budget(desiredHealthy=2, currentHealthy=2)], NOW) == Delete("7")
    assert isinstance(decide(ill, [budget(desiredHealthy=2, currentHealthy=1)], NOW), Refuse)
    assert isinstance(decide(ill, [budget(desiredHealthy=0, currentHealthy=0)], NOW), Refuse)
    assert isinstance(decide(ill, [budget(1, desiredHealthy=2, currentHealthy=1)], NOW), Charge)

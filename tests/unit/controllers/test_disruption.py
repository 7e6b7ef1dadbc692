"""Disruption budgets: how many pods there should be, and how many of them may go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controllers.disruption import Expected, Uncountable, expected, pending, refused, status_of
from machinery.api.policy.v1 import PodDisruptionBudget, PodDisruptionBudgetSpec, PodDisruptionBudgetStatus
from tests.support.objects import NOW, meta, pod


def budget(**status: object) -> PodDisruptionBudget:
    return PodDisruptionBudget(metadata=meta("web", generation=3), status=PodDisruptionBudgetStatus(**status))


@pytest.mark.parametrize(("spec", "selected", "scales", "wanted"), [
    ({"min_available": 2}, 3, [], Expected(3, 2)),
    ({"min_available": "50%"}, 9, [3, 2], Expected(5, 3)),
    ({"max_unavailable": 1}, 9, [3, 2], Expected(5, 4)),
    ({"max_unavailable": "30%"}, 9, [10], Expected(10, 7)),
    ({"max_unavailable": "25%"}, 9, [5], Expected(5, 3)),
    ({"max_unavailable": 9}, 3, [3], Expected(3, 0)),
    ({}, 3, [], Expected(3, 0)),
])
def test_how_many_pods_there_should_be(spec, selected, scales, wanted):
    assert expected(PodDisruptionBudgetSpec(**spec), selected, scales) == wanted


def test_nonsense_cannot_be_counted():
    with pytest.raises(Uncountable, match="not a percentage"):
        expected(PodDisruptionBudgetSpec(min_available="many"), 1, [])


def test_healthy_pods_beyond_those_that_must_stay_may_go():
    pods = [pod("a", ready=True), pod("b", ready=True), pod("c", ready=False), pod("d")]
    status = status_of(budget(), pods, Expected(4, 1), NOW)
    assert (status.current_healthy, status.disruptions_allowed, status.observed_generation) == (2, 1, 3)
    assert [(c.type, c.status, c.reason) for c in status.conditions] == [
        ("DisruptionAllowed", "True", "SufficientPods")]
    status = status_of(budget(), pods, Expected(4, 3), NOW)
    assert (status.disruptions_allowed, status.conditions[0].reason) == (0, "InsufficientPods")


def test_a_pod_that_was_allowed_to_go_does_not_count_until_it_is_seen_going():
    early, late = NOW - timedelta(seconds=119), NOW - timedelta(seconds=121)
    pods = [pod("a", ready=True), pod("b", ready=True), pod("c", ready=True, metadata={"deletion_timestamp": NOW})]
    charged = {"a": early, "b": late, "c": early, "gone": early}
    assert pending(charged, pods, NOW) == {"a": early}
    status = status_of(budget(disrupted_pods=charged), pods, Expected(2, 0), NOW)
    assert (status.current_healthy, status.disrupted_pods) == (1, {"a": early})


def test_without_any_pods_nothing_may_go():
    assert status_of(budget(), [pod("a", ready=True)], Expected(0, 0), NOW).disruptions_allowed == 0


def test_where_nothing_can_be_counted_nothing_may_go_and_the_condition_says_why():
    status = refused(budget(disruptions_allowed=4), "no controller", NOW)
    assert status.disruptions_allowed == 0
    assert (status.conditions[0].reason, status.conditions[0].message) == ("SyncFailed", "no controller")


def test_a_condition_keeps_its_time_while_it_stays_what_it_is():
    first = status_of(budget(), [pod("a", ready=True)], Expected(1, 0), NOW)
    later = NOW + timedelta(minutes=5)
    again = status_of(budget().replace(status=first), [pod("a", ready=True)], Expected(1, 0), later)
    assert again == first


@given(st.integers(0, 50), st.integers(0, 60), st.integers(0, 60))
def test_what_may_go_never_leaves_too_few(ready, must_stay, total):
    pods = [pod(f"p{number}", ready=True) for number in range(ready)]
    status = status_of(budget(), pods, Expected(total, must_stay), NOW)
    assert status.disruptions_allowed >= 0
    assert not status.disruptions_allowed or ready - status.disruptions_allowed >= must_stay

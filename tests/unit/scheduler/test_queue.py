"""The three places of the queue."""

from __future__ import annotations

from scheduler.filters import Change
from scheduler.queue import LEFTOVER_SECONDS, Place, SchedulingQueue, backoff


def test_important_pods_first_then_in_order():
    queue = SchedulingQueue()
    for key, priority in (("a", 0), ("b", 10), ("c", 0), ("a", 0)):
        queue.add(key, priority)
    assert [queue.pop(0) for _ in range(4)] == ["b", "a", "c", None]


def test_a_pod_in_flight_is_not_handed_out_twice():
    queue = SchedulingQueue()
    queue.add("a", 0)
    assert queue.pop(0) == "a"
    queue.add("a", 0)
    assert queue.pop(0) is None and queue.place("a") is Place.IN_FLIGHT


def test_a_refused_pod_waits_for_a_change_that_helps():
    queue = SchedulingQueue()
    queue.add("a", 0)
    queue.pop(0)
    queue.refused("a", {"NodeResourcesFit"}, now=0)
    assert not queue.cluster_changed({Change.LABELS}, now=100)
    assert queue.pop(100) is None
    assert queue.woken_by("a") == ()
    assert queue.cluster_changed({Change.POD_GONE}, now=100, woken_by="Pod/default/x@7")
    assert queue.pop(100) == "a" and queue.woken_by("a") == ("Pod/default/x@7",)


def test_backoff_counts_from_the_refusal():
    queue = SchedulingQueue()
    queue.add("a", 0)
    queue.pop(0)
    queue.refused("a", {"NodeResourcesFit"}, now=10)
    queue.cluster_changed({Change.POD_GONE}, now=10.5)
    assert (queue.place("a"), queue.next_due(), queue.pop(10.9)) == (Place.BACKOFF, 11, None)
    assert queue.pop(11) == "a"


def test_a_change_during_the_flight_is_not_lost():
    queue = SchedulingQueue()
    queue.add("a", 0)
    queue.pop(0)
    queue.cluster_changed({Change.NODE_ADDED}, now=0)
    queue.refused("a", {"TaintToleration"}, now=0)
    assert queue.place("a") is Place.BACKOFF


def test_without_any_node_only_a_node_helps():
    queue = SchedulingQueue()
    queue.add("a", 0)
    queue.pop(0)
    queue.refused("a", (), now=0)
    assert not queue.cluster_changed({Change.POD_GONE}, now=5)
    assert queue.cluster_changed({Change.NODE_ADDED}, now=5)


def test_nobody_waits_for_ever():
    queue = SchedulingQueue()
    queue.add("a", 0)
    queue.pop(0)
    queue.refused("a", {"NodeName"}, now=0)
    assert queue.next_due() == LEFTOVER_SECONDS
    assert queue.pop(LEFTOVER_SECONDS - 1) is None
    assert queue.pop(LEFTOVER_SECONDS) == "a"


def test_a_failure_is_retried_ever_later():
    assert [backoff(n) for n in range(1, 7)] == [1, 2, 4, 8, 10, 10]
    queue = SchedulingQueue()
    queue.add("a", 0)
    for now, due in ((0, 1), (1, 3), (3, 7)):
        assert queue.pop(now) == "a"
        queue.failed("a", now)
        assert queue.next_due() == due


def test_a_removed_pod_is_forgotten_wherever_it_was():
    queue = SchedulingQueue()
    for key in ("active", "flying", "waiting"):
        queue.add(key, 0)
    queue.pop(0)
    for key in ("active", "flying", "waiting"):
        queue.remove(key)
        queue.failed(key, 0)
        assert queue.place(key) is Place.GONE
    assert queue.pop(100) is None and queue.next_due() is None

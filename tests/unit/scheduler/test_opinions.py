"""What is remembered of nodes changes the time that an answer takes, and never the answer."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from machinery.api.core.v1 import Pod
from scheduler.algorithm import Placement, schedule
from scheduler.cache import Cache
from scheduler.opinions import REMEMBERED, Opinions, asks
from scheduler.snapshot import pod_info
from tests.support.objects import CONTROL_PLANE, container, node, owner, pod

KINDS: tuple[dict[str, Any], ...] = (
    {"cpu": "100m"}, {"cpu": "1500m"}, {"host_port": 80}, {"memory": "3Gi"},
)  # fmt: skip


def replica(number: int, kind: int) -> Pod:
    return pod(f"p{number}", container(**KINDS[kind]), owners=(owner(f"set-{kind % 3}"),))


def small_cache() -> Cache:
    cache = Cache()
    for name in "abcd":
        cache.set_node(node(name))
    return cache


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, len(KINDS) - 1), st.integers(0, 9)), max_size=25))
def test_it_answers_as_if_it_remembered_nothing(steps: list[tuple[int, int]]) -> None:
    cache, opinions = small_cache(), Opinions()
    for number, (kind, event) in enumerate(steps):
        wanted = replica(number, kind)
        snapshot = cache.snapshot(0)
        answer = schedule(wanted, snapshot, turn=number, opinions=opinions)
        assert answer == schedule(wanted, snapshot, turn=number)
        if isinstance(answer, Placement):
            cache.assume(wanted, answer.node)
        if event == 0:
            cache.remove_pod(f"default/p{number // 2}")
        if event == 1:
            cache.set_node(node("b", CONTROL_PLANE))
        if event == 2:
            cache.set_node(node("b", cpu="1"))


def test_only_nodes_that_changed_are_asked_again() -> None:
    cache, opinions = small_cache(), Opinions()
    first = schedule(replica(1, 0), cache.snapshot(0), opinions=opinions)
    assert isinstance(first, Placement)
    said = dict(opinions.about(pod_info(replica(2, 0))))
    cache.assume(replica(1, 0), first.node)
    schedule(replica(2, 0), cache.snapshot(0), opinions=opinions)
    after = opinions.about(pod_info(replica(3, 0)))
    assert {name for name in said if after[name] is not said[name]} == {first.node}


def test_pods_of_one_set_that_ask_otherwise_are_another_kind() -> None:
    opinions = Opinions()
    opinions.about(pod_info(replica(1, 0)))["a"] = (None, ())  # type: ignore[assignment]
    assert opinions.about(pod_info(replica(2, 3))) == {}
    assert asks(pod_info(replica(1, 0))) != asks(pod_info(replica(1, 3)))


def test_few_kinds_are_remembered() -> None:
    opinions = Opinions()
    first = pod_info(pod("a", owners=(owner("first"),)))
    opinions.about(first)["n"] = (None, ())  # type: ignore[assignment]
    for number in range(REMEMBERED):
        opinions.about(pod_info(pod("a", owners=(owner(f"set-{number}"),))))
    assert opinions.about(first) == {}

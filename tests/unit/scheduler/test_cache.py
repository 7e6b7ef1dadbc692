"""Assumptions: they count at once, and never for ever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scheduler.cache import EXPIRY_SECONDS, Cache
from tests.support.objects import container, node, pod


def on(cache: Cache, name: str, now: float = 0) -> set[str]:
    return next(set(n.pods) for n in cache.snapshot(now).nodes if n.name == name)


def cache_of(*names: str) -> Cache:
    cache = Cache()
    for name in names:
        cache.set_node(node(name))
    return cache


def test_an_assumed_pod_takes_room_at_once():
    cache = cache_of("n")
    cache.assume(pod("a", container(cpu="1500m")), "n")
    assert cache.snapshot(0).nodes[0].free("cpu") == 500
    assert cache.is_assumed("default/a", "uid-a") and not cache.is_assumed("default/a", "uid-older")


def test_the_watch_confirms():
    cache = cache_of("n")
    cache.assume(pod("a"), "n")
    cache.bound("default/a", 0)
    cache.set_pod(pod("a", node="n"))
    assert on(cache, "n", EXPIRY_SECONDS + 1) == {"default/a"}
    cache.forget("default/a")
    assert on(cache, "n") == {"default/a"}


def test_the_watch_corrects():
    cache = cache_of("n", "m")
    cache.assume(pod("a"), "n")
    cache.set_pod(pod("a", node="m"))
    assert (on(cache, "n"), on(cache, "m")) == (set(), {"default/a"})


def test_a_failed_binding_gives_the_room_back():
    cache = cache_of("n")
    cache.assume(pod("a", container(cpu="2")), "n")
    cache.forget("default/a")
    assert cache.snapshot(0).nodes[0].free("cpu") == 2000


def test_what_nobody_confirms_expires_once_it_was_bound():
    cache = cache_of("n")
    cache.assume(pod("a"), "n")
    assert on(cache, "n", 1e9) == {"default/a"}
    cache.bound("default/a", 10)
    assert on(cache, "n", 9 + EXPIRY_SECONDS) == {"default/a"}
    assert on(cache, "n", 10 + EXPIRY_SECONDS) == set()


def test_pods_may_be_seen_before_their_node_and_outlive_it():
    cache = Cache()
    cache.set_pod(pod("a", node="n"))
    cache.set_node(node("n"))
    assert on(cache, "n") == {"default/a"}
    cache.remove_node("n")
    assert cache.snapshot(0).nodes == ()
    cache.set_node(node("n"))
    assert on(cache, "n") == {"default/a"}
    cache.remove_pod("default/a")
    assert on(cache, "n") == set()


def test_promised_room_is_kept_from_lesser_pods():
    cache = cache_of("n")
    cache.nominate(pod("vip", container(cpu="2"), priority=10), "n")
    lesser, greater = pod("lesser", priority=1), pod("greater", priority=11)
    assert cache.snapshot(0, pod=lesser).nodes[0].free("cpu") == 0
    assert cache.snapshot(0, pod=greater).nodes[0].free("cpu") == 2000
    assert cache.snapshot(0, pod=pod("vip", priority=10)).nodes[0].free("cpu") == 2000


actions = st.tuples(st.sampled_from(["assume", "seen", "forget", "gone", "node", "no node"]),
                    st.integers(0, 3), st.sampled_from("nm"))


@given(st.lists(actions, max_size=40))
def test_a_pod_is_never_in_two_places(steps):
    cache = cache_of("n", "m")
    for action, number, where in steps:
        name = f"p{number}"
        match action:
            case "assume":
                cache.assume(pod(name), where)
            case "seen":
                cache.set_pod(pod(name, node=where))
            case "forget":
                cache.forget(f"default/{name}")
            case "gone":
                cache.remove_pod(f"default/{name}")
            case "node":
                cache.set_node(node(where))
            case "no node":
                cache.remove_node(where)
    for name in "nm":
        cache.set_node(node(name))
    everywhere = [key for info in cache.snapshot(0).nodes for key in info.pods]
    assert len(everywhere) == len(set(everywhere))


def test_news_of_a_pods_status_leave_its_needs_alone():
    cache = cache_of("n")
    cache.set_pod(pod("a", container(cpu="1500m"), node="n"))
    cache.set_pod(pod("a", container(cpu="1500m"), node="n", phase="Running"))
    (known,) = cache.snapshot(0).nodes[0].pods.values()
    assert known.pod.status.phase == "Running" and cache.snapshot(0).nodes[0].free("cpu") == 500


def test_needs_that_change_in_place_count_at_once():
    cache = cache_of("n")
    cache.set_pod(pod("a", container(cpu="1500m"), node="n"))
    cache.set_pod(pod("a", container(cpu="500m"), node="n", phase="Running"))
    assert cache.snapshot(0).nodes[0].free("cpu") == 1500

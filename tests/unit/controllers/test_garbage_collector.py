"""The graph, and the judgement."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controllers.garbage_collector import GarbageCollector, Owners, Verdict, blocking, judge
from controllers.ownership_graph import Graph, vertex
from machinery.api.errors import NotFound
from machinery.client.controller import Context
from machinery.client.informer import InformerFactory
from tests.support.objects import NOW, owner, pod

A, B, C = (owner(uid) for uid in "abc")


@pytest.mark.parametrize(("owners", "finalizers", "dependents", "verdict"), [
    (Owners(), (), False, Verdict()),
    (Owners(solid=(A,)), (), False, Verdict()),
    (Owners(dangling=(A,)), (), False, Verdict(delete="Background")),
    (Owners(solid=(A,), dangling=(B,), waiting=(C,)), (), False, Verdict(drop=("b", "c"))),
    (Owners(waiting=(A,)), (), True, Verdict(delete="Foreground")),
    (Owners(waiting=(A,)), (), False, Verdict(delete="Background")),
    (Owners(dangling=(A,)), ("orphan",), True, Verdict(delete="Orphan")),
    (Owners(dangling=(A,)), ("foregroundDeletion",), False, Verdict(delete="Foreground")),
])
def test_judgement(owners, finalizers, dependents, verdict):
    assert judge(owners, finalizers, has_dependents=dependents) == verdict


def thing(uid: str, *owners: str, finalizers: tuple[str, ...] = (), leaving: bool = False):
    return pod(uid, owners=tuple(owner(o) for o in owners), metadata={
        "uid": uid, "finalizers": finalizers, "deletion_timestamp": NOW if leaving else None})


def test_who_is_worth_a_look():
    graph = Graph()
    assert graph.observe(None, thing("rs")) == []
    assert graph.observe(None, thing("p1", "rs")) == ["p1"]
    assert graph.observe(None, thing("p1", "rs")) == []
    assert graph.observe(thing("rs"), None) == ["p1"]
    assert "rs" not in graph and [v.uid for v in graph.dependents("rs")] == ["p1"]


def test_foreground_owners_look_again_when_a_dependent_goes_or_is_released():
    graph = Graph()
    for one in (thing("rs"), thing("p1", "rs"), thing("p2", "rs")):
        graph.observe(None, one)
    going = thing("rs", finalizers=("foregroundDeletion",), leaving=True)
    assert graph.observe(thing("rs"), going) == ["rs"]
    assert graph.observe(thing("p1", "rs"), None) == ["rs"]
    assert graph.observe(thing("p2", "rs"), thing("p2")) == ["rs"]
    assert graph.dependents("rs") == []


class Asked:
    """A client that finds nothing, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.names: list[str] = []

    async def get(self, model, name, namespace):
        self.names.append(name)
        raise NotFound("pods", name)


@pytest.mark.parametrize(("reference", "asked"), [
    (owner("rs", kind="Pod", name="rs", api_version="v1"), []),
    (owner("other", kind="Pod", name="rs", api_version="v1"), ["p"]),
    (owner("rs", kind="Pod", name="elsewhere", api_version="v1"), ["p"]),
])
async def test_who_has_its_owners_is_not_asked_for(reference, asked):
    client = Asked()
    collector = GarbageCollector(Context(client, InformerFactory(client), None), served=())
    collector.keys_of(None, thing("rs"))
    (key,) = collector.keys_of(None, pod("p", owners=(reference,)))
    await collector.reconcile(key)
    assert client.names == asked


def test_keys_are_for_people_and_yet_of_one_object_only():
    collector = GarbageCollector(Context(None, InformerFactory(None), None), served=())
    assert collector.keys_of(None, thing("p1", "rs")) == ["Pod/default/p1@p1"]
    again = thing("p1", "rs")
    again = again.replace(metadata=again.metadata.replace(uid="younger"))
    assert collector.keys_of(None, again) == ["Pod/default/p1@younger"]
    assert collector.keys_of(thing("rs"), None) == ["Pod/default/p1@p1", "Pod/default/p1@younger"]


def test_only_dependents_that_say_so_hold_their_owner():
    light = thing("p2").replace(metadata=thing("p2").metadata.replace(
        owner_references=(owner("rs").replace(block_owner_deletion=None),)))
    dependents = [vertex(thing("p1", "rs")), vertex(light)]
    assert [v.uid for v in blocking(vertex(thing("rs")), dependents)] == ["p1"]


changes = st.tuples(st.sampled_from("abcd"), st.sets(st.sampled_from("abcd"), max_size=2), st.booleans())


@given(st.lists(changes, max_size=40))
def test_the_graph_equals_the_objects(history):
    graph, there = Graph(), {}
    for uid, owners, exists in history:
        old = there.pop(uid, None)
        new = thing(uid, *sorted(owners - {uid})) if exists else None
        if new is not None:
            there[uid] = new
        if old is not None or new is not None:
            graph.observe(old, new)
    assert set(graph.vertices) == set(there)
    for uid in "abcd":
        named = {o.metadata.uid for o in there.values() for ref in o.metadata.owner_references if ref.uid == uid}
        assert {v.uid for v in graph.dependents(uid)} == named

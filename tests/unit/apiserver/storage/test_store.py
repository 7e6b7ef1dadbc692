from __future__ import annotations

import orjson
from hypothesis import given
from hypothesis import strategies as st

from apiserver.storage.entry import Entry, entry_from
from apiserver.storage.interface import Selection
from apiserver.storage.keys import end_of, parent_of
from apiserver.storage.selection import place_of, places_of
from apiserver.storage.store import EntryStore
from apiserver.storage.watcher import matcher
from machinery.api import fields, labels

PODS = "/registry/pods/"
INDEXES = ("spec.nodeName",)


def entry(namespace: str, name: str, node: str, app: str) -> Entry:
    metadata = {"name": name, "namespace": namespace, "labels": {"app": app}}
    raw = orjson.dumps({"metadata": metadata, "node": node})
    return entry_from(
        f"{PODS}{namespace}/{name}", 1, raw, lambda o: {"metadata.name": name, "spec.nodeName": o["node"]}
    )


names = st.sampled_from(["a", "a-b", "a0", "b"])
nodes = st.sampled_from(["", "n1", "n2"])
entries = st.builds(entry, names, names, nodes, st.sampled_from(["x", "y"]))
writes = st.lists(st.one_of(entries, st.builds(lambda e: e.key, entries)), max_size=30)
selections = st.builds(
    Selection,
    st.sampled_from([PODS, PODS + "a/", PODS + "a-b/", PODS + "a/a", PODS + "b/a0"]),
    st.sampled_from([None, labels.parse(""), labels.parse("app=x"), labels.parse("app!=x")]),
    st.sampled_from(
        [None, *map(fields.parse, ("", "spec.nodeName=n1", "spec.nodeName!=n1", "metadata.name=a", "spec.nodeName="))]
    ),
)


def filled(writes: list[Entry | str]) -> tuple[EntryStore, dict[str, Entry]]:
    store, model = EntryStore(PODS, INDEXES), {}
    for write in writes:
        if isinstance(write, str):
            assert store.remove(write) is model.pop(write, None)
        else:
            assert store.put(write) is model.get(write.key)
            model[write.key] = write
    return store, model


@given(writes, selections, st.integers(0, 4))
def test_indexes_find_what_a_full_scan_finds(writes: list[Entry | str], selection: Selection, limit: int) -> None:
    store, model = filled(writes)
    matches = matcher(selection)
    expected = [model[key] for key in sorted(model) if matches(model[key])]
    found, remaining = store.select(selection, limit)
    assert found == (expected[:limit] if limit else expected)
    assert remaining == len(expected) - len(found)
    assert len(store) == len(model)


@given(entries, nodes, selections)
def test_an_event_asks_every_watch_that_it_concerns(new: Entry, node_before: str, selection: Selection) -> None:
    namespace, name = new.key.split("/")[-2:]
    old = entry(namespace, name, node_before, "x")
    asked = set(places_of(old, new, PODS, INDEXES))
    matches = matcher(selection)
    if matches(old) or matches(new):
        assert place_of(selection, PODS, INDEXES) in asked
        assert place_of(selection, PODS, INDEXES) in set(places_of(None, new, PODS, INDEXES)) or not matches(new)
        assert place_of(selection, PODS, INDEXES) in set(places_of(old, None, PODS, INDEXES)) or not matches(old)


def test_keys() -> None:
    assert end_of("/registry/pods/") == "/registry/pods0"
    assert parent_of("/registry/pods/d/a") == "/registry/pods/d/"

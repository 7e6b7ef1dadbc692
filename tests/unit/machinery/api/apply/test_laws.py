"""Laws of applying, on Pods made at random."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from machinery.api.apply import Applied, Conflicts, Writer, apply, update, with_old_times
from machinery.api.apply.compare import compare_objects, everything
from machinery.api.apply.extract import fields_of
from machinery.api.apply.field_set import checked, difference, intersection, paths
from machinery.api.apply.managers import entries_of
from machinery.api.apply.shapes import struct
from machinery.api.core.v1 import Pod

Document = dict[str, Any]
NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
texts = st.sampled_from(["x", "y", "z"])
few = st.sampled_from([0, 1])


def items(key: str, names: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Document]]:
    """A list whose items each have another key."""
    one = st.fixed_dictionaries({key: st.sampled_from(names)}, optional=fields)
    return st.lists(one, max_size=3, unique_by=lambda item: item[key])


maps = st.dictionaries(st.sampled_from("ab"), texts, max_size=2)
port = st.fixed_dictionaries({"containerPort": st.sampled_from([80, 443])},
                             optional={"protocol": st.sampled_from(["TCP", "UDP"]), "name": texts})  # fmt: skip
ports = st.lists(port, max_size=3, unique_by=lambda item: (item["containerPort"], item.get("protocol", "TCP")))
containers = items("name", "abc", image=texts, tty=st.just(True), ports=ports, command=st.lists(texts, max_size=2),
                   env=items("name", "EF", value=texts), securityContext=st.fixed_dictionaries(
                       {}, optional={"runAsUser": few, "privileged": st.just(True)}))  # fmt: skip
specs = st.fixed_dictionaries({}, optional={
    "nodeName": texts, "nodeSelector": maps, "containers": containers, "priority": few,
    "volumes": items("name", "vw", emptyDir=st.just({}), hostPath=st.fixed_dictionaries({"path": texts})),
    "tolerations": st.lists(st.fixed_dictionaries({"key": texts}), max_size=2),
})  # fmt: skip
metas = st.fixed_dictionaries({}, optional={"labels": maps, "annotations": maps,
                                            "finalizers": st.lists(texts, max_size=2, unique=True)})  # fmt: skip
configs = st.builds(lambda meta, spec: {
    "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", **meta}, "spec": spec}, metas, specs)  # fmt: skip
names = st.sampled_from(["ann", "bob", "eve"])
histories = st.lists(st.tuples(names, st.booleans(), configs), max_size=3)
EMPTY = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}


def stored(document: Document) -> Document:
    return Pod.from_dict(document).to_dict()


def forced(live: Document | None, config: Document, name: str, minutes: int = 0) -> Document:
    now = NOW + timedelta(minutes=minutes)
    outcome = apply(live, config, Pod, Writer(name, "v1"), now=now, force=True)
    assert isinstance(outcome, Applied)
    return stored(outcome.object)


def lived(history: list[tuple[str, bool, Document]]) -> Document:
    """A Pod after some applies and ordinary writes."""
    live = forced(None, EMPTY, "god")
    for minutes, (name, applies, config) in enumerate(history):
        if applies:
            live = forced(live, config, name, minutes)
        else:
            now = NOW + timedelta(minutes=minutes)
            live = stored(update(live, stored(config), Pod, Writer(name, "v1"), now=now))
    return live


def bare(document: Document) -> Document:
    return {**document, "metadata": {k: v for k, v in document["metadata"].items() if k != "managedFields"}}


def owners(document: Document) -> dict[tuple[str, str], Document]:
    return {(e["manager"], e["operation"]): e["fieldsV1"] for e in entries_of(document) or ()}


@given(histories, configs, names)
@settings(max_examples=60)
def test_applying_twice_is_applying_once(history: Any, config: Document, name: str) -> None:
    once = forced(lived(history), config, name, 10)
    again = forced(once, config, name, 24 * 60)
    assert with_old_times(once, again) == once


@given(histories, configs, names)
@settings(max_examples=60)
def test_the_object_has_all_that_is_applied_and_the_manager_owns_it(history: Any, config: Document, name: str) -> None:
    live = forced(lived(history), config, name, 10)
    mine = owners(live).get((name, "Apply"), {})
    wanted = {path for path in paths(fields_of(config, struct(Pod)))
              if path not in {("f:apiVersion",), ("f:kind",), ("f:metadata", "f:name")}}  # fmt: skip
    assert set(paths(mine)) == wanted


def containing(**container: Any) -> Document:
    return {**EMPTY, "spec": {"containers": [{"name": "a", "image": "x", **container}]}}


@given(histories)
@example([("ann", True, containing(securityContext={"runAsUser": 0})), ("bob", True, containing(securityContext={})),
          ("ann", True, {**EMPTY, "spec": {}})])  # fmt: skip
@settings(max_examples=80)
def test_what_is_owned_is_there(history: Any) -> None:
    live = lived(history)
    there = set(paths(everything(live, struct(Pod))))
    for fields in owners(live).values():
        assert set(paths(fields)) <= there.union(*(named_empty(config) for _, _, config in history))


def named_empty(config: Document) -> set[Any]:
    """What a configuration names as empty: that is owned, though nothing is stored of it."""
    kept = everything(stored(filled(config)), struct(Pod))
    return set(paths(difference(fields_of(config, struct(Pod)), kept)))


def filled(value: Any) -> Any:
    """Without what is empty: it goes when its last field goes, though somebody else named it."""
    if isinstance(value, dict):
        return {key: filled(item) for key, item in value.items() if item not in ({}, [])}
    return [filled(item) for item in value] if isinstance(value, list) else value


@given(histories)
@settings(max_examples=60)
def test_owners_are_written_in_a_form_that_reads_back(history: Any) -> None:
    for fields in owners(lived(history)).values():
        assert checked(json.loads(json.dumps(fields))) == fields


@given(histories, configs, names, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_owners_is_of_no_account(history: Any, config: Document, name: str, random: Any) -> None:
    live = lived(history)
    shuffled = json.loads(json.dumps(live))
    random.shuffle(shuffled["metadata"].get("managedFields", []))
    for force in (True, False):
        one, other = (apply(each, config, Pod, Writer(name, "v1"), now=NOW, force=force) for each in (live, shuffled))
        assert one == other
    one, other = (update(each, stored(config), Pod, Writer(name, "v1"), now=NOW) for each in (live, shuffled))
    assert one == other


@given(histories, configs)
@settings(max_examples=60)
def test_without_force_either_a_conflict_or_nobody_loses_anything(history: Any, config: Document) -> None:
    live = lived(history)
    assume(entries_of(live))
    outcome = apply(live, config, Pod, Writer("new", "v1"), now=NOW)
    if isinstance(outcome, Conflicts):
        assert outcome.found
        for conflict in outcome.found:
            assert conflict.path in set(paths(owners(live)[conflict.owner.manager, conflict.owner.operation]))
        return
    after = owners(outcome.object)
    assert {owner: fields for owner, fields in after.items() if owner != ("new", "Apply")} == owners(live)


@given(configs, configs)
@settings(max_examples=80)
def test_a_passing_force_leaves_no_trace(config: Document, rude: Document) -> None:
    """Ann applies; Eve forces her own and gives up; Ann applies again: all is as it was."""
    before = forced(None, config, "ann")
    during = forced(before, rude, "eve", 1)
    after = forced(forced(during, EMPTY, "eve", 2), config, "ann", 3)
    assert sorted_lists(bare(after)) == sorted_lists(bare(before))
    assert owners(after) == owners(before)


def sorted_lists(value: Any) -> Any:
    """The order of items is what a force may leave behind."""
    if isinstance(value, dict):
        return {name: sorted_lists(item) for name, item in value.items()}
    if isinstance(value, list):
        return sorted((sorted_lists(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value


@given(histories, configs, names)
@settings(max_examples=60)
def test_giving_up_all_leaves_what_others_own(history: Any, config: Document, name: str) -> None:
    during = forced(lived(history), config, name, 10)
    others = {owner: fields for owner, fields in owners(during).items() if owner != (name, "Apply")}
    assert owners(forced(during, EMPTY, name, 11)) == others


@given(histories, configs, names)
@settings(max_examples=60)
def test_an_ordinary_write_owns_exactly_what_it_changed(history: Any, config: Document, name: str) -> None:
    live = lived(history)
    assume(entries_of(live))
    new = stored(config)
    after = update(live, new, Pod, Writer("writer", "v1"), now=NOW)
    mine = owners(after).get(("writer", "Update"), {})
    for owner, fields in owners(after).items():
        if owner != ("writer", "Update"):
            assert not intersection(fields, mine)
    found = compare_objects(live, new, Pod)
    assert mine == found.written and not intersection(mine, found.removed)

"""Unknown and duplicate fields: each once, with its path, in the order of the body."""

from __future__ import annotations

import copy
import json
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from apiserver import strictness
from machinery.api import scheme
from machinery.api.core.v1 import ConfigMap, Pod
from tests.fuzz.bodies import GOOD, places


def test_unknown_fields_have_paths() -> None:
    document: dict[str, Any] = {
        "apiVersion": "v1", "kind": "Pod", "Metadata": {}, "metadata": {"labels": {"any": "thing"}, "nmae": "x"},
        "spec": {"containers": [{"name": "a"}, {"imagee": "b", "resources": {"limits": {"cpu": 1}, "limit": {}}}]},
    }  # fmt: skip
    assert strictness.strict_errors(document, Pod) == [
        f'unknown field "{path}"'
        for path in ("Metadata", "metadata.nmae", "spec.containers[1].imagee", "spec.containers[1].resources.limit")
    ]


def test_the_short_way_and_the_long_way_agree() -> None:
    for kind, body in GOOD.items():
        model = next((row.model for row in scheme.RESOURCES if row.kind == kind), None)
        if model is not None and row_fits(model, body):
            assert strictness.all_known(body, model), kind
            for way in places(body):
                spoilt = with_odd_field(body, way)
                if spoilt is not None:
                    long_way = list(strictness._errors_of(spoilt, model, ""))
                    assert strictness.all_known(spoilt, model) == (long_way == []), (kind, way)


def row_fits(model: Any, body: dict[str, Any]) -> bool:
    return body.keys() <= model.fields_table().keys()


def with_odd_field(body: dict[str, Any], way: tuple[Any, ...]) -> Any:
    """A copy with one more field in the map at the end of the way."""
    result = inside = copy.deepcopy(body)
    for step in way:
        inside = inside[step]
    if not isinstance(inside, dict):
        return None
    inside["odd"] = {}
    return result


def test_duplicate_fields_have_paths() -> None:
    body = b'{"a":1,"b":{"c":1,"c":2},"d":[{"e":1,"e":1}],"a":2,"a":3}'
    assert strictness.duplicates(orjson.loads(body), body) == [
        'duplicate field "b.c"', 'duplicate field "d[0].e"', 'duplicate field "a"',
    ]  # fmt: skip


def test_both_in_order() -> None:
    body = b'{"x":1,"metadata":{"name":"a","name":"b"},"x":2,"data":{"k":"1","k":"2"}}'
    assert strictness.strict_errors(orjson.loads(body), ConfigMap, body) == [
        'unknown field "x"', 'duplicate field "metadata.name"', 'duplicate field "data.k"',
    ]  # fmt: skip


def test_a_hundred_are_enough() -> None:
    assert len(strictness.strict_errors({f"f{n}": 1 for n in range(300)}, ConfigMap)) == strictness.MOST


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), values, max_size=5), st.booleans())
def test_a_text_without_duplicates_has_none(document: dict[str, Any], ascii_only: bool) -> None:
    body = json.dumps(document, ensure_ascii=ascii_only).encode("utf-8", "replace")
    assert strictness.duplicates(orjson.loads(body), body) == []


@given(st.dictionaries(st.text("abc:", min_size=1), st.text("x:y"), min_size=1, max_size=4))
def test_a_key_more_is_always_seen(document: dict[str, str]) -> None:
    again = next(iter(document))
    body = orjson.dumps(document)[:-1] + b',%b:"z"}' % orjson.dumps(again)
    assert strictness.duplicates(orjson.loads(body), body) == [f'duplicate field "{again}"']


def test_yaml() -> None:
    text = b"a: 1\nb:\n  c: 1\n  c:\n    d: 1\na: 2\n"
    assert strictness.yaml_duplicates(text) == (
        'yaml: unmarshal errors:\n  line 6: key "a" already set in map\n  line 5: key "c" already set in map'
    )
    assert strictness.yaml_duplicates(b"a: &x {b: 1}\nc: *x\n<<: *x\n") == ""
    errors = [strictness.yaml_duplicates(b"a: 1\na: 1"), 'unknown field "b"']
    assert strictness.warnings_of(errors) == ['line 2: key "a" already set in map', 'unknown field "b"']


def test_what_comes_back_whole_had_nothing_unknown() -> None:
    decoded = {"metadata": {"name": "a"}, "spec": {"containers": [{"name": "b"}]}, "status": {}}
    assert strictness.nothing_lost({"metadata": {"name": "a"}, "spec": {"containers": [{"name": "b"}]}}, decoded)
    assert not strictness.nothing_lost({"metadata": {"name": "a", "nmae": "a"}}, decoded)
    assert not strictness.nothing_lost({"spec": {"containers": [{"name": "b", "imagee": "c"}]}}, decoded)
    assert not strictness.nothing_lost({"sepc": {}}, decoded)

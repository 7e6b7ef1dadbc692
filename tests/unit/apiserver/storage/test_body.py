from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apiserver.storage.body import BadBody, raw_from, resplice, splice, unsplice

# Texts that try to look like what we search for.
tricky = st.sampled_from(['"metadata":{', '{"metadata":{}}', '\\"metadata\\":{', "metadata", '"', "\\", "{", "}", "é"])
texts = st.one_of(tricky, st.text(max_size=8))
keys = st.one_of(st.sampled_from(["metadata", "resourceVersion", "spec", "labels"]), texts)
values = st.recursive(
    st.one_of(texts, st.integers(0, 9), st.none(), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=8,
)
metadatas = st.dictionaries(keys, values, max_size=3).filter(lambda found: "resourceVersion" not in found)


@st.composite
def objects(draw: st.DrawFn) -> dict:
    others = draw(st.dictionaries(keys, values, max_size=4))
    others.pop("metadata", None)
    items = [*others.items(), ("metadata", draw(metadatas))]
    return dict(draw(st.permutations(items)))


revisions = st.integers(1, 2**63 - 1)


def with_revision(document: dict, revision: int) -> dict:
    return {**document, "metadata": {**document["metadata"], "resourceVersion": str(revision)}}


@given(objects(), revisions)
def test_splice_sets_what_setting_it_in_the_object_would(document: dict, revision: int) -> None:
    assert orjson.loads(splice(orjson.dumps(document), revision)) == with_revision(document, revision)


@given(objects(), revisions)
def test_unsplice_gives_the_same_bytes_back(document: dict, revision: int) -> None:
    raw = orjson.dumps(document)
    assert unsplice(splice(raw, revision)) == raw
    assert unsplice(raw) == raw


@given(objects(), revisions, revisions)
def test_resplice_replaces_the_revision(document: dict, before: int, after: int) -> None:
    raw = orjson.dumps(document)
    assert resplice(splice(raw, before), after) == splice(raw, after)


@given(objects(), revisions)
def test_what_others_wrote_is_taken_as_ours(document: dict, revision: int) -> None:
    foreign = orjson.dumps(with_revision(document, revision), option=orjson.OPT_INDENT_2)
    assert orjson.loads(raw_from(foreign)) == document


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'"metadata":{', b'{"metadata":1}', b'{"spec":{"metadata":{}}}'])
def test_what_is_no_object(text: bytes) -> None:
    with pytest.raises(BadBody):
        raw_from(text)

"""Bodies: unknown, duplicate and wrongly typed fields, and the words for them."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver import decoding
from machinery.api.core.v1 import ConfigMap, Pod, Secret
from machinery.api.errors import BadRequest, UnsupportedMediaType


def test_unknown_fields_have_paths() -> None:
    document: dict[str, Any] = {
        "apiVersion": "v1", "kind": "Pod", "Metadata": {}, "metadata": {"labels": {"any": "thing"}, "nmae": "x"},
        "spec": {"containers": [{"name": "a"}, {"imagee": "b", "resources": {"limits": {"cpu": 1}, "limit": {}}}]},
    }  # fmt: skip
    assert list(decoding.unknown_fields(document, Pod)) == [
        "Metadata", "metadata.nmae", "spec.containers[1].imagee", "spec.containers[1].resources.limit",
    ]  # fmt: skip


def test_duplicate_fields_have_paths() -> None:
    body = b'{"a":1,"b":{"c":1,"c":2},"d":[{"e":1,"e":1}],"a":2}'
    assert list(decoding.duplicate_fields(body)) == ["b.c", "d[0].e", "a"]
    assert list(decoding.duplicate_fields(b"{not json")) == []


def test_modes_of_field_validation() -> None:
    document, body = {"apiVersion": "v1", "foo": 1}, b'{"apiVersion":"v1","foo":1,"foo":1}'
    assert decoding.check_fields(document, ConfigMap, mode="Ignore", body=body) == []
    both = ['unknown field "foo"', 'duplicate field "foo"']
    assert decoding.check_fields(document, ConfigMap, mode="Warn", body=body) == both
    with pytest.raises(BadRequest, match=r"cannot be handled as a ConfigMap: strict decoding error: unknown field"):
        decoding.check_fields(document, ConfigMap, mode="Strict", body=body)


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"containers": [{"image": 3}]}, "number into Go struct field Container.spec.containers.image of type string"),
        ({"hostNetwork": "yes"}, "string into Go struct field PodSpec.spec.hostNetwork of type bool"),
        ({"priority": "high"}, "string into Go struct field PodSpec.spec.priority of type int32"),
        ({"containers": [{"resources": {"limits": {"cpu": "lots"}}}]}, "quantities must match the regular expression"),
    ],
)
def test_wrong_types(spec: dict[str, Any], text: str) -> None:
    with pytest.raises(BadRequest) as caught:
        decoding.canonical({"spec": spec}, Pod, api_version="v1")
    assert caught.value.message.startswith('Pod in version "v1" cannot be handled as a Pod: ')
    assert text in caught.value.message


def test_canonical_drops_what_says_nothing() -> None:
    document = {"metadata": {"name": "x", "creationTimestamp": None, "labels": {}}, "foo": 1, "data": {"a": "b"}}
    assert decoding.canonical(document, ConfigMap, api_version="v1") == {
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"a": "b"},
    }  # fmt: skip


def test_encodings() -> None:
    assert decoding.parse(b"a: 2001-01-01\nb: n\n", "application/yaml") == {"a": "2001-01-01", "b": False}
    assert decoding.parse(b'{"a":1}', "application/json; charset=utf-8") == {"a": 1}
    with pytest.raises(UnsupportedMediaType):
        decoding.parse(b"", "text/plain")
    with pytest.raises(BadRequest, match="unexpected end of JSON input"):
        decoding.parse(b'{"a":', "")
    with pytest.raises(BadRequest, match="error converting YAML to JSON"):
        decoding.parse(b"a: [", "application/yaml")


@pytest.mark.parametrize(
    ("text", "at"), [("not base64!", 3), ("YWJj", None), ("YWJ", 0), ("YWJjZA", 4), ("YW\nJj", None), ("", None)]
)
def test_bytes_must_be_base64(text: str, at: int | None) -> None:
    document = {"metadata": {"name": "s"}, "data": {"k": text}}
    if at is None:
        assert decoding.canonical(document, Secret, api_version="v1")["data"] == {"k": text}
        return
    with pytest.raises(BadRequest) as caught:
        decoding.canonical(document, Secret, api_version="v1")
    assert caught.value.message == (
        f'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte {at}'
    )

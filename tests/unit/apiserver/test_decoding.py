"""Bodies: unknown, duplicate and wrongly typed fields, and the words for them."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver import decoding
from machinery.api.core.v1 import ConfigMap, Pod, Secret
from machinery.api.errors import BadRequest, UnsupportedMediaType


def test_modes_of_field_validation() -> None:
    document, body = {"apiVersion": "v1", "foo": 1, "data": {"a": "2"}}, b'{"foo":1,"foo":1,"data":{"a":"1","a":"2"}}'
    assert decoding.check_fields(document, ConfigMap, mode="Ignore", body=body) == []
    both = ['unknown field "foo"', 'duplicate field "data.a"']
    for mode in ("", "Warn"):
        assert decoding.check_fields(document, ConfigMap, mode=mode, body=body) == both
    with pytest.raises(BadRequest, match=r"cannot be handled as a ConfigMap: strict decoding error: unknown field"):
        decoding.check_fields(document, ConfigMap, mode="Strict", body=body)


def test_yaml_tells_the_lines() -> None:
    body = b"data:\n  a: '1'\n  a: '2'\nfoo: 1\n"
    document = {"data": {"a": "2"}, "foo": 1}
    found = decoding.check_fields(document, ConfigMap, mode="Warn", body=body, content_type="application/yaml")
    assert found == ['line 3: key "a" already set in map', 'unknown field "foo"']
    with pytest.raises(BadRequest) as refused:
        decoding.check_fields(document, ConfigMap, mode="Strict", body=body, content_type="application/yaml")
    assert refused.value.message.endswith(
        'strict decoding error: yaml: unmarshal errors:\n  line 3: key "a" already set in map, unknown field "foo"'
    )


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

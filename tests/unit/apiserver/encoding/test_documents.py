"""Every encoding says the same; messages are made once, and not kept for ever."""

from __future__ import annotations

import orjson
import pytest

from apiserver.encoding.documents import (
    Messages,
    encoded,
    in_envelope,
    in_yaml,
    list_in_envelope,
    list_in_yaml,
    object_in_envelope,
)
from apiserver.negotiation import PROTOBUF, YAML, Form
from machinery.api import protobuf, yaml
from machinery.api.core.v1 import ConfigMap

MAP = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "c", "resourceVersion": "7"}, "data": {"a": "yes"}}
BODY = orjson.dumps(MAP)


def test_plain_json_is_handed_through() -> None:
    assert encoded(BODY, Form()) is BODY


def test_json_for_people() -> None:
    text = encoded(BODY, Form(pretty=True)).decode()
    assert text.startswith('{\n  "kind": "ConfigMap",\n') and orjson.loads(text) == MAP


def test_yaml_quotes_what_other_readers_would_take_for_a_truth() -> None:
    text = encoded(BODY, Form(YAML)).decode()
    assert 'a: "yes"' in text and yaml.load(text) == MAP


def test_protobuf() -> None:
    assert protobuf.decode(encoded(BODY, Form(PROTOBUF))) == MAP
    assert protobuf.decode(object_in_envelope(BODY, ConfigMap)) == MAP


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_lists_of_metadata_number_their_fields_as_their_version_does(version: str) -> None:
    item = {"kind": "PartialObjectMetadata", "apiVersion": f"meta.k8s.io/{version}", "metadata": {"name": "c"}}
    document = {
        "kind": "PartialObjectMetadataList", "apiVersion": f"meta.k8s.io/{version}",
        "metadata": {"resourceVersion": "7"}, "items": [item],
    }  # fmt: skip
    raw = in_envelope(document)
    first, second = (b"\x12", b"\x0a") if version == "v1" else (b"\x0a", b"\x12")
    item_message = b"\x0a\x11\x0a\x01c\x12\x00\x1a\x00\x22\x00\x2a\x00\x32\x00\x38\x00\x42\x00"
    assert first + bytes([len(item_message)]) + item_message in raw
    assert second + b"\x09\x0a\x00\x12\x017\x1a\x00" in raw or second + b"\x07\x0a\x00\x12\x017\x1a\x00" in raw
    assert in_envelope(item).endswith(item_message + b"\x1a\x00\x22\x00")


def test_a_list_of_messages_is_the_list() -> None:
    messages = [Messages().of(BODY, ConfigMap)]
    listed = {"kind": "ConfigMapList", "apiVersion": "v1", "metadata": {"resourceVersion": "9"}, "items": [MAP]}
    assert list_in_envelope(messages, {"resourceVersion": "9"}, ConfigMap) == protobuf.encode(listed)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_list_in_yaml_is_the_list(count: int) -> None:
    listed = {"kind": "ConfigMapList", "apiVersion": "v1", "metadata": {"resourceVersion": "9"}, "items": [MAP] * count}
    text = list_in_yaml([in_yaml(BODY)] * count, {"resourceVersion": "9"}, ConfigMap)
    assert text == encoded(orjson.dumps(listed), Form(YAML))


def test_a_message_is_made_once() -> None:
    messages = Messages()
    assert messages.of(BODY, ConfigMap) is messages.of(bytes(bytearray(BODY)), ConfigMap)


def test_what_was_not_asked_for_lately_is_forgotten() -> None:
    messages = Messages(limit=1000)
    bodies = [orjson.dumps({**MAP, "data": {"n": str(number)}}) for number in range(50)]
    for body in bodies:
        messages.of(bodies[0], ConfigMap)
        messages.of(body, ConfigMap)
    assert 1 < len(messages) < 12
    first = messages.of(bodies[0], ConfigMap)
    assert messages.of(bodies[0], ConfigMap) is first


def test_what_is_larger_than_the_bound_is_made_and_not_kept() -> None:
    messages = Messages(limit=10)
    assert messages.of(BODY, ConfigMap) and len(messages) == 0

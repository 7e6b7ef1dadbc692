"""Protobuf: bodies that kubectl 1.33 really sent, Google's own implementation as judge, and broken bytes."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machinery.api import protobuf, scheme
from machinery.api.errors import BadRequest
from tests.support.protobuf import google_class, sample

# kubectl create deployment nginx --image=nginx:1.27 --replicas=3 --port=80
DEPLOYMENT = bytes.fromhex(
    "6b3873000a150a07617070732f7631120a4465706c6f796d656e7412c5010a230a056e67696e7812001a0022002a003200380042005a0c0a"
    "0361707012056e67696e78128f010803120e0a0c0a0361707012056e67696e781a730a1e0a0012001a0022002a003200380042005a0c0a03"
    "61707012056e67696e78125112330a056e67696e78120a6e67696e783a312e32372a00320a0a001000185022002a0042006a007200800100"
    "880100900100a201001a00320042004a0052005800600068008201008a01009a0100c2010022020a00280038001a0c080010001800200028"
    "0038001a002200")
# kubectl create service clusterip web --tcp=80:http
SERVICE = bytes.fromhex(
    "6b3873000a0d0a027631120753657276696365126c0a1f0a0377656212001a0022002a003200380042005a0a0a0361707012037765621245"
    "0a1e0a0738302d6874747012035443501850220a080110001a04687474702800120a0a0361707012037765621a002209436c757374657249"
    "503a00420052005a00600068001a020a001a002200")
# kubectl create secret generic s --from-literal=password=hunter2
SECRET = bytes.fromhex(
    "6b3873000a0c0a0276311206536563726574122a0a110a017312001a0022002a003200380042001213"
    "0a0870617373776f7264120768756e746572321a001a002200")
# kubectl create configmap c --from-literal=a=1
CONFIG_MAP = bytes.fromhex(
    "6b3873000a0f0a0276311209436f6e6669674d6170121b0a110a016312001a0022002a0032003800420012060a01611201311a002200")


def test_kubectl_creates_a_deployment() -> None:
    app = {"app": "nginx"}
    assert protobuf.decode(DEPLOYMENT) == {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "nginx", "labels": app}, "status": {},
        "spec": {
            "replicas": 3, "selector": {"matchLabels": app}, "strategy": {},
            "template": {"metadata": {"labels": app}, "spec": {"containers": [
                {"name": "nginx", "image": "nginx:1.27", "ports": [{"containerPort": 80}], "resources": {}}]}}}}


def test_kubectl_creates_a_service() -> None:
    service = protobuf.decode(SERVICE)
    assert service["spec"] == {
        "ports": [{"name": "80-http", "protocol": "TCP", "port": 80, "targetPort": "http"}],
        "selector": {"app": "web"}, "type": "ClusterIP"}


def test_kubectl_creates_a_secret_whose_bytes_become_base64() -> None:
    assert protobuf.decode(SECRET)["data"] == {"password": "aHVudGVyMg=="}


@pytest.mark.parametrize("body", [DEPLOYMENT, SERVICE, SECRET, CONFIG_MAP])
def test_we_write_the_very_bytes_that_go_writes(body: bytes) -> None:
    document = protobuf.decode(body)
    model = protobuf.model_for(document["apiVersion"], document["kind"])
    assert protobuf.encode(document) == body
    assert protobuf.encode(model.from_dict(document).to_dict()) == body


def test_options_and_subresources_have_no_row_but_a_class() -> None:
    options = {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0, "propagationPolicy": "Background"}
    assert protobuf.decode(protobuf.encode(options)) == options
    eviction = protobuf.decode(protobuf.encode(
        {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "web"}}))
    assert eviction["metadata"]["name"] == "web"


def test_every_group_has_the_options_that_all_share() -> None:
    for api_version in ("v1", "apps/v1", "autoscaling/v2", "rbac.authorization.k8s.io/v1"):
        options = {"apiVersion": api_version, "kind": "DeleteOptions", "gracePeriodSeconds": 0}
        assert protobuf.decode(protobuf.encode(options)) == options


def test_json_inside_the_envelope() -> None:
    body = protobuf.envelope("v1", "ConfigMap", b'{"data":{"a":"1"}}')
    body = body.removesuffix(b"\x22\0") + b"\x22\x10application/json"
    assert protobuf.decode(body) == {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "1"}}


def test_lists() -> None:
    document = {"apiVersion": "v1", "kind": "ConfigMapList", "metadata": {"resourceVersion": "7"},
                "items": [{"metadata": {"name": "a"}}]}
    envelope = protobuf.encode(document)
    assert b"ConfigMapList" in envelope
    assert envelope.count(b"\x0a\x01a") == 1


def test_watch_frames() -> None:
    inner = protobuf.encode({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}})
    frame = protobuf.watch_frame("ADDED", inner)
    assert int.from_bytes(frame[:4], "big") == len(frame) - 4
    event = protobuf.decode_message(frame[4:].replace(inner, b"{}").replace(
        bytes([0x12, len(inner) + 2, 0x0A, len(inner)]), b"\x12\x04\x0a\x02"), protobuf.model_for("v1", "WatchEvent"))
    assert event == {"type": "ADDED", "object": {}}


@pytest.mark.parametrize(("body", "message"), [
    (b"{}", "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]"),
    (b"k8s\0\xff", "unable to decode protobuf: unexpected EOF"),
    (b"k8s\0\x08\0", "unable to decode protobuf: proto: wrong wireType"),
    (protobuf.envelope("..", "Pod", b""), 'no kind "Pod" is registered for version ".."'),
    (protobuf.envelope("v1", "field", b""), 'no kind "field" is registered for version "v1"'),
    (protobuf.envelope("v1", "Any", b""), 'no kind "Any" is registered for version "v1"'),
    (protobuf.envelope("v1", "Bogus", b""), 'no kind "Bogus" is registered for version "v1"'),
])
def test_refused(body: bytes, message: str) -> None:
    with pytest.raises(BadRequest) as refused:
        protobuf.decode(body)
    assert str(refused.value) == message


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    for body in (raw, protobuf.PREFIX + raw, protobuf.envelope("v1", "Pod", raw)):
        try:
            protobuf.decode(body)
        except BadRequest:
            continue


@given(st.integers(0, len(DEPLOYMENT) - 1), st.integers(0, 255))
def test_one_wrong_byte_is_read_or_refused(at: int, byte: int) -> None:
    try:
        protobuf.decode(DEPLOYMENT[:at] + bytes([byte]) + DEPLOYMENT[at + 1:])
    except BadRequest:
        return


@pytest.mark.parametrize("resource", scheme.resources(), ids=lambda resource: resource.kind)
def test_google_agrees(resource: scheme.Resource) -> None:
    model = resource.model
    for seed in range(5):
        document = sample(model, random.Random(seed))
        ours = protobuf.encode_message(document, model)
        theirs = google_class(model).FromString(ours).SerializeToString(deterministic=True)
        assert theirs == ours
        assert model.from_dict(protobuf.decode_message(theirs, model)) == model.from_dict(document)

"""What is told without decoding is what decoding tells."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from machinery.api import scheme
from machinery.api.canonical import completed
from machinery.api.core.v1 import Pod
from machinery.api.model import Model
from tests.support.protobuf import sample

KINDS = sorted({scheme.model_of(row.group, row.version, row.kind) for row in scheme.resources()}, key=str)
UNTOLD = {"CertificateSigningRequest", "CustomResourceDefinition", "Secret", "TokenReview"}


def pod(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": spec}


@pytest.mark.parametrize("model", KINDS, ids=lambda model: model.__name__)
def test_every_kind_agrees_with_decoding(model: type[Model]) -> None:
    told = 0
    for seed in range(5):
        given = sample(model, random.Random(seed))
        decoded = model.from_dict(given).to_dict()
        for document in (given, copy.deepcopy(decoded)):
            if completed(document, model):
                assert document == decoded
                told += document is not given
    assert told or model.__name__ in UNTOLD


def test_what_is_always_written_is_added() -> None:
    document = pod(containers=[{"name": "a"}])
    assert completed(document, Pod)
    assert document == Pod.from_dict(pod(containers=[{"name": "a"}])).to_dict()
    assert document["spec"]["containers"][0]["resources"] == {}


def test_what_is_added_is_shared_with_nobody() -> None:
    first, second = pod(), pod()
    assert completed(first, Pod)
    first["status"]["phase"] = "Running"
    assert completed(second, Pod)
    assert second["status"] == {}


@pytest.mark.parametrize(
    "spec",
    [
        {"foo": 1},
        {"nodeName": None},
        {"nodeName": ""},
        {"nodeName": 3},
        {"tolerations": []},
        {"nodeSelector": {"a": 1}},
        {"priority": 2**31},
        {"priority": True},
        {"priority": 1.0},
        {"hostNetwork": 1},
        {"overhead": {"cpu": "0.5"}},
        {"overhead": {"cpu": "lots"}},
        {"containers": {}},
        {"containers": ["a"]},
        {"containers": [{"name": "a", "ports": [{"containerPort": "80"}]}]},
    ],
)
def test_doubts_are_left_to_decoding_and_nothing_is_changed(spec: dict[str, Any]) -> None:
    document = pod(**spec)
    assert not completed(document, Pod)
    assert document == pod(**spec)


@pytest.mark.parametrize("text", ["2024-02-30T00:00:00Z", "2024-01-01T00:00:00+01:00", "2024-01-01T00:00:00.5Z", "now"])
def test_odd_times_are_left_to_decoding(text: str) -> None:
    document = pod()
    document["metadata"]["creationTimestamp"] = text
    assert not completed(document, Pod)


def test_pointers_may_be_zero() -> None:
    document = pod(priority=0, containers=[{"name": "a", "securityContext": {"privileged": False}}])
    document = Pod.from_dict(document).to_dict()
    assert document["spec"]["priority"] == 0
    assert completed(copy.deepcopy(document), Pod)

"""The kinds of storage.k8s.io: defaults, mistakes, immutable fields, rows."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.registry.storage.csi_driver import CSIDriverStrategy
from apiserver.registry.storage.csi_node import CSINodeStrategy
from apiserver.registry.storage.csi_storage_capacity import CSIStorageCapacityStrategy
from apiserver.registry.storage.storage_class import StorageClassStrategy
from apiserver.registry.storage.volume_attachment import VolumeAttachmentStrategy
from apiserver.registry.strategy import Strategy
from tests.support.cluster_samples import sample
from tests.support.registry import changed, created, errors_of, row_of, update_errors_of, updated

CLASS, DRIVER, NODE = StorageClassStrategy(), CSIDriverStrategy(), CSINodeStrategy()
CAPACITY, ATTACHMENT = CSIStorageCapacityStrategy(), VolumeAttachmentStrategy()
ALL = (CLASS, DRIVER, NODE, CAPACITY, ATTACHMENT)


@pytest.mark.parametrize("strategy", ALL, ids=lambda each: each.kind)
def test_good_ones(strategy: Strategy) -> None:
    assert errors_of(strategy, sample(strategy.kind).document()) == []


def test_defaults() -> None:
    made = created(CLASS, sample("StorageClass").document())
    assert (made["reclaimPolicy"], made["volumeBindingMode"]) == ("Delete", "Immediate")
    assert created(DRIVER, {"spec": {}})["spec"] == {
        "attachRequired": True, "podInfoOnMount": False, "storageCapacity": False, "requiresRepublish": False,
        "seLinuxMount": False, "fsGroupPolicy": "ReadWriteOnceWithFSType", "volumeLifecycleModes": ["Persistent"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("strategy", "path", "value", "expected"),
    [
        (CLASS, "provisioner", "", "provisioner: Required value"),
        (CLASS, "provisioner", "a b", 'provisioner: Invalid value: "a b": name part must consist of'),
        (CLASS, "parameters", {"": "x"}, 'parameters: Invalid value: "": field can not be empty.'),
        (CLASS, "parameters", {"a": "x" * 300000}, "parameters: Too long: may not be more than 262144 bytes"),
        (CLASS, "parameters", {str(n): "" for n in range(600)}, "parameters: Too long: may not be more than 512 bytes"),
        (CLASS, "reclaimPolicy", "Recycle", 'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete"'),
        (CLASS, "volumeBindingMode", "Odd", 'volumeBindingMode: Unsupported value: "Odd": supported values: "Immediat'),
        (
            CLASS, "allowedTopologies", [{"matchLabelExpressions": [{"key": "zone", "values": ["a", "a"]}]}],
            'allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"',
        ),
        (
            CLASS, "allowedTopologies", [{"matchLabelExpressions": [{"key": "zone", "values": []}]}],
            "allowedTopologies[0].matchLabelExpressions[0].values: Required value",
        ),
        (CLASS, "allowedTopologies", [{}, {}], 'allowedTopologies[1].matchLabelExpressions: Duplicate value: ""'),
        (DRIVER, "spec.fsGroupPolicy", "Odd", 'spec.fsGroupPolicy: Unsupported value: "Odd": supported values: "File"'),
        (DRIVER, "spec.volumeLifecycleModes", ["Odd"], 'spec.volumeLifecycleModes: Unsupported value: "Odd"'),
        (
            DRIVER, "spec.tokenRequests", [{"audience": "a"}, {"audience": "a"}],
            'spec.tokenRequests[1].audience: Duplicate value: "a"',
        ),
        (
            DRIVER, "spec.tokenRequests", [{"audience": "a", "expirationSeconds": 5}],
            "spec.tokenRequests[0].expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minute",
        ),
        (
            DRIVER, "spec.tokenRequests", [{"audience": "a", "expirationSeconds": 2**33}],
            f"spec.tokenRequests[0].expirationSeconds: Invalid value: {2**33}: may not specify a duration larger than",
        ),
        (NODE, "spec.drivers.0.name", "", "spec.drivers[0].name: Required value"),
        (NODE, "spec.drivers.0.name", "x" * 64, "spec.drivers[0].name: Too long: may not be more than 63 bytes"),
        (NODE, "spec.drivers.0.nodeID", "", "spec.drivers[0].nodeID: Required value"),
        (NODE, "spec.drivers.0.nodeID", "x" * 257, 'spec.drivers[0].nodeID: Invalid value: "xxx'),
        (NODE, "spec.drivers.0.topologyKeys", ["a", "a"], 'spec.drivers[0]: Duplicate value: "a"'),
        (
            NODE, "spec.drivers.0.allocatable", {"count": -1},
            "spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0",
        ),
        (CAPACITY, "storageClassName", "", 'storageClassName: Invalid value: "": a lowercase RFC 1123 subdomain'),
        (CAPACITY, "capacity", "-1", 'capacity: Invalid value: "-1": must be greater than or equal to 0'),
        (ATTACHMENT, "spec.attacher", "", "spec.attacher: Required value"),
        (ATTACHMENT, "spec.nodeName", "", 'spec.nodeName: Invalid value: ""'),
        (ATTACHMENT, "spec.source", {}, "spec.source: Required value: must specify exactly one of inlineVolumeSpec an"),
        (
            ATTACHMENT, "spec.source", {"persistentVolumeName": "a", "inlineVolumeSpec": {}},
            "spec.source: Forbidden: must specify exactly one of inlineVolumeSpec and persistentVolumeName",
        ),
        (
            ATTACHMENT, "spec.source", {"persistentVolumeName": ""},
            "spec.source.persistentVolumeName: Required value: must specify non empty persistentVolumeName",
        ),
    ],
)  # fmt: skip
def test_mistakes(strategy: Strategy, path: str, value: Any, expected: str) -> None:
    found = errors_of(strategy, changed(sample(strategy.kind).document(), path, value))
    assert any(error.startswith(expected) for error in found), found


@pytest.mark.parametrize(
    ("strategy", "path", "value", "expected"),
    [
        (CLASS, "provisioner", "b", "provisioner: Forbidden: updates to provisioner are forbidden."),
        (CLASS, "parameters", {"a": "b"}, "parameters: Forbidden: updates to parameters are forbidden."),
        (CLASS, "reclaimPolicy", "Retain", "reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden."),
        (CLASS, "volumeBindingMode", "X", 'volumeBindingMode: Invalid value: "X": field is immutable'),
        (DRIVER, "spec.attachRequired", True, "spec.attachedRequired: Invalid value: true: field is immutable"),
        (
            DRIVER, "spec.volumeLifecycleModes", ["Ephemeral"],
            'spec.volumeLifecycleModes: Invalid value: ["Ephemeral"]: field is immutable',
        ),
        (NODE, "spec.drivers.0.nodeID", "other", "CSINodeDriver: Invalid value: {"),
        (CAPACITY, "storageClassName", "slow", 'storageClassName: Invalid value: "slow": field is immutable'),
        (CAPACITY, "nodeTopology", {}, "nodeTopology: Invalid value: {}: field is immutable"),
        (ATTACHMENT, "spec.nodeName", "n2", "spec: Invalid value: {"),
    ],
)  # fmt: skip
def test_what_stays(strategy: Strategy, path: str, value: Any, expected: str) -> None:
    old = created(strategy, sample(strategy.kind).document())
    found = update_errors_of(strategy, old, changed(old, path, value))
    assert len(found) == 1 and found[0].startswith(expected)


def test_a_driver_that_wants_other_tokens_is_a_new_generation() -> None:
    old = created(DRIVER, sample("CSIDriver").document())
    assert updated(DRIVER, old, changed(old, "spec.requiresRepublish", True))["metadata"]["generation"] == 1
    assert "generation" not in updated(DRIVER, old, changed(old, "spec.storageCapacity", True))["metadata"]


def test_rows() -> None:
    marked = {"metadata": {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}}
    assert row_of(CLASS, {"provisioner": "p", **marked}) == ["x (default)", "p", "Delete", "Immediate", False, "2m34s"]
    tokens = [{"audience": "a"}, {"audience": "b"}]
    assert row_of(DRIVER, {"spec": {"tokenRequests": tokens}})[1:7] == [True, False, False, "a,b", False, "<none>"]
    assert row_of(NODE, sample("CSINode").body)[1] == 1
    assert row_of(CAPACITY, sample("CSIStorageCapacity").body) == ["x", "fast", "1Gi"]
    assert row_of(CAPACITY, {"storageClassName": "a"})[2] == "<unset>"
    assert row_of(ATTACHMENT, sample("VolumeAttachment").body)[1:5] == ["d.example.com", "pv", "n1", False]


def test_attachment_status() -> None:
    old = created(ATTACHMENT, sample("VolumeAttachment").document())
    told = {**old, "status": {"attached": True, "attachError": {"message": "x" * 2000}}}
    assert update_errors_of(ATTACHMENT, old, told, "status") == [
        "status.attachError.message: Too long: may not be more than 1024 bytes"
    ]

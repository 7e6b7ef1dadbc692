"""PersistentVolume and PersistentVolumeClaim: defaults, every mistake, what may change, their rows."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.registry.core.persistent_volume import PersistentVolumeStrategy
from apiserver.registry.core.persistent_volume_claim import PersistentVolumeClaimStrategy
from apiserver.registry.core.volume_source_validation import REQUIRED
from machinery.api.core.v1.storage import PersistentVolumeSource
from tests.support.registry import changed, created, errors_of, row_of, update_errors_of, updated

VOLUME, CLAIM = PersistentVolumeStrategy(), PersistentVolumeClaimStrategy()
PV: dict[str, Any] = {
    "spec": {"capacity": {"storage": "5Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/data"}}
}
PVC: dict[str, Any] = {
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
}
NODES = {"nodeSelectorTerms": [{"matchExpressions": [{"key": "a", "operator": "Exists"}]}]}
FIRST = {  # what a source needs to be complete, where a text is not enough
    "cephfs": {"monitors": ["m"]}, "rbd": {"monitors": ["m"], "image": "i"}, "fc": {"wwids": ["w"]},
    "nfs": {"server": "s", "path": "/x"}, "csi": {"driver": "d.example", "volumeHandle": "h"},
}  # fmt: skip


def volume(source: str, content: dict[str, Any], **spec: Any) -> dict[str, Any]:
    rest = {key: value for key, value in PV["spec"].items() if key != "hostPath"}
    return {"spec": {**rest, source: content, **spec}}


def test_volume_defaults() -> None:
    obj = created(VOLUME, PV)
    assert obj["spec"]["persistentVolumeReclaimPolicy"] == "Retain" and obj["spec"]["volumeMode"] == "Filesystem"
    assert obj["spec"]["hostPath"] == {"path": "/data", "type": ""}
    assert obj["status"]["phase"] == "Pending" and obj["status"]["lastPhaseTransitionTime"]
    rbd = created(VOLUME, volume("rbd", {"monitors": ["m"], "image": "i", "user": "me"}))["spec"]["rbd"]
    assert (rbd["pool"], rbd["user"], rbd["keyring"]) == ("rbd", "me", "/etc/ceph/keyring")
    assert created(VOLUME, volume("azureDisk", {"diskName": "d", "diskURI": "u"}))["spec"]["azureDisk"] == {
        "cachingMode": "ReadWrite", "kind": "Shared", "fsType": "ext4", "readOnly": False,
        "diskName": "d", "diskURI": "u",
    }  # fmt: skip


@pytest.mark.parametrize(("wire", "fact"), PersistentVolumeSource.fields_table().items())
def test_every_source_must_be_complete(wire: str, fact: Any) -> None:
    found = errors_of(VOLUME, volume(wire, {}, nodeAffinity={"required": NODES}))
    needed = REQUIRED.get(fact.attr, ())
    assert all(error.startswith(f"spec.{wire}.") for error in found)
    assert len([error for error in found if "Required value" in error]) >= len(needed)
    if wire in FIRST:
        assert errors_of(VOLUME, volume(wire, FIRST[wire])) == []


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        (changed(PV, "spec.accessModes", None), "spec.accessModes: Required value"),
        (changed(PV, "spec.accessModes", ["Often"]), 'spec.accessModes: Unsupported value: "Often"'),
        (changed(PV, "spec.accessModes", ["ReadWriteOncePod", "ReadWriteOnce"]), "may not use ReadWriteOncePod"),
        (changed(PV, "spec.capacity", {"cpu": "1"}), 'spec.capacity: Unsupported value: {"cpu":"1"}'),
        (changed(PV, "spec.capacity.storage", "0"), 'Invalid value: "0": must be greater than zero'),
        (changed(PV, "spec.persistentVolumeReclaimPolicy", "Keep"), 'Unsupported value: "Keep": supported values'),
        (changed(PV, "spec.volumeMode", "Tape"), "spec.volumeMode: Unsupported value"),
        (changed(PV, "spec.storageClassName", "A"), "spec.storageClassName: Invalid value"),
        (changed(PV, "spec.hostPath", None), "spec: Required value: must specify a volume type"),
        (changed(PV, "spec.nfs", {"server": "s", "path": "/"}), "may not specify more than 1 volume type"),
        (changed(PV, "spec.hostPath.path", "/a/../b"), 'spec.hostPath.path: Invalid value: "/a/../b": must'),
        (changed(PV, "spec.hostPath.type", "Pipe"), "spec.hostPath.type: Unsupported value"),
        (changed(PV, "spec.nodeAffinity", {}), "must specify required node constraints"),
        (changed(PV, "spec.nodeAffinity.required", {}), "must have at least one node selector term"),
        (changed(changed(PV, "spec.hostPath.path", "/"), "spec.persistentVolumeReclaimPolicy", "Recycle"),
         "may not be 'recycle' for a hostPath mount of '/'"),
        (volume("local", {"path": "/x"}), "spec.nodeAffinity: Required value: Local volume requires node affinity"),
        (volume("nfs", {"server": "s", "path": "x"}), "spec.nfs.path: Invalid value: \"x\": must be an absolute path"),
        (volume("csi", {"driver": "D_", "volumeHandle": "h"}), "spec.csi.driver: Invalid value"),
        (volume("csi", {**FIRST["csi"], "nodePublishSecretRef": {"name": "n"}}), "nodePublishSecretRef.namespace: "),
        (volume("fc", {"targetWWNs": ["w"]}), "lun is required if targetWWNs is specified"),
    ],
)  # fmt: skip
def test_mistakes_in_a_volume(obj: dict[str, Any], expected: str) -> None:
    found = errors_of(VOLUME, obj)
    assert len(found) == 1 and expected in found[0], found


def test_volume_updates() -> None:
    old = created(VOLUME, changed(PV, "spec.nodeAffinity.required", NODES))
    claimed = changed(old, "spec.claimRef", {"name": "c", "namespace": "d"})
    assert update_errors_of(VOLUME, old, claimed) == []
    moved = update_errors_of(VOLUME, old, changed(old, "spec.hostPath.path", "/other"))
    assert moved[0].startswith("spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after")
    assert "volumeMode: Invalid value" in update_errors_of(VOLUME, old, changed(old, "spec.volumeMode", "Block"))[0]
    assert "nodeAffinity: Invalid value" in update_errors_of(VOLUME, old, changed(old, "spec.nodeAffinity", None))[0]
    csi = created(VOLUME, volume("csi", FIRST["csi"]))
    secret = {"name": "s", "namespace": "d"}
    assert update_errors_of(VOLUME, csi, changed(csi, "spec.csi.controllerExpandSecretRef", secret)) == []


def test_the_phase_keeps_its_time() -> None:
    old = changed(created(VOLUME, PV), "status.lastPhaseTransitionTime", "2026-01-01T00:00:00Z")
    same = updated(VOLUME, old, changed(old, "status.reason", "r"), "status")
    assert same["status"]["lastPhaseTransitionTime"] == "2026-01-01T00:00:00Z"
    other = updated(VOLUME, old, changed(old, "status.phase", "Bound"), "status")
    assert other["status"]["lastPhaseTransitionTime"] != "2026-01-01T00:00:00Z"


def test_volume_row() -> None:
    obj = created(VOLUME, changed(PV, "spec.accessModes", ["ReadWriteMany", "ReadWriteOnce"]))
    obj = changed(changed(obj, "spec.claimRef", {"namespace": "d", "name": "c"}), "spec.storageClassName", "fast")
    assert row_of(VOLUME, changed(obj, "status.phase", "Bound")) == [
        "x", "5Gi", "RWO,RWX", "Retain", "Bound", "d/c", "fast", "<unset>", "", "2m34s", "Filesystem",
    ]  # fmt: skip
    assert row_of(VOLUME, changed(obj, "metadata.deletionTimestamp", "2026-01-01T00:00:00Z"))[4] == "Terminating"


def test_claim_defaults() -> None:
    source = {"kind": "PersistentVolumeClaim", "name": "old"}
    obj = created(CLAIM, changed(PVC, "spec.dataSource", source))
    assert obj["spec"]["volumeMode"] == "Filesystem" and obj["status"] == {"phase": "Pending"}
    assert obj["spec"]["dataSourceRef"] == source
    populated = {"kind": "Image", "apiGroup": "example.com", "name": "x"}
    spec = created(CLAIM, changed(PVC, "spec.dataSourceRef", populated))["spec"]
    assert spec["dataSource"] == populated
    assert "dataSource" not in created(CLAIM, changed(PVC, "spec.dataSource", populated))["spec"]
    away = changed(PVC, "spec.dataSourceRef", {**source, "namespace": "other"})
    assert "dataSourceRef" not in created(CLAIM, away)["spec"]


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("spec.accessModes", None, "spec.accessModes: Required value: at least 1 access mode is required"),
        ("spec.accessModes", ["Often"], 'spec.accessModes: Unsupported value: "Often"'),
        ("spec.resources", None, "spec.resources[storage]: Required value"),
        ("spec.resources.requests.storage", "-1", 'Invalid value: "-1": must be greater than zero'),
        ("spec.selector", {"matchLabels": {"a b": "c"}}, "spec.selector.matchLabels: Invalid value"),
        ("spec.storageClassName", "A", "spec.storageClassName: Invalid value"),
        ("spec.volumeMode", "Tape", "spec.volumeMode: Unsupported value"),
    ],
)  # fmt: skip
def test_mistakes_in_a_claim(path: str, value: Any, expected: str) -> None:
    found = errors_of(CLAIM, changed(PVC, path, value))
    assert len(found) == 1 and expected in found[0], found


def test_mistakes_in_a_source() -> None:
    both = changed(PVC, "spec.dataSource", {"kind": "PersistentVolumeClaim", "name": "a"})
    both["spec"]["dataSourceRef"] = {"kind": "PersistentVolumeClaim", "name": "b"}
    assert errors_of(CLAIM, both) == ['spec: Invalid value: "spec.dataSource": must match dataSourceRef']
    found = errors_of(CLAIM, changed(PVC, "spec.dataSourceRef", {"kind": "Image", "name": ""}))
    assert "spec.dataSourceRef.name: Required value" in found
    assert any("must be 'PersistentVolumeClaim' when referencing the default apiGroup" in error for error in found)


@pytest.mark.parametrize(
    ("phase", "path", "value", "expected"),
    [
        ("Pending", "spec.volumeName", "pv", ""),
        ("Pending", "spec.storageClassName", "fast", ""),
        ("Bound", "spec.resources.requests.storage", "2Gi", ""),
        ("Pending", "spec.resources.requests.storage", "2Gi", "spec is immutable after creation except"),
        ("Bound", "spec.resources.requests.storage", "500Mi", "field can not be less than status.capacity"),
        ("Bound", "spec.accessModes", ["ReadWriteMany"], "spec is immutable after creation except"),
    ],
)
def test_what_may_change_in_a_claim(phase: str, path: str, value: Any, expected: str) -> None:
    old = created(CLAIM, PVC)
    old["status"] = {"phase": phase, "capacity": {"storage": "1Gi"}}
    found = update_errors_of(CLAIM, old, changed(old, path, value))
    assert [expected in error for error in found] == ([True] if expected else []), found


def test_a_bound_claim_stays_with_its_volume() -> None:
    old = changed(created(CLAIM, PVC), "spec.volumeName", "pv")
    found = update_errors_of(CLAIM, old, changed(old, "spec.volumeName", "other"))
    assert found[0].endswith("- volumeName: pv\n+ volumeName: other")


def test_claim_status() -> None:
    old = created(CLAIM, PVC)
    status = {
        "capacity": {"storage": "-1"}, "allocatedResources": {"cpu": "1"},
        "allocatedResourceStatuses": {"storage": "Odd"},
    }  # fmt: skip
    assert [error.split(":")[0] for error in update_errors_of(CLAIM, old, {**old, "status": status}, "status")] == [
        "status.capacity[storage]", "status.allocatedResourceStatus", "status.allocatedResources",
    ]  # fmt: skip


def test_claim_row() -> None:
    obj = created(CLAIM, changed(PVC, "spec.storageClassName", "fast"))
    assert row_of(CLAIM, obj) == ["x", "Pending", "", "", "", "fast", "<unset>", "2m34s", "Filesystem"]
    bound = changed(obj, "spec.volumeName", "pv")
    bound["status"] = {"phase": "Bound", "capacity": {"storage": "5Gi"}, "accessModes": ["ReadWriteOnce"]}
    assert row_of(CLAIM, bound)[1:5] == ["Bound", "pv", "5Gi", "RWO"]

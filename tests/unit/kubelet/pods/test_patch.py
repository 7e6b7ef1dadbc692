"""The difference between two statuses, and that applying it gives the second."""

from __future__ import annotations

from kubelet.pods.patch import status_patch
from machinery.api.core.v1 import ContainerStatus, Pod, PodCondition, PodIP, PodStatus
from machinery.api.patch import strategic_merge_patch

OLD = PodStatus(
    phase="Pending",
    message="m",
    pod_ips=(PodIP(ip="1.1.1.1"),),
    conditions=(
        PodCondition(type="Other", status="True"),
        PodCondition(type="Ready", status="False", reason="ContainersNotReady"),
    ),
)
NEW = PodStatus(
    phase="Running",
    pod_ips=(PodIP(ip="2.2.2.2"),),
    container_statuses=(ContainerStatus(name="c"),),
    conditions=(PodCondition(type="Ready", status="True"), PodCondition(type="Other", status="True")),
)


def test_nothing_to_say() -> None:
    assert status_patch(OLD, OLD, "u") is None


def test_only_what_differs() -> None:
    body = status_patch(OLD, OLD.replace(phase="Running"), "u")
    assert body == {"metadata": {"uid": "u"}, "status": {"phase": "Running"}}


def test_applied_it_gives_the_new_status() -> None:
    before = Pod(status=OLD).to_dict()
    body = status_patch(OLD, NEW, "u")
    assert Pod.from_dict(strategic_merge_patch(before, {"status": body["status"]}, Pod)).status == NEW


def test_conditions_of_others_survive() -> None:
    body = status_patch(OLD.replace(conditions=OLD.conditions[1:]), NEW.replace(conditions=NEW.conditions[:1]), "u")
    merged = strategic_merge_patch(Pod(status=OLD).to_dict(), {"status": body["status"]}, Pod)
    assert {c["type"]: c.get("reason") for c in merged["status"]["conditions"]} == {"Other": None, "Ready": None}

"""`minictl describe` prints what `kubectl describe` prints, kind by kind."""

from __future__ import annotations

import json

import pytest

from tests.integration.minictl import rich
from tests.integration.minictl.sidebyside import SideBySide, lines


@pytest.fixture(scope="module", autouse=True)
def objects(side: SideBySide) -> None:
    """A small cluster's worth of objects, with the statuses that nobody else is there to write."""
    side.make(rich.CONFIG_MAP, rich.SECRET, rich.ACCOUNT, rich.NODE, rich.LEASE, rich.POD, rich.PLAIN_POD, rich.SERVICE,
              rich.HEADLESS, rich.ALIAS, rich.SLICE, rich.BARE_SLICE, rich.ENDPOINTS, rich.DEPLOYMENT)
    shop = get(side, "deployment", "shop")
    side.make(rich.replica_set("shop-1111", "shop:0", shop), rich.replica_set("shop-2222", "shop:1", shop))
    side.status("pod", "rich", rich.POD_STATUS)
    side.status("node", "worker-1", rich.NODE_STATUS)
    side.status("deployment", "shop", rich.DEPLOYMENT_STATUS)
    side.status("replicaset", "shop-2222", {"replicas": 2, "conditions": [
        {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate"}]})
    mine = get(side, "replicaset", "shop-2222")
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "shop-2222", "uid": mine["metadata"]["uid"],
             "controller": True}
    side.make({**rich.PLAIN_POD, "metadata": rich.meta("shop-2222-x", labels=mine["metadata"]["labels"],
                                                       ownerReferences=[owner])})
    pod, node = get(side, "pod", "rich"), get(side, "node", "worker-1")
    side.make(
        rich.event(3, pod, count=4, type="Warning", reason="BackOff", firstTimestamp="2026-01-01T00:00:00Z"),
        rich.event(1, pod, reference={"fieldPath": "spec.containers{web}"}),
        rich.event(2, pod, source={}, reportingComponent="someone"),
        rich.event(4, pod, eventTime="2026-01-01T00:00:00.000000Z", series={
            "count": 7, "lastObservedTime": "2026-01-04T00:00:00.000000Z"}),
        rich.event(1, node), rich.event(2, node, reference={"uid": "worker-1"}), rich.event(1, shop))


def get(side: SideBySide, kind: str, name: str) -> dict:
    return json.loads(side.do("get", kind, name, "-o", "json"))


@pytest.mark.parametrize("words", lines("describe"))
def test_describes_as_kubectl_does(side: SideBySide, words: str) -> None:
    side.same("describe", *words.split())


def test_describes_what_a_file_names(side: SideBySide, tmp_path) -> None:
    file = tmp_path / "pod.json"
    file.write_text(json.dumps(rich.PLAIN_POD))
    side.same("describe", "-f", str(file))


def test_a_pod_that_is_ending(side: SideBySide) -> None:
    side.make({**rich.PLAIN_POD, "metadata": rich.meta("ending", finalizers=["example.com/hold"]),
               "spec": {**rich.PLAIN_POD["spec"], "nodeName": "worker-1"}})
    side.do("delete", "pod", "ending", "--wait=false")
    assert "Terminating (lasts" in side.same("describe", "pod", "ending")
    side.do("patch", "pod", "ending", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    side.do("delete", "pod", "ending", "--force", "--grace-period=0", "--ignore-not-found")

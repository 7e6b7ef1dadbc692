"""What the node server tells about a real node, through the API server and with kubectl's words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.cluster import eventually
from tests.support.kubelet import STAYS
from tests.support.onenode import OneNode

WRITES = "dd if=/dev/zero of=/data/file bs=1024 count=2048; dd if=/dev/zero of=/tmp/own bs=1024 count=512; echo done"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneNode]:
    with OneNode(tmp_path_factory.mktemp("node")) as running:
        container = {
            "name": "c",
            "command": ["/bin/sh", "-c", f"{WRITES}; {STAYS}"],
            "volumeMounts": [{"name": "data", "mountPath": "/data"}],
            "readinessProbe": {"exec": {"command": ["true"]}, "periodSeconds": 1},
        }
        running.pod("web", container, volumes=[{"name": "data", "emptyDir": {}}])
        eventually(lambda: "done" in running.kubectl("logs", "web"), 60)
        yield running


def page(node: OneNode, path: str) -> str:
    return node.kubectl("get", "--raw", f"/api/v1/nodes/n1/proxy/{path}")


def document(node: OneNode, path: str) -> dict[str, Any]:
    return json.loads(page(node, path))


def test_health(node: OneNode) -> None:
    assert {page(node, path) for path in ("healthz", "healthz/ping", "healthz/log", "healthz/syncloop")} == {"ok"}


def test_the_summary(node: OneNode) -> None:
    found = document(node, "stats/summary")
    top = found["node"]
    assert top["nodeName"] == "n1" and top["cpu"]["usageCoreNanoSeconds"] > 0 and "usageNanoCores" in top["cpu"]
    assert top["memory"]["workingSetBytes"] > 0 and top["memory"]["availableBytes"] > 0
    assert top["fs"]["capacityBytes"] >= top["fs"]["usedBytes"] > 0 and "imageFs" in top["runtime"]
    assert top["rlimit"]["maxpid"] > top["rlimit"]["curproc"] > 0
    (pod,) = found["pods"]
    (container,) = pod["containers"]
    assert pod["podRef"]["name"] == "web" and container["name"] == "c"
    assert pod["cpu"]["usageCoreNanoSeconds"] >= container["cpu"]["usageCoreNanoSeconds"] > 0
    assert pod["memory"]["usageBytes"] > 0 and pod["network"]["name"] == "eth0"
    assert container["logs"]["usedBytes"] > 0
    volume = next(volume for volume in pod["volume"] if volume["name"] == "data")
    assert volume["usedBytes"] >= 2 << 20
    assert pod["ephemeral-storage"]["usedBytes"] >= volume["usedBytes"] + container["logs"]["usedBytes"]
    brief = document(node, "stats/summary?only_cpu_and_memory=true")
    assert "volume" not in brief["pods"][0]


def test_what_a_container_wrote(node: OneNode) -> None:
    """The runtime measures layers by itself, every ten seconds."""

    def written() -> int:
        return document(node, "stats/summary")["pods"][0]["containers"][0]["rootfs"]["usedBytes"]

    eventually(lambda: written() >= 512 << 10, 60)


def test_metrics(node: OneNode) -> None:
    resource = page(node, "metrics/resource")
    labels = r'container="c",namespace="default",pod="web"'
    for line in (
        rf"container_cpu_usage_seconds_total{{{labels}}} \S+ \d{{13}}",
        rf"container_memory_working_set_bytes{{{labels}}} \S+ \d{{13}}",
        r'pod_cpu_usage_seconds_total{namespace="default",pod="web"} \S+ \d{13}',
        r'pod_memory_working_set_bytes{namespace="default",pod="web"} \S+ \d{13}',
        r"node_cpu_usage_seconds_total \S+ \d{13}",
        r"node_memory_working_set_bytes \S+ \d{13}",
        r"resource_scrape_error 0",
    ):
        assert re.search(f"^{line}$", resource, re.MULTILINE), line
    cadvisor = page(node, "metrics/cadvisor")
    assert "machine_cpu_cores " in cadvisor and 'container_memory_rss{container="c"' in cadvisor
    assert 'container_network_receive_bytes_total{interface="eth0",namespace="default",pod="web"}' in cadvisor
    probes = page(node, "metrics/probes")
    assert re.search(r'prober_probe_total{probe_type="Readiness",container="c",pod="web".*result="successful"}', probes)
    assert "rest_client_requests_total" in page(node, "metrics")


def test_pods_and_configuration(node: OneNode) -> None:
    assert [item["status"]["phase"] for item in document(node, "pods")["items"]] == ["Running"]
    (running,) = document(node, "runningpods/")["items"]
    assert running["metadata"]["name"] == "web" and running["spec"]["containers"][0]["name"] == "c"
    told = document(node, "configz")["kubeletconfig"]
    assert (told["maxPods"], told["containerLogMaxSize"], told["kind"]) == (110, "10Mi", "KubeletConfiguration")

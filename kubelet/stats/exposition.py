"""A sample as Prometheus reads it: /metrics/resource for metrics-server, /metrics/cadvisor for dashboards. Pure.

Every line of /metrics/resource carries its time, which metrics-server wants.
Real Kubernetes: kubelet/metrics/collectors/resource_metrics.go; cadvisor/metrics. Of cadvisor's names the usual ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from kubelet.node.facts import Machine
from kubelet.stats.collector import ContainerSample, PodSample, Sample
from machinery.component.metrics import escape

SECOND = 1_000_000_000


class Line(NamedTuple):
    labels: dict[str, str]
    value: float
    at: datetime | None = None


class Family(NamedTuple):
    name: str
    kind: str
    help: str
    lines: Iterable[Line]


def render(families: Iterable[Family]) -> str:
    """Prometheus' text format."""
    return "".join(part for family in families for part in _family(family))


def _family(family: Family) -> Iterator[str]:
    yield f"# HELP {family.name} {family.help}\n# TYPE {family.name} {family.kind}\n"
    for labels, value, at in family.lines:
        inside = ",".join(f'{key}="{escape(text)}"' for key, text in labels.items())
        stamp = f" {int(at.timestamp() * 1000)}" if at else ""
        yield f"{family.name}{'{' + inside + '}' if inside else ''} {value:.15g}{stamp}\n"


def _each(sample: Sample) -> Iterator[tuple[PodSample, ContainerSample]]:
    return ((found, container) for found in sample.pods for container in found.containers)


def _of_pod(found: PodSample) -> dict[str, str]:
    return {"namespace": found.pod.metadata.namespace, "pod": found.pod.metadata.name}


def _of_container(found: PodSample, container: ContainerSample) -> dict[str, str]:
    return {"container": container.run.name, **_of_pod(found)}


def resource(sample: Sample) -> Iterator[Family]:
    """What `kubectl top` and autoscalers live on."""
    at, node = sample.at, sample.machine
    pods = [(_of_pod(found), found.use) for found in sample.pods if found.use]
    containers = [(_of_container(found, one), one.use, one.run) for found, one in _each(sample) if one.use]
    cpu, memory = "Cumulative cpu time consumed by the {} in core-seconds", "Current working set of the {} in bytes"
    yield Family("container_cpu_usage_seconds_total", "counter", cpu.format("container"),
                 (Line(labels, use.cpu_nanoseconds / SECOND, at) for labels, use, _ in containers))
    yield Family("container_memory_working_set_bytes", "gauge", memory.format("container"),
                 (Line(labels, use.working_set, at) for labels, use, _ in containers))
    yield Family("container_start_time_seconds", "gauge", "Start time of the container since unix epoch in seconds",
                 (Line(labels, run.started_at.timestamp()) for labels, _, run in containers if run.started_at))
    yield Family("node_cpu_usage_seconds_total", "counter", cpu.format("node"),
                 [Line({}, node.cpu_nanoseconds / SECOND, at)])
    yield Family("node_memory_working_set_bytes", "gauge", memory.format("node"), [Line({}, node.working_set, at)])
    yield Family("pod_cpu_usage_seconds_total", "counter", cpu.format("pod"),
                 (Line(labels, use.cpu_nanoseconds / SECOND, at) for labels, use in pods))
    yield Family("pod_memory_working_set_bytes", "gauge", memory.format("pod"),
                 (Line(labels, use.working_set, at) for labels, use in pods))
    yield Family("resource_scrape_error", "gauge", "1 if there was an error while getting container metrics, else 0",
                 [Line({}, 0)])  # fmt: skip


def cadvisor(sample: Sample, machine: Machine) -> Iterator[Family]:
    """The names that dashboards for containers use."""
    known = [(_cadvisor_labels(found, one), one, one.use) for found, one in _each(sample) if one.use]
    yield Family("machine_cpu_cores", "gauge", "Number of logical CPU cores.", [Line({}, machine.cpus)])
    yield Family("machine_memory_bytes", "gauge", "Amount of memory installed on the machine.",
                 [Line({}, machine.memory_bytes)])
    yield Family("container_cpu_usage_seconds_total", "counter", "Cumulative cpu time consumed in seconds.",
                 (Line({"cpu": "total", **labels}, use.cpu_nanoseconds / SECOND) for labels, _, use in known))
    yield Family("container_memory_usage_bytes", "gauge", "Current memory usage in bytes, including all memory.",
                 (Line(labels, use.memory) for labels, _, use in known))
    yield Family("container_memory_working_set_bytes", "gauge", "Current working set in bytes.",
                 (Line(labels, use.working_set) for labels, _, use in known))
    yield Family("container_memory_rss", "gauge", "Size of RSS in bytes.",
                 (Line(labels, use.rss) for labels, _, use in known))
    yield Family("container_processes", "gauge", "Number of processes running inside the container.",
                 (Line(labels, use.processes) for labels, _, use in known))
    yield Family("container_start_time_seconds", "gauge", "Start time of the container since unix epoch in seconds.",
                 (Line(labels, one.run.started_at.timestamp()) for labels, one, _ in known if one.run.started_at))
    yield from _network(sample)  # fmt: skip


def _cadvisor_labels(found: PodSample, container: ContainerSample) -> dict[str, str]:
    run = container.run
    return {**_of_container(found, container), "id": run.id, "image": run.image, "name": run.id}


def _network(sample: Sample) -> Iterator[Family]:
    known = [({"interface": i.name, **_of_pod(found)}, i) for found in sample.pods for i in found.interfaces]
    yield Family("container_network_receive_bytes_total", "counter", "Cumulative count of bytes received",
                 (Line(labels, interface.received) for labels, interface in known))
    yield Family("container_network_transmit_bytes_total", "counter", "Cumulative count of bytes transmitted",
                 (Line(labels, interface.sent) for labels, interface in known))  # fmt: skip

"""A sample as /stats/summary shows it. Pure.

Real Kubernetes: kubelet/pkg/apis/stats/v1alpha1. Left out: accelerators, swap, system containers.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kubelet.stats.collector import ContainerSample, PodSample, Sample, Taken
from kubelet.stats.readings import Disk, Interface, Use
from machinery.api.core.v1 import Volume

Doc = dict[str, Any]


def text_of(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def _known(**fields: Any) -> Doc:
    return {key: value for key, value in fields.items() if value is not None}


def _cpu(at: str | None, use: Use | None, rate: int | None) -> Doc | None:
    return _known(time=at, usageNanoCores=rate, usageCoreNanoSeconds=use.cpu_nanoseconds) if use else None


def _memory(at: str | None, use: Use | None) -> Doc | None:
    if use is None:
        return None
    return _known(
        time=at,
        availableBytes=use.available,
        usageBytes=use.memory,
        workingSetBytes=use.working_set,
        rssBytes=use.rss,
        pageFaults=use.page_faults,
        majorPageFaults=use.major_page_faults,
    )


def _disk(at: str | None, disk: Disk | None, taken: Taken | None = None) -> Doc | None:
    """A file system, and how much of it one thing takes."""
    if disk is None:
        return None
    size, inodes = taken if taken is not None else (disk.used, disk.inodes - disk.inodes_free)
    return {
        "time": at,
        "availableBytes": disk.available,
        "capacityBytes": disk.capacity,
        "usedBytes": size,
        "inodesFree": disk.inodes_free,
        "inodes": disk.inodes,
        "inodesUsed": inodes,
    }


def _network(at: str | None, interfaces: tuple[Interface, ...]) -> Doc | None:
    if not interfaces:
        return None
    each = [
        {"name": i.name, "rxBytes": i.received, "rxErrors": i.receive_errors, "txBytes": i.sent,
         "txErrors": i.send_errors}
        for i in interfaces
    ]  # fmt: skip
    first = next((one for one in each if one["name"] == "eth0"), each[0])
    return {"time": at, **first, "interfaces": each}


def _container(at: str | None, container: ContainerSample, sample: Sample) -> Doc:
    written = container.written
    return _known(
        name=container.run.name,
        startTime=text_of(container.run.started_at),
        cpu=_cpu(at, container.use, container.nano_cores),
        memory=_memory(at, container.use),
        rootfs=_disk(at, sample.image_disk, (written.used_bytes, written.inodes)),
        logs=_disk(at, sample.node_disk, container.logs),
    )


def _volume(at: str | None, volume: Volume, taken: Taken, sample: Sample) -> Doc:
    return {"name": volume.name, **(_disk(at, sample.node_disk, taken) or {})}


def _pod(at: str | None, found: PodSample, sample: Sample) -> Doc:
    meta = found.pod.metadata
    return _known(
        podRef={"name": meta.name, "namespace": meta.namespace, "uid": meta.uid},
        startTime=text_of(found.pod.status.start_time),
        containers=[_container(at, container, sample) for container in found.containers],
        cpu=_cpu(at, found.use, found.nano_cores),
        memory=_memory(at, found.use),
        network=_network(at, found.interfaces),
        volume=[
            _volume(at, volume, found.volumes[volume.name], sample)
            for volume in found.pod.spec.volumes if volume.name in found.volumes
        ] or None,
        process_stats={"process_count": found.use.processes} if found.use else None,
        **{"ephemeral-storage": _disk(at, sample.node_disk, found.ephemeral_storage)},
    )  # fmt: skip


def summary(node: str, sample: Sample, limits: tuple[int, int], started: datetime | None) -> Doc:
    """The whole document; `limits` are the most processes and how many there are."""
    at = text_of(sample.at)
    images = _disk(at, sample.image_disk, (sample.images.used_bytes, sample.images.inodes))
    return {
        "node": _known(
            nodeName=node,
            startTime=text_of(started),
            cpu=_cpu(at, sample.machine, sample.nano_cores),
            memory=_memory(at, sample.machine),
            network=_network(at, sample.interfaces),
            fs=_disk(at, sample.node_disk),
            runtime=_known(imageFs=images, containerFs=images),
            rlimit={"time": at, "maxpid": limits[0], "curproc": limits[1]},
        ),
        "pods": [_pod(at, found, sample) for found in sample.pods],
    }

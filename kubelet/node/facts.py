"""What this machine is: processors, memory, versions, identities.

Reads /proc, /sys and /etc; writes nothing. Real Kubernetes: cadvisor's machine info.
"""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path

from machinery.component.version import architecture


@dataclass(frozen=True)
class Machine:
    cpus: int
    memory_bytes: int
    disk_bytes: int
    machine_id: str
    system_uuid: str
    boot_id: str
    kernel: str
    os_image: str
    architecture: str
    hostname: str
    app_armor: bool = False


def _read(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""


def memory_bytes(meminfo: str) -> int:
    line = next((line for line in meminfo.splitlines() if line.startswith("MemTotal:")), "MemTotal: 0 kB")
    return int(line.split()[1]) * 1024


def os_image(os_release: str) -> str:
    pairs = dict(line.split("=", 1) for line in os_release.splitlines() if "=" in line)
    return pairs.get("PRETTY_NAME", "Linux").strip('"')


def _disk_bytes(folder: str) -> int:
    Path(folder).mkdir(parents=True, exist_ok=True)
    found = os.statvfs(folder)
    return found.f_blocks * found.f_frsize


def read_machine(root_dir: str) -> Machine:
    machine_id = _read("/etc/machine-id")
    return Machine(
        cpus=os.cpu_count() or 1,
        memory_bytes=memory_bytes(_read("/proc/meminfo")),
        disk_bytes=_disk_bytes(root_dir),
        machine_id=machine_id,
        system_uuid=_read("/sys/class/dmi/id/product_uuid") or machine_id,
        boot_id=_read("/proc/sys/kernel/random/boot_id"),
        kernel=platform.release(),
        os_image=os_image(_read("/etc/os-release")),
        architecture=architecture(),
        hostname=platform.node(),
        app_armor=_read("/sys/module/apparmor/parameters/enabled") == "Y",
    )

"""A machine's containerd: its configuration, with the settings that a lab of several on one kernel needs.

Distribution packages bring no configuration of their own, or one with the CRI plugin switched off.
kind writes the same kind of file into its node image.
"""

from __future__ import annotations

import os
from pathlib import Path

from miniadm.cluster import Machine, SetupError, write_atomically
from miniadm.images import PAUSE

# Debian and Ubuntu, upstream and Fedora, Arch.
_PLUGIN_FOLDERS = ("/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni")


def config_file(machine: Machine) -> Path:
    return machine.home / "containerd.toml"


def cni_folder(machine: Machine) -> Path:
    return machine.home / "cni"


def plugin_folder() -> str:
    for folder in _PLUGIN_FOLDERS:
        if os.access(f"{folder}/bridge", os.X_OK):
            return folder
    raise SetupError("no CNI plugins found (package containernetworking-plugins)")


def write(machine: Machine) -> None:
    for folder in (machine.home / "containerd", cni_folder(machine), machine.home / "registries"):
        folder.mkdir(parents=True, exist_ok=True)
    write_atomically(config_file(machine), config(machine, plugins=plugin_folder()), mode=0o644)


def config(machine: Machine, *, plugins: str) -> str:
    """The TOML text. Traps, line by line: a socket path may not exceed 108 characters; without
    CAP_SYS_RESOURCE no pod starts unless `restrict_oom_score_adj`; AppArmor's filesystem is not mounted in
    our machines; the `opt` plugin would create /opt/containerd on the host."""
    return f"""\
version = 2
root = "{machine.home}/containerd"
state = "/run/containerd"
disabled_plugins = [
  "io.containerd.internal.v1.opt", "io.containerd.internal.v1.tracing", "io.containerd.tracing.processor.v1.otlp",
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
]

[grpc]
  address = "/run/containerd/containerd.sock"

[debug]
  level = "warn"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE}"
  disable_apparmor = true
  disable_hugetlb_controller = true
  tolerate_missing_hugetlb_controller = true
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  max_container_log_line_size = 16384

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "{plugins}"
  conf_dir = "{cni_folder(machine)}"

[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "overlayfs"
  default_runtime_name = "runc"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  SystemdCgroup = false

[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = "{machine.home}/registries"
"""

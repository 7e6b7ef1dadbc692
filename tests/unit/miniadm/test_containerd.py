"""The configuration is TOML that keeps a machine's containerd to itself."""

from __future__ import annotations

import tomllib
from pathlib import Path

from miniadm import containerd
from miniadm.cluster import Cluster

MACHINE = Cluster("mini", Path("/var/lib/mini"), subnet="192.168.80.0/24").machines[1]


def test_every_path_is_the_machines_own():
    config = tomllib.loads(containerd.config(MACHINE, plugins="/usr/lib/cni"))
    cri = config["plugins"]["io.containerd.grpc.v1.cri"]
    assert config["root"] == "/var/lib/mini/nodes/worker-1/containerd"
    assert config["state"] == "/run/containerd"
    assert cri["cni"] == {"bin_dir": "/usr/lib/cni", "conf_dir": "/var/lib/mini/nodes/worker-1/cni"}
    assert cri["registry"]["config_path"].startswith("/var/lib/mini/nodes/worker-1/")


def test_the_settings_that_a_shared_kernel_needs():
    config = tomllib.loads(containerd.config(MACHINE, plugins="/usr/lib/cni"))
    cri = config["plugins"]["io.containerd.grpc.v1.cri"]
    assert cri["restrict_oom_score_adj"] and cri["disable_apparmor"]
    assert cri["sandbox_image"] == "docker.io/mini/pause:1"
    assert "io.containerd.grpc.v1.cri" not in config["disabled_plugins"]

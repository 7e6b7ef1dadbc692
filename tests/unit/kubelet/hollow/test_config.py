"""Which nodes a process of hollow nodes has."""

from __future__ import annotations

from kubelet.hollow.config import Config, first_address, kubelets, node_names


def test_every_node_has_its_own_name_address_and_folder() -> None:
    farm = [*kubelets(Config(nodes=300)), *kubelets(Config(nodes=300, first=300))]
    for of in ("node_name", "node_ip", "root_dir", "pod_log_dir"):
        assert len({getattr(settings, of) for settings in farm}) == 600


def test_two_processes_number_on() -> None:
    config = Config.from_args(["--nodes", "2", "--first", "10", "--name-prefix", "big-"])
    assert node_names(config) == ("big-10", "big-11")
    assert [settings.node_ip for settings in kubelets(config)] == ["198.18.0.11", "198.18.0.12"]
    assert first_address(config, 1) - first_address(config, 0) == 256


def test_what_the_nodes_are_told() -> None:
    (settings,) = kubelets(Config.from_args([
        "--nodes=1", "--start-seconds=2", "--max-pods=7", "--node-labels=size=big",
        "--register-with-taints=a=b:NoSchedule",
    ]))  # fmt: skip
    assert (settings.container_runtime, settings.hollow_start_seconds, settings.max_pods) == ("hollow", 2.0, 7)
    assert settings.node_labels == {"size": "big"} and settings.register_with_taints == ("a=b:NoSchedule",)

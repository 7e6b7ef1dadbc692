"""The CNI configuration."""

from __future__ import annotations

import json

from addons.network import cni


def test_configuration_of_a_node():
    assert cni.conflist("10.244.1.0/24", "/var/lib/mini/cni", 1450) == {
        "cniVersion": "0.4.0",
        "name": "mini",
        "plugins": [
            {
                "type": "bridge",
                "bridge": "cni0",
                "isGateway": True,
                "forceAddress": True,
                "ipMasq": False,
                "hairpinMode": True,
                "ipam": {
                    "type": "host-local",
                    "ranges": [[{"subnet": "10.244.1.0/24"}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                    "dataDir": "/var/lib/mini/cni",
                },
                "mtu": 1450,
            },
            {"type": "portmap", "capabilities": {"portMappings": True}, "snat": True},
        ],
    }


def test_write_is_atomic_and_only_when_needed(tmp_path):
    folder = tmp_path / "net.d"
    config = cni.conflist("10.244.1.0/24", "/data")
    assert cni.write(config, folder)
    assert not cni.write(config, folder)
    assert cni.write(cni.conflist("10.244.2.0/24", "/data"), folder)
    assert [file.name for file in folder.iterdir()] == ["10-mini.conflist"]
    assert json.loads((folder / "10-mini.conflist").read_text())["plugins"][0]["ipam"]["ranges"] == [
        [{"subnet": "10.244.2.0/24"}]
    ]

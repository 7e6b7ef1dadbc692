"""The CNI configuration that a container runtime reads to connect this node's pods: a bridge, addresses, host ports.

`conflist` is pure; `write` puts it in place in one step, since the runtime may read at any moment.
A runtime without a file here reports "network plugin not initialised" and its node is NotReady: the file is also the
sign that this node's network works. Real Kubernetes: the CNI specification, and what flannel and kindnet write.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

FILE_NAME = "10-mini.conflist"
BRIDGE = "cni0"


def conflist(pod_cidr: str, data_dir: str, mtu: int = 0) -> dict[str, Any]:
    """No masquerade by the bridge: whether a packet keeps its source depends on other nodes, which it cannot know.

    hairpinMode lets a pod reach itself through its own service: the packet leaves by the port it came in.
    forceAddress moves the bridge along when this node, made anew, gets another subnet.
    """
    bridge: dict[str, Any] = {
        "type": "bridge",
        "bridge": BRIDGE,
        "isGateway": True,
        "forceAddress": True,
        "ipMasq": False,
        "hairpinMode": True,
        "ipam": {
            "type": "host-local",
            "ranges": [[{"subnet": pod_cidr}]],
            "routes": [{"dst": "0.0.0.0/0"}],
            "dataDir": data_dir,
        },
    }
    if mtu:
        bridge["mtu"] = mtu
    portmap = {"type": "portmap", "capabilities": {"portMappings": True}, "snat": True}
    return {"cniVersion": "0.4.0", "name": "mini", "plugins": [bridge, portmap]}


def write(config: dict[str, Any], folder: Path) -> bool:
    """True when the file changed. A reader sees the old text or the new one, never a part."""
    file = folder / FILE_NAME
    text = json.dumps(config, indent=2) + "\n"
    if file.exists() and file.read_text() == text:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    # A name that runtimes do not load: they take *.conf, *.conflist and *.json.
    half = folder / f".{FILE_NAME}.{os.getpid()}.tmp"
    half.write_text(text)
    half.replace(file)
    return True

"""A kubeconfig for a plain test server."""

from __future__ import annotations

import json
from pathlib import Path


def write_kubeconfig(server: str, folder: Path) -> str:
    """The path of the file; no identity, no TLS."""
    cluster = {"name": "test", "cluster": {"server": server}}
    context = {"name": "test", "context": {"cluster": "test"}}
    file = folder / "kubeconfig"
    file.write_text(json.dumps({"clusters": [cluster], "contexts": [context], "current-context": "test"}))
    return str(file)

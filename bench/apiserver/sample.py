"""The object that is measured: an ordinary pod of 2 KB, as its author posts it."""

from __future__ import annotations

import json
from typing import Any

WANTED = 2048


def pod(**metadata: Any) -> bytes:
    """A web server with a config volume, probes and resources; the note fills it up to 2 KB exactly."""
    document = _document(metadata)
    short = WANTED - len(_text(document))
    document["metadata"]["annotations"]["note"] += "x" * short
    return _text(document)


def _text(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def _document(metadata: dict[str, Any]) -> dict[str, Any]:
    probe = {"httpGet": {"path": "/ready", "port": "http"}, "periodSeconds": 5, "timeoutSeconds": 2}
    container = {
        "name": "web",
        "image": "registry.example/team/web:1.2.3",
        "args": ["--listen=:8080", "--log-format=json"],
        "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
        "env": [{"name": f"SETTING_{number}", "value": f"the-value-{number}"} for number in range(6)],
        "resources": {
            "limits": {"cpu": "500m", "memory": "256Mi"},
            "requests": {"cpu": "100m", "memory": "128Mi"},
        },
        "readinessProbe": probe,
        "livenessProbe": {**probe, "periodSeconds": 20},
        "volumeMounts": [{"name": "config", "mountPath": "/etc/web", "readOnly": True}],
        "imagePullPolicy": "IfNotPresent",
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "labels": {"app": "web", "tier": "front", "pod-template-hash": "5d9c7bbf4d"},
            "annotations": {"example.org/team": "platform", "note": "", "a": "1", "b": "2"},
            **metadata,
        },
        "spec": {
            "containers": [container],
            "volumes": [{"name": "config", "configMap": {"name": "web-config"}}],
            "restartPolicy": "Always",
            "terminationGracePeriodSeconds": 30,
            "dnsPolicy": "ClusterFirst",
            "securityContext": {"runAsUser": 1000},
        },
    }


SWAP = json.dumps(
    [
        {"op": "move", "from": f"/metadata/annotations/{old}", "path": f"/metadata/annotations/{new}"}
        for old, new in (("a", "c"), ("b", "a"), ("c", "b"))
    ]
).encode()
"""A JSON patch that changes the pod each time it is sent: two annotations change places."""

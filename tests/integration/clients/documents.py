"""What every client library is asked to make: the same few objects, as documents."""

from __future__ import annotations

from typing import Any

Doc = dict[str, Any]


def config_map(name: str, labels: dict[str, str] | None = None, **data: str) -> Doc:
    meta = {"name": name, **({"labels": labels} if labels else {})}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data}


def deployment(name: str = "web", replicas: int = 2) -> Doc:
    container = {"name": "c", "image": "nginx:1.25", "ports": [{"containerPort": 80}]}
    template = {"metadata": {"labels": {"app": name}},
                "spec": {"terminationGracePeriodSeconds": 1, "containers": [container]}}  # fmt: skip
    return {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template},
    }  # fmt: skip


def service(name: str = "web") -> Doc:
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
            "spec": {"selector": {"app": name}, "ports": [{"port": 80}]}}  # fmt: skip


def pod(name: str = "lonely") -> Doc:
    spec = {"terminationGracePeriodSeconds": 1, "containers": [{"name": "c", "image": "nginx:1.25"}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}

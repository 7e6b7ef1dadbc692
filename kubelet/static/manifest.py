"""A file becomes a static pod: its name ends in the node's, its UID is a hash of what it says and where. Pure.

The same file at the same place is the same pod, also after a restart of the kubelet; a changed file is another pod
of the same name. Real Kubernetes: kubelet/config (common.go, file.go). Left out: manifests from a URL.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import ValidationError

from machinery.api import yaml
from machinery.api.core.pod_defaults import default_pod, default_pod_spec
from machinery.api.core.v1 import Pod
from machinery.api.errors import ApiError

CONFIG_HASH = "kubernetes.io/config.hash"
CONFIG_SOURCE = "kubernetes.io/config.source"
CONFIG_MIRROR = "kubernetes.io/config.mirror"
STAYS = {"operator": "Exists", "effect": "NoExecute"}
"""No taint drives a static pod away."""


class ManifestFailure(Exception):
    """A file that is no pod; the text says why."""


def static_pod(text: bytes, path: str, node: str) -> Pod:
    """The pod that a file describes. Raises ManifestFailure."""
    document = _document(text)
    uid = document.get("metadata", {}).get("uid") or _hash(document, path, node)
    meta, spec = document["metadata"], document["spec"]
    meta |= {"uid": uid, "name": f"{meta['name']}-{node.lower()}", "namespace": meta.get("namespace") or "default"}
    meta["annotations"] = {**meta.get("annotations", {}), CONFIG_HASH: uid, CONFIG_SOURCE: "file"}
    spec |= {"nodeName": node, "tolerations": [*spec.get("tolerations", []), STAYS]}
    default_pod_spec(spec)
    default_pod(spec)
    return Pod.from_dict({**document, "status": {"phase": "Pending"}})


def _document(text: bytes) -> dict[str, Any]:
    """A pod's fields as they are written; JSON is YAML, too."""
    try:
        document = yaml.load(text)
        if not isinstance(document, dict) or (document.get("apiVersion"), document.get("kind")) != ("v1", "Pod"):
            raise ManifestFailure("it does not describe a v1 Pod")
        pod = Pod.from_dict(document)
    except (yaml.Error, ValidationError, ApiError) as error:
        raise ManifestFailure(str(error)) from error
    if not pod.metadata.name or not pod.spec.containers:
        raise ManifestFailure("a pod needs metadata.name and spec.containers")
    return pod.to_dict()


def _hash(document: Mapping[str, Any], path: str, node: str) -> str:
    said = orjson.dumps([node, path, document], option=orjson.OPT_SORT_KEYS)
    return hashlib.md5(said, usedforsecurity=False).hexdigest()


def is_static(pod: Pod) -> bool:
    """Whether a pod came from a file, and not from the API."""
    return pod.metadata.annotations.get(CONFIG_SOURCE, "api") != "api" and not is_mirror(pod)


def from_api(pod: Pod) -> Pod:
    """A pod that the API sent, whatever its author wrote about where it comes from."""
    if not is_static(pod):
        return pod
    annotations = {**pod.metadata.annotations, CONFIG_SOURCE: "api"}
    return pod.replace(metadata=pod.metadata.replace(annotations=annotations))


def is_mirror(pod: Pod) -> bool:
    """Whether it only shows a static pod."""
    return CONFIG_MIRROR in pod.metadata.annotations


def shown_by(mirror: Pod) -> str:
    """The UID of the static pod that a mirror shows."""
    return mirror.metadata.annotations.get(CONFIG_MIRROR, "")

"""What the pods of each node refer to: the small graph that the node authorizer asks.

Fed by the watch cache's changes of pods. What a pod refers to is settled when it is bound, except by ephemeral
containers, so a pod is read once and not at every status.
Real Kubernetes: plugin/pkg/auth/authorizer/node/graph.go. Left out: resource claims, secrets of PersistentVolumes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from apiserver.storage.interface import Cacher, Entry

Doc = Mapping[str, Any]
MIRROR = "kubernetes.io/config.mirror"


class Item(NamedTuple):
    """Something that pods refer to, by its plural."""

    plural: str
    namespace: str
    name: str


class NodeGraph:
    """Follows the Cacher of pods."""

    def __init__(self, pods: Cacher) -> None:
        self._needed: dict[str, Counter[Item]] = {}
        """node -> what its pods refer to, each with the number of pods that do"""
        self._of_pod: dict[str, tuple[str, frozenset[Item]]] = {}
        """key of a pod -> its node, and what it refers to"""
        pods.follow(self._changed)

    def needs(self, node: str, item: Item) -> bool:
        """Whether a pod on the node refers to it."""
        return item in self._needed.get(node, ())

    def _changed(self, old: Entry | None, new: Entry | None) -> None:
        node = new.fields.get("spec.nodeName", "") if new is not None else ""
        key = (new or old).key  # type: ignore[union-attr]  # one of them is there
        known = self._of_pod.get(key)
        if known is not None and (new is None or not _same(known[0], node, new)):
            self._forget(key, *known)
            known = None
        if new is not None and node and known is None:
            items = frozenset(references(orjson.loads(new.body)))
            self._of_pod[key] = (node, items)
            self._needed.setdefault(node, Counter()).update(items)

    def _forget(self, key: str, node: str, items: frozenset[Item]) -> None:
        del self._of_pod[key]
        left = self._needed[node]
        for item in items:
            left[item] -= 1
            if not left[item]:
                del left[item]
        if not left:
            del self._needed[node]


def _same(known: str, node: str, pod: Entry) -> bool:
    return known == node and b'"ephemeralContainers"' not in pod.body


def references(pod: Doc) -> Iterator[Item]:
    """What a pod needs to run. A mirror pod needs nothing of the API: its kubelet has it from elsewhere."""
    meta, spec = pod["metadata"], pod.get("spec") or {}
    if MIRROR in (meta.get("annotations") or {}):
        return
    namespace, name = meta.get("namespace", ""), meta["name"]
    yield Item("serviceaccounts", namespace, spec.get("serviceAccountName") or "default")
    for plural, wanted in needs(spec, name):
        yield Item(plural, namespace, wanted)


def needs(spec: Doc, pod: str) -> Iterator[tuple[str, str]]:
    """The secrets, configmaps and claims that a pod of this name refers to: plural and name of each."""
    return (each for each in (*_volumes(spec, pod), *_environment(spec), *_pull_secrets(spec)) if each[1])


def _pull_secrets(spec: Doc) -> Iterator[tuple[str, str]]:
    return (("secrets", each.get("name", "")) for each in spec.get("imagePullSecrets") or ())


def _volumes(spec: Doc, pod: str) -> Iterator[tuple[str, str]]:
    for volume in spec.get("volumes") or ():
        for source in (volume, *((volume.get("projected") or {}).get("sources") or ())):
            secret, config = source.get("secret") or {}, source.get("configMap") or {}
            yield "secrets", secret.get("secretName") or secret.get("name", "")
            yield "configmaps", config.get("name", "")
        yield "persistentvolumeclaims", (volume.get("persistentVolumeClaim") or {}).get("claimName", "")
        if "ephemeral" in volume:
            yield "persistentvolumeclaims", f"{pod}-{volume['name']}"
        for driver in ("csi", "flexVolume", "cephfs", "rbd", "iscsi", "scaleIO", "storageos"):
            reference = volume.get(driver) or {}
            yield "secrets", (reference.get("secretRef") or reference.get("nodePublishSecretRef") or {}).get("name", "")
        yield "secrets", (volume.get("azureFile") or {}).get("secretName", "")


def _environment(spec: Doc) -> Iterator[tuple[str, str]]:
    for field in ("initContainers", "containers", "ephemeralContainers"):
        for container in spec.get(field) or ():
            for variable in container.get("env") or ():
                source = variable.get("valueFrom") or {}
                yield "secrets", (source.get("secretKeyRef") or {}).get("name", "")
                yield "configmaps", (source.get("configMapKeyRef") or {}).get("name", "")
            for source in container.get("envFrom") or ():
                yield "secrets", (source.get("secretRef") or {}).get("name", "")
                yield "configmaps", (source.get("configMapRef") or {}).get("name", "")

"""kubectl from 1.32 on asks for protobuf: what Go's decoder reads of it is what JSON says, kind by kind.

A kubectl that reads JSON and one that reads protobuf describe the same object, with every field set, in the same words.
"""

from __future__ import annotations

import asyncio
import json
import random
from pathlib import Path
from typing import Any

import orjson
import pytest

from apiserver.storage.connection import EtcdConfig
from apiserver.storage.etcd import EtcdStorage
from machinery.api import scheme
from machinery.api.scheme import Resource
from tests.integration.apiserver.test_encodings import STORED, whole
from tests.support import kubectl
from tests.support.apiserver import ApiServer
from tests.support.cluster_samples import signing_request

_READS_PROTOBUF = {version: int(version.split(".")[1]) >= 32 for version in kubectl.binaries()}
READERS = [
    [path for version, path in kubectl.binaries().items() if _READS_PROTOBUF[version] is wanted][-1:]
    for wanted in (False, True)
]  # fmt: skip
_TELLS_MORE = ("Pod", "DaemonSet")
"""Since 1.32 kubectl tells a pod's own resources and a DaemonSet's selector."""
TYPED = (
    ("deployment", "--image=nginx:1", "--replicas=2", "--port=80"), ("configmap", "--from-literal=a=b"),
    ("secret", "generic", "--from-literal=a=b"), ("service", "nodeport", "--tcp=80:http"),
    ("job", "--image=busybox"), ("cronjob", "--image=busybox", "--schedule=@daily"),
    ("ingress", "--rule=a.example.com/x=web:80"), ("role", "--verb=get", "--resource=pods"),
    ("rolebinding", "--role=r", "--user=jane"), ("clusterrole", "--verb=get", "--resource=pods"),
    ("clusterrolebinding", "--clusterrole=view", "--user=jane"), ("quota", "--hard=pods=3"),
    ("pdb", "--selector=a=b", "--min-available=1"), ("priorityclass", "--value=5"), ("serviceaccount",),
    ("namespace",),
)  # fmt: skip


def sensible(value: Any) -> Any:
    """The same document with operators that are operators."""
    if isinstance(value, list):
        return [sensible(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {key: sensible(item) for key, item in value.items()}
    return found | ({"operator": "In"} if {"operator", "values"} <= found.keys() else {})


@pytest.mark.parametrize("row", STORED, ids=lambda row: row.kind)
async def test_described_alike(server: ApiServer, row: Resource) -> None:
    document = sensible(whole(row, "default"))
    if row.kind == "CertificateSigningRequest":
        document["spec"]["request"] = signing_request()
    key = f"/registry/{row.plural}/{'default/' if row.namespaced else ''}whole"
    resource = ".".join((row.plural, row.version, row.group) if row.group else (row.plural,))
    flags = "describe", "--show-events=false", resource, "whole"
    async with EtcdStorage(EtcdConfig(servers=(server.etcd.url,))) as etcd:
        await etcd.create(key, orjson.dumps(document))
        try:
            told = await asyncio.gather(*(
                asyncio.to_thread(kubectl.kubectl, *flags, f"--cache-dir={server.folder / Path(path).name}",
                                  binary=path, kubeconfig=server.kubeconfig)
                for reader in READERS for path in reader
            ))  # fmt: skip
        finally:
            await etcd.delete(key)
    lines = [sorted(text.splitlines()) for text in told]
    assert all(len(each) > 4 and any("whole" in line for line in each) for each in lines)
    if row.kind not in _TELLS_MORE:
        assert lines[0] == lines[-1]


@pytest.mark.parametrize("given", TYPED, ids=lambda given: given[0])
async def test_what_is_made_is_read_back(server: ApiServer, namespace: str, given: tuple[str, ...]) -> None:
    kind, *rest = given
    words = rest[:1] if rest and not rest[0].startswith("-") else []
    flags = f"--cache-dir={server.folder}/cache", f"--namespace={namespace}", "-ojson", "--show-managed-fields"

    async def run(*args: str) -> Any:
        path = (READERS[1] or READERS[0])[0]
        text = await asyncio.to_thread(kubectl.kubectl, *args, *flags, binary=path, kubeconfig=server.kubeconfig)
        return json.loads(text)

    name = f"x-{random.getrandbits(32):x}"
    made = await run("create", kind, *words, name, *rest[len(words):])
    stored = await run("get", kind, name)
    model = scheme.for_kind(stored["apiVersion"], stored["kind"]).model
    assert made["metadata"]["uid"]
    assert model.from_dict(made) == model.from_dict(stored)

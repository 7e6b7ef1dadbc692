"""Garbage and namespaces with kinds that were defined after the controllers began."""

from __future__ import annotations

import orjson
import pytest

from controllers.custom_kinds import model_for
from controllers.discovery import Served
from machinery.api.apiextensions.v1 import CustomResourceDefinition
from machinery.api.core.v1 import ConfigMap, Namespace, ResourceQuota
from machinery.api.errors import Forbidden, NotFound
from tests.support.controlplane import ControlPlane

VERBS = frozenset(("list", "watch", "delete"))
TEAM = model_for(Served("example.com", "v1", "teams", "Team", True, VERBS))
SCHEMA = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
DEFINITION = {
    "metadata": {"name": "teams.example.com"},
    "spec": {
        "group": "example.com", "scope": "Namespaced", "names": {"plural": "teams", "kind": "Team"},
        "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": SCHEMA}}],
    },
}  # fmt: skip


async def make(plane: ControlPlane, name: str, **meta: object) -> str:
    """A team; its uid."""
    body = {"apiVersion": "example.com/v1", "kind": "Team", "metadata": {"name": name, **meta}}
    path = TEAM.row.path(plane.namespace)
    made = await plane.client.request("POST", path, body=orjson.dumps(body))
    return orjson.loads(made)["metadata"]["uid"]


def owned_by(name: str, uid: str) -> dict[str, object]:
    return {"ownerReferences": [{"apiVersion": "example.com/v1", "kind": "Team", "name": name, "uid": uid}]}


async def gone(plane: ControlPlane, kind, name: str, namespace: str = "") -> bool:
    try:
        await plane.client.get(kind, name, namespace)
    except NotFound:
        return True
    return False


async def served(plane: ControlPlane) -> bool:
    crd = await plane.client.get(CustomResourceDefinition, "teams.example.com")
    return any(each.type == "Established" and each.status == "True" for each in crd.status.conditions)


async def test_owners_and_dependents_of_a_new_kind(server) -> None:
    async with ControlPlane(server) as plane:
        await plane.client.create(CustomResourceDefinition.from_dict(DEFINITION))
        await plane.eventually(lambda: served(plane))
        first = await make(plane, "first")
        await make(plane, "second", **owned_by("first", first))
        kept = await make(plane, "kept")
        both = owned_by("first", first)["ownerReferences"] + owned_by("kept", kept)["ownerReferences"]
        await make(plane, "third", ownerReferences=both)
        await plane.client.create(ConfigMap.from_dict({
            "metadata": {"name": "notes", "namespace": plane.namespace, **owned_by("first", first)}}))
        await plane.client.delete(TEAM, "first", plane.namespace)
        await plane.eventually(lambda: gone(plane, TEAM, "second", plane.namespace))
        await plane.eventually(lambda: gone(plane, ConfigMap, "notes", plane.namespace))

        async def freed() -> bool:
            third = await plane.client.get(TEAM, "third", plane.namespace)
            return [ref.name for ref in third.metadata.owner_references] == ["kept"]

        await plane.eventually(freed)
        await plane.client.delete(Namespace, plane.namespace)
        await plane.eventually(lambda: gone(plane, Namespace, plane.namespace))
        assert await gone(plane, TEAM, "kept", plane.namespace)


async def test_a_quota_counts_a_kind_that_is_defined_later(server) -> None:
    async with ControlPlane(server, scheduler=False, kubelets=False) as plane:
        name = "count/crews.example.com"

        async def used(amount: str) -> bool:
            return (await plane.client.get(ResourceQuota, "few", plane.namespace)).status.used == {name: amount}

        quota = {"metadata": {"name": "few", "namespace": plane.namespace}, "spec": {"hard": {name: "1"}}}
        await plane.client.create(ResourceQuota.from_dict(quota))
        await plane.eventually(lambda: used("0"))
        spec = {**DEFINITION["spec"], "names": {"plural": "crews", "kind": "Crew"}}
        definition = CustomResourceDefinition.from_dict({"metadata": {"name": "crews.example.com"}, "spec": spec})
        await plane.client.create(definition)
        path = f"/apis/example.com/v1/namespaces/{plane.namespace}/crews"

        async def made(crew: str) -> bool:
            body = {"apiVersion": "example.com/v1", "kind": "Crew", "metadata": {"name": crew}}
            try:
                await plane.client.request("POST", path, body=orjson.dumps(body))
            except NotFound:
                return False
            return True

        await plane.eventually(lambda: made("first"))
        with pytest.raises(Forbidden, match="exceeded quota: few, requested: count/crews"):
            await made("second")
        await plane.client.request("DELETE", f"{path}/first")
        await plane.eventually(lambda: used("0"))
        assert await made("second") and await used("1")
        await plane.client.delete(CustomResourceDefinition, "crews.example.com")
        await plane.eventually(lambda: used("0"))

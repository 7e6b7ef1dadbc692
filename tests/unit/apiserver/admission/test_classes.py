"""Plugins that fill in classes and what follows from them; and which plugins there are."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.admission.always_pull_images import AlwaysPullImages
from apiserver.admission.attributes import Attributes
from apiserver.admission.chain import plugins
from apiserver.admission.default_class import DefaultIngressClass, DefaultStorageClass
from apiserver.admission.plugin import Plugin
from apiserver.admission.runtime_class import RuntimeClass
from apiserver.admission.storage_object_in_use import StorageObjectInUseProtection
from apiserver.admission.taint_nodes_by_condition import TaintNodesByCondition
from apiserver.user import ITSELF
from machinery.api import scheme
from machinery.api.errors import Forbidden
from tests.support.lookups import Known, lookups_with

Doc = dict[str, Any]
CLAIMS, PODS = scheme.for_kind("v1", "PersistentVolumeClaim"), scheme.for_kind("v1", "Pod")
INGRESSES = scheme.for_kind("networking.k8s.io/v1", "Ingress")


async def admitted(plugin: Plugin, resource: Any, spec: Doc, annotations: Doc | None = None) -> Doc:
    attributes = Attributes("CREATE", resource, "n", "x", ITSELF)
    obj = {"metadata": {"name": "x", "annotations": annotations or {}}, "spec": spec}
    if plugin.handles(attributes):
        await plugin.admit(attributes, obj, None)
        await plugin.validate(attributes, obj, None)
    return obj["spec"]


def marked(name: str, born: str, mark: str) -> Doc:
    return {"metadata": {"name": name, "creationTimestamp": born, "annotations": {mark: "true"}}}


async def test_a_claim_without_a_class_gets_the_newest_default():
    mark = "storageclass.kubernetes.io/is-default-class"
    plugin = DefaultStorageClass(Known(
        marked("old", "2024-01-01T00:00:00Z", mark), marked("new", "2025-01-01T00:00:00Z", mark),
        {"metadata": {"name": "other", "creationTimestamp": "2026-01-01T00:00:00Z"}}))
    assert await admitted(plugin, CLAIMS, {}) == {"storageClassName": "new"}
    assert await admitted(plugin, CLAIMS, {"storageClassName": ""}) == {"storageClassName": ""}
    assert await admitted(plugin, CLAIMS, {}, {"volume.beta.kubernetes.io/storage-class": "x"}) == {}
    assert await admitted(DefaultStorageClass(Known()), CLAIMS, {}) == {}


async def test_an_ingress_without_a_class_gets_the_default():
    plugin = DefaultIngressClass(Known(marked("edge", "", "ingressclass.kubernetes.io/is-default-class")))
    assert await admitted(plugin, INGRESSES, {}) == {"ingressClassName": "edge"}
    assert await admitted(plugin, INGRESSES, {}, {"kubernetes.io/ingress.class": "x"}) == {}


SANDBOX = {"metadata": {"name": "sandbox"}, "overhead": {"podFixed": {"memory": "64Mi"}}, "scheduling": {
    "nodeSelector": {"sandbox": "yes"}, "tolerations": [{"key": "sandbox"}]}}  # fmt: skip


async def test_a_runtime_class_says_what_it_costs_and_where_it_runs():
    spec = await admitted(RuntimeClass(Known(SANDBOX)), PODS, {"runtimeClassName": "sandbox"})
    assert spec == {"runtimeClassName": "sandbox", "overhead": {"memory": "64Mi"},
                    "nodeSelector": {"sandbox": "yes"}, "tolerations": [{"key": "sandbox"}]}  # fmt: skip


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"runtimeClassName": "none"}, 'pod rejected: RuntimeClass "none" not found'),
        ({"overhead": {"cpu": "1"}}, "Pod Overhead set without corresponding RuntimeClass defined Overhead"),
        ({"runtimeClassName": "sandbox", "overhead": {"cpu": "1"}}, "Pod's Overhead doesn't match RuntimeClass's"),
        ({"runtimeClassName": "sandbox", "nodeSelector": {"sandbox": "no"}},
         "conflict: runtimeClass.scheduling.nodeSelector"),
    ],
)  # fmt: skip
async def test_what_a_runtime_class_refuses(spec: Doc, why: str):
    with pytest.raises(Forbidden) as error:
        await admitted(RuntimeClass(Known(SANDBOX)), PODS, spec)
    assert why in error.value.message


async def test_images_are_always_pulled_where_that_is_wanted():
    spec = await admitted(AlwaysPullImages(), PODS, {"containers": [{"name": "c", "imagePullPolicy": "Never"}]})
    assert spec["containers"][0]["imagePullPolicy"] == "Always"


async def test_a_new_node_is_not_ready():
    own, ours = {"key": "a", "effect": "NoExecute"}, {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
    nodes = scheme.for_kind("v1", "Node")
    assert await admitted(TaintNodesByCondition(), nodes, {"taints": [own]}) == {"taints": [own, ours]}
    assert await admitted(TaintNodesByCondition(), nodes, {"taints": [ours]}) == {"taints": [ours]}


async def test_claims_are_protected():
    obj: Doc = {"metadata": {"name": "x", "finalizers": ["a/b"]}, "spec": {}}
    for _ in range(2):
        await StorageObjectInUseProtection().admit(Attributes("CREATE", CLAIMS, "n", "x", ITSELF), obj, None)
    assert obj["metadata"]["finalizers"] == ["a/b", "kubernetes.io/pvc-protection"]


def test_which_plugins_there_are():
    names = [type(plugin).__name__ for plugin in plugins(lookups_with())]
    assert names[0] == "NamespaceLifecycle" and names[-1] == "ResourceQuota" and "AlwaysPullImages" not in names
    chosen = plugins(lookups_with(), enabled=["AlwaysPullImages"], disabled=["ResourceQuota"])
    assert {"AlwaysPullImages", "ResourceQuota"} & {type(plugin).__name__ for plugin in chosen} == {"AlwaysPullImages"}

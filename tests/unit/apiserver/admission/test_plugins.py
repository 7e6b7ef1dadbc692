"""The admission plugins, one by one, and the order of the list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from apiserver.admission.attributes import Attributes
from apiserver.admission.chain import Chain, plugins
from apiserver.user import ITSELF
from machinery.api import scheme
from machinery.api.errors import Forbidden, NotFound
from tests.support.lookups import lookups_with


class Phases:
    """Namespaces as a dict of name and phase."""

    def __init__(self, **phases: str) -> None:
        self._phases = phases

    async def phase(self, name: str) -> str | None:
        return self._phases.get(name)


class Classes:
    """Priority classes as a dict of name and object."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, Any]] = {}

    async def named(self, name: str) -> dict[str, Any] | None:
        return self.known.get(name)

    async def default(self) -> dict[str, Any] | None:
        return next((each for each in self.known.values() if each.get("globalDefault")), None)


class Accounts:
    """Every account exists, and is nothing special."""

    async def named(self, namespace: str, name: str) -> dict[str, Any] | None:
        return {"metadata": {"name": name, "namespace": namespace}}


CLASSES = Classes()
ACCOUNTS = Accounts()
CHAIN = Chain(plugins(lookups_with(
    namespaces=Phases(default="Active", going="Terminating"), accounts=ACCOUNTS, priority_classes=CLASSES)))
PODS, MAPS, NAMESPACES = (scheme.for_kind("v1", kind) for kind in ("Pod", "ConfigMap", "Namespace"))


def attributes(
    operation: str = "CREATE", resource: Any = PODS, namespace: str = "default", name: str = "x"
) -> Attributes:
    return Attributes(operation, resource, namespace, name, ITSELF)


async def admitted(**spec: Any) -> dict[str, Any]:
    obj = {"metadata": {"name": "x"}, "spec": {"containers": [], **spec}}
    await CHAIN.admit(attributes(), obj, None)
    return obj["spec"]


async def test_what_a_pod_gets() -> None:
    spec = await admitted()
    assert spec["serviceAccountName"] == "default" and spec["priority"] == 0
    assert [(t["key"], t["effect"], t["tolerationSeconds"]) for t in spec["tolerations"]] == [
        ("node.kubernetes.io/not-ready", "NoExecute", 300),
        ("node.kubernetes.io/unreachable", "NoExecute", 300),
    ]


async def test_what_a_pod_says_itself_stays() -> None:
    own = [{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5}]
    spec = await admitted(serviceAccountName="me", tolerations=own, priorityClassName="system-node-critical")
    assert spec["serviceAccount"] == "me" and spec["priority"] == 2_000_001_000
    assert len(spec["tolerations"]) == 2 and spec["tolerations"][0] == own[0]
    everything = [{"operator": "Exists"}]
    assert (await admitted(tolerations=everything))["tolerations"] == everything
    with pytest.raises(Forbidden, match="no PriorityClass with name high was found"):
        await admitted(priorityClassName="high")


@pytest.fixture
def usual() -> Iterator[None]:
    """A class for pods that name none."""
    CLASSES.known["usual"] = {"metadata": {"name": "usual"}, "value": 7, "globalDefault": True}
    yield
    CLASSES.known.clear()


@pytest.mark.usefixtures("usual")
async def test_priority_classes() -> None:
    spec = await admitted()
    assert (spec["priorityClassName"], spec["priority"]) == ("usual", 7)
    assert spec["preemptionPolicy"] == "PreemptLowerPriority"
    CLASSES.known["high"] = {"metadata": {"name": "high"}, "value": 9, "preemptionPolicy": "Never"}
    spec = await admitted(priorityClassName="high")
    assert (spec["priority"], spec["preemptionPolicy"]) == (9, "Never")
    with pytest.raises(Forbidden, match=r"the integer value of priority \(8\) must not be provided in pod spec"):
        await admitted(priorityClassName="high", priority=8)
    with pytest.raises(Forbidden, match=r"the string value of PreemptionPolicy \(PreemptLowerPriority\) must not be"):
        await admitted(priorityClassName="high", preemptionPolicy="PreemptLowerPriority")


@pytest.mark.usefixtures("usual")
async def test_one_default_class_and_the_systems_own() -> None:
    kind = scheme.for_kind("scheduling.k8s.io/v1", "PriorityClass")
    other = {"metadata": {"name": "x"}, "globalDefault": True}
    with pytest.raises(Forbidden, match="PriorityClass usual is already marked as default"):
        await CHAIN.validate(attributes(resource=kind, namespace=""), other, None)
    await CHAIN.validate(attributes("UPDATE", kind, "", "usual"), {**other, "metadata": {"name": "usual"}}, other)
    with pytest.raises(Forbidden, match="this is a system priority class and cannot be deleted"):
        await CHAIN.validate(attributes("DELETE", kind, "", "system-cluster-critical"), None, {})
    await CHAIN.validate(attributes("DELETE", kind, "", "usual"), None, {})


async def test_other_kinds_and_updates_pass_untouched() -> None:
    obj: dict[str, Any] = {"metadata": {"name": "x"}}
    await CHAIN.admit(attributes(resource=MAPS), obj, None)
    await CHAIN.admit(attributes("UPDATE"), obj, obj)
    assert obj == {"metadata": {"name": "x"}}


async def test_namespaces_that_are_missing_or_going() -> None:
    with pytest.raises(NotFound, match='namespaces "no" not found'):
        await CHAIN.admit(attributes(resource=MAPS, namespace="no"), {}, None)
    with pytest.raises(Forbidden) as refused:
        await CHAIN.admit(attributes(resource=MAPS, namespace="going"), {}, None)
    assert "unable to create new content in namespace going because it is being terminated" in refused.value.message
    assert refused.value.causes[0].reason == "NamespaceTerminating"
    await CHAIN.admit(attributes("UPDATE", MAPS, "going"), {}, {})
    await CHAIN.validate(attributes("DELETE", MAPS, "going"), None, {})


@pytest.mark.parametrize("name", ["default", "kube-system", "kube-public"])
async def test_namespaces_that_stay(name: str) -> None:
    with pytest.raises(Forbidden, match="this namespace may not be deleted"):
        await CHAIN.validate(attributes("DELETE", NAMESPACES, "", name), None, {})
    await CHAIN.validate(attributes("DELETE", NAMESPACES, "", "mine"), None, {})

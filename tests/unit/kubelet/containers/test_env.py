"""Environments: expansion, services, references."""

from __future__ import annotations

import base64

import pytest

from kubelet.containers.downward import field_value, resource_value
from kubelet.containers.env import Sources, environment, references
from kubelet.containers.expansion import expand, expand_all
from kubelet.containers.failure import ConfigFailure
from kubelet.containers.service_env import service_variables
from machinery.api.core.v1 import (
    ConfigMap,
    ConfigMapEnvSource,
    ConfigMapKeySelector,
    Container,
    EnvFromSource,
    EnvVar,
    EnvVarSource,
    PodStatus,
    ResourceFieldSelector,
    ResourceRequirements,
    Secret,
    SecretKeySelector,
    Service,
    ServicePort,
    ServiceSpec,
)
from machinery.api.meta.v1 import ObjectMeta
from tests.support.runs import a_pod


@pytest.mark.parametrize(("text", "found"), [
    ("$(A)", "1"), ("x$(A)y$(A)", "x1y1"), ("$$(A)", "$(A)"), ("$(B)", "$(B)"), ("$A", "$A"),
    ("$$$(A)", "$1"), ("$(", "$("), ("$$$$", "$$"), ("$()", "$()"),
])
def test_expansion(text: str, found: str) -> None:
    assert expand(text, {"A": "1"}) == found
    assert expand_all((text,), {"A": "1"}) == (found,)


def service(name: str, namespace: str = "default", ip: str = "10.0.0.11") -> Service:
    ports = (ServicePort(name="http", port=80, protocol="TCP"), ServicePort(name="alt", port=81, protocol="UDP"))
    return Service(metadata=ObjectMeta(name=name, namespace=namespace), spec=ServiceSpec(cluster_ip=ip, ports=ports))


def test_variables_of_a_service() -> None:
    assert service_variables([service("redis-master")], "default") == {
        "REDIS_MASTER_SERVICE_HOST": "10.0.0.11",
        "REDIS_MASTER_SERVICE_PORT": "80",
        "REDIS_MASTER_SERVICE_PORT_HTTP": "80",
        "REDIS_MASTER_SERVICE_PORT_ALT": "81",
        "REDIS_MASTER_PORT": "tcp://10.0.0.11:80",
        "REDIS_MASTER_PORT_80_TCP": "tcp://10.0.0.11:80",
        "REDIS_MASTER_PORT_80_TCP_PROTO": "tcp",
        "REDIS_MASTER_PORT_80_TCP_PORT": "80",
        "REDIS_MASTER_PORT_80_TCP_ADDR": "10.0.0.11",
        "REDIS_MASTER_PORT_81_UDP": "udp://10.0.0.11:81",
        "REDIS_MASTER_PORT_81_UDP_PROTO": "udp",
        "REDIS_MASTER_PORT_81_UDP_PORT": "81",
        "REDIS_MASTER_PORT_81_UDP_ADDR": "10.0.0.11",
    }


def test_which_services_a_pod_sees() -> None:
    everything = [service("kubernetes", ip="10.96.0.1"), service("mine", "shop"), service("theirs", "other"),
                  service("headless", "shop", "None")]
    hosts = {name for name in service_variables(everything, "shop") if name.endswith("_SERVICE_HOST")}
    assert hosts == {"KUBERNETES_SERVICE_HOST", "MINE_SERVICE_HOST"}
    unlinked = service_variables(everything, "shop", links=False)
    assert {name for name in unlinked if name.endswith("_SERVICE_HOST")} == {"KUBERNETES_SERVICE_HOST"}


SECRET = Secret(data={"k": base64.b64encode(b"s").decode()})
CONFIG = ConfigMap(data={"k": "c", "other": "d"})


def one(source: EnvVarSource, **objects: ConfigMap | Secret) -> dict[str, str]:
    container = Container(env=(EnvVar(name="X", value_from=source),))
    return environment(a_pod(), container, Sources({tuple(key.split("_")): obj for key, obj in objects.items()}))


def test_values_from_objects() -> None:
    secret = EnvVarSource(secret_key_ref=SecretKeySelector(name="s", key="k"))
    config = EnvVarSource(config_map_key_ref=ConfigMapKeySelector(name="s", key="k"))
    assert one(secret, Secret_s=SECRET) == {"X": "s"}
    assert one(config, ConfigMap_s=CONFIG) == {"X": "c"}


@pytest.mark.parametrize(("key", "objects", "message"), [
    ("k", {}, 'configmap "s" not found'),
    ("z", {"ConfigMap_s": CONFIG}, "couldn't find key z in ConfigMap default/s"),
])
def test_what_is_missing_is_named(key: str, objects: dict[str, ConfigMap], message: str) -> None:
    with pytest.raises(ConfigFailure, match=f"^{message}$"):
        one(EnvVarSource(config_map_key_ref=ConfigMapKeySelector(name="s", key=key)), **objects)
    assert one(EnvVarSource(config_map_key_ref=ConfigMapKeySelector(name="s", key=key, optional=True)), **objects) == {}


def test_later_wins_and_may_use_earlier() -> None:
    container = Container(
        env_from=(EnvFromSource(prefix="P_", config_map_ref=ConfigMapEnvSource(name="s")),),
        env=(EnvVar(name="A", value="$(P_k)!"), EnvVar(name="A", value="$(A)$(A)"), EnvVar(name="SVC", value="own")),
    )
    sources = Sources({("ConfigMap", "s"): CONFIG}, {"SVC": "theirs", "FREE": "1"})
    assert environment(a_pod(), container, sources) == {
        "P_k": "c", "P_other": "d", "A": "c!c!", "SVC": "own", "FREE": "1"}
    assert list(references(container)) == [("ConfigMap", "s")]


def test_facts_about_the_pod() -> None:
    pod = a_pod(node_name="n1").replace(status=PodStatus(pod_ip="1.2.3.4"))
    pod = pod.replace(metadata=pod.metadata.replace(labels={"b": 'say "x"', "a": "1"}))
    assert field_value(pod, "metadata.labels['a']") == "1"
    assert field_value(pod, "metadata.labels") == 'a="1"\nb="say \\"x\\""'
    assert [field_value(pod, path) for path in ("metadata.name", "spec.nodeName", "status.podIP")] == [
        "web", "n1", "1.2.3.4"]
    with pytest.raises(ConfigFailure, match=r"unsupported fieldPath: spec\.x"):
        field_value(pod, "spec.x")


@pytest.mark.parametrize(("resource", "divisor", "found"), [
    ("limits.cpu", None, "2"), ("limits.cpu", "1m", "1500"), ("requests.memory", "1Mi", "64"),
    ("limits.memory", "1Gi", "4"), ("requests.cpu", None, "2"), ("requests.ephemeral-storage", None, "0"),
])
def test_resources(resource: str, divisor: str | None, found: str) -> None:
    container = Container(resources=ResourceRequirements(limits={"cpu": "1500m"}, requests={"memory": "64Mi"}))
    selector = ResourceFieldSelector(resource=resource, divisor=divisor)
    assert resource_value(a_pod(), container, selector, {"memory": "4Gi", "cpu": "8"}) == found

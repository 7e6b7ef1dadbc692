"""What applied configurations do: the stories that Kubernetes' documentation tells of server-side apply."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

import pytest

from machinery.api import scheme
from machinery.api.apply import Applied, Conflicts, Writer, apply, named, update
from machinery.api.apply.managers import entries_of
from machinery.api.apps.v1 import Deployment
from machinery.api.core.v1 import ConfigMap, Pod, Service
from machinery.api.errors import BadRequest
from machinery.api.model import Model

Document = dict[str, Any]


class Server:
    """One object, stored with its defaults as a server would."""

    def __init__(self, model: type[Model], now: datetime) -> None:
        self.model, self.now = model, now
        self.api_version = model.model_fields["api_version"].default
        self.live: Document | None = None

    def writer(self, manager: str) -> Writer:
        return Writer(manager, self.api_version, reset=named("status"))

    def try_apply(self, manager: str, config: Document, *, force: bool = False) -> Applied | Conflicts:
        self.now += timedelta(seconds=1)
        config = {"apiVersion": self.api_version, "kind": self.model.__name__, **config}
        outcome = apply(self.live, config, self.model, self.writer(manager), now=self.now, force=force)
        if isinstance(outcome, Applied):
            self.live = self.model.from_dict(outcome.object).to_dict()
        return outcome

    def apply(self, manager: str, config: Document, *, force: bool = False) -> Document:
        outcome = self.try_apply(manager, config, force=force)
        assert isinstance(outcome, Applied), outcome.error().message
        return self.live

    def write(self, manager: str, change: Callable[[Document], None]) -> Document:
        self.now += timedelta(seconds=1)
        new = deepcopy(self.live)
        change(new)
        self.live = update(self.live, new, self.model, self.writer(manager), now=self.now)
        return self.live

    def owned(self, manager: str) -> Document | None:
        return next((e["fieldsV1"] for e in entries_of(self.live) or () if e["manager"] == manager), None)


@pytest.fixture
def maps(noon: datetime) -> Server:
    return Server(ConfigMap, noon)


@pytest.fixture
def deployments(noon: datetime) -> Server:
    return Server(Deployment, noon)


def settings(labels: Document | None = None, **data: str) -> Document:
    meta = {"name": "settings"} | ({"labels": labels} if labels else {})
    return {"metadata": meta} | ({"data": data} if data else {})


def test_the_first_apply_creates_and_owns(maps: Server) -> None:
    live = maps.apply("me", settings({"tier": "web"}, colour="red"))
    assert live["data"] == {"colour": "red"}
    assert entries_of(live) == [{
        "manager": "me", "operation": "Apply", "apiVersion": "v1", "time": "2024-05-01T12:00:01Z",
        "fieldsType": "FieldsV1", "fieldsV1": {"f:data": {"f:colour": {}}, "f:metadata": {"f:labels": {"f:tier": {}}}},
    }]  # fmt: skip


def test_a_conflict_names_the_owner_and_the_field(maps: Server) -> None:
    maps.apply("me", settings(colour="red"))
    maps.write("kubectl-edit", lambda new: new["data"].update(colour="blue"))
    outcome = maps.try_apply("me", settings(colour="green"))
    assert isinstance(outcome, Conflicts)
    error = outcome.error()
    assert error.message == 'Apply failed with 1 conflict: conflict with "kubectl-edit" using v1: .data.colour'
    assert [(c.reason, c.message, c.field) for c in error.causes] == [
        ("FieldManagerConflict", 'conflict with "kubectl-edit" using v1', ".data.colour")]  # fmt: skip
    assert (error.code, error.reason) == (409, "Conflict")


def test_force_takes_the_field_away(maps: Server) -> None:
    maps.apply("me", settings(colour="red", size="s"))
    maps.apply("you", settings(colour="blue"), force=True)
    assert maps.live["data"] == {"colour": "blue", "size": "s"}
    assert (maps.owned("me"), maps.owned("you")) == ({"f:data": {"f:size": {}}}, {"f:data": {"f:colour": {}}})


def test_equal_values_are_shared(maps: Server) -> None:
    maps.apply("me", settings(colour="red"))
    maps.apply("you", settings(colour="red"))
    assert maps.owned("me") == maps.owned("you") == {"f:data": {"f:colour": {}}}
    maps.apply("me", settings())
    assert maps.live["data"] == {"colour": "red"} and maps.owned("me") is None
    maps.apply("you", settings())
    assert "data" not in maps.live and entries_of(maps.live) is None


def test_conflicts_with_several_owners_are_listed_by_owner(maps: Server) -> None:
    maps.apply("b", settings(one="1", two="2"))
    maps.apply("a", settings(three="3"))
    outcome = maps.try_apply("c", settings(one="x", two="y", three="z"))
    assert isinstance(outcome, Conflicts)
    assert outcome.error().message == (
        'Apply failed with 3 conflicts: conflicts with "a":\n- .data.three\n'
        'conflicts with "b":\n- .data.one\n- .data.two'
    )


def test_what_is_applied_no_more_goes_unless_another_has_it(maps: Server) -> None:
    maps.apply("me", settings(colour="red", size="s"))
    maps.write("editor", lambda new: new["data"].update(size="m", extra="1"))
    maps.apply("me", settings())
    assert maps.live["data"] == {"size": "m", "extra": "1"}


def test_applying_again_changes_nothing_not_even_the_time(maps: Server) -> None:
    before = maps.apply("me", settings(colour="red"))
    outcome = maps.try_apply("me", settings(colour="red"))
    assert isinstance(outcome, Applied) and not outcome.changed and maps.live == before


def test_an_applier_that_changes_nothing_is_noted_without_a_time(maps: Server) -> None:
    maps.apply("me", settings(colour="red"))
    maps.apply("you", settings(colour="red"))
    assert [(e["manager"], e.get("time")) for e in entries_of(maps.live)] == [
        ("you", None), ("me", "2024-05-01T12:00:01Z")]  # fmt: skip


def test_replicas_are_handed_over_to_an_autoscaler(deployments: Server, deployment: Callable[..., Document]) -> None:
    """As the documentation advises: an autoscaler scales, then the owner leaves replicas out and nothing moves."""
    deployments.apply("owner", deployment(replicas=3))
    deployments.write("autoscaler", lambda new: new["spec"].update(replicas=5))
    refused = deployments.try_apply("owner", deployment("shop:2", replicas=3))
    assert isinstance(refused, Conflicts)
    assert refused.error().message.endswith('conflict with "autoscaler" using apps/v1: .spec.replicas')
    live = deployments.apply("owner", deployment("shop:2"))
    assert live["spec"]["replicas"] == 5
    assert live["spec"]["template"]["spec"]["containers"][0]["image"] == "shop:2"


def test_two_appliers_share_a_list_of_containers(deployments: Server, deployment: Callable[..., Document]) -> None:
    deployments.apply("owner", deployment())
    sidecar = deployment()
    sidecar["spec"] = {"template": {"spec": {"containers": [{"name": "proxy", "image": "p:1"}]}}}
    sidecar["metadata"].pop("labels")

    def names() -> list[str]:
        return [item["name"] for item in deployments.live["spec"]["template"]["spec"]["containers"]]

    deployments.apply("mesh", sidecar)
    assert names() == ["shop", "proxy"]
    deployments.apply("owner", deployment("shop:2"))
    assert names() == ["shop", "proxy"]
    sidecar["spec"]["template"]["spec"]["containers"] = []
    deployments.apply("mesh", sidecar)
    assert names() == ["shop"]


def test_one_of_two_owners_leaves_its_part_of_an_item(deployments: Server, deployment: Callable[..., Document]) -> None:
    deployments.apply("owner", deployment())
    part = {"metadata": {"name": "shop"}, "spec": {"template": {"spec": {"containers": [
        {"name": "shop", "env": [{"name": "DEBUG", "value": "1"}], "tty": True}]}}}}  # fmt: skip
    deployments.apply("debugger", part)
    part["spec"]["template"]["spec"]["containers"] = [{"name": "shop"}]
    deployments.apply("debugger", part)
    container = deployments.live["spec"]["template"]["spec"]["containers"][0]
    assert container == {"name": "shop", "image": "shop:1", "ports": [{"containerPort": 8080}], "resources": {}}


def test_a_default_key_tells_ports_apart(noon: datetime) -> None:
    services = Server(Service, noon)
    web = {"port": 80, "name": "http"}
    services.apply("a", {"metadata": {"name": "dns"}, "spec": {"ports": [web]}})
    services.live["spec"]["ports"][0]["protocol"] = "TCP"  # the server's default
    udp = {"port": 80, "protocol": "UDP", "name": "u"}
    services.apply("b", {"metadata": {"name": "dns"}, "spec": {"ports": [udp]}})
    assert [port["protocol"] for port in services.live["spec"]["ports"]] == ["TCP", "UDP"]
    again = services.try_apply("a", {"metadata": {"name": "dns"}, "spec": {"ports": [web]}})
    assert isinstance(again, Applied) and not again.changed


def test_an_atomic_map_has_one_owner(noon: datetime) -> None:
    pods = Server(Pod, noon)
    pods.apply("a", {"metadata": {"name": "p"}, "spec": {"nodeSelector": {"disk": "ssd"}}})
    outcome = pods.try_apply("b", {"metadata": {"name": "p"}, "spec": {"nodeSelector": {"zone": "z"}}})
    assert isinstance(outcome, Conflicts) and [c.field for c in outcome.found] == [".spec.nodeSelector"]
    pods.apply("b", {"metadata": {"name": "p"}, "spec": {"nodeSelector": {"zone": "z"}}}, force=True)
    assert pods.live["spec"]["nodeSelector"] == {"zone": "z"}


def test_finalizers_are_a_set(noon: datetime) -> None:
    pods = Server(Pod, noon)
    for manager, finalizers in (("a", ["x/one", "x/both"]), ("b", ["x/both", "x/two"]), ("a", [])):
        pods.apply(manager, {"metadata": {"name": "p", "finalizers": finalizers}})
    assert pods.live["metadata"]["finalizers"] == ["x/both", "x/two"]


def test_what_was_there_before_the_first_apply_has_an_owner(maps: Server) -> None:
    maps.live = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "uid": "u"},
                 "data": {"colour": "red"}}  # fmt: skip
    outcome = maps.try_apply("me", settings(colour="blue"))
    assert isinstance(outcome, Conflicts)
    assert outcome.error().message.endswith('conflict with "before-first-apply" using v1: .data.colour')
    maps.apply("me", settings(colour="blue"), force=True)
    assert maps.owned("me") == {"f:data": {"f:colour": {}}}
    assert maps.owned("before-first-apply") == {"f:data": {}}, "the map itself, which was there before"


def test_what_the_server_keeps_survives_a_configuration_without_metadata(maps: Server) -> None:
    maps.apply("me", settings({"a": "b"}, colour="red"))
    maps.live["metadata"] |= {"uid": "u", "resourceVersion": "7", "creationTimestamp": "2024-05-01T12:00:00Z"}
    maps.apply("me", {"data": {"colour": "red"}})
    meta = {name: value for name, value in maps.live["metadata"].items() if name != "managedFields"}
    assert meta == {"name": "settings", "uid": "u", "resourceVersion": "7", "creationTimestamp": "2024-05-01T12:00:00Z"}


def test_status_has_its_own_appliers(noon: datetime, deployment: Callable[..., Document]) -> None:
    deployments = Server(Deployment, noon)
    live = deployments.apply("owner", deployment(replicas=1))
    config = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "shop"},
              "spec": {"replicas": 9}, "status": {"replicas": 1}}  # fmt: skip
    outcome = apply(live, config, Deployment, Writer("c", "apps/v1", "status", named("spec")), now=noon)
    assert isinstance(outcome, Applied), "what the door resets is no conflict"
    entry = next(e for e in entries_of(outcome.object) if e["manager"] == "c")
    assert (entry["subresource"], entry["fieldsV1"]) == ("status", {"f:status": {"f:replicas": {}}})


def test_a_null_gives_a_scalar_up_to_its_default(deployments: Server, deployment: Callable[..., Document]) -> None:
    deployments.apply("owner", deployment(replicas=3))
    live = deployments.apply("owner", deployment(replicas=None))
    assert "replicas" not in live["spec"] and "f:replicas" in deployments.owned("owner")["f:spec"]


def test_live_and_configuration_stay_as_they_are(maps: Server) -> None:
    live, config = deepcopy(maps.apply("me", settings(colour="red", size="s"))), settings(colour="blue")
    before = deepcopy((maps.live, config))
    maps.try_apply("you", config, force=True)
    assert (live, config) == before


@pytest.mark.parametrize("row", [row for row in scheme.resources() if "patch" in row.verbs], ids=lambda row: row.kind)
def test_every_kind_can_be_applied_and_given_up(row: scheme.Resource, noon: datetime) -> None:
    server = Server(row.model, noon)
    created = server.apply("other", {"metadata": {"name": "x", "annotations": {"other": "1"}}})
    server.apply("me", {"metadata": {"name": "x", "labels": {"a": "b"}}})
    assert server.owned("me") == {"f:metadata": {"f:labels": {"f:a": {}}}}
    assert server.apply("me", {"metadata": {"name": "x"}}) == created


@pytest.mark.parametrize(("config", "message"), [
    ({"kind": "Pod"}, "invalid object type: /v1, Kind=Pod"),
    ({"metadata": {"managedFields": []}}, "metadata.managedFields must be nil"),
    ({"metadata": {"name": "x", "namespace": "n"}, "dada": {}},
     "failed to create typed patch object (n/x; /v1, Kind=ConfigMap): .dada: field not declared in schema"),
    ({"data": ["x"], "immutable": "yes"},
     "failed to create typed patch object (/; /v1, Kind=ConfigMap): errors:\n  .data: expected map, got &{[x]}\n"
     "  .immutable: expected boolean, got &{yes}"),
])  # fmt: skip
def test_a_configuration_that_does_not_fit_is_refused(maps: Server, config: Document, message: str) -> None:
    with pytest.raises(BadRequest) as caught:
        maps.try_apply("me", config)
    assert caught.value.message == message

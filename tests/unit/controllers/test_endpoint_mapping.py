"""From a service and its pods to Endpoints and EndpointSlices."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controllers import endpoints, endpointslice
from controllers.endpoint_mapping import map_service, selects, target_port, tells_something_new
from controllers.endpointslice import CAPACITY, MANAGED_BY, OURS, SERVICE_NAME
from machinery.api.core.v1 import ContainerPort, Endpoints, Pod, Service, ServicePort, ServiceSpec
from machinery.api.discovery.v1 import EndpointSlice
from tests.support.objects import NOW, container, meta, pod


def service(*ports: ServicePort, **spec: object) -> Service:
    given = ports or (ServicePort(name="http", port=80, target_port=8080, protocol="TCP"),)
    defaults = {"selector": {"app": "web"}, "cluster_ip": "10.96.0.9", "type": "ClusterIP"}
    return Service(metadata=meta("web", labels={"team": "a"}), spec=ServiceSpec(ports=given, **{**defaults, **spec}))


def backend(number: int, *, ready: bool = True, leaving: bool = False, phase: str = "Running", ip: bool = True,
            named: int = 0) -> Pod:
    port = (ContainerPort(name="http", container_port=named, protocol="TCP"),) if named else ()
    return pod(
        f"web-{number:03}", container().replace(ports=port), node="n1", phase=phase, ready=ready,
        labels={"app": "web"}, metadata={"deletion_timestamp": NOW if leaving else None},
        status={"pod_ip": f"10.244.{number // 250}.{number % 250 + 1}" if ip else ""})


def states(svc: Service, *pods: Pod) -> list[tuple[bool, bool, bool]]:
    return [(a.ready, a.serving, a.terminating) for group in map_service(svc, pods).values() for a in group]


@pytest.mark.parametrize(("one", "publish", "state"), [
    (backend(1), False, [(True, True, False)]),
    (backend(1, ready=False), False, [(False, False, False)]),
    (backend(1, ready=False), True, [(True, False, False)]),
    (backend(1, leaving=True), False, [(False, True, True)]),
    (backend(1, leaving=True, ready=False), False, [(False, False, True)]),
    (backend(1, phase="Succeeded"), False, []),
    (backend(1, ip=False), False, []),
])
def test_states(one, publish, state):
    assert states(service(publish_not_ready_addresses=publish), one) == state


@pytest.mark.parametrize(("target", "number"), [(8080, 8080), ("http", 5000), ("nothing", None), (0, 80), ("", 80)])
def test_target_ports(target, number):
    assert target_port(backend(1, named=5000), ServicePort(port=80, target_port=target)) == number


def test_named_ports_may_differ_from_pod_to_pod():
    svc = service(ServicePort(name="web", port=80, target_port="http"))
    groups = map_service(svc, [backend(1, named=5000), backend(2, named=6000), backend(3)])
    assert [(ports[0].number, [a.target.name for a in group]) for ports, group in groups.items()] == [
        (5000, ["web-001"]), (6000, ["web-002"])]


def test_a_headless_service_may_have_no_ports():
    svc = service(cluster_ip="None").replace(spec=service().spec.replace(cluster_ip="None", ports=()))
    (slice_,) = endpointslice.plan(svc, [backend(1)], ()).create
    assert slice_.ports == () and len(slice_.endpoints) == 1
    assert slice_.metadata.labels["service.kubernetes.io/headless"] == ""


def test_endpoints_lists_unready_apart_and_leaving_ones_not_at_all():
    made = endpoints.plan(service(), [backend(1), backend(2, ready=False), backend(3, leaving=True)], None)
    assert made.to_dict()["subsets"] == [{
        "addresses": [{"ip": "10.244.0.2", "nodeName": "n1", "targetRef": {
            "kind": "Pod", "namespace": "default", "name": "web-001", "uid": "uid-web-001"}}],
        "notReadyAddresses": [{"ip": "10.244.0.3", "nodeName": "n1", "targetRef": {
            "kind": "Pod", "namespace": "default", "name": "web-002", "uid": "uid-web-002"}}],
        "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
    }]
    assert made.metadata.labels == {"team": "a"}
    assert endpoints.plan(service(), [backend(1), backend(2, ready=False), backend(3, leaving=True)], made) is None


def test_a_service_without_pods_has_empty_endpoints_and_one_empty_slice():
    assert endpoints.plan(service(), [], None).subsets == ()
    (slice_,) = endpointslice.plan(service(), [], ()).create
    assert slice_.endpoints == () and slice_.ports == ()
    assert endpointslice.plan(service(), [], named(slice_)) == endpointslice.Plan()


def test_slices_are_labelled_owned_and_point_back():
    (slice_,) = endpointslice.plan(service(), [backend(1)], ()).create
    assert slice_.metadata.labels == {"team": "a", SERVICE_NAME: "web", MANAGED_BY: OURS}
    assert slice_.metadata.owner_references[0].kind == "Service" and slice_.metadata.generate_name == "web-"
    assert slice_.to_dict()["endpoints"] == [{
        "addresses": ["10.244.0.2"], "conditions": {"ready": True, "serving": True, "terminating": False},
        "nodeName": "n1", "targetRef": {
            "kind": "Pod", "namespace": "default", "name": "web-001", "uid": "uid-web-001"}}]


def test_a_change_touches_only_its_slice():
    pods = [backend(i) for i in range(250)]
    slices = named(*endpointslice.plan(service(), pods, ()).create)
    assert [len(s.endpoints) for s in slices] == [100, 100, 50]
    pods[120] = backend(120, ready=False)
    decided = endpointslice.plan(service(), pods, slices)
    assert (decided.create, decided.delete, [s.metadata.name for s in decided.update]) == ((), (), ["web-1"])


def test_free_places_are_filled_first():
    slices = named(*endpointslice.plan(service(), [backend(i) for i in range(90)], ()).create)
    decided = endpointslice.plan(service(), [backend(i) for i in range(105)], slices)
    assert [len(s.endpoints) for s in decided.update] == [100] and [len(s.endpoints) for s in decided.create] == [5]


def test_a_slice_that_would_go_becomes_the_one_that_would_come():
    """Its name stays, and proxies hear of one change instead of two."""
    (empty,) = named(*endpointslice.plan(service(), [], ()).create)
    empty = empty.replace(metadata=empty.metadata.replace(resource_version="7", annotations={"theirs": "stays"}))
    decided = endpointslice.plan(service(), [backend(1)], [empty])
    (slice_,) = decided.update
    assert (decided.create, decided.delete) == ((), ())
    assert slice_.metadata == empty.metadata
    assert [p.port for p in slice_.ports] == [8080] and len(slice_.endpoints) == 1
    (back,) = endpointslice.plan(service(), [], [slice_]).update
    assert back.metadata.name == "web-0" and back.endpoints == ()


def test_a_slice_that_is_going_or_of_other_addresses_is_not_used_again():
    (empty,) = named(*endpointslice.plan(service(), [], ()).create)
    going = empty.replace(metadata=empty.metadata.replace(deletion_timestamp=NOW))
    for useless in (going, empty.replace(address_type="IPv6")):
        decided = endpointslice.plan(service(), [backend(1)], [useless])
        assert (len(decided.create), decided.update, decided.delete) == (1, (), (useless,))


def test_which_pod_concerns_which_service():
    assert selects(service(), backend(1))
    assert not selects(service(selector={}), backend(1))
    assert not selects(service(type="ExternalName"), backend(1))
    assert not tells_something_new(backend(1), backend(1).replace(metadata=backend(1).metadata.replace(
        resource_version="99", annotations={"x": "y"})))
    assert tells_something_new(backend(1), backend(1, ready=False))


def named(*slices: EndpointSlice) -> list[EndpointSlice]:
    return [s.replace(metadata=s.metadata.replace(name=f"web-{i}")) for i, s in enumerate(slices)]


backends = st.lists(st.tuples(
    st.integers(0, 400), st.booleans(), st.booleans(), st.sampled_from([0, 5000, 6000])),
    max_size=300, unique_by=lambda b: b[0])


@settings(max_examples=40, deadline=None)
@given(st.lists(backends, min_size=1, max_size=4))
def test_slices_always_say_what_the_pods_say(histories):
    svc, slices, count = service(ServicePort(name="web", port=80, target_port="http")), [], 0
    for history in histories:
        pods = [backend(n, ready=r, leaving=x, named=p) for n, r, x, p in history]
        decided = endpointslice.plan(svc, pods, slices)
        assert not (decided.create and decided.delete)
        gone = {s.metadata.name for s in (*decided.delete, *decided.update)}
        made = [s.replace(metadata=s.metadata.replace(name=f"s-{count + i}")) for i, s in enumerate(decided.create)]
        count += len(made)
        slices = [s for s in slices if s.metadata.name not in gone] + [*decided.update, *made]
        assert all(len(s.endpoints) <= CAPACITY for s in slices) and slices
        said = sorted((s.ports[0].port, e.target_ref.name, e.conditions.ready) for s in slices for e in s.endpoints)
        assert said == sorted((p, f"web-{n:03}", r and not x) for n, r, x, p in history if p)
        assert endpointslice.plan(svc, pods, slices) == endpointslice.Plan()


def test_endpoints_of_somebody_else_are_not_touched():
    assert endpoints.plan(service(), [], Endpoints(metadata=meta("web", labels={"team": "a"}))) is None

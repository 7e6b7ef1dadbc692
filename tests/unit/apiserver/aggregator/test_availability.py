"""What is missing of a Service, where its server is, and how that is said."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.aggregator.availability import PASSED, failed_check, is_available, missing, places, with_condition
from apiserver.proxy.places import Place
from machinery.api.errors import ApiError

REFERENCE = {"namespace": "ns", "name": "toys", "port": 443}
SERVICE = {"spec": {"type": "ClusterIP", "clusterIP": "10.0.0.9", "ports": [{"name": "https", "port": 443}]}}
SLICE = {
    "endpoints": [{"addresses": ["10.244.0.5"], "conditions": {"ready": True}}],
    "ports": [{"name": "https", "port": 8443}],
}
ASLEEP = {**SLICE, "endpoints": [{"addresses": ["10.244.0.5"], "conditions": {"ready": False}}]}
OTHER = {**SLICE, "ports": [{"name": "metrics", "port": 8443}]}


def of(**spec: Any) -> dict[str, Any]:
    return {"spec": {**SERVICE["spec"], **spec}}


@pytest.mark.parametrize(
    ("service", "slices", "reason", "message"),
    [
        (None, [], "ServiceNotFound", 'service/toys in "ns" is not present'),
        (of(ports=[{"port": 80}]), [SLICE], "ServicePortError", 'service/toys in "ns" is not listening on port 443'),
        (SERVICE, [], "EndpointsNotFound", 'cannot find endpoints for service/toys in "ns"'),
        *(
            (SERVICE, slices, "MissingEndpoints",
             'endpoints for service/toys in "ns" have no addresses with port name "https"')
            for slices in ([ASLEEP], [OTHER], [{**SLICE, "endpoints": None}], [{**SLICE, "ports": None}])
        ),
    ],
)  # fmt: skip
def test_what_is_missing(service: Any, slices: list[Any], reason: str, message: str) -> None:
    assert missing(REFERENCE, service, slices) == ("False", reason, message)


def test_nothing_is_missing() -> None:
    assert missing(REFERENCE, SERVICE, [ASLEEP, SLICE]) is None
    for kind in ("ExternalName", "NodePort", "LoadBalancer"):
        assert missing(REFERENCE, of(type=kind), []) is None


def test_places() -> None:
    assert places(REFERENCE, SERVICE, [SLICE]) == [Place("10.244.0.5", 8443, secure=True)]
    assert places(REFERENCE, SERVICE, []) == [Place("10.0.0.9", 443, secure=True)]
    outside = of(type="ExternalName", externalName="toys.example.com")
    assert places({**REFERENCE, "port": 8443}, outside, []) == [Place("toys.example.com", 8443, secure=True)]
    for service, slices in ((None, []), (SERVICE, [ASLEEP]), (of(clusterIP="None"), []), (of(ports=[]), [])):
        with pytest.raises(ApiError):
            places(REFERENCE, service, slices)


def test_conditions_keep_their_time_while_they_say_the_same() -> None:
    first = with_condition({}, failed_check("one"), "t1")
    assert first["conditions"] == [
        {"type": "Available", "status": "False", "lastTransitionTime": "t1", "reason": "FailedDiscoveryCheck",
         "message": "one"}]  # fmt: skip
    second = with_condition({"conditions": [{"type": "Other"}, *first["conditions"]]}, failed_check("two"), "t2")
    assert [row.get("message") for row in second["conditions"]] == [None, "two"]
    assert second["conditions"][1]["lastTransitionTime"] == "t1"
    third = with_condition(second, PASSED, "t3")
    assert third["conditions"][1]["lastTransitionTime"] == "t3" and is_available({"status": third})
    assert not is_available({}) and not is_available({"status": first})

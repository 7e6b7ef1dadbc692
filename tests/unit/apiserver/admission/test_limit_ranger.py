"""The LimitRanger plugin: defaults, bounds, and its words."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.admission.attributes import Attributes
from apiserver.admission.limit_ranger import ANNOTATION, LimitRanger
from apiserver.user import ITSELF
from machinery.api import scheme
from machinery.api.errors import Forbidden
from tests.support.lookups import Known

Doc = dict[str, Any]
PODS, CLAIMS = scheme.for_kind("v1", "Pod"), scheme.for_kind("v1", "PersistentVolumeClaim")


def limits(kind: str = "Container", **item: Doc) -> Known:
    return Known({"metadata": {"name": "l", "namespace": "n"}, "spec": {"limits": [{"type": kind, **item}]}})


def container(requests: Doc | None = None, limits: Doc | None = None, name: str = "c") -> Doc:
    said = {"requests": requests, "limits": limits}
    return {"name": name, "resources": {field: amounts for field, amounts in said.items() if amounts}}


async def asked(ranges: Known, spec: Doc, resource: Any = PODS) -> Doc:
    attributes = Attributes("CREATE", resource, "n", "x", ITSELF)
    plugin, obj = LimitRanger(ranges), {"metadata": {"name": "x"}, "spec": spec}
    assert plugin.handles(attributes) is ranges.any
    await plugin.admit(attributes, obj, None)
    await plugin.validate(attributes, obj, None)
    return obj


async def test_defaults_and_the_annotation_that_tells_of_them():
    ranges = limits(default={"cpu": "1", "memory": "1Gi"}, defaultRequest={"cpu": "100m", "memory": "1Gi"})
    pod = await asked(ranges, {"containers": [container({"cpu": "200m"}), container(name="d")],
                               "initContainers": [container(name="i")]})  # fmt: skip
    first = pod["spec"]["containers"][0]["resources"]
    assert first == {"requests": {"cpu": "200m", "memory": "1Gi"}, "limits": {"cpu": "1", "memory": "1Gi"}}
    assert pod["metadata"]["annotations"][ANNOTATION] == (
        "LimitRanger plugin set: memory request for container c; cpu, memory limit for container c; "
        "cpu, memory request for container d; cpu, memory limit for container d; "
        "cpu, memory request for init container i; cpu, memory limit for init container i")


@pytest.mark.parametrize(
    ("item", "requests", "most", "why"),
    [
        ({"max": {"cpu": "1"}}, {}, {"cpu": "2"}, "maximum cpu usage per Container is 1, but limit is 2"),
        ({"max": {"cpu": "1"}}, {}, {}, "maximum cpu usage per Container is 1.  No limit is specified"),
        ({"min": {"cpu": "1"}}, {}, {}, "minimum cpu usage per Container is 1.  No request is specified"),
        ({"min": {"cpu": "1"}}, {"cpu": "500m"}, {},
         "minimum cpu usage per Container is 1, but request is 500m"),
        ({"max": {"cpu": "1", "memory": "1Gi"}}, {}, {"cpu": "2", "memory": "2Gi"},
         "[maximum cpu usage per Container is 1, but limit is 2, "
         "maximum memory usage per Container is 1Gi, but limit is 2Gi]"),
        ({"maxLimitRequestRatio": {"cpu": "2"}}, {"cpu": "1"}, {"cpu": "3"},
         "cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000"),
        ({"maxLimitRequestRatio": {"cpu": "2"}}, {}, {"cpu": "3"},
         "cpu max limit to request ratio per Container is 2, but no request is specified or request is 0"),
    ],
)  # fmt: skip
async def test_bounds_of_a_container(item: Doc, requests: Doc, most: Doc, why: str):
    with pytest.raises(Forbidden) as error:
        await asked(limits(**item), {"containers": [container(requests, most)]})
    assert error.value.message == f'pods "x" is forbidden: {why}'


async def test_bounds_of_a_pod_are_of_all_its_containers():
    both = [container({}, {"cpu": "1"}), container({}, {"cpu": "1"}, name="d")]
    await asked(limits("Pod", max={"cpu": "2"}), {"containers": both})
    with pytest.raises(Forbidden, match="maximum cpu usage per Pod is 1500m, but limit is 2"):
        await asked(limits("Pod", max={"cpu": "1500m"}), {"containers": both})


async def test_bounds_of_a_claim():
    ranges = limits("PersistentVolumeClaim", min={"storage": "1Gi"}, max={"storage": "2Gi"})
    await asked(ranges, {"resources": {"requests": {"storage": "2Gi"}}}, CLAIMS)
    with pytest.raises(Forbidden, match="maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi"):
        await asked(ranges, {"resources": {"requests": {"storage": "3Gi"}}}, CLAIMS)


async def test_nothing_is_asked_where_there_are_no_limits():
    await asked(Known(), {"containers": [container()]})

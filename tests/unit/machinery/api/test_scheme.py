"""Kinds, classes and URLs lead to each other."""

from __future__ import annotations

import pytest

from machinery.api import scheme
from machinery.api.apps.v1 import Deployment
from machinery.api.core.v1 import Pod
from machinery.api.meta.v1 import DeleteOptions


@pytest.mark.parametrize("row", scheme.resources(), ids=lambda row: row.qualified)
def test_every_row_leads_to_its_class_and_back(row: scheme.Resource) -> None:
    assert scheme.for_model(row.model) is row
    assert scheme.for_kind(row.api_version, row.kind) is row
    assert scheme.for_resource(row.group, row.version, row.plural) is row
    assert row.model().to_dict()["apiVersion"] == row.api_version
    assert row.model().to_dict()["kind"] == row.kind


def test_paths() -> None:
    pods, nodes = scheme.for_model(Pod), scheme.for_kind("v1", "Node")
    assert pods.path() == "/api/v1/pods"
    assert pods.path("default", "web", "log") == "/api/v1/namespaces/default/pods/web/log"
    assert nodes.path("ignored", "n") == "/api/v1/nodes/n"
    assert scheme.for_model(Deployment).path("d") == "/apis/apps/v1/namespaces/d/deployments"


@pytest.mark.parametrize("name", ["po", "pod", "pods", "Pods", "pods.v1."])
def test_people_name_resources_in_many_ways(name: str) -> None:
    assert [row.kind for row in scheme.resource_named(name)] == ["Pod"]


def test_a_group_narrows_the_name() -> None:
    assert [row.kind for row in scheme.resource_named("deploy.apps")] == ["Deployment"]
    assert scheme.resource_named("deploy.batch") == []


def test_unknown_kinds_are_not_registered() -> None:
    with pytest.raises(scheme.NotRegistered):
        scheme.for_kind("v1", "Nonsense")
    with pytest.raises(scheme.NotRegistered):
        scheme.model_of("nonsense.io", "v1", "Nonsense")


def test_option_kinds_have_classes_too() -> None:
    assert scheme.model_of("", "v1", "DeleteOptions") is DeleteOptions

"""Owners of replicas through the scale subresource."""

from __future__ import annotations

from typing import Any

from machinery.api.apply.field_set import named
from machinery.api.apply.scale import to_parent, to_scale


def entry(manager: str, *fields: str, **more: Any) -> dict[str, Any]:
    head = {"manager": manager, "operation": "Update", "apiVersion": "apps/v1", "time": "2024-05-01T12:00:00Z"}
    return head | {"fieldsType": "FieldsV1", "fieldsV1": named(*fields)} | more


PARENT = [entry("me", "spec.replicas", "spec.paused", operation="Apply"), entry("other", "spec.minReadySeconds")]


def test_only_owners_of_replicas_are_seen() -> None:
    assert to_scale(PARENT) == [entry("me", "spec.replicas", operation="Apply", apiVersion="autoscaling/v1")]


def test_nothing_written_nothing_changed() -> None:
    assert to_parent(PARENT, to_scale(PARENT), "apps/v1") == PARENT


def test_who_scales_takes_replicas_and_only_these() -> None:
    scaled = [entry("scaler", "spec.replicas", apiVersion="autoscaling/v1", subresource="scale")]
    assert to_parent(PARENT, scaled, "apps/v1") == [
        entry("me", "spec.paused", operation="Apply"), PARENT[1],
        entry("scaler", "spec.replicas", subresource="scale"),
    ]  # fmt: skip

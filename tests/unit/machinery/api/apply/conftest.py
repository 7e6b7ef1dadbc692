"""Documents that many tests of this folder use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def noon() -> datetime:
    return NOON


@pytest.fixture
def deployment() -> Callable[..., dict[str, Any]]:
    """A Deployment as a user writes it; keywords change its spec, `image` its only container."""

    def build(image: str = "shop:1", **spec: Any) -> dict[str, Any]:
        labels = {"app": "shop"}
        container = {"name": "shop", "image": image, "ports": [{"containerPort": 8080}]}
        template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
        return {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "shop", "namespace": "default", "labels": labels},
            "spec": {"selector": {"matchLabels": labels}, "template": template, **spec},
        }

    return build

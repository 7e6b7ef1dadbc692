"""When an API server's Lease says that it is long gone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from apiserver.server_lease import LABEL, expired

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)


def lease(renewed: str = "", *, label: str = "kube-apiserver", seconds: int = 3600) -> dict[str, Any]:
    spec = {"leaseDurationSeconds": seconds} | ({"renewTime": renewed} if renewed else {})
    return {"metadata": {"name": "apiserver-x", "labels": {LABEL: label}}, "spec": spec}


def test_expiry() -> None:
    assert expired(lease("2030-01-01T10:59:00.000000Z"), NOW)
    assert not expired(lease("2030-01-01T11:01:00.000000Z"), NOW)
    assert not expired(lease(), NOW), "nobody knows"
    assert not expired(lease("2020-01-01T00:00:00.000000Z", label="other"), NOW), "not ours"
    assert not expired({"metadata": {"name": "plain"}, "spec": {"renewTime": "2020-01-01T00:00:00Z"}}, NOW)

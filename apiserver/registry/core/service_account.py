"""ServiceAccount: a name for what runs in pods. Real Kubernetes: pkg/registry/core/serviceaccount."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apiserver.durations import age
from apiserver.registry.strategy import Strategy, columns
from machinery.api.core.v1 import ServiceAccount


class ServiceAccountStrategy(Strategy):
    """See the module."""

    kind = "ServiceAccount"
    columns = columns("Name, Secrets, Age")
    returns_deleted = True

    def row(self, obj: ServiceAccount, now: datetime) -> list[Any]:
        return [obj.metadata.name, len(obj.secrets), age(obj.metadata.creation_timestamp, now)]

"""Lease: who holds something, and until when. Real Kubernetes: pkg/registry/coordination/lease."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apiserver.durations import age
from apiserver.registry.strategy import Strategy, columns
from machinery.api.coordination.v1 import Lease
from machinery.api.errors import FieldError


class LeaseStrategy(Strategy):
    """See the module."""

    api_version = "coordination.k8s.io/v1"
    kind = "Lease"
    allow_create_on_update = True
    allow_unconditional_update = False
    columns = columns("Name, Holder, Age")

    def validate(self, obj: Lease) -> list[FieldError]:
        spec, found = obj.spec, []
        if spec.lease_duration_seconds is not None and spec.lease_duration_seconds <= 0:
            why = "must be greater than 0"
            found.append(FieldError.invalid("spec.leaseDurationSeconds", spec.lease_duration_seconds, why))
        if spec.lease_transitions is not None and spec.lease_transitions < 0:
            why = "must be greater than or equal to 0"
            found.append(FieldError.invalid("spec.leaseTransitions", spec.lease_transitions, why))
        return found

    def row(self, obj: Lease, now: datetime) -> list[Any]:
        meta = obj.metadata
        return [meta.name, obj.spec.holder_identity or "", age(meta.creation_timestamp, now)]

"""PriorityLevelConfiguration: how many requests of a level run at once. See apiserver/flowcontrol for what it does.

Real Kubernetes: pkg/registry/flowcontrol/prioritylevelconfiguration.
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING, Any

from apiserver.durations import age
from apiserver.registry.field_checks import one_of
from apiserver.registry.flowcontrol.flow_schema import condition_errors
from apiserver.registry.flowcontrol.mandatory import PRIORITY_LEVELS
from apiserver.registry.strategy import ALL_METADATA, Doc, Strategy, columns
from machinery.api.errors import FieldError

if TYPE_CHECKING:
    from machinery.api.flowcontrol.v1 import (
        LimitedPriorityLevelConfiguration,
        LimitResponse,
        PriorityLevelConfiguration,
        PriorityLevelConfigurationSpec,
        QueuingConfiguration,
    )

_MOST_QUEUES, _HASH_BITS = 10_000_000, 60


class PriorityLevelConfigurationStrategy(Strategy):
    """See the module."""

    api_version = "flowcontrol.apiserver.k8s.io/v1"
    kind = "PriorityLevelConfiguration"
    has_status = True
    status_keeps = ALL_METADATA
    has_generation = True
    columns = columns("Name, Type, NominalConcurrencyShares, Queues, HandSize, QueueLengthLimit, Age")

    def default(self, obj: Doc) -> None:
        spec = obj.setdefault("spec", {})
        for part, shares in (("exempt", 0), ("limited", 30)):
            if spec.get(part) is not None:
                spec[part].setdefault("nominalConcurrencyShares", shares)
                spec[part].setdefault("lendablePercent", 0)
        queuing = (spec.get("limited") or {}).get("limitResponse", {}).get("queuing")
        if queuing is not None:
            for field, value in (("queues", 64), ("handSize", 8), ("queueLengthLimit", 50)):
                queuing[field] = queuing.get(field) or value

    def validate(self, obj: PriorityLevelConfiguration) -> list[FieldError]:
        name, spec = obj.metadata.name, obj.spec
        found = _spec_errors(name, spec)
        fixed = PRIORITY_LEVELS.get(name)
        if fixed is not None and spec != type(spec).from_dict(fixed) and name != "exempt":
            found.append(FieldError.invalid("spec", spec, f"spec of '{name}' must equal the fixed value"))
        return found

    def validate_status_update(self, obj: Any, old: Any) -> list[FieldError]:
        return condition_errors(obj.status.conditions)

    def row(self, obj: PriorityLevelConfiguration, now: datetime) -> list[Any]:
        limited = obj.spec.limited
        queuing = limited.limit_response.queuing if limited is not None else None
        cells: list[Any] = ["<none>"] * 4
        if limited is not None:
            cells[0] = limited.nominal_concurrency_shares
        if queuing is not None:
            cells[1:] = [queuing.queues, queuing.hand_size, queuing.queue_length_limit]
        return [obj.metadata.name, obj.spec.type, *cells, age(obj.metadata.creation_timestamp, now)]


def _spec_errors(name: str, spec: PriorityLevelConfigurationSpec) -> list[FieldError]:
    found = []
    if (name == "exempt") != (spec.type == "Exempt"):
        why = "type must be 'Exempt' if and only if name is 'exempt'"
        found.append(FieldError.invalid("spec.type", spec.type, why))
    found += one_of("spec.type", spec.type, ("Exempt", "Limited"))
    if spec.type == "Exempt":
        if spec.limited is not None:
            found.append(FieldError.forbidden("spec.limited", "must be nil if the type is not Limited"))
        if spec.exempt is not None:
            found += _share_errors(spec.exempt, "spec.exempt")
    if spec.type == "Limited":
        if spec.exempt is not None:
            found.append(FieldError.forbidden("spec.exempt", "must be nil if the type is Limited"))
        if spec.limited is None:
            found.append(FieldError.required("spec.limited", "must not be empty when type is Limited"))
        else:
            found += _limited_errors(spec.limited, "spec.limited")
    return found


def _share_errors(part: Any, path: str) -> list[FieldError]:
    found = []
    shares, percent = part.nominal_concurrency_shares, part.lendable_percent
    if shares is not None and shares < 0:
        why = "must be a non-negative integer"
        found.append(FieldError.invalid(f"{path}.nominalConcurrencyShares", shares, why))
    if percent is not None and not 0 <= percent <= 100:
        why = "must be between 0 and 100, inclusive"
        found.append(FieldError.invalid(f"{path}.lendablePercent", percent, why))
    return found


def _limited_errors(limited: LimitedPriorityLevelConfiguration, path: str) -> list[FieldError]:
    found = _share_errors(limited, path) + _response_errors(limited.limit_response, f"{path}.limitResponse")
    borrowing = limited.borrowing_limit_percent
    if borrowing is not None and borrowing < 0:
        why = "if specified, must be a non-negative integer"
        found.append(FieldError.invalid(f"{path}.borrowingLimitPercent", borrowing, why))
    return found


def _response_errors(response: LimitResponse, path: str) -> list[FieldError]:
    queuing, where = response.queuing, f"{path}.queuing"
    if response.type == "Reject" and queuing is not None:
        why = "must be nil if limited.limitResponse.type is not Limited"
        return [FieldError.forbidden(where, why)]
    if response.type == "Queue" and queuing is None:
        why = "must not be empty if limited.limitResponse.type is Limited"
        return [FieldError.required(where, why)]
    if response.type == "Queue":
        return _queuing_errors(queuing, where)
    return one_of(f"{path}.type", response.type, ("Queue", "Reject"))


def _queuing_errors(queuing: QueuingConfiguration, path: str) -> list[FieldError]:
    found, queues, hand = [], queuing.queues, queuing.hand_size
    for field, value in (("queueLengthLimit", queuing.queue_length_limit), ("queues", queues), ("handSize", hand)):
        if value <= 0:
            found.append(FieldError.invalid(f"{path}.{field}", value, "must be positive"))
    if queues > _MOST_QUEUES:
        why = f"must not be greater than {_MOST_QUEUES}"
        found.append(FieldError.invalid(f"{path}.queues", queues, why))
    if hand > max(queues, 0):
        why = f"should not be greater than queues ({queues})"
        found.append(FieldError.invalid(f"{path}.handSize", hand, why))
    elif hand > 0 and _entropy_bits(queues, hand) > _HASH_BITS:
        why = f"required entropy bits of deckSize {queues} and handSize {hand} should not be greater than {_HASH_BITS}"
        found.append(FieldError.invalid(f"{path}.handSize", hand, why))
    return found


def _entropy_bits(deck: int, hand: int) -> int:
    """The bits of randomness that dealing a hand needs."""
    return math.ceil(sum(math.log2(deck - dealt) for dealt in range(hand)))

"""HorizontalPodAutoscaler of autoscaling/v1: a view of the v2 object, judged by v2's rules.

Real Kubernetes: pkg/registry/autoscaling/horizontalpodautoscaler, which knows one internal form only.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ValidationError

from apiserver.registry.autoscaling.first_version import OF_STATUS, from_second, to_second
from apiserver.registry.autoscaling.horizontal_pod_autoscaler import HorizontalPodAutoscalerStrategy
from apiserver.registry.conversion import Conversion
from apiserver.registry.strategy import Doc
from machinery.api.autoscaling import v1, v2
from machinery.api.errors import BadRequest, FieldError

_SECOND = "autoscaling/v2"


class FirstHorizontalPodAutoscalerStrategy(HorizontalPodAutoscalerStrategy):
    """See the module."""

    api_version = "autoscaling/v1"
    conversion = Conversion(
        view=("autoscaling/v1", "HorizontalPodAutoscaler"),
        stored=(_SECOND, "HorizontalPodAutoscaler"),
        to_stored=to_second,
        from_stored=from_second,
    )

    def default(self, obj: Doc) -> None:
        obj.setdefault("spec", {}).setdefault("minReplicas", 1)

    def prepare_for_create(self, obj: Doc) -> None:
        super().prepare_for_create(obj)
        _set_status_notes(obj, {})

    def prepare_for_update(self, obj: Doc, old: Doc) -> None:
        super().prepare_for_update(obj, old)
        _set_status_notes(obj, old)

    def prepare_for_status_update(self, obj: Doc, old: Doc) -> None:
        given = {"metadata": obj["metadata"]}
        super().prepare_for_status_update(obj, old)
        _set_status_notes(obj, given)

    def validate(self, obj: v1.HorizontalPodAutoscaler) -> list[FieldError]:
        return super().validate(_second(obj))

    def validate_update(self, obj: v1.HorizontalPodAutoscaler, old: v1.HorizontalPodAutoscaler) -> list[FieldError]:
        return super().validate_update(_second(obj), _second(old))

    def row(self, obj: v1.HorizontalPodAutoscaler, now: datetime) -> list[Any]:
        return super().row(_second(obj), now)


def _second(obj: v1.HorizontalPodAutoscaler) -> v2.HorizontalPodAutoscaler:
    document = {**to_second(obj.to_dict()), "apiVersion": _SECOND}
    try:
        return v2.HorizontalPodAutoscaler.from_dict(document)
    except ValidationError as error:
        # An annotation can say anything, and nobody has looked at what is inside it.
        raise BadRequest(f"unable to convert to {_SECOND}: {error.errors()[0]['msg']}") from None


def _set_status_notes(obj: Doc, source: Doc) -> None:
    """The annotations that are a part of the status come from where the status comes from."""
    given = source.get("metadata", {}).get("annotations", {})
    meta = obj["metadata"] = dict(obj["metadata"])
    own = {key: text for key, text in meta.pop("annotations", {}).items() if key not in OF_STATUS}
    own |= {key: given[key] for key in OF_STATUS if key in given}
    if own:
        meta["annotations"] = own

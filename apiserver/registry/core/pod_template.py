"""PodTemplate: a pod template as an object of its own. Real Kubernetes: pkg/registry/core/podtemplate."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apiserver.registry.cells import container_cells, label_cell
from apiserver.registry.core.template_validation import template_errors
from apiserver.registry.strategy import Doc, Strategy, columns
from machinery.api.core.pod_defaults import default_pod_spec
from machinery.api.core.v1 import PodTemplate
from machinery.api.errors import FieldError


class PodTemplateStrategy(Strategy):
    """See the module."""

    kind = "PodTemplate"
    has_generation = True
    returns_deleted = True
    columns = columns("Name, Containers, Images, Pod Labels")

    def default(self, obj: Doc) -> None:
        default_pod_spec(obj.setdefault("template", {}).setdefault("spec", {}))

    def validate(self, obj: PodTemplate) -> list[FieldError]:
        return template_errors(obj.template, "template")

    def row(self, obj: PodTemplate, now: datetime) -> list[Any]:
        return [obj.metadata.name, *container_cells(obj.template), label_cell(obj.template.metadata.labels)]
